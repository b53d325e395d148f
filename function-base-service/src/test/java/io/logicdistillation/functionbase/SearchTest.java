package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SearchTest extends ServiceTest {
    private static final String SEARCHES = "/v1/tasks/weather/searches";
    private static final Map<String, Object> WET = Map.of("mood", Map.of("mood", "wet"));

    @BeforeEach
    void publishedTask() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        assertThat(author.publish().status()).isEqualTo(201);
    }

    @Test
    void theFunctionThatFitsTheStateComesFirst() {
        Map<String, String> fitting = Map.of(
                "rain falling all day", "umbrella",
                "a hot bright sun", "sunscreen",
                "deep snow on the hills", "sledge",
                "a strong wind", "kite",
                "floods in the streets", "boots");
        fitting.forEach((sky, function) -> {
            Client.Answer answer =
                    search(Map.of("stage", "advice", "state", Map.of("sky", sky), "earlier", WET, "k", 3));
            assertThat(functions(answer)).as(sky).hasSize(3).startsWith(function);
        });
    }

    @Test
    void theStagesOwnKHoldsWhenNoneIsGiven() {
        assertThat(functions(search(Map.of("stage", "advice", "view", "rain")))).hasSize(2);
        assertThat(functions(search(Map.of("stage", "advice", "view", "rain", "k", 64))))
                .hasSize(5);
    }

    @Test
    void functionsThatShareNoWordAreFoundByMeaning() {
        assertThat(functions(search(Map.of("stage", "advice", "view", "a blizzard has turned everything white"))))
                .contains("sledge");
    }

    @Test
    void aSearchNamesItsSnapshotAndLooksIntoThatOneOnly() {
        String first = search(Map.of("stage", "advice", "view", "sun"))
                .json()
                .get("snapshot")
                .asString();
        author.admit(ToyTask.advice("parasol", "shade", "Open the parasol against the hot sun."));
        String second = author.publish().json().get("snapshot").asString();
        Map<String, Object> request = Map.of("stage", "advice", "view", "parasol, hot sun", "k", 10);
        assertThat(functions(search(request))).hasSize(5).doesNotContain("parasol");
        Client.Answer other =
                search(Map.of("stage", "advice", "view", "parasol, hot sun", "k", 10, "snapshot", second));
        assertThat(functions(other)).hasSize(6).startsWith("parasol");
        assertThat(other.json().get("snapshot").asString()).isEqualTo(second).isNotEqualTo(first);
    }

    @Test
    void theSameQuestionHasTheSameAnswer() {
        Map<String, Object> request = Map.of("stage", "advice", "view", "wind and snow", "k", 5);
        Client.Answer first = search(request);
        assertThat(first.status()).isEqualTo(200);
        assertThat(search(request).json()).isEqualTo(first.json());
    }

    /** What is kept in memory must not outlive its task. */
    @Test
    void aDeletedTaskIsSearchedNoMore() {
        Map<String, Object> request = Map.of(
                "stage",
                "advice",
                "view",
                "sun",
                "snapshot",
                search(Map.of("stage", "advice", "view", "sun"))
                        .json()
                        .get("snapshot")
                        .asString());
        assertThat(functions(search(request))).isNotEmpty();

        assertThat(author.delete("/v1/tasks/weather").status()).isEqualTo(204);

        assertThat(search(request).problem()).isEqualTo("unknown-task");
    }

    @Test
    void readersMaySearch() {
        assertThat(reader().post(SEARCHES, Map.of("stage", "mood", "state", Map.of("sky", "rain")))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whatCanNotBeSearchedIsNamed() {
        assertThat(search(Map.of("stage", "none", "view", "x")).problem()).isEqualTo("unknown-stage");
        assertThat(search(Map.of("stage", "advice")).problem()).isEqualTo("invalid-request");
        assertThat(search(Map.of("stage", "advice", "view", " ")).problem()).isEqualTo("invalid-request");
        assertThat(search(Map.of("stage", "advice", "view", "x", "k", 65)).problem())
                .isEqualTo("invalid-request");
        assertThat(search(Map.of("stage", "advice", "view", "x", "snapshot", "newest"))
                        .problem())
                .isEqualTo("unknown-snapshot");
        Client.Answer wrong = search(Map.of("stage", "advice", "state", Map.of("sky", 7)));
        assertThat(wrong.problem()).isEqualTo("invalid-state");
        assertThat(wrong.json().get("pointer").asString()).isEqualTo("/sky");
        Client.Answer failed = search(Map.of("stage", "advice", "state", Map.of("sky", "rain")));
        assertThat(failed.problem()).isEqualTo("function-failed");
        assertThat(author.post("/v1/tasks/none/searches", Map.of("stage", "mood", "view", "x"))
                        .problem())
                .isEqualTo("unknown-task");
    }

    @Test
    void findsFunctionsOfTheLanguageAskedForAlone() {
        Map<String, Object> any = Map.of("stage", "advice", "view", "rain", "k", 64);
        assertThat(functions(search(in("javascript")))).isEqualTo(functions(search(any)));
        assertThat(functions(search(in("python")))).isEmpty();
        assertThat(search(in("cobol")).problem()).isEqualTo("invalid-request");
    }

    private static Map<String, Object> in(String language) {
        return Map.of("stage", "advice", "view", "rain", "k", 64, "language", language);
    }

    @Test
    void oddTextsAreSearchedLikeAnyOther() {
        for (String view : List.of("' | & ! :* \\ <->", "%_", "http://a.b/c?d=e&f=g", "🙂 雨", "the of and")) {
            assertThat(search(Map.of("stage", "advice", "view", view)).status())
                    .as(view)
                    .isEqualTo(200);
        }
    }

    private Client.Answer search(Map<String, Object> request) {
        return author.post(SEARCHES, request);
    }

    private static List<String> functions(Client.Answer answer) {
        List<String> names = new ArrayList<>();
        answer.json()
                .get("candidates")
                .forEach(hit -> names.add(hit.get("function").asString()));
        return names;
    }
}
