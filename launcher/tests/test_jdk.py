from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher import jdk
from ld_launcher.problem import Problem


def make_jdk(folder: Path, version: str, compiler: bool = True) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    if compiler:
        (folder / "bin" / "javac").touch(mode=0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return folder


def test_prefers_java_home_over_the_usual_folders(tmp_path: Path) -> None:
    named = make_jdk(tmp_path / "named", "25.0.1")
    make_jdk(tmp_path / "jvm" / "temurin-25", "25")
    assert jdk.find({"JAVA_HOME": str(named)}, [str(tmp_path / "jvm")], tmp_path) == named


def test_passes_over_an_older_java_home(tmp_path: Path) -> None:
    old = make_jdk(tmp_path / "old", "17.0.15")
    wanted = make_jdk(tmp_path / "jvm" / "temurin-25", "25.0.4")
    assert jdk.find({"JAVA_HOME": str(old)}, [str(tmp_path / "jvm")], tmp_path) == wanted


def test_finds_the_compiler_on_the_path_through_links(tmp_path: Path) -> None:
    wanted = make_jdk(tmp_path / "somewhere", "25")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "javac").symlink_to(wanted / "bin" / "javac")
    assert jdk.find({"PATH": str(tmp_path / "bin")}, [], tmp_path) == wanted


def test_finds_a_jdk_inside_a_macos_bundle(tmp_path: Path) -> None:
    wanted = make_jdk(tmp_path / "jvms" / "temurin-25.jdk" / "Contents" / "Home", "25")
    assert jdk.find({}, [str(tmp_path / "jvms")], tmp_path) == wanted


def test_a_runtime_without_compiler_is_no_jdk(tmp_path: Path) -> None:
    make_jdk(tmp_path / "jvm" / "jre-25", "25", compiler=False)
    with pytest.raises(Problem, match="JDK 25 was not found; install one"):
        jdk.find({}, [str(tmp_path / "jvm")], tmp_path)


def test_says_which_other_versions_it_saw(tmp_path: Path) -> None:
    make_jdk(tmp_path / "jvm" / "eleven", "11.0.2")
    make_jdk(tmp_path / "jvm" / "eight", "1.8.0_292")
    with pytest.raises(Problem, match="found only 11 in .*eleven, 8 in .*eight"):
        jdk.find({}, [str(tmp_path / "jvm")], tmp_path)
