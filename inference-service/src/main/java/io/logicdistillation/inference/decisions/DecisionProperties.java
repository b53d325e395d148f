package io.logicdistillation.inference.decisions;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param deadline of a decision whose request names none, and the longest that a request can name */
@ConfigurationProperties("inference.decisions")
record DecisionProperties(@DefaultValue("30s") Duration deadline) {}
