"""A site of a test's own: `manage.py serve` as a real process, with a folder and a port that nobody else uses."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from tests.environment import ROOT
from tests.processes import free_port

START_SECONDS = 120
STOP_SECONDS = 30
# What of the tests' own environment a site must not see: it runs on its embedded server, with the default settings.
OWN_VARIABLES = ("DATABASE_URL", "VAR_DIR", "PORT", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


class Site:
    """One site; it can be started, stopped, killed and started again in the same folder."""

    def __init__(self, *options: str, **variables: str) -> None:
        self.options = options
        self.variables = variables
        # Not under pytest's folder, which other runs of pytest close to PostgreSQL's account.
        self.home = Path(tempfile.mkdtemp(prefix="greyshelf-test-"))
        self.var_dir = self.home / "var"
        self.port = int(variables.get("PORT") or free_port())
        self.log = self.home / "output"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
        return {**inherited, "VAR_DIR": str(self.var_dir), "PORT": str(self.port), **self.variables}

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def password(self) -> str:
        found = re.search(r"password: (\S+)", self.output)
        assert found, self.output
        return found[1]

    def start(self, *command: str) -> None:
        """Start the site (or another command that starts it) and return once it answers."""
        self.launch(*command)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, f"The site did not start:\n{self.output}"
            assert time.monotonic() < deadline, f"The site does not answer:\n{self.output}"
            time.sleep(0.1)

    def launch_until(self, said: str) -> None:
        """Start the site and return as soon as it has printed this, ready or not."""
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while said not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, f"The site never said {said!r}:\n{self.output}"
            time.sleep(0.02)

    def launch(self, *command: str) -> None:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command or (sys.executable, "manage.py", "serve", *self.options),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of manage.py beside the site."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def answers(self) -> bool:
        try:
            return self.read("/robots.txt") != ""
        except OSError:
            return False

    def read(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as response:  # noqa: S310 - always our own http
            return response.read().decode()

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Ask the site to stop, and return its exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=STOP_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """Return every process that works in the folder of this site: server, workers, database."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def wait_until_gone(self, seconds: float = STOP_SECONDS) -> None:
        """Wait until no process of the site is left."""
        deadline = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < deadline, [process.cmdline() for process in left]
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill every process of the site at once."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process:
            self.process.wait(timeout=STOP_SECONDS)
        self.wait_until_gone()

    @staticmethod
    def wait_until_ended(*processes: psutil.Process) -> None:
        """Wait until these are gone; a zombie, which some containers' init never collects, is."""
        deadline = time.monotonic() + STOP_SECONDS
        while left := [process for process in processes if _runs(process)]:
            assert time.monotonic() < deadline, [process.cmdline() for process in left]
            time.sleep(0.1)

    def remove(self) -> None:
        """End whatever is left, and delete the folder."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def _owns(self, process: psutil.Process) -> bool:
        try:
            # The site's processes have the folder in their environment, the database's in their command or folder.
            places = [*process.cmdline(), process.cwd(), process.environ().get("VAR_DIR", "")]
        except psutil.Error:
            return False
        return process.pid != os.getpid() and any(str(self.var_dir) in place for place in places)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
