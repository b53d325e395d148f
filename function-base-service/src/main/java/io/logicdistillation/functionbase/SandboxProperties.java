package io.logicdistillation.functionbase;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param python path of the interpreter that Python functions are verified in (3.10 or newer); empty to look for python3 */
@ConfigurationProperties("functions.sandbox")
record SandboxProperties(@DefaultValue("") String python) {}
