package io.logicdistillation.inference.sandbox;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param wallClock of one call of a view or a function; more than verification grants, for machines under load
 * @param load of a source that was not called lately, before its call
 */
@ConfigurationProperties("inference.sandbox")
record SandboxProperties(
        @DefaultValue("500ms") Duration wallClock,
        @DefaultValue("3s") Duration load) {}
