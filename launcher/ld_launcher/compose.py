"""Docker Compose: the files its containers read, and a test that starts all of it for real."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import build, images, lifecycle, metrics, python_packages, services
from .artifacts import file_digest
from .checks import free_port
from .credentials import Credentials
from .home import Home
from .problem import Problem
from .progress import Progress

if TYPE_CHECKING:
    from .testing import Totals

CONTAINER_PYTHON = "3.13"
# `./platform build` makes a new token each time.
METRICS_DAYS = 365
# Of a service's image, unpacked and without model files, which come by a volume.
LARGEST_IMAGE = 350_000_000
# Of all services the one whose image has every part that an image can have.
BUILT_TWICE = "inference-service"
# Read before docker-compose.yml's own words for what stands in for an image that no registry could be asked for.
STAND_INS = "stand-ins.yaml"


def command() -> list[str]:
    """Docker Compose in either of its two forms."""
    for candidate in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(candidate[0]):
            probe = subprocess.run([*candidate, "version"], capture_output=True, check=False)
            if probe.returncode == 0:
                return candidate
    raise Problem("Docker Compose was not found; install the package docker-compose or docker-compose-plugin.")


def write_secrets(home: Home) -> Path:
    """The secrets as files for containers: the folder is private, the files are not, as containers are other users."""
    credentials = Credentials.of(home)
    folder = home.root / "compose"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    contents = {
        "postgres-password": credentials.superuser,
        "token-secret": credentials.token_secret,
        "keys.json": credentials.keys_in_containers(),
        "api-key": credentials.api_key,
        "worker-key": credentials.worker_key,
        "metrics-key": credentials.metrics_key,
        "metrics-token": metrics.token(credentials.token_secret, METRICS_DAYS, time.time()),
        "grafana-password": credentials.grafana,
        "bucket-credentials": credentials.bucket_credentials(),
        **{f"{name.replace('_', '-')}-password": password for name, password in credentials.databases.items()},
    }
    for name, content in contents.items():
        file = folder / name
        file.write_text(content, encoding="utf-8")
        file.chmod(0o644)
    return folder


def write_packages(home: Home) -> None:
    """The experiments' Python packages for the Python and system of the container that installs the bundled tasks."""
    folder = home.root / "compose" / "packages"
    marker = folder.with_name(f"packages-{file_digest(python_packages.CLIENT_REQUIREMENTS, 'sha256')[:16]}")
    if marker.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    systems = [f"--platform=manylinux{form}_{platform.machine()}" for form in ("_2_28", "_2_27", "2014")]
    python_packages.pip(
        python_packages.python_of(home.venv), home.log("pip"),
        "install", "--target", str(folder), "--only-binary", ":all:", "--python-version", CONTAINER_PYTHON,
        "--implementation", "cp", *systems, "-r", str(python_packages.CLIENT_REQUIREMENTS),
    )  # fmt: skip
    marker.touch()


def prepare(home: Home, java_home: Path, progress: Progress) -> None:
    """What `docker compose up --build` needs: built jars, the model, the secrets and the Python packages."""
    prepare_images(home, java_home, progress)
    with progress.step("Writing what the containers read"):
        write_secrets(home)
        write_packages(home)
    if docker_answers() and (written := write_stand_ins(home, progress)):
        progress.line(f"Start it with COMPOSE_FILE={compose_file(written)} docker compose up --build.")


def docker_answers() -> bool:
    try:
        probe = subprocess.run(["docker", "version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def write_stand_ins(home: Home, progress: Progress) -> Path | None:
    """Fetches the pinned images of what starts without a profile; answers a file of Compose's with those that stand in.

    The file is only there where no registry could be asked. It names images by their tags, and builds from copies of
    our Dockerfiles that do so.
    """
    written = home.root / "compose" / STAND_INS
    # Secrets may lie here, too; where images alone are made, nobody has written any yet.
    written.parent.mkdir(mode=0o700, exist_ok=True)
    written.unlink(missing_ok=True)
    changed: dict[str, dict[str, object]] = {}
    found: dict[str, str] = {}
    for service, described in always_started().items():
        named = re.findall(r"^    image: (\S+)$|^      dockerfile: (\S+)$", described, re.MULTILINE)
        for image, dockerfile in named:
            if dockerfile:
                source = images.DOCKERFILES / Path(dockerfile).name
                text = source.read_text(encoding="utf-8")
                if _stood_in_for(text, found, progress):
                    copy = written.with_name(source.name)
                    copy.write_text(images.by_tags(text), encoding="utf-8")
                    changed.setdefault(service, {})["build"] = {"dockerfile": str(copy)}
            elif _stood_in_for(image, found, progress):
                changed.setdefault(service, {})["image"] = images.tag_of(image)
    if not changed:
        return None
    # JSON is YAML.
    written.write_text(json.dumps({"services": changed}, indent=2) + "\n", encoding="utf-8")
    return written


def always_started() -> dict[str, str]:
    """The lines of docker-compose.yml that describe each service without a profile."""
    text = images.COMPOSE.read_text(encoding="utf-8")
    services_part = re.split(r"^services:\n", text, flags=re.MULTILINE)[1]
    services_part = re.split(r"^\w", services_part, flags=re.MULTILINE)[0]
    _, *parts = re.split(r"^  ([\w-]+):\n", services_part, flags=re.MULTILINE)
    described = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: lines for name, lines in described.items() if "\n    profiles:" not in f"\n{lines}"}


def _stood_in_for(text: str, found: dict[str, str], progress: Progress) -> bool:
    """Whether something else stands in for an image that the text pins; each is looked for once."""
    pinned = images.PINNED.findall(text)
    for image in pinned:
        if image not in found:
            found[image] = images.ensure(image, progress)
    return any(found[image] != image for image in pinned)


def compose_file(stand_ins: Path | None) -> str:
    """What to give Compose as COMPOSE_FILE, in the folder of docker-compose.yml."""
    return os.pathsep.join(str(path) for path in (images.COMPOSE.name, stand_ins) if path)


def prepare_images(home: Home, java_home: Path, progress: Progress) -> None:
    """What `docker compose build` needs, and the model."""
    lifecycle.prepare(home, java_home, progress)
    if not all(build.jar_of(home, service).exists() for service in build.JARS):
        with progress.step("Building the services"):
            build.build(home, java_home)


def test(home: Home, java_home: Path, progress: Progress) -> Totals:
    """`docker compose up --build`, a decision through the gateway, and down with its volumes."""
    from .testing import Totals

    tool = command()
    prepare(home, java_home, progress)
    stand_ins = home.root / "compose" / STAND_INS
    port = free_port()
    env = {
        **os.environ,
        "PLATFORM_GATEWAY_PORT": str(port),
        "PLATFORM_HOME": str(home.root),
        "PLATFORM_CACHE": str(home.cache),
        "COMPOSE_FILE": compose_file(stand_ins if stand_ins.exists() else None),
        # A name of its own, so that neither the containers of a user nor another test run is touched.
        "COMPOSE_PROJECT_NAME": f"logic-distillation-test-{port}",
    }
    log = home.log("compose")
    try:
        with progress.step("Starting with Docker Compose"):
            _run([*tool, "up", "--build", "--detach"], home, env, log)
        with progress.step("Deciding through the gateway in its container"):
            decision = _decide(home, port, tool, env)
        with progress.step("Weighing the images"):
            print(weigh_images())
        with progress.step(f"Building the image of {BUILT_TWICE} again, from nothing"):
            print(build_again(lambda: _run([*tool, "build", "--no-cache", BUILT_TWICE], home, env, log)))
        print(json.dumps({"output": decision["output"], "stages": [s["stage"] for s in decision["stages"]]}))
        return Totals(passed=1)
    except Problem as e:
        progress.line(f"FAILED: {e}")
        with log.open("ab") as output:
            subprocess.run([*tool, "logs", "--tail", "60"], cwd=home.repository, env=env, stdout=output, check=False)
        return Totals(failed=1)
    finally:
        with progress.step("Taking the containers and their volumes down"):
            _run([*tool, "down", "--volumes", "--remove-orphans"], home, env, log)


def weigh_images() -> str:
    """How large our images are, unpacked. :raises Problem: where one is larger than it may be"""
    sizes = {service: images.size(f"logic-distillation/{service}:0.1.0") for service in build.JARS}
    said = ", ".join(f"{service} {bytes_ / 1e6:.0f} MB" for service, bytes_ in sizes.items())
    if max(sizes.values()) > LARGEST_IMAGE:
        raise Problem(f"An image is larger than {LARGEST_IMAGE / 1e6:.0f} MB, unpacked: {said}.")
    return f"Images, unpacked: {said}"


def build_again(build_from_nothing: Callable[[], object]) -> str:
    """:raises Problem: where the same tree gives other layers"""
    image = f"logic-distillation/{BUILT_TWICE}:0.1.0"
    first = images.layers(image)
    build_from_nothing()
    second = images.layers(image)
    if second != first:
        raise Problem(f"The image of {BUILT_TWICE} has layers {first}, and built again {second}.")
    return f"Built again from nothing: the same {len(first)} layers"


def _decide(home: Home, port: int, tool: list[str], env: dict[str, str]) -> dict[str, object]:
    key = home.key_file.read_text(encoding="utf-8").strip()
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 300
    status, body = 0, b""
    while time.monotonic() < end:
        status, body = services.get(f"{address}/v1/tasks/{lifecycle.TASK}", key)
        if status == 200:
            state = json.loads(body)["stateSchema"]["examples"][0]
            status, body = services.get(
                f"{address}/v1/tasks/{lifecycle.TASK}/decisions", key, {"state": state}, timeout=120
            )
            if status == 200:
                return json.loads(body)
        time.sleep(1)
    states = subprocess.run([*tool, "ps"], cwd=home.repository, env=env, capture_output=True, text=True, check=False)
    raise Problem(f"No decision within 300 s (status {status}: {body[:200]!r}).\n{states.stdout}")


def _run(arguments: list[str], home: Home, env: dict[str, str], log: Path) -> None:
    with log.open("ab") as output:
        result = subprocess.run(
            arguments, cwd=home.repository, env=env, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if result.returncode:
        raise Problem(f"{' '.join(arguments[:2])} failed: {services.cause_of_death(log)}; its log is {log}.")
