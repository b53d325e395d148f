package io.logicdistillation.kit;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** A service without a database that fails in every way there is. */
@SpringBootApplication(exclude = DataSourceAutoConfiguration.class)
class KitApplication {
    @Bean
    AccessRules rules() {
        return requests -> requests.requestMatchers("/operate").hasAuthority(Scope.OPERATE.authority());
    }

    record Order(String name, int amount) {}

    @RestController
    @RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    static class Failures {
        @PostMapping("/orders")
        Order order(@RequestBody Order order) {
            return order;
        }

        @PostMapping("/streams")
        String stream(InputStream body) throws IOException {
            return "{\"bytes\":" + body.transferTo(OutputStream.nullOutputStream()) + "}";
        }

        @PostMapping(path = "/uploads", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
        String upload(@RequestPart MultipartFile file) {
            return "{\"bytes\":" + file.getSize() + "}";
        }

        @GetMapping("/caller")
        Map<String, String> caller() {
            return Map.of(
                    "tenant",
                    Caller.current().tenant(),
                    "name",
                    Caller.current().name());
        }

        @GetMapping("/operate")
        Map<String, String> operate() {
            return Map.of();
        }

        @GetMapping("/page")
        Map<String, Integer> page(@RequestParam int limit) {
            return Map.of("limit", limit);
        }

        @GetMapping("/failures")
        String fail(@RequestParam String kind) throws SQLException {
            switch (kind) {
                case "known" ->
                    throw new PlatformException(
                            ProblemType.INVALID_STATE, "The state is wrong", Map.of("pointer", "/me/x"));
                case "pool" ->
                    throw new IllegalStateException(new SQLTransientConnectionException("secret host is away"));
                case "connection" -> throw new SQLException("secret", "08006", new EOFException());
                case "shutdown" -> throw new SQLException("secret", "57P01");
                case "disk-full" -> throw new SQLException("secret", "53100");
                case "deadlock" -> throw new SQLException("secret", "40P01");
                case "character" -> throw new SQLException("secret", "22021");
                default -> throw new IllegalStateException("secret detail");
            }
        }
    }
}
