"""What every format is made of: a reader of bytes that gives Rows, and a writer of Drafts. No model is known here."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalogue.cleaning import repaired
from catalogue.draft import Draft, Problem, clean


class FormatError(Exception):
    """The whole file cannot be read. The message tells a librarian what happened, where, and what to do."""


@dataclass(frozen=True)
class Row:
    """One record as it was read. `number` is its position as people see it: each format says which.

    A row that cannot be read at all has no draft. A row with problems and a draft holds what could be read: it must not
    be imported as it is, but it can be shown. A row that is `set_aside` is sound, but describes no document (a MARC
    authority, say): the sentence says what it is; it has neither draft nor problems, and is counted, never refused.
    `cells` are the row as it stands in a table, for whoever shall correct it; `cleaned` tells that the draft needs no
    cleaning any more. `record` is the number of the record in the catalogue that the file comes from.
    """

    number: int
    draft: Draft | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    cleaned: bool = False
    set_aside: str = ""
    record: int | None = None


@dataclass(frozen=True)
class Columns:
    """How a table was understood. `mapping` leads from a field to the headers of its columns, of which nearly all have
    one; no field was found for `unmapped`. `notes` are sentences on columns that may be meant otherwise.
    """

    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    mapping: Mapping[str, tuple[str, ...]]
    unmapped: tuple[str, ...]
    notes: tuple[str, ...] = ()


# How people are written where it is not as a catalogue does: "Suzanne Collins".
STRAIGHT = "straight"


@dataclass(frozen=True)
class ReadOptions:
    """What a person may say about a file; everything left empty is guessed from its content.

    `mapping` leads from a field to the header of its column, or to several; an empty one leaves the field out.
    `separator` stands between several values in one cell, unless `separators` has another for the field. `sheet` is the
    name or the number of a sheet; empty is the first. `names` is STRAIGHT where authors stand in plain text as "Suzanne
    Collins"; else they are taken as they are written.
    """

    mapping: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    separator: str = ";"
    separators: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    names: str = ""

    def between(self, name: str) -> str:
        """Return what stands between several values in a cell of this field."""
        return self.separators.get(name, self.separator)


class Notes:
    """What was noticed while one record was read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def problem(self, name: str, value: str, reason: str) -> None:
        """Note a value that cannot be read."""
        self.problems.append(Problem(name, shorten(value), reason))

    def warn(self, sentence: str) -> None:
        """Note a value that was read, but perhaps not as it was meant."""
        self.warnings.append(sentence)

    def row(self, number: int, draft: Draft | None, cells: Sequence[str] = ()) -> Row:
        """Return the Row of this record, its draft repaired and cleaned: garbled letters hold control characters."""
        repairs: tuple[str, ...] = ()
        if draft is not None:
            draft, repairs = repaired(draft)
            if not repairs:
                draft = clean(draft)
        warnings = (*self.warnings, *repairs)
        return Row(number, draft, tuple(self.problems), warnings, tuple(cells), cleaned=True)


def shorten(text: str) -> str:
    """Return the text short enough to stand in a message."""
    return text if len(text) <= 80 else text[:80] + "…"


class Format(ABC):
    """One way to write records down. To add one: a module beside this one, an entry in FORMATS, a sample and a test."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    extensions: ClassVar[tuple[str, ...]]
    media_type: ClassVar[str]
    # Whether a file of it is no text: it must be told apart before files without text are refused.
    binary: ClassVar[bool] = False
    # Whether it is an archive, which cannot be read as it streams by.
    packed: ClassVar[bool] = False
    # Whether records can be written in it, too.
    is_written: ClassVar[bool] = True

    @abstractmethod
    def detects(self, sample: bytes) -> bool:
        """Tell from its first bytes, never from its name, whether a file is of this format. Raises nothing."""

    @abstractmethod
    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield the file's records as it streams by. Raises FormatError, and nothing else, once iterated."""

    def columns(self, file: BinaryIO, options: ReadOptions) -> Columns | None:
        """Return how the columns of a file will be read, where the format has any; the file stays where it stands."""
        return None

    def write(self, drafts: Iterable[Draft], file: BinaryIO) -> None:
        """Write the drafts to a file."""
        for piece in self.pieces(drafts):
            file.write(piece)

    def write_records(self, records: Iterable[tuple[int, Draft]], file: BinaryIO) -> None:
        """Write records, each with its number where the format has a place for it."""
        self.write((draft for _number, draft in records), file)

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the bytes of the file, about one piece a draft: what is sent as it is made is never held as a whole.

        A format that can only be read (not `is_written`) keeps this and raises FormatError.
        """
        raise FormatError(_("Records cannot be written as %(format)s.") % {"format": self.label})
