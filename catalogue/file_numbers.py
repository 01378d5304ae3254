"""The numbers that records have in the file that brings them: kept by an empty catalogue, followed in any other.

JSON lines carry them. `importing` asks of each row whether it can have its number, `import_batch` says which record it
has become, and learns in the end which record leads to which other.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.db import connection
from django.utils.translation import gettext as _

from catalogue.draft import Problem
from catalogue.formats.base import Row
from catalogue.formats.jsonlines import HIGHEST, NUMBER
from catalogue.models import Record
from catalogue.tombstones import Tombstone

AT_ONCE = 2_000
# A restored record has no higher number: those that come after it are far from the highest that a file may say.
HIGHEST_KEPT = 999_999_999
_PART = 256


class Numbers:
    """A set of numbers of records: a bit for each where they are dense, some 200 bytes for one that stands alone."""

    def __init__(self) -> None:
        self._parts: dict[int, int] = {}

    def add(self, number: int) -> None:
        part, place = divmod(number, _PART)
        self._parts[part] = self._parts.get(part, 0) | 1 << place

    def __contains__(self, number: int) -> bool:
        part, place = divmod(number, _PART)
        return bool(self._parts.get(part, 0) >> place & 1)


@dataclass(frozen=True)
class Lead:
    """A row that says of its record which other replaces it: by its number in the file, and here, if it is here."""

    row: int
    is_new: bool
    in_file: int
    here: int | None


class FileNumbers:
    """What is known of the numbers of one file: 16 bytes a row, and some more where another record replaces its own."""

    def __init__(self) -> None:
        # Whether this restores an empty catalogue: its first good row says so.
        self.are_kept = False
        self._is_begun = False
        self._given = Numbers()
        self._in_file, self._here = array("q"), array("q")
        # What replaces the records of rows: of rows whose record is not known yet, and of the others.
        self._waiting: dict[int, int] = {}
        self._leads: list[tuple[int, int, bool, int]] = []

    def problems(self, row: Row) -> Iterator[Problem]:
        """Yield what keeps a row that is good otherwise from having its number, or from leading where it says."""
        if not self._is_begun:
            self._is_begun = True
            self.are_kept = row.record is not None and _held_empty()
        if self.are_kept and row.record is None:
            yield Problem(NUMBER, "", _("The other records of this file have numbers, and this one has none."))
        elif self.are_kept and row.record is not None and row.record in self._given:
            yield Problem(NUMBER, str(row.record), _("A record of this file has this number already."))
        elif self.are_kept and row.record is not None and row.record > HIGHEST_KEPT:
            sentence = _("A record keeps its number up to %(most)d.")
            yield Problem(NUMBER, str(row.record), sentence % {"most": HIGHEST_KEPT})
        successor = row.draft.replaced_by if row.draft else None
        if successor is not None and (row.record is None or not 1 <= successor <= HIGHEST) and not _is_here(successor):
            # The numbers of another catalogue mean nothing.
            yield Problem("replaced_by", str(successor), _("The catalogue has no record of this number."))

    def taken(self, row: Row) -> Row:
        """Return a good row as it is imported: it leads nowhere until all records are there."""
        if row.record is None or row.draft is None:
            return row
        if self.are_kept:
            self._given.add(row.record)
        if row.draft.replaced_by is None:
            return row
        self._waiting[row.number] = row.draft.replaced_by
        return replace(row, draft=replace(row.draft, replaced_by=None))

    def note(self, row: Row, number: int | None, is_new: bool) -> None:
        """Learn which record a row has become, None where it was set aside."""
        successor = self._waiting.pop(row.number, None)
        if row.record is None or number is None:
            return
        if not self.are_kept:
            self._in_file.append(row.record)
            self._here.append(number)
        if successor is not None:
            self._leads.append((row.number, number, is_new, successor))

    def leads(self) -> Iterator[Mapping[int, Lead]]:
        """Yield, by the numbers of records, where rows lead them."""
        wanted = {successor for *_row, successor in self._leads}
        found = {there: here for there, here in zip(self._in_file, self._here, strict=True) if there in wanted}
        for first in range(0, len(self._leads), AT_ONCE):
            part = self._leads[first : first + AT_ONCE]
            if self.are_kept:  # the numbers of the file are those of the records
                named = Record.objects.filter(pk__in={successor for *_row, successor in part})
                found = {number: number for number in named.values_list("pk", flat=True)}
            yield {number: Lead(row, is_new, to, found.get(to)) for row, number, is_new, to in part}


def _is_here(number: int) -> bool:
    return 0 < number < 2**63 and Record.objects.filter(pk=number).exists()


def _held_empty() -> bool:
    """Tell whether there never was a record; then keep others from making one until the transaction ends."""
    if Record.objects.exists() or Tombstone.objects.exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalogue_record IN SHARE ROW EXCLUSIVE MODE")
    return not Record.objects.exists()
