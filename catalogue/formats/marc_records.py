"""ISO 2709: a stream of bytes cut into MARC records, and a record into its fields, mended where that can be done.

Called by the format in marc.py. Only the marks that end records and fields are trusted: lengths and addresses are often
wrong (a record over 99,999 bytes cannot even say them), and are used to check.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from catalogue.formats.base import Notes

RECORD_LIMIT = 4_000_000
LEADER_LENGTH = 24
_CHUNK = 262_144
_END_OF_RECORD, _END_OF_FIELD = b"\x1d", b"\x1e"
_LARGEST_LENGTH = 99_999

# What stands between records in files that passed through editors and other systems.
_BETWEEN = re.compile(rb"(?:\xef\xbb\xbf|[\r\n\t\x00\x1a]| +(?=[\r\n]|\d{5}|$))*")
_LEADER = re.compile(rb"\s*\d{5}[ -~][a-z][ -~]{3}[ -~]{2}[\d ]{5}[ -~]{7}\w{3}\d")
_ENTRIES = re.compile(rb"(?:[0-9A-Za-z]{3}\d{9})*")
_ENTRY = re.compile(rb"([0-9A-Za-z]{3})\d{4}(\d{5})")


@dataclass(frozen=True)
class RawRecord:
    """The bytes of one record without the mark that ends it; of one that is `too_long`, its beginning."""

    data: bytes
    ended: bool = True
    too_long: bool = False


@dataclass(frozen=True)
class RawFields:
    """A record's leader, and each field's tag and bytes, in the order of the directory."""

    leader: bytes
    fields: list[tuple[str, bytes]]


def cut(file: BinaryIO) -> Iterator[RawRecord]:
    """Yield the records of a file, however long it is; never more than RECORD_LIMIT bytes of one are held."""
    pending, too_long = b"", False
    while chunk := file.read(_CHUNK):
        pieces = (pending + chunk).split(_END_OF_RECORD)
        pending = pieces.pop()
        for piece in pieces:
            yield from _records_in(piece, True, too_long)
            too_long = False
        if len(pending) > RECORD_LIMIT:
            pending, too_long = pending[:LEADER_LENGTH], True
    yield from _records_in(pending, False, too_long)


def _records_in(piece: bytes, ended: bool, too_long: bool) -> Iterator[RawRecord]:
    """Yield the record in a piece, or several where the mark between them was lost."""
    position = _after_rubbish(piece, 0)
    while position < len(piece):
        said = piece[position : position + 5]
        end = position + (int(said) if said.isdigit() else 0)
        glued = position + LEADER_LENGTH < end < len(piece) and bool(_LEADER.match(piece, end))
        yield RawRecord(piece[position : end if glued else None], ended or glued, too_long)
        position = _after_rubbish(piece, end) if glued else len(piece)


def _after_rubbish(piece: bytes, position: int) -> int:
    match = _BETWEEN.match(piece, position)
    return match.end() if match else position


def fields_of(record: RawRecord, notes: Notes) -> RawFields | None:
    """Return the fields of a record, or None with a problem where they cannot be told apart."""
    if record.too_long:
        message = _("This record is longer than %(limit)d bytes: the file is damaged here, and it is left out.")
        notes.problem("", "", message % {"limit": RECORD_LIMIT})
        return None
    end = record.data.find(_END_OF_FIELD)
    if end <= LEADER_LENGTH:
        notes.problem("", _shown(record.data), _("This is no MARC record: it has no directory of its fields."))
        return None
    pieces = record.data[end + 1 :].split(_END_OF_FIELD)
    if not pieces[-1].strip():
        pieces.pop()
    start = _directory_start(record.data, end, pieces)
    fields = _fields(record.data[start:end], pieces, notes)
    if not fields:
        notes.problem("", _shown(record.data), _("The directory of this record is damaged: no field can be found."))
        return None
    _check_length(record, notes)
    return RawFields(record.data[max(0, start - LEADER_LENGTH) : start].ljust(LEADER_LENGTH), fields)


def _directory_start(data: bytes, end: int, pieces: list[bytes]) -> int:
    """Return where the directory begins: after the leader, which may have lost or gained a few characters."""
    if len(data) > _LARGEST_LENGTH and _long_entries(data[LEADER_LENGTH + 1 : end], pieces):
        return LEADER_LENGTH + 1  # a length of six digits
    if (end - LEADER_LENGTH) % 12 and abs(end - 12 * len(pieces) - LEADER_LENGTH) <= 4:
        return end - 12 * len(pieces)
    return LEADER_LENGTH


def _fields(directory: bytes, pieces: list[bytes], notes: Notes) -> list[tuple[str, bytes]]:
    entries = _long_entries(directory, pieces) or _entries(directory)
    starts, position = {}, 0
    for piece in pieces:
        starts[position] = piece
        position += len(piece) + 1
    found = [(tag, starts.pop(start)) for tag, start in entries if start in starts]
    if len(found) == len(entries):
        return found
    if len(entries) == len(pieces):
        notes.warn(_("The directory of this record gives wrong addresses; its fields were taken in their order."))
        return _in_order(entries, pieces, position)
    if found:
        message = _("The directory of this record is damaged: of %(said)d fields, %(found)d were found.")
        notes.problem("", "", message % {"said": len(entries), "found": len(found)})
    return found


def _long_entries(directory: bytes, pieces: list[bytes]) -> list[tuple[str, int]]:
    """Return the entries of a record over 99,999 bytes whose addresses simply took six digits; else nothing."""
    entries, place, position = [], 0, 0
    if len(directory) == 12 * len(pieces):
        return []
    for piece in pieces:
        said = b"%04d%05d" % (len(piece) + 1, position)
        if directory[place + 3 : place + 3 + len(said)] != said:
            return []
        entries.append((directory[place : place + 3].decode("ascii", "replace"), position))
        place, position = place + 3 + len(said), position + len(piece) + 1
    return entries


def _in_order(entries: list[tuple[str, int]], pieces: list[bytes], length: int) -> list[tuple[str, bytes]]:
    """Pair tags and fields by the order of the addresses: counted in characters, not bytes, they still have that.

    Over 99,999 bytes they begin at 0 again, and the order of the directory must do.
    """
    if length <= _LARGEST_LENGTH:
        entries = sorted(entries, key=lambda entry: entry[1])
    return [(tag, piece) for (tag, _start), piece in zip(entries, pieces, strict=True)]


def _entries(directory: bytes) -> list[tuple[str, int]]:
    if _ENTRIES.fullmatch(directory):
        return [(tag.decode("ascii"), int(start)) for tag, start in _ENTRY.findall(directory)]
    entries = []
    for position in range(0, len(directory) - 11, 12):
        if match := _ENTRY.fullmatch(directory, position, position + 12):
            entries.append((match[1].decode("ascii"), int(match[2])))
    return entries


def _check_length(record: RawRecord, notes: Notes) -> None:
    said, found = record.data[:5], len(record.data) + 1
    if not record.ended:
        notes.problem("", "", _("The file ends in the middle of this record. Fetch it again, as a whole."))
    elif said != b"%05d" % found and found <= _LARGEST_LENGTH:
        message = _("This record says that it is %(said)s bytes long, and is %(found)d; it was read to its end.")
        notes.warn(message % {"said": _shown(said), "found": found})


def _shown(data: bytes) -> str:
    return data[:80].decode("ascii", "replace")
