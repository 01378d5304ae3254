"""The beginning of an import: rows as a format reads them, repaired, cleaned and validated, one after the other.

A large file is read by a process of its own (this module, run by itself), so that reading it and writing records keep
two cores busy. Between the two processes go plain tuples.
"""

import contextlib
import io
import marshal
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from threading import Condition, Thread
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from catalogue import slips
from catalogue.draft import Draft, Identifier, Name, Problem, clean, validate
from catalogue.formats.base import Format, FormatError, ReadOptions, Row

# A smaller file is read sooner than another process has started.
SMALLEST = 4_000_000
AT_ONCE = 200
# Fewer where they have so many characters.
LONGEST = 1_000_000
# As many bytes of rows that were read wait for their turn; more where one part alone is larger.
MOST_AHEAD = 16_000_000
ROOT = Path(__file__).resolve().parent.parent

Packed = tuple[Any, ...]


def checked(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, their drafts cleaned; a row that cannot be taken has problems, one that may be wrong warnings."""
    for row in rows:
        if row.draft is None:
            yield row
            continue
        draft = row.draft if row.cleaned else clean(row.draft)
        wrong, doubted = validate(draft), slips.find(draft)
        if wrong or doubted or draft is not row.draft:
            warnings = (*row.warnings, *doubted)
            row = replace(row, draft=draft, cleaned=True, problems=(*row.problems, *wrong), warnings=warnings)
        yield row


def read(
    file: BinaryIO, file_format: Format, options: ReadOptions, moved: Callable[[int], None], keep_cells: bool
) -> Iterator[Row]:
    """Yield the checked rows of a file and tell `moved` how many bytes are read. Raises FormatError."""
    before = _stamp(file)
    if _is_large(file):
        yield from _read_elsewhere(file, file_format, options, moved, keep_cells)
    else:
        for count, row in enumerate(checked(file_format.read(file, options))):
            if count % AT_ONCE == 0:
                moved(_position(file))
            yield row
        moved(_position(file))
    if _stamp(file) != before:
        raise FormatError(_("The file was changed while it was read. Import it again once it is complete."))


def _stamp(file: BinaryIO) -> tuple[int, int] | None:
    try:
        found = os.fstat(file.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def _position(file: BinaryIO) -> int:
    try:
        return file.tell()
    except (OSError, ValueError):
        return 0


def _is_large(file: BinaryIO) -> bool:
    """Tell whether a file is worth a process of its own: large, and one that another process can read."""
    try:
        return (os.cpu_count() or 1) > 1 and os.fstat(file.fileno()).st_size - file.tell() >= SMALLEST
    except (OSError, AttributeError, ValueError):
        return False


def _read_elsewhere(
    file: BinaryIO, file_format: Format, options: ReadOptions, moved: Callable[[int], None], keep_cells: bool
) -> Iterator[Row]:
    file.seek(os.lseek(file.fileno(), file.tell(), os.SEEK_SET))
    receiving, sending = os.pipe()
    command = [sys.executable, "-P", "-m", "catalogue.import_reading", str(receiving)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: S603 - this very module
        command, env=environment, stdin=file, stdout=subprocess.PIPE, pass_fds=(receiving,)
    ) as process:
        os.close(receiving)
        # If it has ended already, that shows when it is read from.
        with contextlib.suppress(BrokenPipeError), open(sending, "wb") as task:  # noqa: PTH123 - a pipe, not a path
            pickle.dump((file_format, options, keep_cells), task)
        ahead = _Ahead(process.stdout)  # type: ignore[arg-type]
        try:
            yield from _received(ahead, moved)
        finally:
            process.kill()
            ahead.close()


class _Ahead:
    """What another process sends, received while the last of it is worked on: else each would wait for the other."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._is_closed = False
        self._changed = Condition()
        self._thread = Thread(target=self._receive, name="import", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        try:
            while (part := _receive_part(self._pipe)) and not self._is_closed:
                with self._changed:
                    self._changed.wait_for(lambda: self._held < MOST_AHEAD or self._is_closed)
                self._append(part)
        finally:  # whatever ended it, nobody waits for more
            self._append(b"")

    def _append(self, part: bytes) -> None:
        with self._changed:
            self._parts.append(part)
            self._held += len(part)
            self._changed.notify_all()

    def take(self) -> bytes:
        """Return the next part, once it is there; nothing where the other process has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._parts)
            part = self._parts.popleft()
            self._held -= len(part)
            self._changed.notify_all()
        return part

    def close(self) -> None:
        """Let go of what is left. The other process must have been ended."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()


def _send_part(pipe: BinaryIO, part: tuple[Any, ...]) -> None:
    packed = marshal.dumps(part)
    pipe.write(len(packed).to_bytes(8, "big"))
    pipe.write(packed)


def _receive_part(pipe: BinaryIO) -> bytes:
    """Return one part, or nothing where the pipe ends before it does."""
    size = int.from_bytes(pipe.read(8), "big")
    part = pipe.read(size)
    return part if len(part) == size else b""


def _received(ahead: _Ahead, moved: Callable[[int], None]) -> Iterator[Row]:
    while True:
        part = ahead.take()
        if not part:
            raise FormatError(_("The file could not be read to its end: the process that read it ended."))
        position, packed, failure = marshal.loads(part)  # noqa: S302 - from our own process
        moved(position)
        yield from map(unpacked, packed)
        if failure is not None:
            if failure:
                raise FormatError(failure)
            return


_FIELDS = tuple(one.name for one in fields(Draft))
_PLACES = {name: _FIELDS.index(name) for name in ("authors", "identifiers")}
_values = attrgetter(*_FIELDS)
_name_values = attrgetter("heading", "kind", "orcid")
_identifier_values = attrgetter("scheme", "value")


def packed(row: Row, keep_cells: bool) -> Packed:
    """Return a row as what `marshal` can write; `unpacked` gives it back."""
    problems = tuple((one.field, one.value, one.reason) for one in row.problems)
    cells = row.cells if keep_cells or problems else ()
    draft = _packed_draft(row.draft) if row.draft else None
    return row.number, draft, problems, row.warnings, cells, row.set_aside, row.record


def _packed_draft(draft: Draft) -> Packed:
    values = list(_values(draft))
    values[_PLACES["authors"]] = tuple(map(_name_values, draft.authors))
    values[_PLACES["identifiers"]] = tuple(map(_identifier_values, draft.identifiers))
    return tuple(values)


def unpacked(row: Packed) -> Row:
    number, values, problems, warnings, cells, aside, record = row
    draft = None
    if values is not None:
        values = list(values)
        values[_PLACES["authors"]] = tuple(Name(*one) for one in values[_PLACES["authors"]])
        values[_PLACES["identifiers"]] = tuple(Identifier(*one) for one in values[_PLACES["identifiers"]])
        draft = Draft(*values)
    return Row(number, draft, tuple(Problem(*one) for one in problems), warnings, cells, True, aside, record)


def _length(row: Row) -> int:
    """Return about how many characters a row has: those of what may be long."""
    return sum(map(len, row.cells)) + (len(row.draft.summary) if row.draft else 0)


def _send_all(file: BinaryIO, pipe: BinaryIO, task: tuple[Format, ReadOptions, bool]) -> None:
    file_format, options, keep_cells = task
    batch: list[Packed] = []
    length = 0
    failure = ""
    try:
        for row in checked(file_format.read(file, options)):
            batch.append(packed(row, keep_cells))
            length += _length(row)
            if len(batch) == AT_ONCE or length >= LONGEST:
                _send_part(pipe, (_position(file), tuple(batch), None))
                batch, length = [], 0
    except FormatError as error:
        failure = str(error)
    _send_part(pipe, (_position(file), tuple(batch), failure))
    pipe.flush()


def main() -> None:
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")
    # Formats know no tables, and whoever started this waits: without the applications it is there in half the time.
    settings.INSTALLED_APPS = []
    django.setup()
    with open(int(sys.argv[1]), "rb") as described:  # noqa: PTH123 - a pipe, not a path
        task = pickle.load(described)  # noqa: S301 - from our own process
    # Whoever started this may be gone, or about to be: then there is nobody to read to.
    with (
        contextlib.suppress(BrokenPipeError, KeyboardInterrupt),
        io.BufferedWriter(io.FileIO(1, "wb", closefd=False), 1_000_000) as pipe,
    ):
        _send_all(sys.stdin.buffer, pipe, task)


if __name__ == "__main__":
    main()
