package io.logicdistillation.gateway.routes;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The services behind the gateway.
 *
 * @param connectTimeout until a connection stands
 * @param responseTimeout of silence: until the first byte of an answer, and between its bytes
 * @param connections at most, to each service
 */
@ConfigurationProperties("platform.upstreams")
public record UpstreamProperties(
        @DefaultValue("http://127.0.0.1:8081") URI functionBase,
        @DefaultValue("http://127.0.0.1:8082") URI distillation,
        @DefaultValue("http://127.0.0.1:8083") URI inference,
        @DefaultValue("1s") Duration connectTimeout,
        @DefaultValue("30s") Duration responseTimeout,
        @DefaultValue("512") int connections) {}
