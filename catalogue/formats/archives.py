"""Zip archives from anywhere, unpacked as they stream by and within bounds, and archives written as they are made.

Spreadsheets are such archives, and `containers` reads files of records out of them. Nothing is ever unpacked to a disk
under a name that the archive gives.
"""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError

# All that one file may become when it is unpacked, and how many times its size, once it is more than a little.
UNPACKED_LIMIT = 4_000_000_000
MOST_TIMES = 200
LITTLE = 50_000_000
MOST_MEMBERS = 10_000

_PIECE = 65_536
_DAMAGE = (BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Unpacked(io.RawIOBase):
    """What comes out of something packed, counted: it may not be too much, nor too much for the size it came from."""

    def __init__(self, packed: BinaryIO, size: Callable[[], int]) -> None:
        super().__init__()
        self._packed = packed
        self._size = size
        self._taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._packed.read(size if size >= 0 else _PIECE)
        except _DAMAGE as error:
            message = _("This archive is damaged or was cut off. Fetch or pack it again.")
            raise FormatError(message) from error
        self._taken += len(data)
        most = min(UNPACKED_LIMIT, MOST_TIMES * self._size() + LITTLE)
        if self._taken > most:
            message = _("This archive unpacks to more than %(most)d MB. No file of records does that: it is not read.")
            raise FormatError(message % {"most": most // 1_000_000})
        return data


def opened(file: BinaryIO) -> ZipFile:
    """Return the archive in a file. Raises FormatError where it is damaged, has a password, or names paths outside."""
    try:
        archive = ZipFile(_seekable(file))
    except _DAMAGE as error:
        message = _("This archive is damaged or was cut off: its list of contents is missing. Fetch or pack it again.")
        raise FormatError(message) from error
    names = archive.infolist()
    if len(names) > MOST_MEMBERS:
        raise FormatError(_("This archive holds more than %(most)d files.") % {"most": MOST_MEMBERS})
    if sum(info.file_size for info in names) > UNPACKED_LIMIT:  # no more than it says comes out of any
        message = _("This archive unpacks to more than %(most)d MB. No file of records does that: it is not read.")
        raise FormatError(message % {"most": UNPACKED_LIMIT // 1_000_000})
    for info in names:
        if info.flag_bits & 1:
            raise FormatError(_("This archive is protected by a password. Unpack it, and bring what is in it."))
        if ".." in PurePosixPath(info.filename.replace("\\", "/")).parts or info.filename.startswith(("/", "\\")):
            message = _("This archive wants to write outside its folder (“%(name)s”). It is not to be trusted.")
            raise FormatError(message % {"name": info.filename[:80]})
    return archive


def _seekable(file: BinaryIO) -> BinaryIO:
    """Return the file, or a copy on the disk: the list of what is in an archive stands at its end."""
    return file if file.seekable() else copied(file, cast(BinaryIO, TemporaryFile()))  # noqa: SIM115 - goes with it


def copied(file: BinaryIO, copy: BinaryIO) -> BinaryIO:
    """Return a copy of an archive that can be read only once, at its beginning."""
    size = 0
    while piece := file.read(_PIECE):
        if not size and not piece.startswith(b"PK"):
            raise FormatError(_("This is not an archive, or its beginning is damaged."))
        size += copy.write(piece)
        if size > UNPACKED_LIMIT:
            raise FormatError(_("This file is larger than %(most)d MB.") % {"most": UNPACKED_LIMIT // 1_000_000})
    copy.seek(0)
    return copy


def member(archive: ZipFile, name: str) -> BinaryIO:
    """Return one file of an archive to be read. Raises FormatError where there is none of that name."""
    try:
        info = archive.getinfo(name)
        return cast(BinaryIO, Unpacked(cast(BinaryIO, archive.open(info)), lambda: info.compress_size))
    except KeyError:
        message = _("The archive is not complete: “%(name)s” is missing in it.")
        raise FormatError(message % {"name": name}) from None
    except _DAMAGE as error:
        raise FormatError(_("This archive is damaged or was cut off. Fetch or pack it again.")) from error


def local_names(sample: bytes) -> list[str]:
    """Return the names of the files that begin within the first bytes of an archive. Raises nothing.

    What a file holds is passed over, where its size is said before it: it may be an archive itself.
    """
    names, place = [], sample.find(b"PK\x03\x04")
    while place >= 0:
        size, name, extra = (
            int.from_bytes(sample[place + start : place + end], "little")
            for start, end in ((18, 22), (26, 28), (28, 30))
        )
        names.append(sample[place + 30 : place + 30 + name].decode("utf-8", "replace"))
        place = sample.find(b"PK\x03\x04", place + 30 + name + extra + size)
    return names


def first_content(sample: bytes) -> bytes:
    """Return the beginning of the first file in an archive, as far as the first bytes hold it. Raises nothing."""
    name, extra = (int.from_bytes(sample[place : place + 2], "little") for place in (26, 28))
    data = sample[30 + name + extra :]
    if sample[8:10] == b"\x00\x00":
        return data[:_PIECE]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _PIECE)
    except zlib.error:
        return b""


class _Outlet:
    """Where an archive is written, and taken from as it grows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind this that could lag."""

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def archive_pieces(parts: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield the bytes of an archive of files, each a name and its pieces, as they come. A first "mimetype" is stored
    plain, as OpenDocument has it. The same content gives the same bytes."""
    outlet = _Outlet()
    with ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for name, pieces in parts:
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            if name == "mimetype":
                archive.writestr(info, b"".join(pieces))
                continue
            with archive.open(info, "w") as entry:
                for piece in pieces:
                    entry.write(piece)
                    if data := outlet.taken():
                        yield data
    yield outlet.taken()
