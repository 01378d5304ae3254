"""The entries of a BibTeX file that others take fields from (crossref, xdata), and what they take. `bibtex` calls it.

Only entries that are referred to are kept, so that memory does not grow with the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from catalogue.formats.base import shorten
from catalogue.formats.bibtex_drafts import PARTS
from catalogue.formats.bibtex_entries import Parsed

_REFERENCE = re.compile(r"\b(?:crossref|xdata)\s*=\s*[{\"]([^{}\"]*)", re.IGNORECASE)
_MOST_WANTED = 200_000
_MOST_KEPT = 50_000_000
_DEEPEST = 8
# As many entries are followed for one: eight deep and ten wide they would be a hundred million.
_MOST_FOLLOWED = 100
# What describes the referred entry itself, or how it is handled.
_NOT_TAKEN_WORDS = (
    "crossref xref xdata ids entryset related relatedtype options label sortkey presort keywords keyword "
    "abstract note annote annotation addendum url urldate doi pages pagetotal shorthand title subtitle "
    "titleaddon author identifiers"
)
_NOT_TAKEN = frozenset(_NOT_TAKEN_WORDS.split())
# What a document that stands in another one calls the other's title. A periodical's is that of a journal.
_OF_PARTS = {"title": "booktitle", "subtitle": "booksubtitle"}
_OF_ARTICLES = {"title": "journaltitle", "subtitle": "journalsubtitle"}


class References:
    """Which keys are referred to, and once they were found, the entries that have them."""

    def __init__(self, stretches: Iterable[tuple[int, str]]) -> None:
        self.wanted: set[str] = set()
        self._entries: dict[str, Parsed] = {}
        for _line, text in stretches:
            for match in _REFERENCE.finditer(text):
                if len(self.wanted) < _MOST_WANTED:
                    self.wanted.update(_keys(match.group(1)))

    def find(self, entries: Iterable[Parsed]) -> None:
        """Keep the entries that are referred to."""
        kept = 0
        for entry in entries:
            for key in {*_keys(entry.key), *_keys(entry.fields.get("ids", ""))} & self.wanted:
                kept += sum(map(len, entry.fields.values()))
                if kept < _MOST_KEPT:
                    self._entries.setdefault(key, entry)

    def fields(self, entry: Parsed) -> Mapping[str, str]:
        """Return the fields of an entry with those that it takes from others."""
        own = entry.fields
        if "crossref" not in own and "xdata" not in own:
            return own
        return self._filled(entry, entry, _DEEPEST, iter(range(_MOST_FOLLOWED)))

    def _filled(self, entry: Parsed, asking: Parsed, deep: int, left: Iterator[int]) -> dict[str, str]:
        fields = dict(entry.fields)
        for name in ("xdata", "crossref") if deep else ():
            for key in _keys(fields.get(name, "")):
                other = self._entries.get(key)
                if other is None:
                    message = _("The entry “%(key)s” that it refers to is not in this file, or comes to itself.")
                    asking.notes.warn(message % {"key": shorten(key)})
                elif other is not asking and next(left, None) is not None:
                    taken = self._filled(other, asking, deep - 1, left)
                    _take(fields, taken, entry.kind, "" if name == "xdata" else other.kind)
        return fields


def _keys(text: str) -> list[str]:
    return [key for part in text.split(",") if (key := part.strip().lower())]


def _take(fields: dict[str, str], taken: Mapping[str, str], kind: str, other_kind: str) -> None:
    """Add what a field does not say yet: all of shared data, and of a work what holds for its parts too."""
    for name, value in taken.items():
        if not other_kind and name not in ("ids", "xdata") or name not in _NOT_TAKEN and other_kind:
            fields.setdefault(name, value)
    if not other_kind:
        return
    names = _OF_PARTS if kind in PARTS else _OF_ARTICLES if other_kind == "periodical" else {}
    for name, called in names.items():
        if called not in taken and name in taken:
            fields.setdefault(called, taken[name])
    if not names and not fields.get("title"):
        fields.update({name: taken[name] for name in ("title", "subtitle", "author") if name in taken})
