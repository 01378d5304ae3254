"""Results pages over HTTP from the real server: medians at one client, pages a second at many, the workers' memory."""

import asyncio
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

CLIENTS, SECONDS = 16, 5.0
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


async def read_pages(port: int, paths: list[str], until: float) -> int:
    """Read pages over one connection, one after the other, and return how many were read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    pages = 0
    while time.perf_counter() < until:
        path = paths[pages % len(paths)]
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if " 200 " not in head.partition("\r\n")[0]:
            raise OSError(f"{path} answers {head}")
        await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
        pages += 1
    writer.close()
    return pages


async def pages_a_second(port: int) -> float:
    """Return how many results pages a second many clients get, all at once."""
    paths = [f"/search?q={query}" for query in QUERIES.values()]
    until = time.perf_counter() + SECONDS
    return sum(await asyncio.gather(*(read_pages(port, paths, until) for _ in range(CLIENTS)))) / SECONDS


def run(rounds: int) -> None:
    with site() as (port, server):
        print(f"\n{'results page over HTTP, one client':40}{'median ms':>12}{'95 % ms':>12}{'bytes':>10}")
        for name, query in {**QUERIES, "everything": "", "form": None}.items():
            path = "/" if query is None else f"/search?q={quote(query)}"
            taken = sorted(timings(port, path, rounds))
            size = fetch(http.client.HTTPConnection("127.0.0.1", port), path)
            print(f"{name:40}{statistics.median(taken):>12.1f}{taken[int(len(taken) * 0.95) - 1]:>12.1f}{size:>10,}")
        print(f"{CLIENTS} clients at once: {asyncio.run(pages_a_second(port)):.0f} results pages a second")
        for worker in server.children(recursive=True):
            if "postgres" not in worker.name():
                memory = worker.memory_full_info()
                print(f"worker {worker.pid}: {memory.rss / 1e6:.0f} MB resident, {memory.uss / 1e6:.0f} MB its own")
