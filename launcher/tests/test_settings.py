from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ld_launcher import build, settings
from ld_launcher.home import REPOSITORY
from pages import blocks


def source(repository: Path, text: str) -> None:
    place = repository / "some-service" / "src" / "main" / "java" / "SomeProperties.java"
    place.parent.mkdir(parents=True)
    place.write_text(text)


def test_the_reference_is_current() -> None:
    assert (REPOSITORY / settings.PAGE).read_text() == settings.page(), "run python3 -m ld_launcher.settings"


def test_reads_names_defaults_and_meanings(tmp_path: Path) -> None:
    source(
        tmp_path,
        """
        /**
         * Some.
         *
         * @param longName what it is,
         *     {@code {"a"}} and so on
         * @param tenants who differs
         */
        @ConfigurationProperties("some.thing")
        public record SomeProperties(
                @DefaultValue("5s") Duration longName,
                @Nullable Path file,
                @DefaultValue({"a", "b"}) List<String> names,
                @DefaultValue Map<String, Share> tenants,
                @DefaultValue Prices prices) {
            /** @param weight its share */
            public record Share(@Nullable Double weight) {}

            record Prices(@DefaultValue("0") double input) {}
        }
        """,
    )
    found = {setting.name: setting for setting in settings.settings(tmp_path)}
    assert set(found) == {
        "some.thing.long-name",
        "some.thing.file",
        "some.thing.names",
        "some.thing.tenants.NAME.weight",
        "some.thing.prices.input",
    }
    assert found["some.thing.long-name"].default == "5s"
    assert found["some.thing.long-name"].meaning == 'what it is, `{"a"}` and so on'
    assert found["some.thing.long-name"].environment == "SOME_THING_LONGNAME"
    assert found["some.thing.file"].default is None
    assert found["some.thing.names"].default == "a, b"
    assert found["some.thing.tenants.NAME.weight"].meaning == "its share"


def test_a_record_says_more_than_an_annotation_of_the_same_property(tmp_path: Path) -> None:
    source(
        tmp_path,
        """
        @Scheduled(fixedDelayString = "${some.poll:1s}")
        @Scheduled(fixedDelayString = "${some.sweep:2s}")
        /** @param poll how often */
        @ConfigurationProperties("some")
        record SomeProperties(@DefaultValue("1s") Duration poll) {}
        """,
    )
    assert [(s.name, s.meaning) for s in settings.settings(tmp_path)] == [
        ("some.poll", "how often"),
        ("some.sweep", "pause between two rounds"),
    ]


def test_properties_that_are_no_record_are_refused(tmp_path: Path) -> None:
    source(tmp_path, '@ConfigurationProperties("some")\nclass Some {}')
    with pytest.raises(ValueError, match="must be a record"):
        settings.settings(tmp_path)


def test_every_record_of_properties_is_in_the_reference() -> None:
    sources = list(REPOSITORY.glob("*/src/main/java/**/*.java"))
    records = [s for s in sources if "@ConfigurationProperties(" in s.read_text()]
    assert len(records) >= 15
    prefixes = {match[1] for s in records for match in settings.ANNOTATION.finditer(s.read_text())}
    names = {setting.name for setting in settings.settings()}
    assert all(any(name.startswith(f"{prefix}.") for name in names) for prefix in prefixes)


def test_reads_application_yaml_as_a_parser_does() -> None:
    for service in build.JARS:
        text = (REPOSITORY / service / "src" / "main" / "resources" / "application.yaml").read_text()
        ours = {name: value for name, value in settings._flat(text) if "${" in value}
        theirs = {name: value for name, value in flat(yaml.safe_load(text)) if "${" in str(value)}
        assert ours == theirs


def flat(value: object, path: str = "") -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [item for key, inner in value.items() for item in flat(inner, f"{path}.{key}".lstrip("."))]
    return [(path, value)]


# Of the JDK, Spring Boot, OpenTelemetry and AWS, not ours.
ELSEWHERE = {
    "AWS_SHARED_CREDENTIALS_FILE",
    "JDK_JAVA_OPTIONS",
    "SPRING_CONFIG_IMPORT",
    "LOGGING_STRUCTURED_FORMAT_CONSOLE",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER_ARG",
    "MANAGEMENT_SERVER_PORT",
    "MANAGEMENT_SERVER_SSL_ENABLED",
    "SERVER_SSL_BUNDLE",
    "SERVER_SSL_CLIENTAUTH",
}
# The names of bundles are free.
BUNDLE = re.compile(
    "SPRING_SSL_BUNDLE_PEM_[A-Z]+_((KEYSTORE|TRUSTSTORE)_CERTIFICATE|KEYSTORE_PRIVATEKEY|RELOADONUPDATE)"
)


def unknown(used: set[str]) -> set[str]:
    """Those that neither the reference has nor what the services are made of."""
    known = {variable.name for variable in settings.variables()} | {s.environment for s in settings.settings()}
    # NAME in a reference stands for whatever an operator calls it.
    named = [re.compile(name.replace("_NAME_", "_[A-Z0-9]+_")) for name in known if "_NAME_" in name]
    patterns = [*named, BUNDLE]
    return {name for name in used - known - ELSEWHERE if not any(pattern.fullmatch(name) for pattern in patterns)}


def test_what_deployments_set_is_in_the_reference() -> None:
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    used: set[str] = set()
    for path in (REPOSITORY / "k8s").rglob("*.yaml"):
        for manifest in yaml.safe_load_all(path.read_text()):
            used |= set(environment(manifest))
    for service in build.JARS:
        used |= set(compose["services"][service]["environment"])
    assert {name for name in unknown(used) if not name.startswith("POSTGRES_")} <= {"HOME", "PGDATA"}


def test_what_pages_say_to_set_is_in_the_reference() -> None:
    pages = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("*/*.md"), *REPOSITORY.glob("docs/**/*.md")]
    shown = [block for page in pages for block in blocks(page.read_text(), "properties")]
    used = {line.partition("=")[0] for block in shown for line in block.splitlines()}
    used = {name for name in used if not name.startswith("#")}
    assert len(used) > 15
    assert unknown(used) == set()
    assert unknown({"PLATFORM_LLM_ADDRESS"}) == {"PLATFORM_LLM_ADDRESS"}


def environment(value: object) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in environment(item)]
    if not isinstance(value, dict):
        return []
    here = [variable["name"] for variable in value.get("env") or [] if isinstance(variable, dict)]
    if value.get("kind") == "ConfigMap" and value["metadata"]["name"] == "platform":
        here += list(value["data"])
    return here + [name for item in value.values() for name in environment(item)]
