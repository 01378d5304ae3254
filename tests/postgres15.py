"""Runs a command on the machine's own PostgreSQL, 15 or later, instead of the embedded server.

    .venv/bin/python -m tests.postgres15 make test ARGS=tests/test_index.py

The server is the command's alone: a folder and a port of its own, on loopback, gone when the command ends. Debian's
package postgresql has the programs; as root they run under its account, postgres.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from tests.processes import free_port

PROGRAMS = Path("/usr/lib/postgresql")
OLDEST = 15
ACCOUNT = "postgres"
ROLE = "greyshelf"


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    try:
        with _server(_programs()) as url:
            return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    except KeyboardInterrupt:
        return 130


def _interrupt(*_signal: object) -> NoReturn:
    raise KeyboardInterrupt


def _programs() -> Path:
    """Return the folder of the newest PostgreSQL that is installed."""
    versions = sorted(int(path.name) for path in PROGRAMS.glob("*") if path.name.isdigit() and (path / "bin").is_dir())
    if not versions or versions[-1] < OLDEST:
        sys.exit(f"There is no PostgreSQL {OLDEST} or later in {PROGRAMS}; install the package postgresql.")
    return PROGRAMS / str(versions[-1]) / "bin"


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    """Start a server in an empty folder; yield its address; stop it and delete the folder."""
    home = Path(tempfile.mkdtemp(prefix="greyshelf-postgres-"))
    data, port, password = home / "data", free_port(), secrets.token_urlsafe(24)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    (home / "password").write_text(password)
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        for path in (home, home / "password"):
            os.chown(path, account.pw_uid, account.pw_gid)
    try:
        safety = ("--auth=scram-sha-256", f"--pwfile={home / 'password'}")
        _run(programs / "initdb", "-D", data, "-U", ROLE, "-N", "-E", "UTF8", "--locale=C.UTF-8", *safety)
        _run(programs / "pg_ctl", "start", "-w", "-D", data, "-l", home / "log", "-o", options)
        print(f"PostgreSQL from {programs} answers at port {port}.", flush=True)
        yield f"postgres://{ROLE}:{quote(password)}@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            _run(programs / "pg_ctl", "stop", "-w", "-D", data, "-m", "immediate")
        shutil.rmtree(home, ignore_errors=True)


def _run(*command: str | Path) -> None:
    account = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    # Not a pipe: the server that pg_ctl leaves behind would keep it open.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [*map(str, command)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            **account,
        )
        output.seek(0)
        if done.returncode != 0:
            sys.exit(f"{command[0]} failed: {output.read().strip()}")


if __name__ == "__main__":
    sys.exit(main())
