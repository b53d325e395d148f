"""Images that others made: each is named with its tag and its digest, so that nobody can put another one in its place.

Where no registry can be asked at all, an image of the same tag that Docker has already stands in, and that is said.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from .home import REPOSITORY
from .problem import Problem
from .progress import Progress

COMPOSE = REPOSITORY / "docker-compose.yml"
DOCKERFILES = REPOSITORY / "launcher" / "images"
PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
# What an engine says when nothing that could be a registry answered. A registry that answers and refuses, or does not
# know the digest, is no such case: then the tag may name something else than it did.
NO_REGISTRY = re.compile(
    r"no such host|name resolution|server misbehaving|network is unreachable|no route to host|connection refused"
    r"|i/o timeout|TLS handshake timeout|context deadline exceeded|request canceled while waiting for connection"
)


def pinned(name: str, file: Path = COMPOSE) -> str:
    """What a file of ours pins the image of this name to, such as `pgvector/pgvector`."""
    found = {image for image in PINNED.findall(file.read_text(encoding="utf-8")) if image.split(":")[0] == name}
    if len(found) != 1:
        raise Problem(f"{file.name} pins {name} to {len(found)} images; it has to be one.")
    return found.pop()


def tag_of(image: str) -> str:
    """Name and tag, without the digest."""
    return image.partition("@")[0]


def by_tags(text: str) -> str:
    """A text with every pinned image named by its tag alone, as nodes know what was copied to them from Docker."""
    return PINNED.sub(lambda image: tag_of(image[0]), text)


def docker_has(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def size(image: str) -> int:
    """In bytes, unpacked. :raises Problem: where Docker has none of this name"""
    return int(_inspected(image, "{{.Size}}"))


def layers(image: str) -> list[str]:
    """The digests of its layers, unpacked: of all that it holds. :raises Problem: where Docker has none of this name"""
    return list(json.loads(_inspected(image, "{{json .RootFS.Layers}}")))


def _inspected(image: str, form: str) -> str:
    command = ["docker", "image", "inspect", "--format", form, image]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"Docker has no image {image}: {done.stderr.strip()[-200:]}")
    return done.stdout


def ensure(image: str, progress: Progress) -> str:
    """Answers what to call a pinned image, which Docker then has: fetched if need be, or the one that stands in for it.

    :raises Problem: where it cannot be fetched, unless no registry answers and there is an image of its tag
    """
    if docker_has(image):
        return image
    with progress.step(f"Fetching the image {tag_of(image)}") as report:
        done = subprocess.run(["docker", "pull", image], capture_output=True, text=True, check=False)
        if not done.returncode:
            return image
        said = (done.stderr or done.stdout).strip()
        if not NO_REGISTRY.search(said):
            raise Problem(f"{image} cannot be fetched: {said[-300:]}")
        if not docker_has(tag_of(image)):
            raise Problem(f"Docker has no {tag_of(image)}, and no registry can be asked for {image}: {said[-300:]}")
        report("no registry can be asked")
    progress.line(f"Not pinned: no registry can be asked, so Docker's own {tag_of(image)} stands in for {image}.")
    return tag_of(image)


def ensure_tagged(image: str, progress: Progress) -> str:
    """The same under its tag, which is what images are called on the nodes of a cluster."""
    if ensure(image, progress) == image:
        subprocess.run(["docker", "tag", image, tag_of(image)], check=True)
    return tag_of(image)
