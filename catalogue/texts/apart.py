"""Reads a document in a process of its own (extracting.py), and believes nothing that comes back.

A document may hold anything: a bomb, a loop, what crashes the library that reads it. None of it reaches the worker.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from catalogue.texts.bounds import LONGEST_PAGE, MOST_CHARACTERS, MOST_PAGES, MOST_WRITTEN, SECONDS, End, cleaned

# What the process needs of the environment: no secrets are in it.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")
_LOOK_SECONDS = 0.1
_BASE_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Extract:
    """The text of a document: the pages that have any, with their numbers, and how many pages there are in all."""

    end: End
    pages: tuple[tuple[int, str], ...] = ()
    page_count: int = 0

    @property
    def characters(self) -> int:
        return sum(len(text) for _number, text in self.pages)


class Interrupted(Exception):
    """Whoever waits for the document was asked to end."""


def extract(kind: str, path: Path, is_ending: Callable[[], bool] = bool, seconds: float = SECONDS) -> Extract:
    """Return the text of a document of a kind. Raises Interrupted; of what is wrong with it the Extract tells."""
    with tempfile.TemporaryFile() as output:
        end = _run(kind, path, output, is_ending, seconds)
        output.seek(0)
        return _read(output, end)


def _run(kind: str, path: Path, output: IO[bytes], is_ending: Callable[[], bool], seconds: float) -> End:
    """Run the process, and return how it ended where it does not say so itself."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-m", "catalogue.texts.extracting", kind, str(path)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=_BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if is_ending():
                raise Interrupted
            if time.monotonic() > until:
                return End.SLOW
            _wait(process)
    finally:
        process.kill()
        process.wait()
    return _end_of(process.returncode)


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _end_of(status: int) -> End:
    """Return what the status of a process that did not say its end means."""
    if -status in (signal.SIGXCPU, signal.SIGALRM):
        return End.SLOW
    return End.HUGE if -status in (signal.SIGXFSZ, signal.SIGABRT, signal.SIGKILL, signal.SIGTRAP) else End.DAMAGED


def _read(output: IO[bytes], end: End) -> Extract:
    pages: list[tuple[int, str]] = []
    left, count, last = MOST_CHARACTERS, 0, 0
    for line in _lines(output):
        match line:
            case {"end": str(said), "pages": int(count)}:
                end = _known(said)
                break
            case {"page": int(number), "text": str(written)} if last < number <= MOST_PAGES:
                text, last = cleaned(written)[: min(LONGEST_PAGE, left)], number
                left -= len(text)
                pages += [(number, text)] if text else []
            case _:
                end = End.DAMAGED
                break
    if end in (End.PROTECTED, End.MISSING):
        return Extract(end)
    return Extract(end, tuple(pages), max(min(count, MOST_PAGES), last))


def _lines(output: IO[bytes]) -> Iterator[Any]:
    """Yield what the whole lines say that were written; one that was cut off ends them."""
    try:
        while line := output.readline(MOST_WRITTEN):
            yield json.loads(line)
    except (ValueError, RecursionError):
        return


def _known(end: str) -> End:
    try:
        return End(end)
    except ValueError:
        return End.DAMAGED
