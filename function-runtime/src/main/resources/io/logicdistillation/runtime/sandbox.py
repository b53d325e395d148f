"""The Python half of the function runtime: a template process that forks one locked-down process for every call.

Started by the host as ``python3 -s -S -B -c <this text> <socket>`` with an environment of nothing but ``PYTHONHASHSEED=0``. The
template never sees a function. It reads orders from its standard input (``PythonTemplate`` in Java writes them), and at the end of
that input it ends, and every process that it made ends with it. A forked process locks itself down, connects to the host's
socket, takes one source and one call, and answers. Then the host kills it, or calls the same source again if that can not have
left anything behind. See ``RATIONALE.md``.
"""

import sys

sys.path[:] = [place for place in sys.path if place]

import ast
import ctypes
import errno
import gc
import marshal
import os
import platform
import resource
import select
import signal
import socket
import struct
import types

FILE = "<function>"
LONGEST_TEXT = 400
# What a process tells the host, in the order of the host's enum PythonProcess.Said.
(COMPILED, LOADED, RETURNED, THREW, INVALID_SOURCE, INVALID_OUTPUT, INVALID_ARGUMENTS, OUT_OF_MEMORY,
 COMPILED_STATELESS) = range(9)  # fmt: skip
# What the host asks for, in the order of the host's enum PythonProcess.Asked.
LOAD, CALL, CALL_AGAIN = range(3)
ENTRY_POINTS = ("run", "view")


# --- What a function may import, and call without importing ------------------------------------------------------------------

# Names of a module that are left out, because they read files or other objects' insides, or draw numbers.
LEFT_OUT = {
    "json": {"load", "dump"},
    "operator": {"attrgetter", "methodcaller"},
    "typing": {"get_type_hints", "ForwardRef"},
    "ast": {"literal_eval", "main", "sys", "re"},
}
MODULES = (
    "abc", "ast", "bisect", "cmath", "collections", "collections.abc", "copy", "dataclasses", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "textwrap", "typing",
    "__future__",
)  # fmt: skip
BUILTINS = """
    abs aiter all anext any ascii bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate filter float
    format frozenset hash hex int isinstance issubclass iter len list map max memoryview min next object oct ord pow property
    range repr reversed round set slice sorted staticmethod str sum super tuple type zip
    None True False NotImplemented Ellipsis __build_class__ __debug__
""".split()


def facade(module):
    """The public names of a module, in a module of their own: what the library needs for itself stays out of sight."""
    names = vars(module).get("__all__") or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    ]
    shown = types.ModuleType(module.__name__, module.__doc__)
    kept = [name for name in names if name not in LEFT_OUT.get(module.__name__, ())]
    for name in kept:
        setattr(shown, name, getattr(module, name))
    shown.__all__ = kept
    return shown


def importable():
    # Imported for one method that draws numbers, and seeded from the system when it is.
    sys.modules["random"] = types.ModuleType("random")
    shown = {}
    for name in MODULES:
        __import__(name)
        shown[name] = facade(sys.modules[name])
    shown["collections"].abc = shown["collections.abc"]
    del sys.modules["statistics"].NormalDist.samples
    return shown


def guarded_import(shown):
    def __import__(name, globals=None, locals=None, fromlist=(), level=0):
        if level != 0 or name not in shown:
            raise ImportError(f"the module '{name}' is not one that a function may use")
        return shown[name if fromlist else name.partition(".")[0]]

    return __import__


def namespace(shown):
    import builtins

    given = {name: getattr(builtins, name) for name in BUILTINS if hasattr(builtins, name)}
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException):
            given[name] = value
    given["__import__"] = guarded_import(shown)
    return {"__name__": "function", "__builtins__": given}


# --- What a source can leave behind -----------------------------------------------------------------------------------------

EVERY_NAME = None
# What a stateless source may use of which module: nothing that keeps what it is given, or can be made to.
STATELESS = {
    "__future__": EVERY_NAME, "bisect": EVERY_NAME, "heapq": EVERY_NAME, "itertools": EVERY_NAME, "math": EVERY_NAME,
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"},
    "copy": {"copy", "deepcopy"},
    "functools": {"cache", "cmp_to_key", "lru_cache", "partial", "reduce"},
    "json": {"dumps", "loads"},
    "re": {"I", "IGNORECASE", "compile", "escape", "findall", "finditer", "fullmatch", "match", "search", "split", "sub"},
    "statistics": {"fmean", "mean", "median", "mode", "pstdev", "pvariance", "stdev", "variance"},
    "string": {"ascii_letters", "ascii_lowercase", "ascii_uppercase", "capwords", "digits", "punctuation", "whitespace"},
    "typing": {"Any", "Dict", "FrozenSet", "List", "Optional", "Set", "Tuple", "Union"},
}  # fmt: skip
# The beginnings of attributes that lead from a value to the interpreter: of frames, code, tracebacks and what waits.
INSIDE = ("_", "ag_", "co_", "cr_", "f_", "gi_", "tb_")


def is_stateless(source):
    """
    Whether nothing that a call of this source does can be seen by the next call in the same process, if its top level runs
    anew: it writes to no attribute of anything, so what all calls share stays as it is, and looks at nothing inside the
    interpreter. Says no where it can not tell.
    """
    nodes = list(ast.walk(ast.parse(source)))
    modules = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for imported in node.names:
                modules.setdefault(imported.asname or imported.name, set()).add(imported.name)
        elif isinstance(node, ast.ImportFrom):
            if node.level or not all(offers(node.module, imported.name) for imported in node.names):
                return False
    if not all(module in STATELESS for names in modules.values() for module in names):
        return False
    members = set()
    for node in nodes:
        if isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
            return False
        if isinstance(node, ast.Attribute):
            if not isinstance(node.ctx, ast.Load) or node.attr.startswith(INSIDE):
                return False
            if isinstance(node.value, ast.Name):
                if not all(offers(module, node.attr) for module in modules.get(node.value.id, ())):
                    return False
                members.add(node.value)
        elif isinstance(node, ast.MatchClass) and any(name.startswith(INSIDE) for name in node.kwd_attrs):
            return False
    # A module itself may not go anywhere, and the table of built-in names is one that all calls share.
    return not any(
        isinstance(node, ast.Name) and (node.id.startswith("__") or (node.id in modules and node not in members))
        for node in nodes
    )


def offers(module, name):
    names = STATELESS.get(module, ())
    return not name.startswith("_") and name != "*" if names is EVERY_NAME else name in names


# --- The lock ----------------------------------------------------------------------------------------------------------------

LIBC = ctypes.PyDLL(None, use_errno=True)
SYSTEM = {"x86_64": 0, "aarch64": 1}
AUDIT_ARCHITECTURE = (0xC000003E, 0xC00000B7)
# System calls by name: their numbers on x86-64 and aarch64.
CALLS = {
    "read": (0, 63), "write": (1, 64), "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "mremap": (25, 216), "madvise": (28, 233), "getpid": (39, 172),
    "exit": (60, 93), "gettid": (186, 178), "exit_group": (231, 94), "tgkill": (234, 131), "openat": (257, 56),
}  # fmt: skip
KILL, ALLOW, REFUSE = 0x80000000, 0x7FFF0000, 0x00050000
PROT_EXEC, MAP_ANONYMOUS = 4, 0x20
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_TSC, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 26, 38
PR_TSC_SIGSEGV, SECCOMP_MODE_FILTER = 2, 2
MAP_PRIVATE, MREMAP_MAYMOVE, MREMAP_FIXED = 2, 1, 2
# Machine code by machine: an instruction that does nothing, and "return -ENOSYS".
NOTHING = (b"\x90", 0xD503201F.to_bytes(4, "little"))
NO_SUCH_CALL = (
    bytes.fromhex("48c7c0daffffff c3"),
    0x928004A0.to_bytes(4, "little") + 0xD65F03C0.to_bytes(4, "little"),
)


def seccomp_program(machine):
    """
    The filter: read from 0, write to 1, memory that can not be executed, and the end. Anything else ends the process, except
    what fails: the opening of files, which the compiler tries to quote a faulty line, writing diagnostics, and ``abort``.
    """
    load, jump_equal, jump_above, jump_set, give = 0x20, 0x15, 0x35, 0x45, 0x06
    # Each argument's lower half; the system looks at no more of a descriptor, and all flags of interest are there.
    argument = [16, 24, 32, 40]
    code = []

    def add(operation, value, on_true=0, on_false=0):
        code.append(struct.pack("<HBBI", operation, on_true, on_false, value))

    def rule(name, *body):
        add(jump_equal, CALLS[name][machine], 0, len(body))
        for each in body:
            add(*each)

    add(load, 4)
    add(jump_equal, AUDIT_ARCHITECTURE[machine], 1, 0)
    add(give, KILL)
    add(load, 0)
    add(jump_above, 0x40000000, 0, 1)  # the other numbering of x86-64
    add(give, KILL)
    rule("read", (load, argument[0]), (jump_equal, 0, 0, 1), (give, ALLOW), (give, KILL))
    rule("write",
         (load, argument[0]), (jump_equal, 1, 0, 1), (give, ALLOW),
         (jump_equal, 2, 0, 1), (give, REFUSE | errno.EBADF), (give, KILL))  # fmt: skip
    rule("mmap",
         (load, argument[2]), (jump_set, PROT_EXEC, 3, 0),
         (load, argument[3]), (jump_set, MAP_ANONYMOUS, 0, 1), (give, ALLOW), (give, KILL))  # fmt: skip
    rule("mprotect", (load, argument[2]), (jump_set, PROT_EXEC, 1, 0), (give, ALLOW), (give, KILL))
    for name in ("munmap", "brk", "mremap", "madvise", "exit", "exit_group"):
        rule(name, (give, ALLOW))
    for name in ("rt_sigaction", "rt_sigprocmask", "getpid", "gettid", "tgkill"):
        rule(name, (give, REFUSE | errno.EPERM))
    rule("openat", (give, REFUSE | errno.ENOENT))
    add(give, KILL)
    instructions = ctypes.create_string_buffer(b"".join(code))
    program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(code), ctypes.addressof(instructions)))
    return program, instructions


def required(outcome, what):
    if outcome != 0:
        raise OSError(ctypes.get_errno(), what)


def stop_clocks(machine):
    """
    Takes the clocks away that can be read without asking the system, from this process and all that it makes: the pages of the
    system's own code that read them give way to code that says "no such call", and the processor's counter faults where it can be
    made to. The pages can not simply go: CPython looks at the clock, and does not mind if there is none, whenever it takes a lock.

    :return: whether the processor's counter faults
    """
    places = []
    with open("/proc/self/maps", encoding="ascii") as maps:
        for line in maps:
            place, *_, name = line.split()
            if name.startswith(("[vdso", "[vvar")):
                start, end = (int(each, 16) for each in place.split("-"))
                places.append((name, start, end - start))
    LIBC.mmap.restype = LIBC.mremap.restype = ctypes.c_void_p
    # The code's pages first, and each in one step: CPython may look at the clock between any two lines of this.
    for name, start, length in sorted(places, key=lambda place: not place[0].startswith("[vdso")):
        size = ctypes.c_size_t(length)
        if name.startswith("[vdso"):
            made = LIBC.mmap(None, size, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, ctypes.c_long(0))
            end = NO_SUCH_CALL[machine]
            filling = NOTHING[machine] * ((length - len(end)) // len(NOTHING[machine]))
            ctypes.memmove(made, filling + end, len(filling + end))
            required(LIBC.mprotect(ctypes.c_void_p(made), size, 1 | PROT_EXEC), "mprotect")
            there = LIBC.mremap(
                ctypes.c_void_p(made), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, ctypes.c_void_p(start)
            )
            required(there - start, "mremap")
        else:
            required(LIBC.munmap(ctypes.c_void_p(start), size), "munmap")
    return LIBC.prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) == 0


def limit(kind, most):
    resource.setrlimit(kind, (most, most))


def lock(settings, heap):
    """From here on there is one pipe to the host, some memory, and nothing else. Takes no way back."""
    limit(resource.RLIMIT_AS, settings.base + heap)
    limit(resource.RLIMIT_CPU, settings.cpu_seconds)
    if settings.program is None:
        return
    limit(resource.RLIMIT_NPROC, 0)
    limit(resource.RLIMIT_NOFILE, 2)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)
    required(LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE")
    required(LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, settings.program[0], 0, 0), "PR_SET_SECCOMP")


# --- One call ----------------------------------------------------------------------------------------------------------------


def text_of(value):
    return str(value)[:LONGEST_TEXT]


def line_of(thrown):
    if isinstance(thrown, SyntaxError) and thrown.filename == FILE:
        return thrown.lineno
    line, entry = None, thrown.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == FILE:
            line = entry.tb_lineno
        entry = entry.tb_next
    return line


def describe(thrown):
    try:
        what = text_of(thrown.msg if isinstance(thrown, SyntaxError) and thrown.filename == FILE else thrown)
        line = line_of(thrown)
        return type(thrown).__name__ + (f": {what}" if what else "") + (f" (line {line})" if line else "")
    except BaseException:
        return "something that can not be described"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


class Call:
    """The conversation with the host about one source, and its calls one after the other."""

    def __init__(self, given, parse, stringify):
        self.given = given
        self.names = {}
        self.parse = parse
        self.stringify = stringify
        self.read_some = os.read
        self.write_some = os.write
        # The template's own objects are not yet out of the collector's sight while it rehearses.
        self.collect = lambda: 0

    def read(self, count):
        parts = []
        while count > 0:
            part = self.read_some(0, count)
            if not part:
                os._exit(0)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def tell(self, kind, data):
        if isinstance(data, str):
            data = data.encode("utf-8", "replace")
        data = struct.pack("<BI", kind, len(data)) + data
        while data:
            data = data[self.write_some(1, data):]  # fmt: skip

    def told(self):
        kind, entry, first, second = struct.unpack("<BBII", self.read(10))
        return kind, ENTRY_POINTS[entry], self.read(first), self.read(second)

    def serve(self):
        """Ends with the process, when the host hangs up or has it killed."""
        code = None
        while True:
            kind, entry, given, arguments = self.told()
            if kind == LOAD:
                code = self.compile(given)
                if code is not None:
                    self.load(code)
                continue
            if kind == CALL:
                code = marshal.loads(given)
            if self.load(code, silently=True):
                self.call(entry, arguments)

    def compile(self, source):
        try:
            code = compile(source.decode(), FILE, "exec", dont_inherit=True)
        except (RecursionError, MemoryError):
            self.tell(INVALID_SOURCE, "nested too deeply, or too large")
        except BaseException as thrown:
            self.tell(INVALID_SOURCE, describe(thrown))
        else:
            try:
                kind = COMPILED_STATELESS if is_stateless(source) else COMPILED
            except (RecursionError, MemoryError):
                kind = COMPILED
            self.tell(kind, marshal.dumps(code))
            return code
        return None

    def load(self, code, silently=False):
        self.names = dict(self.given)
        try:
            exec(code, self.names)
        except MemoryError:
            self.tell(OUT_OF_MEMORY, "")
        except BaseException as thrown:
            self.tell(INVALID_SOURCE, describe(thrown))
        else:
            if not silently:
                self.tell(LOADED, " ".join(name for name in ENTRY_POINTS if callable(self.names.get(name))))
            return True
        return False

    def call(self, entry, arguments):
        try:
            given = self.parse(arguments)
        except RecursionError:
            self.tell(THREW, "recursed too deeply")
            return
        except MemoryError:
            self.tell(OUT_OF_MEMORY, "")
            return
        except ValueError:
            given = None
        if type(given) is not list:
            self.tell(INVALID_ARGUMENTS, "")
            return
        kind, data = self.outcome(entry, given)
        if kind == RETURNED:
            # Its objects end before it is told, not with the next call: what their end does is within this call's limits.
            given = None
            self.names.clear()
            self.collect()
        self.tell(kind, data)

    def outcome(self, entry, given):
        try:
            value = self.names[entry](*given)
        except MemoryError:
            return OUT_OF_MEMORY, ""
        except RecursionError:
            return THREW, "recursed too deeply"
        except BaseException as thrown:
            return THREW, describe(thrown)
        if value is None:
            return INVALID_OUTPUT, "returned None"
        try:
            return RETURNED, self.stringify(value)
        except MemoryError:
            return OUT_OF_MEMORY, ""
        except BaseException as thrown:
            return INVALID_OUTPUT, describe(thrown)


def stringifier(encoder):
    whole, escaped = encoder(ensure_ascii=False).encode, encoder(ensure_ascii=True).encode

    def stringify(value):
        try:
            return whole(value).encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which UTF-8 does not have
            return escaped(value).encode()

    return stringify


# --- The template ------------------------------------------------------------------------------------------------------------

# Uses what a function may use once, so that whatever is imported late, specialised or cached is there before any process is made.
REHEARSAL = """
import collections, dataclasses, decimal, enum, fractions, functools, heapq, itertools, json, math, re, statistics, typing
from collections import Counter, defaultdict, deque, namedtuple

Pair = namedtuple("Pair", "x y")

@dataclasses.dataclass(frozen=True, order=True)
class Cell:
    x: int
    y: int = 0

class Move(enum.Enum):
    NORTH = "north"

class Bits(enum.IntFlag):
    ONE = 1

class Named(typing.NamedTuple):
    a: int

@functools.lru_cache(maxsize=None)
def half(x):
    return x / 2

def run(state, earlier=None):
    seen = {(cell["x"], cell["y"]): index for index, cell in enumerate(state["cells"])}
    queue, order = deque(seen), []
    while queue:
        x, y = queue.popleft()
        if re.match(r"^\\d+$", f"{x}{y}"):
            heapq.heappush(order, (math.hypot(x, y), Cell(x, y), Pair(x, y)))
    total = statistics.mean([half(x) for x, _ in seen]) + float(fractions.Fraction(1, 3)) + float(decimal.Decimal("0.1"))
    best = sorted(order, key=lambda entry: entry[0])[0][1]
    copied = json.loads(json.dumps(dataclasses.asdict(best)))
    try:
        raise ValueError("rehearsed")
    except ValueError as error:
        word = str(error)
    return {"best": copied, "move": Move.NORTH.value, "total": round(total, 3), "word": word.upper(),
            "counts": dict(Counter("aab")), "groups": [len(list(g)) for _, g in itertools.groupby([1, 1, 2])],
            "flag": int(Bits.ONE), "named": Named(1).a}

def view(state, earlier=None):
    return "x is " + str(state["cells"][0]["x"]) + ", {0!r} {1:>4.1f}%".format("quoted", 0.5)
"""
REHEARSED = b'[{"cells":[{"x":1,"y":2},{"x":3,"y":4.5}],"text":"\\u00e4"},{"a":[true,null,1e3]}]'


class Settings:
    """What a forked process needs to know; made once."""

    def __init__(self, cpu_seconds, niceness, unlocked):
        machine = SYSTEM[platform.machine()]
        self.cpu_seconds = cpu_seconds
        self.niceness = niceness
        self.program = None if unlocked else seccomp_program(machine)
        self.faulting_counter = not unlocked and stop_clocks(machine)
        self.base = 0


def rehearse(call):
    """A call whose answers go nowhere."""
    call.write_some = lambda descriptor, data: len(data)
    call.load(REHEARSAL_CODE, silently=True)
    for entry in ENTRY_POINTS:
        call.call(entry, REHEARSED)
    call.names.clear()
    call.write_some = os.write


REHEARSAL_CODE = compile(REHEARSAL, FILE, "exec", dont_inherit=True)


def give_way(niceness):
    """
    Where Linux shares processors out between sessions first (sched_autogroup), niceness counts among the processes of one session only:
    so the guests get one of their own, which gives way as a whole. Elsewhere there is nothing to do, and no harm if it is not allowed.
    """
    try:
        os.setsid()
        for _ in range(5):
            try:
                with open("/proc/self/autogroup", "w", encoding="ascii") as group:
                    group.write(str(niceness))
                return
            except BlockingIOError:
                # The system takes one such change in a tenth of a second.
                select.select([], [], [], 0.1)
    except OSError:
        pass


class Template:
    def __init__(self, address, settings, call):
        self.address = address
        self.settings = settings
        self.call = call
        self.parent = os.getpid()
        self.children = {}  # by process id: the host's number
        self.numbers = {}  # and the other way round
        self.rest = b""

    def child(self, number, heap):
        """Never returns."""
        try:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.parent:
                os._exit(0)
            os.nice(self.settings.niceness)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            host = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            host.connect(self.address)
            os.dup2(host.fileno(), 0)
            os.dup2(host.fileno(), 1)
            host.detach()
            os.closerange(2, 256)
            lock(self.settings, heap)
            # The first that the host hears of this process, so it never gives a function to one that is not locked.
            os.write(1, struct.pack("<I", number))
            self.call.serve()
        finally:
            os._exit(1)

    def make(self, number, heap):
        process = LIBC.fork()
        if process == 0:
            self.child(number, heap)
        if process < 0:
            self.report(f"failed {number} {os.strerror(ctypes.get_errno())}")
        else:
            self.children[process] = number
            self.numbers[number] = process

    def end(self, number):
        """
        Whatever it is doing; nothing more is told about it. Waits until it is gone: what replaces it is made after that, not beside.
        """
        process = self.numbers.pop(number, None)
        if process is not None:
            del self.children[process]
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)

    def reap(self):
        while self.children:
            process, status, used = os.wait4(-1, os.WNOHANG)
            if process == 0:
                return
            number = self.children.pop(process)
            del self.numbers[number]
            self.report(f"ended {number} {os.waitstatus_to_exitcode(status)} {used.ru_maxrss * 1024}")

    def report(self, line):
        os.write(1, line.encode() + b"\n")

    def obey(self, order):
        word, *numbers = order.split()
        if word == b"make":
            self.make(*map(int, numbers))
        else:
            self.end(*map(int, numbers))

    def run(self):
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *ignored: None)
        signal.set_wakeup_fd(wake)
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(woken, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poll.poll()]
            if woken in ready:
                os.read(woken, 4096)
            if 0 in ready:
                data = os.read(0, 65536)
                if not data:
                    return
                *orders, self.rest = (self.rest + data).split(b"\n")
                for order in orders:
                    self.obey(order)
            self.reap()


def main():
    if sys.version_info < (3, 10) or not sys.platform.startswith("linux") or platform.machine() not in SYSTEM:
        found = f"{platform.python_version()} on {sys.platform} {platform.machine()}"
        os.write(1, f"unsuitable this is Python {found}, and 3.10 or newer on Linux x86-64 or aarch64 is needed\n".encode())
        return
    address, cpu_seconds, niceness, *options = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    required(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
    import warnings

    # Those that need no file later.
    for name in ("ascii", "idna", "latin_1", "punycode", "utf_8", "utf_16", "utf_32", "cp1252"):
        __import__("encodings." + name)
    warnings.simplefilter("ignore")
    shown = importable()
    json = sys.modules["json"]

    def encoder(**kept):
        return json.JSONEncoder(allow_nan=False, separators=(",", ":"), **kept)

    names = namespace(shown)
    parse = json.JSONDecoder(parse_constant=refuse_constant).decode
    call = Call(names, lambda text: parse(text.decode()), stringifier(encoder))
    settings = Settings(int(cpu_seconds), int(niceness), "unlocked" in options)
    if settings.niceness:
        give_way(settings.niceness)
    for _ in range(20):
        rehearse(call)
    # Nothing is read from files from here on.
    sys.meta_path.clear()
    sys.path_hooks.clear()
    sys.path.clear()
    sys.argv[:] = []
    sys.stdin = sys.stdout = sys.stderr = sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = None
    gc.collect()
    gc.freeze()
    call.collect = gc.collect
    with open("/proc/self/statm", encoding="ascii") as statm:
        settings.base = int(statm.read().split()[0]) * resource.getpagesize()
    template = Template(address, settings, call)
    template.report(f"ready {platform.python_version()} {int(settings.faulting_counter)}")
    template.run()


main()
