"""BibTeX and BibLaTeX: the references of LaTeX. A row's number is the line on which the entry begins.

An entry may take over fields of one that comes later (crossref, xdata), so a file is gone through up to three times:
for the keys that are referred to, for the entries that have them (only if there are any), and to read. A file that
cannot be read twice, like a pipe, is kept on disk meanwhile.
"""

import codecs
import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.bibtex_crossrefs import References
from catalogue.formats.bibtex_drafts import read_draft
from catalogue.formats.bibtex_entries import Parsed, divide, parse
from catalogue.formats.bibtex_strings import Strings
from catalogue.formats.bibtex_writing import write_entry
from catalogue.formats.decoding import SAMPLE_SIZE, TextSource, decode_sample, guess_encoding

_ENTRY = re.compile(
    r"^\s*@[ \t]*(?:(?:string|preamble|comment)\s*[{(]"
    r"|[A-Za-z]+\s*[{(]\s*[^\s,{}()=\"]*\s*,\s*(?:[\w:+-]+\s*=|\}|\)|%|$))",
    re.MULTILINE | re.IGNORECASE,
)
# "% -*- coding: latin-9-unix -*-", "% Encoding: Cp1252"
_DECLARED = re.compile(rb"^\s*%.*?\b(?:en)?coding:\s*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_LINE_ENDS = re.compile(r"-(?:unix|dos|mac)$")


class BibTeX(Format):
    """Reads BibTeX and BibLaTeX, writes BibTeX."""

    name = "bibtex"
    label = gettext_lazy("BibTeX")
    extensions = ("bib",)
    media_type = "application/x-bibtex"

    def detects(self, sample: bytes) -> bool:
        """Tell by an entry, an abbreviation or a comment in the manner of BibTeX at the start of a line."""
        text = decode_sample(sample)
        return "@" in text and bool(_ENTRY.search(text.replace("\r", "\n")))

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every entry that describes a document."""
        empty = True
        with tempfile.TemporaryFile() as kept:
            source = _Source(file, kept, options.encoding)
            references = References(source.stretches())
            if references.wanted:
                references.find(_entries(source.stretches()))
            for entry in _entries(source.stretches()):
                if entry.kind != "xdata":
                    empty = False
                    yield _row(entry, references)
        if empty:
            raise FormatError(
                _("There is no record in this file: no entry like “@report{key, ...}” begins a line of it.")
            )

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the entries, each with a key of its own in this file."""
        taken: set[str] = set()
        for draft in drafts:
            yield write_entry(draft, taken)


class _Recorded:
    """A file that cannot go back, which keeps on disk what was read of it. `head` was read already."""

    def __init__(self, head: bytes, file: BinaryIO, kept: BinaryIO) -> None:
        self._head = head
        self._file = file
        self._kept = kept

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many."""
        piece, self._head = self._head[:size], self._head[size:]
        piece = piece or self._file.read(size)
        self._kept.write(piece)
        return piece


class _Source:
    """A file that is gone through several times, from where it stands."""

    def __init__(self, file: BinaryIO, kept: BinaryIO, encoding: str) -> None:
        self._kept = file if file.seekable() else kept
        self._start = self._kept.tell()
        head = file.read(SAMPLE_SIZE)
        self._encoding = encoding or _declared_encoding(head)
        self._first: _Recorded | None = None if file.seekable() else _Recorded(head, file, kept)

    def stretches(self) -> Iterator[tuple[int, str]]:
        """Yield the stretches of the file, from its start."""
        if self._first:
            first, self._first = self._first, None
            yield from divide(TextSource(cast(BinaryIO, first), self._encoding).lines())
        else:
            self._kept.seek(self._start)
            yield from divide(TextSource(self._kept, self._encoding).lines())


def _declared_encoding(head: bytes) -> str:
    """Return the encoding that the file names for itself, unless it is plainly in UTF-8, which is guessed."""
    if guess_encoding(head) == "utf-8":
        return ""
    match = _DECLARED.search(head)
    name = _LINE_ENDS.sub("", match.group(1).decode("ascii", "replace").lower()) if match else ""
    try:
        found = codecs.lookup({"latin-9": "iso8859-15"}.get(name, name))
        head.decode(found.name)
    except (LookupError, ValueError):
        return ""
    return found.name


def _entries(stretches: Iterable[tuple[int, str]]) -> Iterator[Parsed]:
    strings = Strings()
    for line, text in stretches:
        yield from parse(line, text, strings)


def _row(entry: Parsed, references: References) -> Row:
    if not entry.fields and entry.notes.problems:
        return entry.notes.row(entry.line, None)
    return entry.notes.row(entry.line, read_draft(entry, references.fields(entry)))
