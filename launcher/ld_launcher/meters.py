"""What the services measure, read from their sources: the names that alerts and dashboards may use.

python3 -m ld_launcher.meters    writes docs/operations/metrics.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .home import REPOSITORY

PAGE = Path("docs") / "operations" / "metrics.md"

# `meters.counter("name", "tag", …)` and `Timer.builder("name")`: every way in which our code makes a meter.
MAKERS = r"\b(?:meters|registry|meterRegistry)\s*\.\s*"
BUILDERS = r"\b(?:Timer|Counter|Gauge|DistributionSummary|FunctionCounter|TimeGauge)\s*\.\s*builder\("
CALL = re.compile(MAKERS + r"(counter|timer|summary|gauge)\(\s*\"([\w.]+)\"((?:[^()]|\([^()]*\))*)\)")
BUILDER = re.compile(r"(" + BUILDERS + r")\s*\"([\w.]+)\"")
# How many places there are: one that neither expression reads must not go unseen.
PLACES = re.compile(MAKERS + r"(?:counter|timer|summary|gauge)\(|" + BUILDERS)
TYPES = {
    "counter": "counter", "Counter": "counter", "FunctionCounter": "counter", "timer": "timer", "Timer": "timer",
    "summary": "summary", "DistributionSummary": "summary", "gauge": "gauge", "Gauge": "gauge", "TimeGauge": "gauge",
}  # fmt: skip
# What a meter is called in Prometheus, by its type.
ENDINGS = {
    "counter": ("_total",),
    "timer": ("_seconds_count", "_seconds_sum", "_seconds_max"),
    "summary": ("_count", "_sum", "_max"),
    "gauge": ("",),
}

# Made by Spring Boot and Micrometer themselves, in every service; those of the pool where there is a database, those of
# certificates where there is a bundle of them.
FRAMEWORK = {
    "http_server_requests_seconds": ("count", "sum", "max"),
    "hikaricp_connections": ("", "active", "idle", "pending", "max", "min", "timeout_total"),
    "hikaricp_connections_acquire_seconds": ("count", "sum", "max"),
    "jvm_memory": ("used_bytes", "max_bytes", "committed_bytes"),
    "jvm_gc_pause_seconds": ("count", "sum", "max"),
    "jvm_threads": ("live_threads",),
    "process": ("cpu_usage", "uptime_seconds", "start_time_seconds", "files_open_files"),
    "system": ("cpu_usage", "cpu_count", "load_average_1m"),
    "logback_events": ("total",),
    "disk": ("free_bytes", "total_bytes"),
    "ssl_chain_expiry": ("seconds",),
}
# Made by Prometheus.
OTHERS = {"up"}

MEANING = {
    "admission.inside": "requests inside at once",
    "admission.limit": "how many may be, by their latency",
    "admission.rejections": "`full` is a 503 for everybody, `over-share` a 429 for one tenant",
    "canary.decisions": "decisions beside a canary, by whose turn it was; `failed` has what the other student made",
    "candidate.searches": "who found the candidates; `memory` knew the words, `words` stood in for the function base",
    "decision.batch.size": "states of a batch",
    "decision.doubts": "why the student's first choice did not simply run",
    "decision.stage": "time of a stage by who decided it; `teacher` is an escalation",
    "decision.step": "time of a decision by step, `total` is all of it; with a histogram",
    "escalation": "questions to the L-LLM by what came of them",
    "escalation.spend": "money, in the currency of `inference.escalation.prices`",
    "escalation.tokens": "read (`input`) and written (`output`)",
    "generation.exchange": "questions of generations to the L-LLM by what came of them, repetitions included",
    "generation.spend": "money, in the currency of `generation.prices`",
    "generation.tokens": "read (`input`) and written (`output`)",
    "judged.claims": "probability of the student's first choices that a teacher or a correction judged since",
    "judged.right": "how many of those were right; claims' sum less these, by claims' count, is the drift",
    "platform.jobs.attempts": "attempts that ended; `lost` is a worker that fell silent",
    "platform.jobs.claims": "jobs given to workers",
    "platform.jobs.progress": "share of its steps, of the running job that is least far; 1 where none runs",
    "platform.jobs.running": "jobs that workers have",
    "platform.jobs.silence.seconds": "since a running job last told of a step, the longest of all",
    "platform.jobs.waiting": "jobs in the queue",
    "platform.jobs.waiting.seconds": "how long the first of those that may run has waited",
    "platform.students.canaries": "what happened to canaries; `by` is `figures` for an automatic rollback",
    "platform.students.imports": "students taken in",
    "platform.students.promotions": "promotions, rollbacks, and what the gate refused",
    "remote.engine": "stages put to remote engines by what came of them; who answered otherwise is set there",
    "sandbox.failures": "calls that failed; `timeout`, `out-of-memory`, `output-too-large` are kills",
    "search.recall": "of the K nearest, the share that the vector index found, in some of its searches",
    "student.cache.bytes": "keys and values kept, of all loaded students",
    "student.cache.lookups": "of keys and values of prefixes, entries and whole prompts, by whether they were there",
    "student.scores": "stages scored in process; `memory` is a question that had been asked before",
    "teacher.choices": "functions that a teacher or a correction named, by whether the search had found them",
}


@dataclass(frozen=True)
class Meter:
    service: str
    name: str
    type: str
    tags: tuple[str, ...]
    histogram: bool

    def prometheus(self) -> list[str]:
        base = self.name.replace(".", "_")
        found = [base + ending for ending in ENDINGS[self.type]]
        return [*found, f"{base}_seconds_bucket"] if self.histogram else found


def meters(repository: Path = REPOSITORY) -> list[Meter]:
    """Every meter of our own. :raises ValueError: where a source makes one in a way that is not known here"""
    found: dict[tuple[str, str], Meter] = {}
    for path in sorted(repository.glob("*/src/main/java/**/*.java")):
        text = path.read_text(encoding="utf-8")
        here = list(_read(path.relative_to(repository).parts[0], text))
        if len(here) != len(PLACES.findall(text)):
            raise ValueError(f"{path} makes a meter whose name can not be read; it must be written in the call")
        for meter in here:
            earlier = found.get((meter.service, meter.name))
            if earlier:
                tags = tuple(sorted({*earlier.tags, *meter.tags}))
                meter = Meter(meter.service, meter.name, meter.type, tags, meter.histogram or earlier.histogram)
            found[meter.service, meter.name] = meter
    return sorted(found.values(), key=lambda meter: (meter.service, meter.name))


def _read(service: str, text: str) -> Iterator[Meter]:
    for kind, name, rest in CALL.findall(text):
        yield Meter(service, name, TYPES[kind], _tags_of_call(rest), False)
    for match in BUILDER.finditer(text):
        made = text[match.start() : text.index(".register(", match.start())]
        tags = tuple(re.findall(r"\.tag\(\s*\"([\w.]+)\"", made))
        yield Meter(
            service, match[2], TYPES[match[1].split(".")[0].strip()], tags, "publishPercentileHistogram" in made
        )


def _tags_of_call(rest: str) -> tuple[str, ...]:
    """Of `, "tag", value, "tag", value`: every other argument."""
    arguments, depth, current = [], 0, ""
    for letter in rest.lstrip(", \n"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            arguments.append(current.strip())
            current = ""
        else:
            current += letter
    arguments.append(current.strip())
    return tuple(argument.strip('"') for argument in arguments[::2] if argument)


def known(repository: Path = REPOSITORY) -> set[str]:
    """Every name that an expression may use, records of our own rules apart."""
    ours = {name for meter in meters(repository) for name in meter.prometheus()}
    framework = {f"{base}_{ending}".rstrip("_") for base, endings in FRAMEWORK.items() for ending in endings}
    return ours | framework | OTHERS


def page(repository: Path = REPOSITORY) -> str:
    lines = [
        "# Metrics",
        "",
        "Made by `cd launcher && python3 -m ld_launcher.meters` from the sources; a test holds it to them. Every",
        "service answers at `/actuator/prometheus`; how Prometheus gets in:",
        "[`k8s/README.md`](../../k8s/README.md#metrics).",
        "",
        "| Service | Meter | Type | Tags | |",
        "|---|---|---|---|---|",
    ]
    for meter in meters(repository):
        tags = ", ".join(f"`{tag}`" for tag in meter.tags)
        kind = "timer, histogram" if meter.histogram else meter.type
        base = meter.name.replace(".", "_")
        lines.append(f"| {meter.service} | `{base}` | {kind} | {tags} | {MEANING.get(meter.name, '')} |")
    lines += [
        "",
        "In Prometheus a counter ends in `_total`, a timer in `_seconds_count`, `_seconds_sum`, `_seconds_max` and,",
        "with a histogram, `_seconds_bucket`. Beside these every service has Spring Boot's own, of which alerts and",
        "dashboards may use:",
        "",
    ]
    for base, endings in FRAMEWORK.items():
        lines.append("- " + ", ".join(f"`{f'{base}_{ending}'.rstrip('_')}`" for ending in endings))
    lines += [
        "",
        "`judged_claims` by `teacher` are of first choices that the student doubted itself, as no teacher is asked",
        "otherwise; by `correction` of those that somebody found worth a word, mostly wrong ones. For all states alike",
        "there are drift reports (`POST /v1/tasks/{task}/drift-reports`).",
        "",
        "How far each single training is, its job says (`GET /v1/distillation-jobs/{id}`): a series for each would",
        "never end.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    target = REPOSITORY / PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
