"""Results pages over HTTP from the real server: medians at one client, memory of the workers."""

import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psutil

from search.exports import FORMATS
from tests.benchmarks import generated
from tests.environment import ROOT
from tests.processes import free_port

# Searches of 16 clients: one or two words of the vocabulary, common and rare.
SEARCHES_OF_MANY = """
local words = {%s}
math.randomseed(1)
request = function()
  local path = "/search?q=" .. words[math.random(#words)]
  if math.random() < 0.5 then path = path .. "+" .. words[math.random(#words)] end
  return wrk.format("GET", path)
end
"""
EXPORTED = generated.UNIVERSAL

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


def _many_clients(port: int) -> None:
    """Print how many pages a second 16 clients get at once, each page another search."""
    if not shutil.which("wrk"):
        print("16 clients at once: not measured, since the program wrk (a package of Debian) is not here")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SEARCHES_OF_MANY % ", ".join(f'"{generated.word(number)}"' for number in range(0, 4_000, 7)))
        script.flush()
        command = ["wrk", "-t1", "-c16", "-d15s", "--latency", "-s", script.name, f"http://127.0.0.1:{port}"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        if re.search("Requests/sec|Non-2xx|Socket errors|50%|99%", line):
            print(f"16 clients at once: {line.strip()}", flush=True)


def _exports(port: int) -> None:
    for ending in FORMATS:
        started = time.perf_counter()
        size = fetch(http.client.HTTPConnection("127.0.0.1", port), f"/search.{ending}?q={EXPORTED}")
        taken = time.perf_counter() - started
        print(f"search.{ending}, {EXPORTED}: {size / 1e6:.0f} MB in {taken:.1f} s", flush=True)


def run(rounds: int) -> None:
    with site() as (port, server):
        print(f"\n{'results page over HTTP, one client':40}{'median ms':>12}{'95 % ms':>12}{'bytes':>10}")
        for name, query in {**QUERIES, "everything": "", "form": None}.items():
            path = "/" if query is None else f"/search?q={quote(query)}"
            taken = sorted(timings(port, path, rounds))
            size = fetch(http.client.HTTPConnection("127.0.0.1", port), path)
            print(f"{name:40}{statistics.median(taken):>12.1f}{taken[int(len(taken) * 0.95) - 1]:>12.1f}{size:>10,}")
        _many_clients(port)
        _exports(port)
        for worker in server.children(recursive=True):
            if "postgres" not in worker.name():
                memory = worker.memory_full_info()
                print(f"worker {worker.pid}: {memory.rss / 1e6:.0f} MB resident, {memory.uss / 1e6:.0f} MB its own")
