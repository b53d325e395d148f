"""The reference of all settings, read from the services' sources.

python3 -m ld_launcher.settings    writes docs/operations/configuration.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import build
from .home import REPOSITORY

PAGE = Path("docs") / "operations" / "configuration.md"
ANNOTATION = re.compile(r"^[ ]*@ConfigurationProperties\(\s*(?:prefix\s*=\s*)?\"([\w.-]+)\"\s*\)", re.MULTILINE)
PLACEHOLDER = re.compile(r"\$\{([^:}]+)(?::([^}]*))?\}")
MAP = re.compile(r"Map<\s*String\s*,\s*(\w+)\s*>")


@dataclass(frozen=True)
class Setting:
    """One property. `default` is None where it must be given or may be absent, which its meaning says."""

    module: str
    name: str
    type: str
    default: str | None
    meaning: str

    @property
    def environment(self) -> str:
        """How Spring spells it as a variable."""
        return self.name.replace("-", "").replace(".", "_").upper()


@dataclass(frozen=True)
class Variable:
    """One environment variable that a service's application.yaml names."""

    service: str
    name: str
    default: str
    property: str


def settings(repository: Path = REPOSITORY) -> list[Setting]:
    """Every component of every record of properties. :raises ValueError: for one that can not be read"""
    found: list[Setting] = []
    placeholders: list[Setting] = []
    for path in sorted(repository.glob("*/src/main/java/**/*.java")):
        text = path.read_text(encoding="utf-8")
        for match in ANNOTATION.finditer(text):
            module = path.relative_to(repository).parts[0]
            record = re.compile(r"\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:public |static |final )*record \w+").match(
                text, match.end()
            )
            if record is None:
                raise ValueError(f"{path}: properties must be a record, whose values can not change")
            found += _of_record(module, match[1], text, match.start(), record.end())
        placeholders += _of_placeholders(path.relative_to(repository).parts[0], text)
    found += placeholders
    # Where a record and an annotation read the same property, the record says more.
    unique = {(setting.module, setting.name): setting for setting in reversed(found)}
    return [unique[key] for key in sorted(unique)]


def _of_record(module: str, prefix: str, text: str, documented: int, opened: int) -> Iterator[Setting]:
    meanings = _meanings(text, documented)
    for component in _split(_within(text, opened)):
        described = re.fullmatch(r"(?s)(.*?)(\S+(?:<.*>)?(?:\[\])?)\s+(\w+)", component.strip())
        if described is None:
            raise ValueError(f"{prefix}: '{component}' can not be read")
        annotations, kind, name = described.groups()
        full = f"{prefix}.{_kebab(name)}"
        default = re.search(r"@DefaultValue(?:\(\s*(?:\"([^\"]*)\"|\{([^}]*)\})\s*\))?", annotations)
        many = MAP.fullmatch(kind)
        nested = re.search(
            rf"^([ ]+)(?:public |private |static )*record {re.escape(many[1] if many else kind)}\(", text, re.MULTILINE
        )
        if nested:
            place = f"{full}.NAME" if many else full
            yield from _of_record(module, place, text, nested.start(), nested.end() - 1)
        else:
            value = None if default is None else (default[1] or default[2] or "").replace('"', "")
            yield Setting(module, full, kind, value, meanings.get(name, ""))


def _of_placeholders(module: str, text: str) -> Iterator[Setting]:
    """What `@Value` and `@Scheduled` read."""
    for kind, name, default in re.findall(r"@(Value|Scheduled)\((?:\w+ = )?\"\$\{([\w.-]+):([^}]*)\}\"", text):
        scheduled = "pause between two rounds" if kind == "Scheduled" else ""
        yield Setting(module, name, "Duration" if kind == "Scheduled" else "String", default or None, scheduled)


def _meanings(text: str, at: int) -> dict[str, str]:
    """The `@param`s of the comment right before a place."""
    comment = re.search(r"/\*\*((?:(?!\*/).)*)\*/\s*\Z", text[:at], re.DOTALL)
    if comment is None:
        return {}
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment[1].strip().splitlines()]
    plain = re.sub(r"\{@(?:code|link) ((?:[^{}]|\{[^{}]*\})*)\}", r"`\1`", " ".join(lines))
    return {name: " ".join(said.split()) for name, said in re.findall(r"@param (\w+) (.*?)(?=@param |\Z)", plain)}


def _within(text: str, opened: int) -> str:
    depth = 0
    for place in range(opened, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return text[opened + 1 : place]
    raise ValueError("a record does not end")


def _split(text: str) -> list[str]:
    """By commas that stand in no brackets."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += {"(": 1, "<": 1, "{": 1, ")": -1, ">": -1, "}": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [part for part in [*parts, current] if part.strip()]


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def variables(repository: Path = REPOSITORY) -> list[Variable]:
    found = []
    for service in build.JARS:
        path = repository / service / "src" / "main" / "resources" / "application.yaml"
        for name, value in _flat(path.read_text(encoding="utf-8")):
            for variable, default in PLACEHOLDER.findall(value):
                found.append(Variable(service, variable, default, name))
    return found


def _flat(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of a YAML document of nested maps, without a library: the launcher's environment has none."""
    path: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = re.match(r"( *)([\w.-]+):(?:\s+(.*))?$", line)
        if match is None:
            continue
        depth = len(match[1])
        path = [step for step in path if step[0] < depth] + [(depth, match[2])]
        if match[3] and not match[3].startswith("#"):
            yield ".".join(step for _, step in path), match[3]


def page(repository: Path = REPOSITORY) -> str:
    lines = [
        "# Configuration",
        "",
        "Made by `cd launcher && python3 -m ld_launcher.settings` from the sources; a test holds it to them.",
        "",
        "Every setting can be given as an environment variable, as a property (`--name=value`), or as a file of its",
        "name in a folder that `SPRING_CONFIG_IMPORT=configtree:/run/secrets/` names: the way for secrets. Durations",
        "are written `500ms`, `30s`, `15m`, sizes `1MB`.",
        "",
        "## Short names",
        "",
        "The variables that deployments set.",
        "",
        "| Variable | Services | Default | Property |",
        "|---|---|---|---|",
    ]
    by_name: dict[str, list[Variable]] = {}
    for variable in variables(repository):
        by_name.setdefault(variable.name, []).append(variable)
    for name, found in sorted(by_name.items()):
        services = ", ".join(_short(variable.service) for variable in found)
        defaults = " / ".join(dict.fromkeys(_code(variable.default) for variable in found))
        properties = " / ".join(dict.fromkeys(f"`{variable.property}`" for variable in found))
        lines.append(f"| `{name}` | {services} | {defaults} | {properties} |")
    for module in sorted({setting.module for setting in settings(repository)}):
        lines += ["", f"## {module}" + (" (every service)" if module == "service-kit" else ""), ""]
        lines += ["| Property | Variable | Default | |", "|---|---|---|---|"]
        for setting in (s for s in settings(repository) if s.module == module):
            meaning = setting.meaning.replace("|", "\\|")
            lines.append(f"| `{setting.name}` | `{setting.environment}` | {_code(setting.default)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _short(service: str) -> str:
    return service.removesuffix("-service")


def _code(value: str | None) -> str:
    return f"`{value}`" if value else "none"


def main() -> int:
    target = REPOSITORY / PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
