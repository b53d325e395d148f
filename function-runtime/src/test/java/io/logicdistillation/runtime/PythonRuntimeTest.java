package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonRuntimeTest extends FunctionRuntimeContract {

    /** How a function that broke out of its names gets at every module that the interpreter has loaded. */
    private static final Path GROUP = Path.of("/proc/self/autogroup");

    private static final String MODULES = """
            def modules():
                for made in ().__class__.__base__.__subclasses__():
                    if made.__name__ == '_wrap_close':
                        return made.__init__.__globals__['sys'].modules
            """;

    private FunctionRuntime unlocked;

    @BeforeAll
    void startUnlocked() {
        unlocked = unlocked(RuntimeSettings.standard());
    }

    private static FunctionRuntime unlocked(RuntimeSettings settings) {
        return new SandboxedFunctionRuntime(settings, List.of(new Python(settings, true)));
    }

    @AfterAll
    void stopUnlocked() {
        unlocked.close();
    }

    @Override
    String language() {
        return "python";
    }

    @Override
    String source(Program program) {
        return switch (program) {
            case ADDS_ITS_TWO_ARGUMENTS -> "def run(a, b): return a + b";
            case RETURNS_ITS_ARGUMENT -> "run = lambda value: value";
            case VIEWS_A_STATE -> "def view(state): return f\"x is {state['x']}\"";
            case THROWS_NO_WAY_OUT -> "def run(): raise ValueError('no way out')";
            case RETURNS_NOTHING -> "def run(): pass";
            case RETURNS_A_FUNCTION -> "def run(): return lambda: 1";
            case LOOPS_FOREVER -> "def run():\n    while True: pass";
            case LOADS_FOREVER -> "while True: pass\ndef run(): pass";
            case RECURSES_FOREVER -> "def run(): return 1 + run()";
            case FILLS_MEMORY -> "def run():\n    kept = []\n    while True: kept.append(bytearray(100000))";
            case RETURNS_A_HUNDRED_THOUSAND_CHARACTERS -> "def run(): return 'x' * 100000";
            case MATCHES_A_CATASTROPHIC_PATTERN ->
                "import re\ndef run(): return bool(re.match(r'^(a+)+$', 'a' * 40 + 'b'))";
            case COUNTS_ITS_CALLS -> "calls = 0\ndef run():\n    global calls\n    calls += 1\n    return calls";
            case SPOILS_SHARED_OBJECTS_AND_TELLS_WHETHER_THEY_WERE_SPOILT -> """
                import collections, functools, json, math
                cache = {}
                @functools.lru_cache
                def kept(x): return [x]
                def run():
                    spoilt = math.pi == 3 or len(kept(1)) > 1 or bool(cache) or hasattr_(collections.Counter, 'left')
                    math.pi = 3
                    kept(1).append(2)
                    cache['a'] = 1
                    collections.Counter.left = True
                    json.loads = json.dumps = lambda *given: '"forged"'
                    __builtins__['len'] = lambda given: 7
                    return spoilt
                def hasattr_(owner, name): return name in owner.__dict__
                """;
            case HAS_ONLY_A_HELPER -> "def helper(): return 1";
            case DOES_NOT_PARSE -> "def run(: return 1";
            case THROWS_WHILE_LOADING -> "raise ValueError('not today')\ndef run(): pass";
            case TELLS_WHAT_CHANGES_BETWEEN_CALLS -> MODULES + """
                def run():
                    def probe(asked):
                        try:
                            return str(asked())
                        except Exception as error:
                            return type(error).__name__
                    known = modules()
                    return [
                        probe(lambda: known['time'].time()), probe(lambda: known['time'].perf_counter_ns()),
                        probe(lambda: known['time'].clock_gettime(5)), probe(lambda: known['random'].random()),
                        probe(lambda: list({'a', 'b', 'c', 'd', 'e'})), probe(lambda: hash('text')),
                        probe(lambda: list(frozenset([('a', 1), ('b', 2), ('c', 3)]))), probe(lambda: open('/etc/hostname')),
                        probe(lambda: known['posix'].environ), probe(lambda: known['posix'].getpid()),
                        probe(lambda: sorted(__builtins__)),
                    ]
                """;
        };
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            known['posix'].fork()                        | asked the operating system
            known['posix'].kill(1, 0)                    | asked the operating system
            known['posix'].write(3, b'x')                | asked the operating system
            known['posix'].read(3, 1)                    | asked the operating system
            known['posix'].times()                       | asked the operating system
            known['posix'].execv('/bin/true', ['true'])  | asked the operating system
            known['posix'].listdir('/proc')              | No such file
            known['posix'].open('/proc/self/maps', 0)    | No such file
            known['time'].time()                         | Function not implemented
            known['time'].monotonic_ns()                 | Function not implemented
            known['_socket'].socket()                    | asked the operating system
            known['signal'].alarm(1)                     | asked the operating system
            known['resource'].setrlimit(9, (-1, -1))     | asked the operating system
            known['ctypes'].string_at(1)                 | broke its interpreter
            known['ctypes'].CDLL(None).abort()           | broke its interpreter
            known['ctypes'].CDLL(None).ptrace(0, 0, 0)   | asked the operating system
            """)
    void holdsAFunctionThatHasEveryModuleOfTheInterpreter(String attempt, String message) {
        FunctionResult result = runtime()
                .call(patientRun(MODULES + "def run():\n    known = modules()\n    return repr(" + attempt + ")"));

        assertThat(failed(result).kind()).isEqualTo(Failure.THREW);
        assertThat(failed(result).message()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc", "ast", "bisect", "cmath", "collections", "collections.abc", "copy", "dataclasses", "decimal",
                        "enum",
                "fractions", "functools", "heapq", "itertools", "json", "math", "numbers", "operator", "re",
                        "statistics",
                "string", "textwrap", "typing"
            })
    void importsWhatComputesOnly(String module) {
        assertThat(json(runtime()
                        .call(patientRun("import " + module + " as module\nfrom " + module
                                + " import *\ndef run(): return len(module.__all__) > 0"))))
                .isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "os",
                "sys",
                "time",
                "random",
                "socket",
                "ctypes",
                "builtins",
                "os.path",
                "importlib",
                "gc",
                "datetime"
            })
    void importsNothingElse(String module) {
        Failed failed = failed(runtime().call(patientRun("def run():\n    import " + module + "\n    return 1")));

        assertThat(failed)
                .isEqualTo(new Failed(
                        Failure.THREW,
                        "ImportError: the module '" + module + "' is not one that a function may use (line 2)"));
    }

    @Test
    void offersWhatFunctionsAreWrittenWith() {
        String everyday = """
                from collections import Counter, defaultdict, deque, namedtuple
                from dataclasses import dataclass, field, asdict
                from decimal import Decimal
                from enum import Enum
                from fractions import Fraction
                from functools import cached_property, lru_cache, reduce, singledispatch
                from typing import Any, NamedTuple, Optional
                import heapq, itertools, math, re, statistics, string

                class Move(Enum):
                    NORTH = 'north'

                @dataclass(frozen=True, order=True)
                class Cell:
                    x: int
                    y: int = 0
                    names: list = field(default_factory=list, compare=False)

                class Board:
                    def __init__(self, size): self.size = size
                    @cached_property
                    def cells(self): return [Cell(x, y) for x in range(self.size) for y in range(self.size)]

                @singledispatch
                def told(value): return 'other'
                @told.register
                def _(value: int): return 'number'

                def run(state: dict, earlier: Optional[dict] = None) -> Any:
                    match state:
                        case {'size': int(size)}: board = Board(size)
                    total = reduce(lambda a, b: a + b, (cell.x for cell in board.cells))
                    return {
                        'cells': len(board.cells), 'again': len(board.cells), 'total': total, 'first': asdict(min(board.cells)),
                        'move': Move.NORTH.value, 'counts': dict(Counter('aab').most_common()), 'mean': statistics.fmean([1, 2]),
                        'decimal': str(Decimal('0.1') + Decimal('0.2')), 'third': str(Fraction(1, 3)), 'told': told(1),
                        'words': re.findall(r'[a-z]+', 'a bc'), 'title': string.capwords('a b'), 'root': math.isqrt(17),
                        'smallest': heapq.nsmallest(1, [3, 1, 2]), 'pairs': list(itertools.pairwise([1, 2, 3])),
                        'text': '{:>4}|{:.2f}'.format('a', 1.005), 'accent': 'é'.encode('latin-1').decode('latin-1'),
                    }
                """;

        assertThat(json(runtime().call(patientRun(everyday).withArgumentsJson("[{\"size\":3}]"))))
                .isEqualTo(
                        "{\"cells\":9,\"again\":9,\"total\":9,\"first\":{\"x\":0,\"y\":0,\"names\":[]},\"move\":\"north\","
                                + "\"counts\":{\"a\":2,\"b\":1},\"mean\":1.5,\"decimal\":\"0.3\",\"third\":\"1/3\",\"told\":\"number\","
                                + "\"words\":[\"a\",\"bc\"],\"title\":\"A B\",\"root\":4,\"smallest\":[1],\"pairs\":[[1,2],[2,3]],"
                                + "\"text\":\"   a|1.00\",\"accent\":\"é\"}");
    }

    @Test
    void saysWhereASourceIsWrong() {
        assertThat(failed(runtime().call(patientRun("def run():\n    return 1 +")))
                        .message())
                .startsWith("SyntaxError")
                .endsWith("(line 2)");
        assertThat(failed(runtime().call(patientRun("def run():\n    x = {}\n    return x['no']")))
                        .message())
                .isEqualTo("KeyError: 'no' (line 3)");
    }

    @Test
    void refusesCoroutinesAndNumbersThatJsonLacks() {
        for (String body : List.of(
                "async def run(): return 1", "def run(): return float('nan')", "def run(): return [float('inf')]")) {
            assertThat(failed(runtime().call(patientRun(body))).kind()).isEqualTo(Failure.INVALID_OUTPUT);
        }
    }

    @Test
    void keepsEachMemoryLimit() {
        String fills = "def run(): return len(bytearray(40 << 20))";

        assertThat(failed(runtime().call(patientRun(fills))).kind()).isEqualTo(Failure.OUT_OF_MEMORY);
        FunctionCall larger = patientRun(fills).withLimits(Limits.standard().withHeapBytes(64L << 20));
        assertThat(json(runtime().call(larger))).isEqualTo(String.valueOf(40 << 20));
    }

    /** Each tells what an earlier call left behind, and leaves something behind if it can. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "kept = []\ndef run():\n    kept.append(1)\n    return len(kept)",
                "def run(kept=[]):\n    kept.append(1)\n    return len(kept)",
                "from itertools import count\nnumbers = count(1)\ndef run(): return next(numbers)",
                "from functools import cache\n@cache\ndef kept(): return []\ndef run():\n    kept().append(1)\n    return len(kept())",
                "import math\ndef run():\n    found = math.pi\n    for math.pi in [3]: pass\n    return 1 if found > 3.1 else 2",
                "import math\ndef run():\n    found = math.pi\n    del math.pi\n    return 1",
                "import collections as c, math\ndef run():\n    d = [c][0].UserDict\n    found = isinstance(1, d)\n    d.register(int)\n    return 2 if found else 1",
                "from collections import UserDict\ndef run():\n    found = isinstance(1, UserDict)\n    UserDict.register(int)\n    return 2 if found else 1",
                "from typing import Sequence\ndef run():\n    found = isinstance(1, Sequence)\n    Sequence.register(int)\n    return 2 if found else 1",
                "from collections import Counter\ndef run():\n    found = 'left' in Counter.__dict__\n    type.__setattr__(Counter, 'left', 1)\n    return 2 if found else 1",
                "from collections import Counter\nfrom functools import update_wrapper\ndef run():\n    found = Counter.__name__\n    try: update_wrapper(Counter, run)\n    except AttributeError: pass\n    return 2 if found == 'run' else 1",
                "import decimal\ndef run():\n    found = decimal.getcontext().prec\n    decimal.setcontext(decimal.Context(prec=3))\n    return 2 if found == 3 else 1",
                "def run():\n    found = 'left' in __builtins__\n    __builtins__['left'] = 1\n    return 2 if found else 1",
                "def run():\n    inside = (lambda: (yield))().gi_frame.f_builtins\n    found = 'left' in inside\n    inside['left'] = 1\n    return 2 if found else 1",
                "def run():\n    match (lambda: (yield))():\n        case object(gi_frame=frame):\n            match frame:\n                case object(f_builtins=inside): pass\n    found = 'left' in inside\n    inside['left'] = 1\n    return 2 if found else 1",
                "from json import loads\ndef run():\n    found = loads.__kwdefaults__['cls']\n    loads.__kwdefaults__['cls'] = 1\n    return 2 if found else 1",
                "def run():\n    try: 1 / 0\n    except ZeroDivisionError as e: inside = e.__traceback__.tb_frame.f_builtins\n    found = 'left' in inside\n    inside['left'] = 1\n    return 2 if found else 1",
                "import re as typing, typing\ndef run():\n    found = typing.get_overloads(run)\n    typing.overload(run)\n    return 2 if found else 1",
                "from __future__ import annotations as kept\ndef run():\n    found = kept.compiler_flag\n    kept.compiler_flag = 7\n    return 2 if found == 7 else 1"
            })
    void remembersNothingByWhateverMeans(String source) {
        for (int repeat = 0; repeat < 3; repeat++) {
            assertThat(json(runtime().call(patientRun(source)))).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "def run(): return 1",
                "from collections import Counter\nimport math, heapq\ndef run(): return len(Counter('a')) * math.floor(1.5)",
                "from typing import Any\nimport collections as c\ndef helped(q: Any): return q.popleft()\ndef run(): return helped(c.deque([1]))",
                "import re\nfound = re.findall(r'[0-9]', 'a1')\ndef run():\n    try: return int(found[0])\n    except ValueError: return 2"
            })
    void callsAFunctionThatCanLeaveNothingBehindInTheSameProcess(String source) {
        FunctionCall call = patientRun(source);
        runtime().call(call);
        Set<Long> before = settledProcesses();

        for (int repeat = 0; repeat < 20; repeat++) {
            assertThat(json(runtime().call(call))).isEqualTo("1");
        }

        assertThat(settledProcesses()).isEqualTo(before);
    }

    /** The processes, when those that were ordered and ended are there and gone. */
    private static Set<Long> settledProcesses() {
        for (Set<Long> before = Set.of(); ; ) {
            Set<Long> now = ProcessHandle.current()
                    .descendants()
                    .map(ProcessHandle::pid)
                    .collect(Collectors.toSet());
            if (now.equals(before)) {
                return now;
            }
            before = now;
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    @Test
    void asksAFreshProcessWhereTheOneThatServedBeforeHasNoMemoryLeft() {
        // Texts that a program has seen as names are kept by the language; each call brings its own.
        String keeps =
                "def run(n):\n    kept = [{f'{n} {i}': i} for i in range(1000)]\n    return len(bytearray(n << 20))";

        for (int mebibytes : List.of(1, 9, 1, 9, 9)) {
            assertThat(json(runtime().call(patientRun(keeps).withArgumentsJson("[" + mebibytes + "]"))))
                    .isEqualTo(String.valueOf(mebibytes << 20));
        }
    }

    @Test
    void servesOnlyTheTenantWhoseFunctionItRan() {
        FunctionCall mine = patientRun("def run(): return 1");
        FunctionCall theirs = new FunctionCall("another", "python", mine.source(), EntryPoint.RUN, "[]", mine.limits());
        runtime().call(mine);
        Set<Long> before = settledProcesses();

        runtime().call(theirs);

        assertThat(settledProcesses()).isNotEqualTo(before);
    }

    @Test
    void endsTheProcessOfAFunctionThatGoesOnAfterItsResult() throws IOException {
        String goesOn = MODULES + """
                def run():
                    modules()['posix'].write(1, b'\\x02\\x01\\x00\\x00\\x001')
                    while True: pass
                """;

        assertThat(json(runtime().call(patientRun(goesOn)))).isEqualTo("1");
        assertThat(busyProcesses()).isZero();
    }

    @Test
    void countsWhatTheEndOfAFunctionsValuesDoesAsItsOwnTime() throws IOException {
        String goesOn = """
                def waits():
                    try: yield 1
                    finally:
                        while True: pass
                def run():
                    one, circle = waits(), []
                    circle += [circle, one]
                    return next(one)
                """;

        FunctionCall call = patientRun(goesOn).withLimits(Limits.standard().withWallClock(Duration.ofMillis(150)));
        assertThat(failed(runtime().call(call)).kind()).isEqualTo(Failure.TIMEOUT);
        assertThat(busyProcesses()).isZero();
    }

    /** Forked processes of this virtual machine's templates that use the processor. */
    private static long busyProcesses() throws IOException {
        for (int tries = 0; ; tries++) {
            long busy = ProcessHandle.current()
                    .descendants()
                    .filter(process -> state(process.pid()).equals("R"))
                    .count();
            if (busy == 0 || tries == 20) {
                return busy;
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static String state(long process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
        } catch (IOException ended) {
            return "";
        }
    }

    /** Of those hostile programs that do no harm to the machine that runs the tests. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "clock: time",
                "clock: monotonic time",
                "clock: nanoseconds",
                "clock: its own time",
                "clock: a coarse clock",
                "clock: getentropy",
                "clock: the C library's time",
                "system: its number",
                "system: its parent's number",
                "system: its user",
                "system: a pipe",
                "system: a copy of the descriptor",
                "system: reading a file",
                "system: a list of files",
                "system: the state of a file",
                "system: the present folder",
                "system: the name of the system",
                "system: chance",
                "system: a file in memory",
                "system: the load of the machine",
                "native: a socket",
                "native: a pair of sockets",
                "native: a file",
                "native: many waits",
                "native: memory to execute",
                "native: its own code rewritten",
                "native: usage",
                "class: file by its class",
                "name: builtins through a method, and a file"
            })
    void theHostileProgramsGetSomewhereWhereNothingHoldsThem(String name) {
        Hostile hostile = hostile().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();

        assertThat(json(unlocked.call(patientRun(hostile.source()).withArgumentsJson("[{\"a\":1}]"))))
                .contains("escaped");
    }

    @Test
    void refusesWithARemedyWhereThereIsNoInterpreter() {
        RuntimeSettings without = RuntimeSettings.standard().withPython("/nowhere/python3");
        try (FunctionRuntime runtime = new SandboxedFunctionRuntime(without)) {
            Failed failed = failed(runtime.call(patientRun("def run(): return 1")));

            assertThat(failed.kind()).isEqualTo(Failure.UNAVAILABLE);
            assertThat(failed.message()).contains("/nowhere/python3").contains("install python3");
            assertThat(json(runtime.call(FunctionCall.run("t", "javascript", "function run() { return 1; }", "[]"))))
                    .isEqualTo("1");
        }
    }

    @Test
    void givesWayAsFarAsItsSettingsSay() {
        FunctionCall asks = patientRun(MODULES + "def run(): return modules()['os'].nice(0)");

        try (FunctionRuntime givingWay = unlocked(RuntimeSettings.standard().withNiceness(7))) {
            int usual = Integer.parseInt(json(unlocked.call(asks)));

            assertThat(json(givingWay.call(asks))).isEqualTo(String.valueOf(Math.min(19, usual + 7)));
        }
    }

    /** Linux shares processors out between sessions before it looks at niceness (sched_autogroup). */
    @Test
    @EnabledIf("hasGroupsOfProcesses")
    void givesWayAsAWholeToOtherSessions() throws IOException {
        Set<ProcessHandle> others = Children.now();
        try (FunctionRuntime givingWay = unlocked(RuntimeSettings.standard().withNiceness(7))) {
            givingWay.call(patientRun("def run(): return 1"));
            ProcessHandle template = Children.since(others);
            String own = Files.readString(GROUP);
            assertThat(Files.readString(Path.of("/proc/" + template.pid() + "/autogroup")))
                    .isNotEqualTo(own)
                    .endsWith(" nice 7\n");
        }
    }

    static boolean hasGroupsOfProcesses() throws IOException {
        return Files.exists(GROUP) && !Files.readString(GROUP).isEmpty();
    }

    @Test
    void leavesNoProcessBehindWhenClosed() {
        // The runtime that the other tests share makes and ends processes of its own meanwhile.
        Set<ProcessHandle> others = Children.now();
        FunctionRuntime closing = new SandboxedFunctionRuntime();
        closing.call(patientRun("def run(): return 1"));
        ProcessHandle template = Children.since(others);
        Set<ProcessHandle> made =
                Stream.concat(Stream.of(template), template.descendants()).collect(Collectors.toSet());
        assertThat(made).hasSizeGreaterThan(1);

        closing.close();

        for (int tries = 0; tries < 40 && isAnyThere(made); tries++) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        assertThat(isAnyThere(made)).isFalse();
    }

    private static boolean isAnyThere(Set<ProcessHandle> processes) {
        return ProcessHandle.current().descendants().anyMatch(processes::contains);
    }

    @Test
    void searchesAGridWellWithinItsLimit() {
        FunctionCall call = patientRun(Samples.CUT_OFF_IN_PYTHON).withArgumentsJson(Samples.PURSUIT_ARGUMENTS);
        assertThat(json(runtime().call(call))).isEqualTo("{\"move\":\"south\"}");

        long fastest = IntStream.range(0, 50)
                .mapToObj(repeat -> (Returned) runtime().call(call))
                .mapToLong(returned -> returned.took().toNanos())
                .min()
                .orElseThrow();

        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(10));
    }

    private FunctionCall patientRun(String source) {
        return patient("tenant", Program.ADDS_ITS_TWO_ARGUMENTS, "[]").withSource(source);
    }
}
