"""Every image of others is pinned by its digest; another stands in for it only where no registry can be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ld_launcher import compose, images
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress

IMAGE = "example/store:1.2@sha256:" + "a" * 64
AWAY = 'Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host'
DOCKERFILES = sorted(images.DOCKERFILES.glob("*.Dockerfile"))
# Files in which an image can be named: by Compose, by Kubernetes, by Dockerfiles.
NAMING = [
    images.COMPOSE,
    *sorted(REPOSITORY.glob("k8s/**/*.yaml")),
    *sorted(REPOSITORY.glob("launcher/cluster/*.yaml")),
    *DOCKERFILES,
]

Docker = Callable[..., Path]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """A docker on the path that has some images and cannot fetch others; it writes down what it is told to do."""

    def made(*has: str, pull: str = "") -> Path:
        told = tmp_path / "told"
        folder = tmp_path / "bin"
        folder.mkdir()
        has_it = "|".join(f'"{image}"' for image in has) or '""'
        program = f"""#!/bin/sh
echo "$@" >> "{told}"
case "$1" in
  image) case "$3" in {has_it}) exit 0;; *) exit 1;; esac;;
  pull) test -z '{pull}' && exit 0; echo '{pull}' >&2; exit 1;;
esac
"""
        (folder / "docker").write_text(program)
        (folder / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return told

    return made


def test_every_image_of_others_is_pinned_by_its_digest() -> None:
    for file in NAMING:
        text = file.read_text()
        # Stages of the same file, and the image that holds nothing.
        ours = {"scratch", *re.findall(r"^FROM \S+ AS (\w+)", text, re.MULTILINE)}
        for image in re.findall(r"^\s*(?:- )?image: (\S+)|^FROM (\S+)", text, re.MULTILINE):
            named = "".join(image)
            if named in ours:
                continue
            assert named.startswith("logic-distillation/") or images.PINNED.fullmatch(named), (file.name, named)


def test_an_image_has_one_digest_wherever_it_is_named() -> None:
    pins: dict[str, set[str]] = {}
    for file in NAMING:
        for image in images.PINNED.findall(file.read_text()):
            pins.setdefault(image.split(":")[0], set()).add(image)
    assert {"pgvector/pgvector", "python", "debian", "prom/prometheus", "grafana/grafana"} <= set(pins)
    assert [found for found in pins.values() if len(found) > 1] == []


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.stem)
def test_our_images_say_what_they_are(file: Path) -> None:
    text = file.read_text()
    said = set(re.findall(r"org\.opencontainers\.image\.([\w.]+)=", text))
    last = re.findall(r"^FROM (\S+)", text, re.MULTILINE)[-1]
    based = set() if last == "scratch" else {"base.name"}
    assert said == {"title", "licenses", "version", "revision", "source", "created"} | based
    if based:
        assert f'image.base.name="docker.io/library/{images.tag_of(last)}"' in text
    # What differs from build to build stands behind all that takes time.
    assert not re.search(r"^(RUN|COPY)", text[text.index("ARG VERSION") :], re.MULTILINE)


def test_a_release_says_of_each_image_what_it_is_and_puts_no_other_time_into_it() -> None:
    release = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "release.yml").read_text())
    steps = release["jobs"]["images"]["steps"]
    push = next(step for step in steps if step.get("id") == "push")
    arguments = dict(line.split("=", 1) for line in push["with"]["build-args"].splitlines())
    declared = set(re.findall(r"^ARG (\w+)", (images.DOCKERFILES / "service.Dockerfile").read_text(), re.MULTILINE))
    assert set(arguments) == declared
    assert push["env"]["SOURCE_DATE_EPOCH"] == "${{ steps.commit.outputs.epoch }}"
    assert "rewrite-timestamp=true" in push["with"]["outputs"]


@pytest.mark.parametrize(("largest", "fits"), [(350, True), (351, False)])
def test_an_image_of_ours_is_no_larger_than_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int, fits: bool
) -> None:
    program = tmp_path / "docker"
    program.write_text(f"""#!/bin/sh
case "$*" in
  *inference*) echo {largest}000000;;
  *) echo 150000000;;
esac
""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if fits:
        assert "inference-service 350 MB" in compose.weigh_images()
    else:
        with pytest.raises(Problem, match="inference-service 351 MB"):
            compose.weigh_images()


def test_an_image_that_is_another_when_it_is_built_again_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = tmp_path / "layers"
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/told\ncat {layers}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    layers.write_text('["sha256:1", "sha256:2"]')
    assert "same 2 layers" in compose.build_again(lambda: None)
    assert f"logic-distillation/{compose.BUILT_TWICE}:0.1.0" in (tmp_path / "told").read_text()
    with pytest.raises(Problem, match="sha256:3"):
        compose.build_again(lambda: layers.write_text('["sha256:1", "sha256:3"]'))


def test_every_part_of_an_image_is_in_the_one_that_is_built_twice() -> None:
    built = yaml.safe_load(images.COMPOSE.read_text())["services"][compose.BUILT_TWICE]["build"]["args"]
    assert set(built) == {"JAR", "PORT", "PACKAGES"}
    text = (images.DOCKERFILES / "service.Dockerfile").read_text()
    # Whatever is copied was given a time that does not move.
    for stage, folder in re.findall(r"^COPY --from=(\w+) (?:--chown=\S+ )?(/\w+) /$", text, re.MULTILINE):
        made = text[text.index(f" AS {stage}\n") :].split("\nFROM ")[0]
        assert f"settle {folder}" in made
    assert len(re.findall(r"^COPY --from", text, re.MULTILINE)) == len(
        re.findall(r"^COPY --from\S+ .* /$", text, re.MULTILINE)
    )


def test_the_image_of_a_service_holds_nothing_of_the_one_that_its_parts_are_taken_from() -> None:
    text = (images.DOCKERFILES / "service.Dockerfile").read_text()
    image = text[text.index("FROM scratch") :]
    assert re.findall(r"^FROM (\S+)(?: AS (\w+))?$", text, re.MULTILINE)[1:-1] == [
        ("tools", stage) for stage in ("jre", "system", "packages", "lean")
    ]
    assert not re.search(r"^RUN", image, re.MULTILINE)
    assert "USER 10001:10001" in image


def test_what_dependabot_keeps_up_is_where_images_are_named() -> None:
    updates = yaml.safe_load((REPOSITORY / ".github" / "dependabot.yml").read_text())
    kept = {
        folder
        for update in updates["updates"]
        if update["package-ecosystem"] in ("docker", "docker-compose")
        for folder in update.get("directories", [update.get("directory")])
    }
    named = {
        "/" + str(file.parent.relative_to(REPOSITORY)) if file.parent != REPOSITORY else "/"
        for file in NAMING
        if images.PINNED.search(file.read_text())
    }
    assert kept == named
    grouped = [u for u in updates["updates"] if u.get("multi-ecosystem-group") == "images"]
    assert {u["package-ecosystem"] for u in grouped} == {"docker", "docker-compose"}


def test_takes_the_pinned_image_that_docker_has_and_asks_nobody(docker: Docker) -> None:
    told = docker(IMAGE, "example/store:1.2", pull=AWAY)
    assert images.ensure(IMAGE, Progress()) == IMAGE
    assert "pull" not in told.read_text()


def test_fetches_the_pinned_image_although_docker_has_one_of_its_tag(docker: Docker) -> None:
    told = docker("example/store:1.2")
    assert images.ensure(IMAGE, Progress()) == IMAGE
    assert f"pull {IMAGE}" in told.read_text().splitlines()


def test_an_image_of_the_tag_stands_in_where_no_registry_can_be_asked_and_that_is_said(
    docker: Docker, capsys: pytest.CaptureFixture[str]
) -> None:
    docker("example/store:1.2", pull=AWAY)
    assert images.ensure(IMAGE, Progress()) == "example/store:1.2"
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Not pinned")]
    assert said.endswith(f"stands in for {IMAGE}.")


@pytest.mark.parametrize(
    "answer",
    [
        "manifest for example/store not found: manifest unknown",
        "denied: requested access is denied",
        "toomanyrequests: slow down",
    ],
)
def test_nothing_stands_in_for_what_a_registry_refuses(docker: Docker, answer: str) -> None:
    docker("example/store:1.2", pull=answer)
    with pytest.raises(Problem, match="cannot be fetched"):
        images.ensure(IMAGE, Progress())


def test_names_what_is_missing_where_nothing_can_stand_in(docker: Docker) -> None:
    docker(pull=AWAY)
    with pytest.raises(Problem, match=r"Docker has no example/store:1\.2, and no registry"):
        images.ensure(IMAGE, Progress())


def test_the_pinned_image_is_what_its_tag_means_on_nodes(docker: Docker) -> None:
    told = docker(IMAGE)
    assert images.ensure_tagged(IMAGE, Progress()) == "example/store:1.2"
    assert f"tag {IMAGE} example/store:1.2" in told.read_text()
    assert images.by_tags(f"image: {IMAGE}\n") == "image: example/store:1.2\n"


def test_compose_is_given_what_stands_in_for_all_that_starts_without_a_profile(docker: Docker, home: Home) -> None:
    described = yaml.safe_load(images.COMPOSE.read_text())["services"]
    started = {name: service for name, service in described.items() if "profiles" not in service}
    assert set(compose.always_started()) == set(started)
    tags = [images.tag_of(images.pinned(name)) for name in ("pgvector/pgvector", "python")]
    docker(*tags, "debian:trixie-slim", pull=AWAY)
    written = compose.write_stand_ins(home, Progress())
    assert written is not None
    changed = json.loads(written.read_text())["services"]
    assert set(changed) == set(started)
    assert (changed["postgres"], changed["install"]) == ({"image": tags[0]}, {"image": tags[1]})
    dockerfile = Path(changed["gateway"]["build"]["dockerfile"]).read_text()
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"debian:trixie-slim", "tools", "scratch"}
    assert compose.compose_file(written) == f"docker-compose.yml:{written}"


def test_compose_is_given_nothing_where_docker_has_what_is_pinned(docker: Docker, home: Home) -> None:
    docker(
        *(images.pinned(name) for name in ("pgvector/pgvector", "python")),
        images.pinned("debian", DOCKERFILES[0]),
    )
    (home.root / "compose").mkdir()
    (home.root / "compose" / compose.STAND_INS).write_text("of an earlier day")
    assert compose.write_stand_ins(home, Progress()) is None
    assert compose.compose_file(None) == "docker-compose.yml"
    assert not (home.root / "compose" / compose.STAND_INS).exists()
