from __future__ import annotations

import json
from pathlib import Path

import pytest

from ld_launcher import build
from ld_launcher.home import Home


@pytest.fixture
def checkout(home: Home) -> Home:
    (home.repository / "pom.xml").write_text("<project/>")
    for service in build.JARS:
        source = home.repository / service / "src" / "main" / "java"
        source.mkdir(parents=True)
        (source / "A.java").write_text("class A {}")
        (home.repository / service / "pom.xml").write_text("<project/>")
        (home.apps / f"{service}-1a2b").mkdir(parents=True)
        (home.apps / f"{service}-1a2b" / "app.jar").touch()
    record = {
        "repository": str(home.repository),
        "sources": build.sources_hash(home.repository),
        "apps": {service: f"{service}-1a2b" for service in build.JARS},
    }
    home.build_file.write_text(json.dumps(record))
    return home


def test_nothing_changed_means_nothing_is_built(checkout: Home) -> None:
    assert not build.is_stale(checkout)


def test_a_changed_source_is_stale_and_a_changed_test_is_not(checkout: Home) -> None:
    test = checkout.repository / "gateway" / "src" / "test" / "java"
    test.mkdir(parents=True)
    (test / "ATest.java").write_text("class ATest {}")
    assert not build.is_stale(checkout)
    (checkout.repository / "gateway" / "src" / "main" / "java" / "A.java").write_text("class A { int b; }")
    assert build.is_stale(checkout)


def test_a_renamed_source_and_a_changed_build_are_stale(checkout: Home) -> None:
    before = build.sources_hash(checkout.repository)
    source = checkout.repository / "gateway" / "src" / "main" / "java" / "A.java"
    source.rename(source.with_name("B.java"))
    renamed = build.sources_hash(checkout.repository)
    (checkout.repository / "gateway" / "pom.xml").write_text("<project><!-- changed --></project>")
    assert len({before, renamed, build.sources_hash(checkout.repository)}) == 3


def test_a_missing_application_is_stale(checkout: Home) -> None:
    (checkout.apps / "gateway-1a2b" / "app.jar").unlink()
    assert build.is_stale(checkout)


def test_a_cache_built_from_another_checkout_is_stale(checkout: Home, tmp_path: Path) -> None:
    assert build.is_stale(Home(checkout.root, checkout.cache, tmp_path))


def test_the_first_mistake_of_a_maven_log_is_told(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text(
        "[INFO] x\n[\x1b[1;31mERROR\x1b[m] COMPILATION ERROR : \n"
        "[ERROR] /a/B.java:[3,5] cannot find symbol\n[ERROR] more\n"
    )
    assert build.first_error(log) == "/a/B.java:[3,5] cannot find symbol"
