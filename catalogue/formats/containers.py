"""Files of records that come packed: zip and gzip archives of any of the formats. They are read, never written.

Of a zip with several files all are read, in the order of their names, as one file: the numbers of the rows go on from
one to the next, and what is said of a row names its file and its number there. A file in no known format is passed over
with a warning; one that is damaged, or is in no known format though its name ends like one, stops the reading, so that
nothing is left out in silence. Archives within archives are refused.
"""

import gzip
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from zipfile import ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.formats.archives import Unpacked, copied, local_names, member, opened
from catalogue.formats.base import Format, FormatError, ReadOptions, Row, shorten
from catalogue.formats.decoding import SAMPLE_SIZE, read_whole

_DIGITS = re.compile(r"(\d+)")
# What is said of the files of records in a text beside them.
_ABOUT = re.compile(r"(?:read.?me|licen[cs]e|manifest)", re.IGNORECASE)
# The parts of office documents, books and programs, which are archives too, and none of records.
_NO_RECORDS = ("word/", "ppt/", "mimetype", "META-INF/", "AndroidManifest.xml", "visio/")


class _Container(Format):
    """What both archives have in common: the format of what is in them is told from its content."""

    binary = packed = True
    is_written = False

    def __init__(self, detect: Callable[[bytes, str], Format]) -> None:
        self._detect = detect

    def _rows(self, unpacked: BinaryIO, name: str, options: ReadOptions) -> Iterator[Row]:
        sample = read_whole(unpacked, SAMPLE_SIZE)
        inner = self._detect(sample, name)
        if isinstance(inner, _Container):
            raise FormatError(_("There is an archive within the archive. Unpack it, and bring the files of records."))
        rejoined = cast(BinaryIO, _Rejoined(sample, unpacked))
        if not inner.packed:
            yield from inner.read(rejoined, options)
            return
        with TemporaryFile() as copy:
            yield from inner.read(copied(rejoined, copy), options)


class Zipped(_Container):
    """Reads the files of records in a zip archive."""

    name = "zip"
    label = gettext_lazy("zip archive of any of these")
    extensions = ("zip",)
    media_type = "application/zip"

    def __init__(self, detect: Callable[[bytes, str], Format], endings: Callable[[], frozenset[str]]) -> None:
        super().__init__(detect)
        self._endings = endings

    def detects(self, sample: bytes) -> bool:
        """Tell by the signature, unless what is in it shows a document of another kind."""
        if sample.startswith(b"PK\x05\x06"):
            return True
        return sample.startswith(b"PK\x03\x04") and not any(
            name.startswith(_NO_RECORDS) for name in local_names(sample)
        )

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield the Rows of all files in the archive."""
        with opened(file) as archive:
            names = _names(archive)
            if not names:
                raise FormatError(_("There is no file in this archive."))
            known = [name for name in names if self._knows(archive, name)] or names[:1]
            warnings = _passed_over([name for name in names if name not in known])
            before = last = 0
            for name in known:
                for row in self._member(archive, name, options):
                    last = before + row.number
                    found = row if len(known) == 1 else _located(row, name, last)
                    yield replace(found, warnings=(*warnings, *found.warnings)) if warnings else found
                    warnings = ()
                before = last

    def _knows(self, archive: ZipFile, name: str) -> bool:
        """Tell whether a file is in a known format. Raises FormatError where it is damaged, or should be in one."""
        path = PurePosixPath(name)
        is_other = _ABOUT.match(path.name) or path.suffix.lower().removeprefix(".") not in self._endings()
        try:
            sample = read_whole(cast(BinaryIO, member(archive, name)), SAMPLE_SIZE)
        except FormatError as error:
            raise _at(name, error) from error
        try:
            return bool(self._detect(sample, name))
        except FormatError as error:
            if is_other:
                return False
            raise _at(name, error) from error

    def _member(self, archive: ZipFile, name: str, options: ReadOptions) -> Iterator[Row]:
        try:
            yield from self._rows(cast(BinaryIO, member(archive, name)), name, options)
        except FormatError as error:
            raise _at(name, error) from error


class Gzipped(_Container):
    """Reads the file of records that gzip has packed."""

    name = "gzip"
    label = gettext_lazy("gzip archive of any of these")
    extensions = ("gz",)
    media_type = "application/gzip"

    def detects(self, sample: bytes) -> bool:
        """Tell by the signature."""
        return sample.startswith(b"\x1f\x8b")

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield the Rows of the file."""
        counted = _Counted(file)
        with gzip.GzipFile(fileobj=cast(BinaryIO, counted)) as packed:
            yield from self._rows(cast(BinaryIO, Unpacked(cast(BinaryIO, packed), counted.size)), "", options)


class _Counted:
    """The packed side of a gzip file: how many bytes were taken from it so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._taken = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._taken += len(data)
        return data

    def size(self) -> int:
        return self._taken


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was looked at already."""

    def __init__(self, beginning: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        return self._beginning.read(size) or self._rest.read(size)


def _names(archive: ZipFile) -> list[str]:
    """Return the files in the order of their names, "part 2" before "part 10", without those of the packing system."""
    names = [name for name in archive.namelist() if not name.endswith("/")]
    return sorted((name for name in names if not _is_hidden(name)), key=_in_order)


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in ("Thumbs.db", "desktop.ini")


def _at(name: str, error: FormatError) -> FormatError:
    return FormatError(_("“%(name)s” in the archive: %(reason)s") % {"name": name[-80:], "reason": error})


def _passed_over(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    message = _("In the archive these are no files of records, and were passed over: %(names)s")
    return (message % {"names": shorten(", ".join(names))},)


def _in_order(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(name.casefold())]


def _located(row: Row, name: str, number: int) -> Row:
    """Return the row with its number in the whole archive, and with its place in what is said of it."""
    place = _("%(name)s, row %(row)d: ") % {"name": name[-80:], "row": row.number}
    problems = tuple(replace(problem, reason=place + problem.reason) for problem in row.problems)
    warnings = tuple(place + warning for warning in row.warnings)
    aside = place + row.set_aside if row.set_aside else ""
    return replace(row, number=number, problems=problems, warnings=warnings, set_aside=aside)
