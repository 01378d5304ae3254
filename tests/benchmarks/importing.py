"""Imports measured: records a second from the file to the search, the pace, memory, searches meanwhile, the same file
again, other formats, a small file from a cold start; and sqlite-utils (insert, enable-fts) beside them. Seconds of
processors are told too: they mean something on a machine that others use as well.
"""

import csv
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from catalogue.formats import ReadOptions, get_format
from search.index import catalogue
from tests.benchmarks import generated, loading, pages
from tests.environment import ROOT

HEADER = ("title", "authors", "summary", "details", "year", "country", "url", "keywords")
OTHER_FORMATS = ("marc", "ris", "bibtex")
SMALL = ROOT / "fixtures" / "sample" / "justice.csv"
# One import in a process of its own: it prints how long each hundred thousand took, and what came of it.
DRIVER = """
import django; django.setup()
import json, sys, time
from pathlib import Path
from catalogue.commandline import let_pages_go_first
from catalogue.formats import ReadOptions, get_format
from catalogue.importing import Run, import_file, make_searchable
let_pages_go_first()
started, paces, last = time.monotonic(), [], [time.monotonic(), 0]
def progress(report):
    if report.read - last[1] >= 100_000:
        now = time.monotonic()
        paces.append(round(now - last[0], 2))
        last[:] = now, report.read
with Path(sys.argv[1]).open("rb") as file:
    report = import_file(file, get_format(sys.argv[2]), ReadOptions(), Run(), progress)
written = time.monotonic() - started
make_searchable()
print(json.dumps({"created": report.created, "unchanged": report.unchanged, "written": written, "paces": paces,
                  "seconds": time.monotonic() - started}))
"""


@dataclass
class Watch:
    """Peak memory in MB and seconds of processor time of processes, by what they are."""

    memory: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu: dict[int, tuple[str, float]] = field(default_factory=dict)

    def look(self, process: psutil.Process) -> None:
        for one in (process, *process.children(recursive=True), *_backends()):
            try:
                name = " ".join(one.cmdline()[:6])[:60] or one.name()
                kind = "reader" if "import_reading" in name else "database" if "postgres" in name else "import"
                # Of its own: files of the index that are mapped give way where memory is short.
                memory = (one.memory_info().rss - one.memory_info().shared) / 1e6
                times = one.cpu_times()
            except psutil.Error:
                continue
            self.memory[kind] = max(self.memory[kind], memory)
            self.cpu[one.pid] = (kind, times.user + times.system)

    def processor(self) -> dict[str, float]:
        spent: dict[str, float] = defaultdict(float)
        for kind, seconds in self.cpu.values():
            spent[kind] += seconds
        return {kind: round(seconds, 1) for kind, seconds in spent.items()}


def _backends() -> list[psutil.Process]:
    """Return the processes of this catalogue's own database server."""
    try:
        server = psutil.Process(int((settings.VAR_DIR / "postgres" / "postmaster.pid").read_text().split()[0]))
        return server.children()
    except (OSError, psutil.Error):
        return []


def write_file(count: int) -> Path:
    path = settings.VAR_DIR / f"records-{count}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".new").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(HEADER)
            rows.writerows(_cells(number, made) for number, made in enumerate(generated.records(count), start=1))
        path.with_suffix(".new").rename(path)
    return path


def _cells(number: int, made: generated.Generated) -> list[object]:
    authors = "; ".join(map(generated.author_heading, made.authors))
    keywords = "; ".join(map(generated.keyword_heading, made.keywords))
    url = f"https://example.org/reports/{number}" if number % 3 else ""
    details = f"Place: Publisher, {made.year}. {number % 300}p."
    country = generated.country_heading(made.country)
    return [made.title, authors, made.summary, details, made.year, country, url, keywords]


def empty() -> None:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        tables = ", ".join(f"catalogue_{name}" for name in (*loading.TABLES, "recordidentifier"))
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    catalogue().rebuild()


def run_import(path: Path, name: str = "csv") -> tuple[dict, Watch]:
    """Import a file of a format in a process of its own, watched; return what it said."""
    before = Watch()
    before.look(psutil.Process())
    watch = Watch()
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(path), name], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True
    )
    while process.poll() is None:
        watch.look(psutil.Process(process.pid))
        time.sleep(0.2)
    assert process.stdout is not None
    said = json.loads(process.stdout.read().splitlines()[-1])
    for pid, (kind, seconds) in before.cpu.items():
        if pid in watch.cpu:
            watch.cpu[pid] = (kind, watch.cpu[pid][1] - seconds)
    return said, watch


@contextmanager
def searching(port: int) -> Iterator[list[float]]:
    """Search all the while, a few times a second; yield the milliseconds of each."""
    taken: list[float] = []
    ended = threading.Event()

    def search() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not ended.wait(0.2):
            started = time.perf_counter()
            pages.fetch(client, f"/search?q={generated.COMMON}")
            taken.append((time.perf_counter() - started) * 1000)

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()


def run(count: int, rounds: int, peers: bool) -> None:
    path = write_file(count)
    empty()
    said, watch = run_import(path)
    speed = count / said["seconds"]
    _say(f"{count:,} records imported", said, watch, speed)
    again, watch = run_import(path)
    _say(f"the same file again ({again['unchanged']:,} unchanged)", again, watch, count / again["seconds"])
    with pages.site() as (port, _server):
        idle = statistics.median(pages.timings(port, f"/search?q={generated.COMMON}", rounds))
        more = write_file(count // 2)
        more.write_text(more.read_text(encoding="utf-8").replace("example.org", "example.com"), encoding="utf-8")
        with searching(port) as taken:
            run_import(more)
        print(f"a search: {idle:.1f} ms idle, {statistics.median(taken):.1f} ms during an import", flush=True)
        more.unlink()
    for name in OTHER_FORMATS:
        _other(path, name, count)
    _small()
    if peers:
        _peer(path, count, speed)


def _say(what: str, said: dict, watch: Watch, speed: float) -> None:
    print(f"{what}: {said['seconds']:.1f} s ({said['written']:.1f} s written), {speed:,.0f} records/s", flush=True)
    print(f"  processor seconds: {watch.processor()}", flush=True)
    print(f"  peak megabytes: { {kind: round(size) for kind, size in watch.memory.items()} }", flush=True)
    if said["paces"]:
        print(f"  seconds per 100,000: {said['paces']}", flush=True)


def _other(path: Path, name: str, count: int) -> None:
    """Measure the same records in another format, into an empty catalogue."""
    file_format = get_format(name)
    other = path.with_suffix(f".{file_format.extensions[0]}")
    with path.open("rb") as table, other.open("wb") as file:
        rows = get_format("csv").read(table, ReadOptions())
        file_format.write((row.draft for row in rows if row.draft), file)
    empty()
    said, watch = run_import(other, name)
    _say(f"{count:,} records as {name}", said, watch, count / said["seconds"])
    other.unlink()


def _small() -> None:
    """Measure the whole command on a small file, its database just made, the server not running."""
    environment = {**os.environ, "VAR_DIR": str(settings.VAR_DIR / "small")}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    started = time.perf_counter()
    subprocess.run([*manage, "import_records", str(SMALL), "--json"], cwd=ROOT, env=environment, check=True)
    print(
        f"the command on {SMALL.name}, with the start of the database: {time.perf_counter() - started:.1f} s",
        flush=True,
    )


def _peer(path: Path, count: int, speed: float) -> None:
    database = settings.VAR_DIR / "peer.db"
    database.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sqlite_utils"]
    started = time.perf_counter()
    subprocess.run([*command, "insert", database, "records", path, "--csv", "--silent"], check=True)
    columns = [name for name in HEADER if name != "year"]
    subprocess.run([*command, "enable-fts", database, "records", *columns, "--tokenize", "porter"], check=True)
    peer = count / (time.perf_counter() - started)
    print(f"sqlite-utils insert and enable-fts: {peer:,.0f} records/s; ours {speed / peer:.2f} times that", flush=True)
    database.unlink()
