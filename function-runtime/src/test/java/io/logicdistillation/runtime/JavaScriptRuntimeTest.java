package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JavaScriptRuntimeTest extends FunctionRuntimeContract {

    private FunctionRuntime unlocked;

    @BeforeAll
    void startUnlocked() {
        String script =
                QuickJsTemplate.script().replaceAll("(?s)// From here to .*// The end of what is taken away[.]", "");
        unlocked = new SandboxedFunctionRuntime(
                RuntimeSettings.standard(), List.of(new JavaScript(4, 100, QuickJsTemplate.of(script))));
    }

    @AfterAll
    void stopUnlocked() {
        unlocked.close();
    }

    @Override
    String language() {
        return "javascript";
    }

    @Override
    String source(Program program) {
        return switch (program) {
            case ADDS_ITS_TWO_ARGUMENTS -> "function run(a, b) { return a + b; }";
            case RETURNS_ITS_ARGUMENT -> "const run = (value) => value;";
            case VIEWS_A_STATE -> "function view(state) { return 'x is ' + state.x; }";
            case THROWS_NO_WAY_OUT -> "function run() { throw new Error('no way out'); }";
            case RETURNS_NOTHING -> "function run() {}";
            case RETURNS_A_FUNCTION -> "function run() { return () => 1; }";
            case LOOPS_FOREVER -> "function run() { for (;;) {} }";
            case LOADS_FOREVER -> "while (true) {} function run() {}";
            case RECURSES_FOREVER -> "function run() { return 1 + run(); }";
            case FILLS_MEMORY -> "function run() { const all = []; for (;;) all.push(new Uint8Array(100000)); }";
            case RETURNS_A_HUNDRED_THOUSAND_CHARACTERS -> "function run() { return 'x'.repeat(100000); }";
            case MATCHES_A_CATASTROPHIC_PATTERN -> "function run() { return /^(a+)+$/.test('a'.repeat(40) + 'b'); }";
            case COUNTS_ITS_CALLS -> "let calls = 0; function run() { calls++; return calls; }";
            case SPOILS_SHARED_OBJECTS_AND_TELLS_WHETHER_THEY_WERE_SPOILT -> """
                const cache = new Map();
                function run() {
                  const spoilt = ({}).spoilt === true || [].push() !== 0 || globalThis.left === true || cache.size > 0;
                  Object.prototype.spoilt = true;
                  Array.prototype.push = () => 99;
                  globalThis.left = true;
                  cache.set('a', 1);
                  JSON.parse = () => [7, 7];
                  JSON.stringify = () => '"forged"';
                  return spoilt;
                }
                """;
            case HAS_ONLY_A_HELPER -> "function helper() { return 1; }";
            case DOES_NOT_PARSE -> "function run( { return 1; }";
            case THROWS_WHILE_LOADING -> "throw new Error('not today'); function run() {}";
            case TELLS_WHAT_CHANGES_BETWEEN_CALLS -> """
                function run() {
                  const probe = (source) => { try { return String(source()); } catch (e) { return e.name; } };
                  return [
                    probe(() => Date.now()), probe(() => new Date()), probe(() => Math.random()),
                    probe(() => performance.now()), probe(() => setTimeout), probe(() => new WeakRef({})),
                    Object.getOwnPropertyNames(globalThis).sort().join(),
                    probe(() => Symbol().toString()), probe(() => [3, 1, 2].sort().join()), probe(() => new Error('e').stack),
                  ];
                }
                """;
        };
    }

    @Test
    void reachesNothingThatTellsTimeChanceOrMakesCode() {
        String walk = """
                function run() {
                  const forbidden = ['eval', 'tell', 'java_invoke', 'random', 'now', 'Date', 'GeneratorFunction', 'AsyncFunction',
                    'AsyncGeneratorFunction', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'readSync', 'writeSync',
                    'queueMicrotask', 'captureStackTrace'];
                  const natives = new Set();
                  const seen = new Set();
                  const queue = [globalThis, function* () {}, async () => 1, async function* () {}, (function* () {})(),
                    (async function* () {})(), [][Symbol.iterator](), new Map().keys(), new Set().keys(), ''.matchAll(/a/g),
                    /a/, 1n, Symbol.iterator, new Error(), (() => arguments_())(), Promise.resolve()];
                  function arguments_() { return arguments; }
                  while (queue.length > 0) {
                    const value = queue.pop();
                    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
                    seen.add(value);
                    if (typeof value === 'function' && typeof value.name === 'string') natives.add(value.name);
                    queue.push(Object.getPrototypeOf(value));
                    for (const key of Reflect.ownKeys(value)) {
                      const property = Object.getOwnPropertyDescriptor(value, key);
                      queue.push(property.value, property.get, property.set);
                    }
                  }
                  return { reached: seen.size, forbidden: forbidden.filter((name) => natives.has(name)) };
                }
                """;

        String found = json(runtime().call(patientRun(walk)));

        assertThat(found).contains("\"forbidden\":[]");
        assertThat(Integer.parseInt(found.replaceAll("\\D", ""))).isGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "new Function('return 1')()",
                "(() => {}).constructor('return 1')()",
                "(function* () {}).constructor('yield 1')()",
                "(async () => {}).constructor('return 1')()",
                "Object.getPrototypeOf(async function* () {}).constructor('return 1')()",
                "Reflect.construct((() => {}).constructor, ['return 1'])()",
                "class Made extends Function {}; new Made('return 1')()"
            })
    void makesNoCodeFromText(String attempt) {
        FunctionResult result = runtime().call(patientRun("function run() { " + attempt + "; return 'made'; }"));

        assertThat(failed(result).kind()).isEqualTo(Failure.THREW);
        assertThat(failed(result).message()).contains("code can not be made from text");
    }

    @Test
    void runsAsStrictCode() {
        assertThat(failed(runtime().call(patientRun("function run() { with ({}) {} }")))
                        .kind())
                .isEqualTo(Failure.INVALID_SOURCE);
        assertThat(failed(runtime().call(patientRun("function run() { forgotten = 1; return 1; }")))
                        .kind())
                .isEqualTo(Failure.THREW);
    }

    @Test
    void saysWhereASourceIsWrong() {
        FunctionResult result = runtime().call(patientRun("function run() {\n  return 1 +;\n}"));

        assertThat(failed(result).message()).startsWith("SyntaxError").contains(":2:");
    }

    @Test
    void refusesPromisesAndNumbersThatJsonLacks() {
        for (String body : List.of("async function run() { return 1; }", "function run() { return 0 / 0; }")) {
            assertThat(failed(runtime().call(patientRun(body))).kind()).isEqualTo(Failure.INVALID_OUTPUT);
        }
    }

    @Test
    void searchesAGridWellWithinItsLimit() {
        FunctionCall call = patientRun(Samples.CUT_OFF).withArgumentsJson(Samples.PURSUIT_ARGUMENTS);
        assertThat(json(runtime().call(call))).isEqualTo("{\"move\":\"south\"}");

        long fastest = IntStream.range(0, 150)
                .mapToObj(repeat -> (Returned) runtime().call(call))
                .mapToLong(returned -> returned.took().toNanos())
                .min()
                .orElseThrow();

        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(20));
    }

    /** Of the hostile programs, in an engine from which nothing was taken, under limits that are wide but for the time. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            escape: constructor chain of an array                     | escapes
            escape: constructor chain of an error                     | escapes
            escape: constructor chain of a generator                  | escapes
            escape: indirect eval                                     | escapes
            escape: host function by name                             | escapes
            escape: call sites of a stack trace                       | escapes
            escape: constructor of a bound function                   | escapes
            escape: constructor of a class's static method            | escapes
            escape: constructor of a getter                           | escapes
            escape: constructor of an async arrow                     | escapes
            escape: constructor of an async generator's prototype     | escapes
            escape: Reflect.construct with the function's prototype   | escapes
            escape: function constructor through a proxy              | escapes
            escape: function constructor as a tag                     | escapes
            escape: function constructor by toString games            | escapes
            escape: eval by every name it ever had                    | escapes
            escape: promise constructor hooks                         | escapes
            thread and signal: chance in disguise                     | escapes
            thread and signal: shared memory and atomics              | escapes
            thread and signal: timers and workers                     | escapes
            memory: string repeat to the limit                        | takes four times its memory
            memory: array buffers of all sizes                        | takes four times its memory
            memory: array buffer that grows                           | takes four times its memory
            memory: split into characters                             | takes four times its memory
            memory: join with a long separator                        | takes four times its memory
            json: indentation of a deep value                         | takes four times its memory
            output: 64 KiB and one byte                               | says more than is allowed
            output: output of lone surrogates                         | says more than is allowed
            output: output of control characters                      | says more than is allowed
            output: keys as the bulk                                  | says more than is allowed
            output: toJSON that returns more each time                | says more than is allowed
            output: nothing but holes                                 | says more than is allowed
            loop: do while true                                       | runs twice its time
            regex: regex of nested quantifiers                        | runs twice its time
            """)
    void theHostileProgramsGetSomewhereWhereNothingHoldsThem(String name, String harm) {
        Limits held = Limits.standard();
        Limits wide = held.withWallClock(held.wallClock().multipliedBy(harm.endsWith("time") ? 2 : 20))
                .withHeapBytes(4 * held.heapBytes())
                .withOutputBytes(16 * held.outputBytes());
        String hostile = hostile().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow()
                .source();

        FunctionResult result = unlocked.call(FunctionCall.run("attacker", "javascript", hostile, "[{\"a\":1}]")
                .withLimits(wide));

        switch (harm) {
            case "escapes" -> assertThat(json(result)).contains("escaped");
            case "says more than is allowed" -> assertThat(json(result)).hasSizeGreaterThan(held.outputBytes());
            case "takes four times its memory" ->
                assertThat(failed(result).kind()).isEqualTo(Failure.OUT_OF_MEMORY);
            default -> assertThat(failed(result).kind()).isEqualTo(Failure.TIMEOUT);
        }
    }

    @Test
    void keepsFewBytesPerLoadedFunction() {
        QuickJsTemplate template = QuickJsTemplate.shared();
        byte[] changed = new QuickJsSandbox().memory().snapshot();
        byte[] same = new byte[template.image().pages() * 65_536];
        template.image().copyTo(same);

        assertThat(template.image().changedTo(same).ownBytes()).isZero();
        assertThat(template.image().changedTo(changed).ownBytes()).isPositive();
    }

    private FunctionCall patientRun(String source) {
        return patient("tenant", Program.ADDS_ITS_TWO_ARGUMENTS, "[]").withSource(source);
    }
}
