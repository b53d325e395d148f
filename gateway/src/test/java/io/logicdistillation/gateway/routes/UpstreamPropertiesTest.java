package io.logicdistillation.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Names and defaults are what operators rely on. */
class UpstreamPropertiesTest {
    @Test
    void hasTheseDefaults() {
        assertThat(bind(Map.of()))
                .isEqualTo(new UpstreamProperties(
                        URI.create("http://127.0.0.1:8081"),
                        URI.create("http://127.0.0.1:8082"),
                        URI.create("http://127.0.0.1:8083"),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        512));
    }

    @Test
    void hasTheseNames() {
        assertThat(bind(Map.of(
                        "platform.upstreams.function-base", "http://a",
                        "platform.upstreams.distillation", "http://b",
                        "platform.upstreams.inference", "http://c",
                        "platform.upstreams.connect-timeout", "2s",
                        "platform.upstreams.response-timeout", "3s",
                        "platform.upstreams.connections", "4")))
                .isEqualTo(new UpstreamProperties(
                        URI.create("http://a"),
                        URI.create("http://b"),
                        URI.create("http://c"),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        4));
    }

    private static UpstreamProperties bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("platform.upstreams", UpstreamProperties.class);
    }
}
