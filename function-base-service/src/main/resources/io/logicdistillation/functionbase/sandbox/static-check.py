"""What a function's source in Python may be made of. Runs in a sandbox of its own; ``run(source)`` gives what it found.

It is the first of two walls, and the one that explains: what can not be seen in a text (a format that is put together, for example)
only the sandbox can stop.
"""

import ast
import re

MOST = 20
# Less than the sandbox lets a source import: a function has no business with its own kind.
MODULES = {
    "abc", "bisect", "cmath", "collections", "collections.abc", "copy", "dataclasses", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "textwrap", "typing",
    "__future__",
}  # fmt: skip
# The more telling rule where there is one; all others are simply not to be imported.
RULES_OF_MODULES = {
    "time": "clock", "datetime": "clock", "calendar": "clock", "zoneinfo": "clock",
    "random": "randomness", "secrets": "randomness", "uuid": "randomness",
    "os": "io", "io": "io", "pathlib": "io", "socket": "io", "subprocess": "io", "shutil": "io", "tempfile": "io", "urllib": "io",
    "http": "io", "requests": "io", "logging": "io",
    "threading": "threads", "_thread": "threads", "multiprocessing": "threads", "concurrent": "threads", "signal": "threads",
    "asyncio": "asynchronous",
    "sys": "reflection", "builtins": "reflection", "inspect": "reflection", "importlib": "reflection", "gc": "reflection",
    "ctypes": "reflection", "types": "reflection", "ast": "reflection", "pickle": "reflection", "marshal": "reflection",
}  # fmt: skip
# Refused wherever they stand, so that no local name can hide one.
NAMES = {
    "open": "io", "print": "io", "input": "io", "help": "io", "exit": "io", "quit": "io", "breakpoint": "io",
    "eval": "reflection", "exec": "reflection", "compile": "reflection", "globals": "reflection", "locals": "reflection",
    "vars": "reflection", "dir": "reflection", "getattr": "reflection", "setattr": "reflection", "delattr": "reflection",
    "hasattr": "reflection", "id": "reflection", "aiter": "asynchronous", "anext": "asynchronous",
}  # fmt: skip
# Members that lead from a value to the interpreter, or that find other members by a text.
MEMBERS = re.compile(r"(gi|cr|ag|tb|f|co|func)_(frame|code|back|globals|locals|builtins|next|await|yieldfrom|consts|names)|mro")
BY_TEXT = {"attrgetter", "methodcaller", "get_type_hints", "ForwardRef"}
# Members with two underlines on each side that are an ordinary part of classes.
ORDINARY = {
    "__init__", "__post_init__", "__name__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__repr__",
    "__str__", "__len__", "__iter__", "__next__", "__contains__", "__getitem__", "__setitem__", "__call__", "__add__", "__sub__",
    "__mul__", "__neg__", "__bool__", "__enter__", "__exit__",
}  # fmt: skip
UNFORESEEN = {"__del__", "__getattribute__", "__getattr__", "__setattr__", "__init_subclass__", "__set_name__", "__build_class__"}
FORMATTED = re.compile(r"\{[^{}]*[.\[]_")
AT_TOP = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OWN_NAMES = frozenset(__builtins__)


def is_dunder(name):
    return name.startswith("__") and name.endswith("__")


class Check:
    def __init__(self, tree):
        self.tree = tree
        self.findings = []
        self.declared = set()

    def find(self, rule, node, message):
        self.findings.append({"rule": rule, "message": message, "line": node.lineno, "column": node.col_offset + 1})

    def declare(self, node):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.declared.add(node.name)
            case ast.arg():
                self.declared.add(node.arg)
            case ast.alias():
                self.declared.add(node.asname or node.name.partition(".")[0])
            case ast.Name(ctx=ast.Store() | ast.Del()):
                self.declared.add(node.id)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self.declared.add(name)
            case ast.MatchMapping(rest=str(name)):
                self.declared.add(name)
            # Only newer versions have these.
            case _ if type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
                self.declared.add(node.name)

    def of_all(self):
        for node in ast.walk(self.tree):
            self.declare(node)
        for statement in self.tree.body:
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not isinstance(statement, AT_TOP) and not is_text and type(statement).__name__ != "TypeAlias":
                self.find("top-level", statement, "only imports, functions, classes and variables may stand at the top level")
        called = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                called[node.func] = node
        for node in ast.walk(self.tree):
            self.of(node, called.get(node))

    def of(self, node, call):
        match node:
            case ast.Import():
                for alias in node.names:
                    self.module(node, alias.name)
            case ast.ImportFrom():
                self.names_of_module(node)
            case ast.Name():
                self.name(node, call)
            case ast.Attribute():
                self.member(node, node.attr)
            case ast.MatchClass():
                for name in node.kwd_attrs:
                    self.member(node, name)
            case ast.Constant(value=str(text)) if FORMATTED.search(text):
                self.find("reflection", node, "a format must not ask for members that start with an underline")
            case ast.ClassDef():
                if node.keywords:
                    self.find("reflection", node, "a class must not have a metaclass or other keywords")
            case ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                self.find("asynchronous", node, "nothing can be awaited")
            case ast.comprehension(is_async=1):
                self.find("asynchronous", node.target, "nothing can be awaited")
        if isinstance(node, ast.AsyncFunctionDef):
            self.find("asynchronous", node, "a function must not be async: its answer would be a coroutine")
        if isinstance(node, FUNCTIONS) and node.name in UNFORESEEN:
            self.find("reflection", node, f"the method '{node.name}' must not be written")

    def module(self, node, name):
        if name not in MODULES:
            rule = RULES_OF_MODULES.get(name.partition(".")[0], "import")
            self.find(rule, node, f"the module '{name}' must not be imported")

    def names_of_module(self, node):
        if node.level:
            self.find("import", node, "there is nothing to import from here")
            return
        self.module(node, node.module)
        for alias in node.names:
            if alias.name == "*":
                self.find("import", node, "what is imported must be named")
            else:
                self.member(node, alias.name)
                if f"{node.module}.{alias.name}" in ("json.load", "json.dump"):
                    self.find("io", node, f"'{alias.name}' must not be imported")

    def name(self, node, call):
        name = node.id
        if name in NAMES:
            self.find(NAMES[name], node, f"'{name}' must not be used")
        elif is_dunder(name) and name != "__debug__":
            self.find("reflection", node, f"'{name}' must not be used")
        elif name == "type" and not (call and len(call.args) == 1 and not call.keywords):
            self.find("reflection", node, "'type' may only be asked for the type of a value")
        elif name not in self.declared and name not in OWN_NAMES:
            self.find("unknown-name", node, f"'{name}' is not declared here and is none of the language's own names")

    def member(self, node, name):
        if (is_dunder(name) and name not in ORDINARY) or name in BY_TEXT or MEMBERS.fullmatch(name):
            self.find("reflection", node, f"the member '{name}' must not be used")


def defined(tree):
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield statement.name
            case ast.Assign():
                yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def run(source):
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        where = {"line": error.lineno or 1, "column": error.offset or 1}
        return {"findings": [{"rule": "syntax", "message": error.msg, **where}], "names": []}
    except ValueError as error:
        return {"findings": [{"rule": "syntax", "message": str(error), "line": 1, "column": 1}], "names": []}
    check = Check(tree)
    check.of_all()
    found = sorted(check.findings, key=lambda finding: (finding["line"], finding["column"]))
    return {"findings": found[:MOST], "names": list(defined(tree))}
