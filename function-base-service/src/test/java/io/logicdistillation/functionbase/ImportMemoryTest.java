package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Taking many lines in needs no more memory than taking few; verifying that many is not part of it. */
class ImportMemoryTest extends ServiceTest {
    private static final String IMPORTS = "/v1/tasks/weather/imports";
    private static final int FUNCTIONS = 20_000;
    /** Each line has this many characters more than its name: 20,000 lines are 80 MB. */
    private static final String PADDING = "// " + "x".repeat(4_000) + "\n";

    private static final long BOUND = 24L << 20;

    @Autowired
    JdbcClient database;

    private long early;
    private long late;

    @DynamicPropertySource
    static void nobodyVerifies(DynamicPropertyRegistry properties) {
        properties.add("platform.imports.poll", () -> "1h");
    }

    @Test
    void memoryDoesNotGrowWithTheLines() {
        List<String> versions = IntStream.range(0, FUNCTIONS)
                .mapToObj(number -> CanonicalJson.hash(function(number)))
                .toList();
        String header = Export.header(database, ToyTask.task(), versions);
        Client.Answer taken = author.postLines(
                IMPORTS,
                HttpRequest.BodyPublishers.ofInputStream(() -> new SequenceInputStream(lines(header, versions))));
        assertThat(taken.status()).as(taken.response().body()).isEqualTo(202);
        assertThat(taken.json().get("functions").asInt()).isEqualTo(FUNCTIONS);
        assertThat(late - early).as("%d at first, %d at last", early, late).isLessThan(BOUND);
        assertThat(author.delete(IMPORTS + "/" + taken.json().get("id").asString())
                        .json()
                        .get("state")
                        .asString())
                .isEqualTo("cancelled");
    }

    private static FunctionDefinition function(int number) {
        FunctionDefinition small = number == 0
                ? ToyTask.mood("soaked", "wet", "wet")
                : ToyTask.advice("a" + number, "h" + number, "Do it.");
        return new FunctionDefinition(
                small.name(),
                small.stage(),
                small.handle(),
                small.manual(),
                small.language(),
                PADDING + small.source(),
                small.tests());
    }

    /** Made as they are sent, so that this side keeps nothing either. */
    private Enumeration<InputStream> lines(String header, List<String> versions) {
        return new Enumeration<>() {
            private int number = -1;

            @Override
            public boolean hasMoreElements() {
                return number < FUNCTIONS;
            }

            @Override
            public InputStream nextElement() {
                String line = number < 0 ? header : Export.line(versions.get(number), function(number));
                number++;
                if (number == FUNCTIONS / 10) {
                    early = used();
                } else if (number == FUNCTIONS - 1) {
                    late = used();
                }
                return new ByteArrayInputStream((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
