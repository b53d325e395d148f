package io.logicdistillation.inference.sandbox;

import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param wallClock of one call of a view or a function, its loading apart
 * @param patience of the second try of a call that ran out of time: a machine that is busy or has just started shall neither fail a
 *     decision nor change it. What loops is dead after both. There is none if this is no longer than {@code wallClock}
 * @param python path of the interpreter that Python functions run in (3.10 or newer); empty to look for python3
 */
@ConfigurationProperties("inference.sandbox")
record SandboxProperties(
        @DefaultValue("500ms") Duration wallClock,
        @DefaultValue("2s") Duration patience,
        @DefaultValue("") String python) {
    /** How long each try of a call may take. */
    Stream<Duration> tries() {
        return patience.compareTo(wallClock) > 0 ? Stream.of(wallClock, patience) : Stream.of(wallClock);
    }
}
