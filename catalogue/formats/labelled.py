"""Labelled text: the results page of an older catalogue, saved or copied, with "Author:", "Title:" and so on.

A row's number is the ordinal of the record. A record begins at an Author that follows other labels, or at a Title where
there is one already; what stands before the first, and from the head of another page to its first record, is furniture.
Long values wrap. Lines of a summary are joined, except that a blank line parts paragraphs and a bullet keeps its line.

What this cannot say: status, reason of withdrawal and replacement, line breaks inside a paragraph, a ";" inside the
name of an author or an identifier, and a kind of document that no code stands for.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft, Identifier
from catalogue.formats.addresses import read_url
from catalogue.formats.base import Format, FormatError, Notes, ReadOptions, Row
from catalogue.formats.decoding import LINE_LIMIT, TextSource, decode_sample
from catalogue.formats.identifiers import read_identifiers, read_pair, write_pair
from catalogue.formats.kinds import read_kind
from catalogue.formats.labels import escape, label_of, starts_page, unescape
from catalogue.formats.languages import read_language
from catalogue.formats.names import write_names
from catalogue.formats.straight_names import read_authors
from catalogue.formats.years import read_date, with_date

# The end of a line that wraps: text follows, and no bullet or number of a list.
_WRAP = re.compile(r"(?<=[^\n])\n(?=[^\n])(?!(?:[•‣▪·*–-]|\d{1,3}[.)])\s)")
_WRITTEN = (
    ("title", "Title"), ("summary", "Summary"), ("details", "Details"), ("source", "Source"), ("year", "Year"),
    ("country", "Country"), ("url", "URL"), ("shelf_number", "Shelf Number"), ("language", "Language"),
    ("kind", "Kind"), ("rights", "Rights"),
)  # fmt: skip
_SCHEMES = {"isbn": "ISBN", "issn": "ISSN", "doi": "DOI", "report": "Report Number"}
_ONE_LINE = frozenset(("year", "shelf_number", "language", "kind", "country", *_SCHEMES, "identifier"))
_REPEATED = frozenset(("authors", "keywords", "summary", *_SCHEMES, "identifier"))


class _Record:
    """One record while its lines come in."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.notes = Notes()
        self._field = ""
        self._length = 0

    def begins_another(self, name: str) -> bool:
        """Tell whether a label belongs to the next record. An Author right after a lone first Title is its own."""
        if name == "authors":
            return not self.values.keys() <= {"authors"} and self.values.keys() != {"title"}
        return name == "title" and "title" in self.values

    def take(self, name: str, value: str, line: str) -> None:
        """Take the next line: with a label, its field and value; without one, it goes on with the value before."""
        if name:
            self._start(name, value)
        elif self._field:
            self._go_on(unescape(line))

    def _start(self, name: str, value: str) -> None:
        lines = self.values.setdefault(name, [])
        if any(lines) and name not in _REPEATED:
            message = _("“%(field)s” is given twice; the second is left out: %(value)s")
            self.notes.warn(message % {"field": name, "value": value[:80]})
            self._field = ""
            return
        self._field = name
        if name == "summary" and lines:
            lines.append("")
        self._add(value)
        if name == "keywords":
            lines[-1:] = value.split(";")

    def _go_on(self, line: str) -> None:
        lines = self.values[self._field]
        if not self._complete(lines):
            self._add(line)
        elif line:
            message = _("This line was not understood, and is left out: %(value)s")
            self.notes.warn(message % {"value": line[:80]})

    def _complete(self, lines: list[str]) -> bool:
        """Tell whether the value can have no further line; an address may be broken, but not across a blank line."""
        if self._field == "url":
            return any(lines) and not lines[-1]
        return self._field in _ONE_LINE and any(lines)

    def _add(self, line: str) -> None:
        self._length += len(line) + 1
        if self._length > LINE_LIMIT:
            message = _("A record is longer than %(limit)d characters: this is not a page of records.")
            raise FormatError(message % {"limit": LINE_LIMIT})
        self.values[self._field].append(line)

    def row(self, number: int, names: str) -> Row:
        """Return the record as a Row."""
        if any("\x00" in line for lines in self.values.values() for line in lines):
            self.notes.problem("", "", _("This record holds a zero byte: the file is damaged here."))
            return self.notes.row(number, None)
        return self.notes.row(number, _draft(self.values, self.notes, names))


def _draft(values: dict[str, list[str]], notes: Notes, names: str) -> Draft:
    def line(name: str) -> str:
        return " ".join(values.get(name, ())).strip()  # "Â" with a space after it would be garbled

    year, date = read_date(line("year"), notes)
    return Draft(
        title=line("title"),
        authors=tuple(name for text in values.get("authors", ()) for name in read_authors(text, ";", names)),
        summary=_paragraphs(values.get("summary", [])),
        details=with_date(line("details"), date),
        source=line("source"),
        year=year,
        country=line("country"),
        url=read_url("".join(values.get("url", ())), notes),
        shelf_number=line("shelf_number"),
        keywords=tuple(values.get("keywords", ())),
        language=read_language(line("language"), notes),
        kind=read_kind(line("kind"), notes),
        rights=line("rights"),
        identifiers=tuple(_identifiers(values, notes)),
    )


def _identifiers(values: dict[str, list[str]], notes: Notes) -> Iterator[Identifier]:
    for scheme in _SCHEMES:
        for text in values.get(scheme, ()):
            yield from read_identifiers(scheme, text, ";", notes)
    yield from (read_pair(text) for text in values.get("identifier", ()) if text)


def _paragraphs(lines: list[str]) -> str:
    return _WRAP.sub(" ", "\n".join(lines))


class Labelled(Format):
    """Reads and writes labelled text."""

    name = "labelled"
    label = gettext_lazy("labelled text")
    extensions = ("txt",)
    media_type = "text/plain"

    def detects(self, sample: bytes) -> bool:
        """Tell by a line labelled Title and one with another label."""
        found = {label_of(line)[0] for line in decode_sample(sample).splitlines()}
        return "title" in found and len(found - {""}) > 1

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record on the page or pages."""
        number = 0
        for record in _records(TextSource(file, options.encoding).lines()):
            if any(text for lines in record.values.values() for text in lines):
                number += 1
                yield record.row(number, options.names)
        if not number:
            message = _("There is no record in this text: no line begins with “Author:” or “Title:”.")
            raise FormatError(message)

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the records one after another, each from an Author line on, in UTF-8."""
        for draft in drafts:
            yield ("\n\n".join(_written(draft)) + "\n\n").encode("utf-8", "replace")


def _records(lines: Iterator[str]) -> Iterator[_Record]:
    record: _Record | None = None
    for raw in lines:
        line = raw.strip()
        name, value = label_of(line)
        begins = name in ("authors", "title") and (record is None or record.begins_another(name))
        if record and (begins or starts_page(line)):
            yield record
            record = None
        if begins:
            record = _Record()
        if record:
            record.take(name, value, line)
    if record:
        yield record


def _written(draft: Draft) -> Iterator[str]:
    yield "Author: " + write_names(draft.authors)
    for name, label in _WRITTEN:
        value = getattr(draft, name)
        if value not in ("", None):
            first, *rest = (f"{value:04d}" if name == "year" else value).split("\n")
            yield "\n".join((f"{label}: {first}", *map(escape, rest)))
    for item in draft.identifiers:
        known = _SCHEMES.get(item.scheme)
        yield f"{known}: {item.value}" if known else f"Identifier: {write_pair(item)}"
    if draft.keywords:
        yield "\n".join(("Keywords:", *map(escape, draft.keywords)))
