"""The embedded server: the first process that needs it starts it, the last stops it, whatever became of the others."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from catalogue.database import embedded
from catalogue.database.embedded import ROLE, EmbeddedServer
from tests.environment import ROOT

ZOMBIE = psutil.STATUS_ZOMBIE  # some containers' init never collects them
USER = """
import sys
from pathlib import Path
import psycopg
from catalogue.database.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]))
password = server.ensure_running()
session = psycopg.connect(host=str(server.socket_dir), user="greyshelf", password=password, autocommit=True)
print("ready", flush=True)
for line in sys.stdin:
    rows = session.execute(line)
    print(rows.fetchall() if rows.description else "done", flush=True)
session.close()
"""


class User:
    """A process that uses the server of a folder and runs what it is told."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout.readline() == "ready\n"

    def run(self, statement: str) -> str:
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=60)


def postmasters(folder: Path) -> list[psutil.Process]:
    """Return the server processes whose data lie in this folder (asked of the system, not of a pid file)."""
    parents: dict[psutil.Process, int] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it may end at any moment
            if process.name() == "postgres" and process.cwd() == str(folder) and process.status() != ZOMBIE:
                parents[process] = process.ppid()
    numbers = {process.pid for process in parents}
    return [process for process, parent in parents.items() if parent not in numbers]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside of pytest's: that one is closed to other accounts again by every session that starts beside."""
    with tempfile.TemporaryDirectory(prefix="greyshelf-test-") as name:
        yield Path(name).resolve()


@pytest.fixture
def folder(place: Path) -> Iterator[Path]:
    folder = place / "postgres"
    yield folder
    for process in postmasters(folder):
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)


@pytest.fixture
def user(folder: Path) -> Iterator[User]:
    user = User(folder)
    user.wait_until_ready()
    yield user
    user.process.kill()
    user.process.wait()
    user.process.stdin.close()
    user.process.stdout.close()


def test_a_process_killed_while_it_makes_the_database_does_not_hinder_the_next(folder):
    first = User(folder)
    deadline = time.monotonic() + 60
    while not list(folder.parent.glob("postgres.new*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    first.kill()
    second = User(folder)
    second.wait_until_ready()
    assert second.run("SELECT 1") == "[(1,)]"
    second.leave()


def test_processes_that_start_at_once_share_one_server_and_the_last_one_stops_it(folder):
    users = [User(folder) for _ in range(3)]
    for user in users:
        user.wait_until_ready()
    assert len(postmasters(folder)) == 1
    assert users[0].run("CREATE TABLE kept AS SELECT 42 AS number") == "done"
    users[0].leave()
    assert users[1].run("SELECT number FROM kept") == "[(42,)]"
    users[1].leave()
    assert len(postmasters(folder)) == 1
    users[2].leave()
    assert postmasters(folder) == []


def test_a_server_left_by_a_killed_process_is_used_and_stopped_by_the_next(folder, user):
    user.run("CREATE TABLE kept AS SELECT 42 AS number")
    [left] = postmasters(folder)
    user.kill()
    assert postmasters(folder) == [left]
    following = User(folder)
    following.wait_until_ready()
    assert postmasters(folder) == [left]
    assert following.run("SELECT number FROM kept") == "[(42,)]"
    following.leave()
    assert postmasters(folder) == []


def test_what_was_committed_before_the_server_was_killed_is_there_after(folder, user):
    user.run("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    user.run("BEGIN")
    user.run("INSERT INTO kept VALUES (-1)")
    [server] = postmasters(folder)
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=30)
    user.kill()
    following = User(folder)
    following.wait_until_ready()
    assert following.run("SELECT count(*), min(number) FROM kept") == "[(1000, 1)]"
    following.leave()
    assert postmasters(folder) == []


def test_a_process_whose_server_was_killed_starts_it_again(folder):
    server = EmbeddedServer(folder)
    server.ensure_running()
    [first] = postmasters(folder)
    processes = [first, *first.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=30)
    server.ensure_running()
    [second] = postmasters(folder)
    assert second.pid != first.pid
    server.release()
    assert postmasters(folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="processes can be watched on Linux alone")
def test_a_server_that_was_seen_is_not_asked_again(folder, monkeypatch):
    server = EmbeddedServer(folder)
    server.ensure_running()
    server.ensure_running()  # the first time it is seen after its start
    knocks = []
    knock = socket.socket.connect_ex
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *where: knocks.append(where) or knock(*where))
    for _ in range(3):
        server.ensure_running()
    assert knocks == []
    [first] = postmasters(folder)
    processes = [first, *first.children(recursive=True)]
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it saw the first one end
            process.kill()
    psutil.wait_procs(processes, timeout=30)
    server.ensure_running()
    assert knocks, "a server that ended is noticed"
    assert len(postmasters(folder)) == 1
    server.release()


def test_a_child_of_a_fork_does_not_stop_the_server_of_its_parent(folder):
    server = EmbeddedServer(folder)
    server.ensure_running()
    child = os.fork()
    if child == 0:
        server.release()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert len(postmasters(folder)) == 1
    server.release()
    assert postmasters(folder) == []


def test_a_half_made_folder_is_no_obstacle(folder):
    left = folder.with_name("postgres.new-killed")
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    (left / "base").mkdir()
    server = EmbeddedServer(folder)
    server.ensure_running()
    server.release()
    assert (folder / "PG_VERSION").exists()
    assert not left.exists()


@pytest.mark.parametrize(
    "name",
    [
        "with spaces and 'quotes'",
        'with "double" quotes',
        "with $HOME and `echo` and \\",
        "Bücher 図書",
        "long " + "x" * 100,
        "long 'quoted' " + "y" * 100,
    ],
)
def test_the_folder_may_have_any_name(place, name):
    folder = place / name / "postgres"
    server = EmbeddedServer(folder)
    try:
        password = server.ensure_running()
        with psycopg.connect(host=str(server.socket_dir), user=ROLE, password=password) as session:
            assert session.execute("SELECT current_setting('data_directory')").fetchone() == (str(folder),)
        assert len(os.fsencode(server.socket_dir)) < 100
    finally:
        server.release()
    assert postmasters(folder) == []
    assert server.socket_dir == folder or not server.socket_dir.exists()


def test_nobody_gets_in_without_the_password(folder):
    server = EmbeddedServer(folder)
    server.ensure_running()
    try:
        where = {"host": str(server.socket_dir), "user": ROLE, "dbname": ROLE, "passfile": "/dev/null"}
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(**where)
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(**where, password="wrong")
        [running] = postmasters(folder)
        assert [c for c in running.net_connections("inet") if c.status == psutil.CONN_LISTEN] == []
    finally:
        server.release()


def test_password_and_data_are_not_readable_by_others(folder):
    server = EmbeddedServer(folder)
    server.ensure_running()
    server.release()
    assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
    # Who is root passes the folder on to an account of its own, and may let that one pass, never list or read.
    assert stat.S_IMODE(folder.stat().st_mode) & 0o066 == 0
    assert server.password_file.read_text() not in server.log_file.read_text()


def test_data_of_another_version_are_refused_and_left_alone(folder):
    folder.mkdir()
    (folder / "PG_VERSION").write_text("14\n")
    server = EmbeddedServer(folder)
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL 14"):
        server.ensure_running()
    server.release()
    assert [path.name for path in folder.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ('1 [2] FATAL:  could not write to file "pg_wal/x": No space left on device\n1 LOG:  shut down', "is full"),
        ("1 [2] LOG:  starting\n1 [2] FATAL:  wrong port\n1 [2] LOG:  shut down", "1 [2] FATAL:  wrong port"),
        ("1 [2] LOG:  shut down", "1 [2] LOG:  shut down"),
        ("", ""),
    ],
)
def test_why_a_server_did_not_start_is_told_from_its_log(log, said):
    assert said in embedded.why_not(log)
