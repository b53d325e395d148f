package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class WrongSettingsTest {
    @Test
    void areAllNamedAtOnceAndTheirValuesAreNot(CapturedOutput output) {
        Throwable failure = catchThrowable(() -> start(Map.of(
                "platform.read-timeout", "soon-secret",
                "platform.largest-body", "huge-secret",
                "platform.connect-timeout", "1s")));
        assertThat(failure)
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining("3 settings are wrong or missing:")
                .hasMessageContaining("platform.read-timeout")
                .hasMessageContaining("can not be read as a Duration")
                .hasMessageContaining("platform.largest-body")
                .hasMessageContaining("can not be read as a DataSize")
                .hasMessageContaining("PLATFORM_TOKEN_SECRET is not set");
        assertThat(failure.getMessage()).doesNotContain("soon-secret").doesNotContain("huge-secret");
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("PLATFORM_TOKEN_SECRET is not set")
                .doesNotContain("soon-secret")
                .doesNotContain("at io.logicdistillation");
    }

    @Test
    void whatIsThereAndCanNotBeUsedIsNamedWithTheRest(@TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("tls.crt"), "a-certificate-secret");
        Throwable failure = catchThrowable(() -> start(Map.of(
                "platform.token-secret", "abc-secret",
                "platform.farewell", "soon",
                "platform.tls-bundle", "elsewhere",
                "spring.ssl.bundle.pem.services.keystore.certificate", "file:" + text,
                "spring.ssl.bundle.pem.services.keystore.private-key", "file:" + folder.resolve("none.key"))));
        assertThat(failure)
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining("4 settings are wrong or missing:")
                .hasMessageContaining("PLATFORM_TOKEN_SECRET is not 32 or more bytes in hexadecimal")
                .hasMessageContaining("platform.farewell")
                .hasMessageContaining("spring.ssl.bundle: 'services' can not be used: ")
                .hasMessageContaining("PLATFORM_TLS_BUNDLE names 'elsewhere'");
        assertThat(failure.getMessage()).doesNotContain("-secret");
    }

    @Test
    void oneIsNamedWithThePlaceWhereItWasGiven() {
        assertThat(catchThrowable(
                        () -> start(Map.of("platform.token-secret", "5a".repeat(32), "platform.farewell", "x"))))
                .hasMessageContaining("A setting is wrong or missing:")
                .hasMessageContaining("platform.farewell (\"platform.farewell\" from property source");
    }

    @Test
    void aPostgresThatIsAwayIsOneSentence() {
        SQLException away = new SQLException(
                "The connection attempt failed.", "08001", new java.net.ConnectException("Connection refused"));
        assertThat(new DatabaseUnreachableAnalyzer()
                        .analyze(new IllegalStateException(away), away)
                        .getDescription())
                .isEqualTo("Postgres does not answer or does not let us in: Connection refused");
    }

    private static void start(Map<String, Object> settings) {
        new SpringApplicationBuilder(KitApplication.class)
                .properties("server.port=0")
                .properties(settings)
                .run()
                .close();
    }
}
