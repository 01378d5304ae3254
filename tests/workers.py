"""Starts real workers for tests, on the test's own database and folder, and leaves none behind."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from tests.environment import ROOT
from tests.processes import environment

SECONDS = 60


def wait_until(happens: Callable[[], Any], said: Callable[[], str] = str) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := happens()):
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)
    return found


class Worker:
    """`manage.py work` for this test's database and folder."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.processes: list[subprocess.Popen] = []

    def start(self, *arguments: str) -> subprocess.Popen:
        with self.log.open("ab") as output:
            command = [sys.executable, "manage.py", "work", *arguments]
            process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=output, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def make_worker(log: Path) -> Iterator[Worker]:
    made = Worker(log)
    try:
        yield made
    finally:
        made.end()
        with connection.cursor() as cursor:  # not Django's to empty between tests
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
