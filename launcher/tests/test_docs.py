"""What the documentation names exists: files, headings, commands, calls of the API with bodies that it takes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ld_launcher.__main__ import parser
from ld_launcher.home import REPOSITORY
from pages import blocks

DOCS = sorted((REPOSITORY / "docs").rglob("*.md"))
ROOT = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
MODULES = sorted(path for path in REPOSITORY.glob("*/README.md") if path.parent.name != "docs")
PAGES = [*DOCS, *ROOT, *MODULES, REPOSITORY / "distillation-service" / "worker" / "README.md"]
OPENAPI = json.loads((REPOSITORY / "gateway/src/main/resources/static/v1/openapi.json").read_text())
METHODS = ("get", "post", "put", "delete", "patch")


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def links(text: str) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in links(text):
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        assert place.is_relative_to(REPOSITORY), target
        if anchor:
            assert anchor in anchors((place / "README.md" if place.is_dir() else place).read_text()), target


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [REPOSITORY / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = {(page.parent / target.partition("#")[0]).resolve() for target in links(page.read_text())}
        waiting += [path for path in found - reached if path.suffix == ".md" and path in DOCS]
    assert set(DOCS) == reached


def commands(text: str) -> list[str]:
    """Of ./platform, in text and in blocks."""
    inline = re.findall(r"`(?:\w+=\S+ )*\./platform([^`]*)`", text)
    blocks = re.findall(r"^(?:\w+=\S+ )*\./platform(.*)$", text, re.MULTILINE)
    return [found.split("#")[0].strip() for found in [*inline, *blocks]]


@pytest.mark.parametrize("page", [*DOCS, *ROOT, REPOSITORY / "launcher" / "README.md"], ids=name)
def test_commands_of_the_one_entry_exist(page: Path) -> None:
    known = set(re.findall(r"^    (\w+) {2,}", parser().format_help(), re.MULTILINE)) | {"experiment"}
    for command in commands(page.read_text()):
        # Words that stand for something, and alternatives, are the reader's to fill in.
        if not command or command == "…" or re.search(r"[|\[…]|\b[A-Z]{2,}\b", command):
            continue
        words = shlex.split(command)
        if len(words) == 1:
            assert words[0] in known | {"--help"}, command
        elif words[0] != "experiment":
            parser().parse_args(words)


def test_a_command_that_does_not_exist_would_be_caught(capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = commands("Run `./platform start`.")
    with pytest.raises(SystemExit):
        parser().parse_args(shlex.split(command))
    assert "invalid choice" in capsys.readouterr().err


def curls(text: str) -> list[tuple[str, str, str | None]]:
    """Method, path and body of each call of the gateway in blocks of shell."""
    found = []
    addresses: dict[str, str] = {}
    for block in blocks(text, "sh"):
        # Words of a page for the start of an address, as the shell would put it in.
        addresses |= dict(re.findall(r"(?:^|; )([A-Z]+)=([^\s;]*/v1/[^\s;]*)", block, re.MULTILINE))
        for name, address in addresses.items():
            block = re.sub(rf"\${name}\b", address, block)
        for call in re.findall(r"curl (.*?)(?=\n(?:curl|[A-Z]+=|python3|cat|END|$)|\Z)", block, re.DOTALL):
            words = _words(call)
            path = next((word for word in words if "/v1/" in word), None)
            if path is None:
                continue
            data = next(
                (words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-d", "--data-binary", "-T")), None
            )
            flag = next((i for i, word in enumerate(words) if re.fullmatch(r"-s?X", word) or word == "-sX"), None)
            method = words[flag + 1] if flag is not None else "POST" if data is not None else "GET"
            found.append((method.lower(), path[path.index("/v1/") :].partition("?")[0], data))
    return found


def _words(call: str) -> list[str]:
    lexer = shlex.shlex(call.replace("\\\n", " "), posix=True, punctuation_chars="|>)")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if word in ("|", ">", ")"):
            break
        words.append(word)
    return words


def operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in OPENAPI["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method in operations:
            return operations[method]
    return None


def problems(method: str, path: str, body: str | None) -> list[str]:
    found = operation(method, path)
    if found is None:
        return [f"{method} {path} is no operation of the API"]
    if body is None or body.startswith(("$", "@")) or Path(body).suffix == ".ndjson":
        return []
    content = found["requestBody"]["content"]
    schema = {**content["application/json"]["schema"], "components": OPENAPI["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(json.loads(body))]


CALLS = [(name(page), *call) for page in PAGES for call in curls(page.read_text())]


@pytest.mark.parametrize(("page", "method", "path", "body"), CALLS, ids=[f"{c[0]} {c[1]} {c[2]}" for c in CALLS])
def test_calls_are_those_of_the_api(page: str, method: str, path: str, body: str | None) -> None:
    assert problems(method, path, body) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_call_of_a_page_is_overlooked(page: Path) -> None:
    text = page.read_text()
    assert len(curls(text)) == len(re.findall(r"\bcurl ", "".join(blocks(text, "sh"))))


def test_reads_calls_out_of_a_page() -> None:
    text = """```sh
ID=$(curl -s $GATEWAY/v1/tasks/a/decisions -H "$KEY" -d "$STATE" | python3 -c 'x')
curl -sX POST "$GATEWAY/v1/tasks/a/snapshots?x=1" -H "$KEY" \\
  -d '{"a":
  1}' > file
S=localhost:8080/v1/students; J='Content-Type: application/json'
curl -s $S/b/timings
```"""
    assert curls(text) == [
        ("post", "/v1/tasks/a/decisions", "$STATE"),
        ("post", "/v1/tasks/a/snapshots", '{"a":\n  1}'),
        ("get", "/v1/students/b/timings", None),
    ]


def test_a_wrong_call_would_be_caught() -> None:
    assert problems("post", "/v1/taskes", None)
    assert problems("post", "/v1/datasets", '{"name": "Upper Case", "task": "a"}')
    assert not problems("post", "/v1/datasets", '{"name": "a", "task": "a"}')


def test_the_tutorial_shows_every_kind_of_call() -> None:
    shown = {
        (method, re.sub(r"/(triage(-1|-ld)?|\$ID)(?=/|$)", "/…", path))
        for p, method, path, _ in CALLS
        if "tutorial" in p
    }
    for call in (
        ("post", "/v1/tasks"), ("post", "/v1/tasks/…/functions"), ("post", "/v1/tasks/…/snapshots"),
        ("post", "/v1/tasks/…/decisions"), ("post", "/v1/decisions/…/feedback"), ("get", "/v1/tasks/…/corrections"),
        ("post", "/v1/datasets"), ("post", "/v1/datasets/…/trajectories"), ("post", "/v1/datasets/…/versions"),
        ("post", "/v1/distillation-jobs"), ("post", "/v1/students/…/promotions"), ("delete", "/v1/tasks/…"),
    ):  # fmt: skip
        assert call in shown


def shown_by(text: str) -> list[tuple[str, str]]:
    """Class and method, or file and function, of the tests that a table names."""
    return re.findall(r"`(\w+Test|test_\w+\.py)(?:\.|::)(\w+)`", text)


def has_test(where: str, wanted: str) -> bool:
    if where.endswith(".py"):
        files = (REPOSITORY / "launcher" / "tests").glob(where)
        return any(re.search(rf"^def {wanted}\(", file.read_text(), re.MULTILINE) for file in files)
    files = REPOSITORY.glob(f"*/src/test/java/**/{where}.java")
    return any(_is_test(file.read_text(), wanted) for file in files)


def _is_test(source: str, wanted: str) -> bool:
    """Whether a method of this name has a test's annotation: behind the method before it, whose brace ends a line."""
    before, found, _ = source.partition(f" void {wanted}(")
    return bool(found) and re.search(r"@(Parameterized)?Test\b", before.rpartition("\n    }\n")[2]) is not None


ATTACKS = (REPOSITORY / "docs" / "attacks.md").read_text()


@pytest.mark.parametrize(("where", "wanted"), sorted(set(shown_by(ATTACKS))))
def test_what_stands_against_an_attack_is_shown_by_a_test(where: str, wanted: str) -> None:
    assert has_test(where, wanted)


def test_every_attack_names_a_test() -> None:
    lines = [line for line in ATTACKS.splitlines() if line.startswith("| ")]
    rows = [line for line in lines if not line.startswith(("| Risk", "| Attack"))]
    assert len(rows) >= 20
    assert [row for row in rows if not shown_by(row)] == []
    assert [f"API{number}" for number in range(1, 11)] == re.findall(r"^\| (API\d+) ", ATTACKS, re.MULTILINE)


def test_a_test_that_does_not_exist_would_be_caught() -> None:
    assert has_test("DoorTest", "refusesPathTricks")
    assert not has_test("DoorTest", "refusesEverything")
    assert not has_test("NoSuchTest", "refusesPathTricks")
    # A helper is no test.
    assert not has_test("DoorTest", "awaitStatus")


def test_states_of_the_tutorial_fit_its_task() -> None:
    bodies = {
        path: json.loads(body) for p, _, path, body in reversed(CALLS) if "tutorial" in p and body and body[0] in "[{"
    }
    task = bodies["/v1/tasks"]
    states = jsonschema.Draft202012Validator(task["stateSchema"])
    outputs = jsonschema.Draft202012Validator(task["outputSchema"])
    tests = [test for function in bodies["/v1/tasks/triage/functions"] for test in function["tests"]]
    decided = [
        json.loads(body)["state"] for p, _, path, body in CALLS if "tutorial" in p and path.endswith("/decisions")
    ]
    assert len(decided) == 2
    for state in [*task["stateSchema"]["examples"], *(test["state"] for test in tests), *decided]:
        states.validate(state)
    for test in tests:
        outputs.validate(test["output"])
    ordered = bodies["/v1/distillation-jobs"]["task"]
    assert ordered["rules"] == task["rules"]
    assert ordered["stages"] == [{key: task["stages"][0][key] for key in ("name", "instruction", "k")}]


CODE = {
    "clients/java/README.md": "clients/java/src/test/java/io/logicdistillation/client/Example.java",
    "clients/typescript/README.md": "clients/typescript/src/example.ts",
    "function-runtime/README.md": "function-runtime/src/test/java/io/logicdistillation/runtime/ReadmeTest.java",
    "language-model/README.md": "language-model/src/test/java/io/logicdistillation/languagemodel/ReadmeTest.java",
}
"""What is shown as code, and what runs it in a test. A function for the platform is run by test_a_walk.py."""


def code(text: str) -> list[str]:
    """Lines of Java and TypeScript, up to where a comment or an ellipsis leaves something to the reader."""
    shown = "".join(blocks(text, "java", "ts")).splitlines()
    lines = [re.split(r"…|\s//\s", line)[0] for line in shown]
    # By which name a package is imported depends on who does.
    return ["".join(line.split()) for line in lines if line.strip() and not line.startswith("import ")]


@pytest.mark.parametrize(("page", "source"), CODE.items(), ids=CODE)
def test_code_is_what_a_test_runs(page: str, source: str) -> None:
    run = "".join((REPOSITORY / source).read_text().split())
    lines = code((REPOSITORY / page).read_text())
    assert len(lines) > 3
    assert [line for line in lines if line not in run] == []


def test_no_page_shows_code_that_no_test_runs() -> None:
    clients = [REPOSITORY / page for page in CODE if page.startswith("clients/")]
    assert {name(page) for page in [*PAGES, *clients] if code(page.read_text())} == set(CODE)


def test_json_is_json_and_a_sweep_is_one() -> None:
    shown = [json.loads(block) for page in PAGES for block in blocks(page.read_text(), "json")]
    (sweep,) = (each["sweep"] for each in shown if "sweep" in each)
    order = OPENAPI["components"]["schemas"]["JobSpec"]["properties"]["sweep"]
    jsonschema.Draft202012Validator({**order, "components": OPENAPI["components"]}).validate(sweep)
