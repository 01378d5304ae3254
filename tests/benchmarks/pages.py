"""Results pages over HTTP from the real server: medians at one client, memory of the workers."""

import http.client
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psutil

from tests.benchmarks import generated
from tests.environment import ROOT
from tests.processes import free_port

QUERIES = {"rare": generated.RARE, "common": generated.COMMON, "universal": generated.UNIVERSAL}


@contextmanager
def site() -> Iterator[tuple[int, psutil.Process]]:
    """Serve the catalogue of this environment; yield the port and the server's process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--without-sample"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        try:
            fetch(http.client.HTTPConnection("127.0.0.1", port), "/robots.txt")
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the site does not answer")


def fetch(client: http.client.HTTPConnection, path: str) -> int:
    """Get a page and return how many bytes it has."""
    client.request("GET", path)
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise OSError(f"{path} answers {answer.status}")
    return len(body)


def timings(port: int, path: str, rounds: int) -> list[float]:
    """Return the milliseconds of each of so many requests over one connection, after a few to warm up."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for number in range(rounds + 5):
        started = time.perf_counter()
        fetch(client, path)
        if number >= 5:
            taken.append((time.perf_counter() - started) * 1000)
    return taken


def run(rounds: int) -> None:
    with site() as (port, server):
        print(f"\n{'results page over HTTP, one client':40}{'median ms':>12}{'95 % ms':>12}{'bytes':>10}")
        for name, query in {**QUERIES, "everything": "", "form": None}.items():
            path = "/" if query is None else f"/search?q={quote(query)}"
            taken = sorted(timings(port, path, rounds))
            size = fetch(http.client.HTTPConnection("127.0.0.1", port), path)
            print(f"{name:40}{statistics.median(taken):>12.1f}{taken[int(len(taken) * 0.95) - 1]:>12.1f}{size:>10,}")
        for worker in server.children(recursive=True):
            if "postgres" not in worker.name():
                memory = worker.memory_full_info()
                print(f"worker {worker.pid}: {memory.rss / 1e6:.0f} MB resident, {memory.uss / 1e6:.0f} MB its own")
