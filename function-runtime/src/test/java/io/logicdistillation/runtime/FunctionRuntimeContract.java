package io.logicdistillation.runtime;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every language. A language's subclass writes the same programs in it, and its own hostile ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FunctionRuntimeContract {

    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LOADING = Duration.ofMillis(1500);
    private static final Limits PATIENT = Limits.standard().withWallClock(Duration.ofSeconds(20));

    /** What a program does when {@code run} is called, or when it is loaded. */
    enum Program {
        ADDS_ITS_TWO_ARGUMENTS,
        RETURNS_ITS_ARGUMENT,
        VIEWS_A_STATE,
        THROWS_NO_WAY_OUT,
        RETURNS_NOTHING,
        RETURNS_A_FUNCTION,
        LOOPS_FOREVER,
        LOADS_FOREVER,
        RECURSES_FOREVER,
        FILLS_MEMORY,
        RETURNS_A_HUNDRED_THOUSAND_CHARACTERS,
        MATCHES_A_CATASTROPHIC_PATTERN,
        COUNTS_ITS_CALLS,
        SPOILS_SHARED_OBJECTS_AND_TELLS_WHETHER_THEY_WERE_SPOILT,
        HAS_ONLY_A_HELPER,
        DOES_NOT_PARSE,
        THROWS_WHILE_LOADING,
        TELLS_WHAT_CHANGES_BETWEEN_CALLS
    }

    /** A program that attacks the sandbox, and returns the text {@code escaped} if it gets anywhere. */
    record Hostile(String name, String source) {
        @Override
        public String toString() {
            return name;
        }
    }

    private FunctionRuntime runtime;

    abstract String language();

    abstract String source(Program program);

    List<Hostile> hostile() {
        return HostilePrograms.in(language());
    }

    @BeforeAll
    void start() {
        runtime = new SandboxedFunctionRuntime(
                new RuntimeSettings(2, 64, Duration.ofSeconds(30), LOADING, 4, 100, "", 0));
    }

    @AfterAll
    void stop() {
        runtime.close();
    }

    @Test
    void returnsWhatTheFunctionReturns() {
        assertThat(json(call(Program.ADDS_ITS_TWO_ARGUMENTS, "[2, 3]"))).isEqualTo("5");
    }

    @Test
    void passesArgumentsAndResultsAsJson() {
        String json =
                "{\"text\":\"ä € \uD83D\uDE00 \\\"quoted\\\" \\n\",\"list\":[1,2.5,-3,true,null],\"deep\":{\"a\":[[]]}}";

        assertThat(json(call(Program.RETURNS_ITS_ARGUMENT, "[" + json + "]"))).isEqualTo(json);
    }

    @Test
    void callsTheEntryPointThatIsAskedFor() {
        FunctionCall call = new FunctionCall(
                "tenant", language(), source(Program.VIEWS_A_STATE), EntryPoint.VIEW, "[{\"x\":7}]", PATIENT);

        assertThat(json(runtime.call(call))).isEqualTo("\"x is 7\"");
    }

    @Test
    void givesTheSameResultForTheSameCall() {
        String first = json(call(Program.TELLS_WHAT_CHANGES_BETWEEN_CALLS, "[]"));

        for (int repeat = 0; repeat < 5; repeat++) {
            assertThat(json(call(Program.TELLS_WHAT_CHANGES_BETWEEN_CALLS, "[]")))
                    .isEqualTo(first);
        }
        try (FunctionRuntime fresh = new SandboxedFunctionRuntime(RuntimeSettings.standard())) {
            assertThat(json(fresh.call(patient("tenant", Program.TELLS_WHAT_CHANGES_BETWEEN_CALLS, "[]"))))
                    .isEqualTo(first);
        }
    }

    @Test
    void remembersNothingFromOneCallToTheNext() {
        for (int repeat = 0; repeat < 3; repeat++) {
            assertThat(json(call(Program.COUNTS_ITS_CALLS, "[]"))).isEqualTo("1");
        }
    }

    @Test
    void undoesWhatACallDidToSharedObjects() {
        for (int repeat = 0; repeat < 3; repeat++) {
            assertThat(json(call(Program.SPOILS_SHARED_OBJECTS_AND_TELLS_WHETHER_THEY_WERE_SPOILT, "[]")))
                    .isEqualTo("false");
        }
        assertThat(json(call(Program.ADDS_ITS_TWO_ARGUMENTS, "[2, 3]"))).isEqualTo("5");
    }

    @Test
    void reportsWhatTheFunctionThrew() {
        Failed failed = failed(call(Program.THROWS_NO_WAY_OUT, "[]"));

        assertThat(failed.kind()).isEqualTo(Failure.THREW);
        assertThat(failed.message()).contains("no way out");
    }

    @Test
    void reportsAResultThatIsNotJson() {
        assertThat(failed(call(Program.RETURNS_NOTHING, "[]")).kind()).isEqualTo(Failure.INVALID_OUTPUT);
        assertThat(failed(call(Program.RETURNS_A_FUNCTION, "[]")).kind()).isEqualTo(Failure.INVALID_OUTPUT);
    }

    @Test
    void reportsASourceThatCanNotBeCalled() {
        assertThat(failed(call(Program.DOES_NOT_PARSE, "[]")).kind()).isEqualTo(Failure.INVALID_SOURCE);
        assertThat(failed(call(Program.THROWS_WHILE_LOADING, "[]")).kind()).isEqualTo(Failure.INVALID_SOURCE);
        assertThat(failed(call(Program.HAS_ONLY_A_HELPER, "[]")))
                .isEqualTo(new Failed(Failure.INVALID_SOURCE, "the source has no top-level function run"));
    }

    @Test
    void checksASourceWithoutCallingIt() {
        assertThat(runtime.check(patient("tenant", Program.LOOPS_FOREVER, "[]")))
                .isEmpty();
        assertThat(runtime.check(patient("tenant", Program.DOES_NOT_PARSE, "[]")))
                .hasValueSatisfying(failed -> assertThat(failed.kind()).isEqualTo(Failure.INVALID_SOURCE));
        assertThat(runtime.check(
                        limited(Program.LOADS_FOREVER, Limits.standard().withWallClock(SHORT))))
                .hasValueSatisfying(failed -> assertThat(failed.kind()).isEqualTo(Failure.TIMEOUT));
    }

    @Test
    void namesTheLanguagesItSpeaks() {
        Failed failed = failed(runtime.call(FunctionCall.run("tenant", "cobol", "", "[]")));

        assertThat(failed.kind()).isEqualTo(Failure.INVALID_SOURCE);
        assertThat(failed.message()).contains("cobol").contains(language());
    }

    @Test
    void refusesArgumentsThatAreNotAJsonArray() {
        for (String wrong : List.of("", "{}", "[1", "null", "[1] []")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> call(Program.ADDS_ITS_TWO_ARGUMENTS, wrong))
                    .withMessageContaining("JSON array");
        }
    }

    @ParameterizedTest
    @MethodSource("runaways")
    void stopsARunawayAtItsLimit(Program runaway) {
        Duration limit = runaway == Program.LOADS_FOREVER ? LOADING : SHORT;
        call(runaway, "[]", SHORT);
        long[] late = LongStream.range(0, 4)
                .map(repeat -> {
                    long start = System.nanoTime();
                    assertThat(failed(call(runaway, "[]", SHORT)).kind()).isEqualTo(Failure.TIMEOUT);
                    return NANOSECONDS.toMillis(System.nanoTime() - start) - limit.toMillis();
                })
                .toArray();

        // The best of several, as other work on the machine may delay any one of them.
        assertThat(LongStream.of(late).min().orElseThrow()).isBetween(0L, 50L);
    }

    static List<Program> runaways() {
        return List.of(Program.LOOPS_FOREVER, Program.LOADS_FOREVER, Program.MATCHES_A_CATASTROPHIC_PATTERN);
    }

    @Test
    void endsEndlessRecursionAsAnOrdinaryFailure() {
        for (int repeat = 0; repeat < 3; repeat++) {
            assertThat(failed(call(Program.RECURSES_FOREVER, "[]")))
                    .isEqualTo(new Failed(Failure.THREW, "recursed too deeply"));
        }
    }

    @Test
    void endsAFunctionThatFillsMemory() {
        Failed failed = failed(call(Program.FILLS_MEMORY, "[]"));

        assertThat(failed.kind()).isEqualTo(Failure.OUT_OF_MEMORY);
        assertThat(failed.message()).contains(String.valueOf(Limits.standard().heapBytes()));
    }

    @Test
    void limitsTheSizeOfTheResult() {
        Program large = Program.RETURNS_A_HUNDRED_THOUSAND_CHARACTERS;

        assertThat(failed(call(large, "[]")).kind()).isEqualTo(Failure.OUTPUT_TOO_LARGE);
        assertThat(json(runtime.call(limited(large, PATIENT.withOutputBytes(200_000)))))
                .hasSize(100_002);
    }

    @Test
    void givesASourceAsLongToLoadAsItsCallMayRun() {
        Duration longer = LOADING.multipliedBy(2);
        long begun = System.nanoTime();

        Failed failed = failed(
                runtime.call(limited(Program.LOADS_FOREVER, Limits.standard().withWallClock(longer))));

        assertThat(failed.kind()).isEqualTo(Failure.TIMEOUT);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(longer);
    }

    @Test
    void keepsServingOthersWhileGuestsAreKilled() throws ExecutionException, InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        List<Program> killed = List.of(Program.LOOPS_FOREVER, Program.FILLS_MEMORY, Program.RECURSES_FOREVER);
        try (FunctionRuntime shared = new SandboxedFunctionRuntime(
                        new RuntimeSettings(3, 64, Duration.ofSeconds(30), LOADING, 4, 100, "", 0));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> kills = callers.submit(() -> {
                int count = 0;
                while (!done.get()) {
                    Program next = killed.get(count % killed.size());
                    shared.call(limited(next, Limits.standard().withWallClock(SHORT)));
                    count++;
                }
                return count;
            });
            List<Future<Integer>> sums = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                String tenant = caller % 2 == 0 ? "tenant" : "another";
                sums.add(callers.submit(() -> {
                    int right = 0;
                    for (int repeat = 0; repeat < 100; repeat++) {
                        FunctionResult result =
                                shared.call(patient(tenant, Program.ADDS_ITS_TWO_ARGUMENTS, "[" + repeat + ", 1]"));
                        right += json(result).equals(String.valueOf(repeat + 1)) ? 1 : 0;
                    }
                    return right;
                }));
            }
            for (Future<Integer> sum : sums) {
                assertThat(sum.get()).isEqualTo(100);
            }
            done.set(true);
            assertThat(kills.get()).isPositive();
        }
    }

    @Test
    void turnsCallsAwayWhenTooManyWait() throws ExecutionException, InterruptedException {
        try (FunctionRuntime small = new SandboxedFunctionRuntime(
                        new RuntimeSettings(1, 1, Duration.ofSeconds(30), LOADING, 1, 10, "", 0));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            small.call(patient("tenant", Program.ADDS_ITS_TWO_ARGUMENTS, "[1, 1]"));
            List<Future<FunctionResult>> results = new ArrayList<>();
            for (int caller = 0; caller < 6; caller++) {
                results.add(callers.submit(() -> small.call(
                        limited(Program.LOOPS_FOREVER, Limits.standard().withWallClock(SHORT)))));
            }
            List<Failure> kinds = new ArrayList<>();
            for (Future<FunctionResult> result : results) {
                kinds.add(failed(result.get()).kind());
            }
            assertThat(kinds).containsOnly(Failure.TIMEOUT, Failure.OVERLOADED).contains(Failure.OVERLOADED);
        }
    }

    @Test
    void endsCallsInProgressWhenClosed() throws ExecutionException, InterruptedException {
        FunctionRuntime closing =
                new SandboxedFunctionRuntime(new RuntimeSettings(1, 8, Duration.ofSeconds(30), LOADING, 1, 10, "", 0));
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FunctionResult>> results = new ArrayList<>();
            for (int caller = 0; caller < 3; caller++) {
                results.add(callers.submit(() -> closing.call(patient("tenant", Program.LOOPS_FOREVER, "[]"))));
            }
            assertThat(json(runtime.call(patient("tenant", Program.ADDS_ITS_TWO_ARGUMENTS, "[1, 1]"))))
                    .isEqualTo("2");
            Thread.sleep(SHORT);
            closing.close();
            for (Future<FunctionResult> result : results) {
                assertThat(failed(result.get()).kind()).isEqualTo(Failure.CRASHED);
            }
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> closing.call(patient("tenant", Program.ADDS_ITS_TWO_ARGUMENTS, "[1, 1]")));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void survives(Hostile hostile) {
        Limits limits = Limits.standard().withWallClock(Duration.ofMillis(250));
        FunctionCall attack =
                new FunctionCall("attacker", language(), hostile.source(), EntryPoint.RUN, "[{\"a\":1}]", limits);

        FunctionResult first = runtime.call(attack);
        // Once more on what the first left behind, unless that only costs another limit.
        FunctionResult second = isTimeout(first) ? first : runtime.call(attack);

        assertThat(List.of(first, second)).allSatisfy(result -> {
            switch (result) {
                case Returned returned -> {
                    assertThat(returned.json()).doesNotContain("escaped");
                    assertThat(returned.json().length()).isLessThanOrEqualTo(limits.outputBytes());
                }
                case Failed failed -> {
                    assertThat(failed.kind()).isNotIn(Failure.CRASHED, Failure.OVERLOADED);
                    assertThat(failed.message()).doesNotContain("escaped").hasSizeLessThanOrEqualTo(500);
                }
            }
        });
        for (String tenant : List.of("attacker", "victim")) {
            assertThat(json(runtime.call(patient(tenant, Program.ADDS_ITS_TWO_ARGUMENTS, "[2, 3]"))))
                    .isEqualTo("5");
        }
    }

    private static boolean isTimeout(FunctionResult result) {
        return result instanceof Failed failed && failed.kind() == Failure.TIMEOUT;
    }

    final FunctionRuntime runtime() {
        return runtime;
    }

    private FunctionResult call(Program program, String argumentsJson) {
        return runtime.call(patient("tenant", program, argumentsJson));
    }

    private FunctionResult call(Program program, String argumentsJson, Duration wallClock) {
        return runtime.call(patient("tenant", program, argumentsJson).withLimits(PATIENT.withWallClock(wallClock)));
    }

    private FunctionCall limited(Program program, Limits limits) {
        return patient("tenant", program, "[]").withLimits(limits);
    }

    /** Time is not what most of these tests are about, and the machine may be busy. */
    final FunctionCall patient(String tenant, Program program, String argumentsJson) {
        return FunctionCall.run(tenant, language(), source(program), argumentsJson)
                .withLimits(PATIENT);
    }

    static String json(FunctionResult result) {
        assertThat(result).isInstanceOf(Returned.class);
        return ((Returned) result).json();
    }

    static Failed failed(FunctionResult result) {
        assertThat(result).isInstanceOf(Failed.class);
        return (Failed) result;
    }
}
