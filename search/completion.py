"""Completion while somebody types in a box: headings, with other forms that lead to them, and titles.

The same answers stand on a plain page for those who type without JavaScript.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from catalogue import codes
from catalogue.folding import fold_heading
from catalogue.models import AuthorVariant, CountryVariant, KeywordVariant, Record
from search import query, text
from search.addresses import heading_url
from search.engine.base import Index, Request
from search.fields import FIELDS
from search.filters import BoxField
from search.index import catalogue
from search.nodes import Heading, In, Node, Truncated, Word, all_of

COMPLETED = ("author", "title", "keyword", "country")
SHOWN = 10
# Of headings that begin so, those of drafts among them, so many are looked at for some that the public can see.
MOST_LOOKED_AT = 100
# Shorter beginnings lead to too much to be of help.
SHORTEST = 2
LONGEST = 100
_VARIANTS: dict[str, Any] = {"author": AuthorVariant, "keyword": KeywordVariant, "country": CountryVariant}
_OF_RECORD = {"author": "authors", "keyword": "keywords", "country": "country"}


class TypedForm(forms.Form):
    """What has been typed so far; every string is valid, and only its beginning counts."""

    typed = BoxField(required=False)

    def typed_text(self) -> str:
        return str(self.cleaned_data.get("typed", ""))[:LONGEST].strip() if self.is_valid() else ""


@dataclass(frozen=True)
class Entry:
    """One completion: `count` is None where it is a single title; `hint` says which other form leads there."""

    text: str
    url: str
    count: int | None = None
    hint: str = ""


def complete(name: str, typed: str) -> list[Entry]:
    """Return what the text in a box may go on to, most used first."""
    if len("".join(text.tokens(typed))) < SHORTEST:
        return []
    index = catalogue().use()
    if FIELDS[name].authority:
        return _headings(index, name, typed)
    return _titles(index, typed)


def _headings(index: Index, name: str, typed: str) -> list[Entry]:
    hints = dict(_by_variant(name, typed))
    begun = [one.text for one in index.complete(name, typed, MOST_LOOKED_AT)]
    found: list[Entry] = []
    for heading in dict.fromkeys([*hints, *begun]):
        if len(found) == SHOWN + len(hints):
            break
        # The index knows of drafts, too; what only they have is not shown.
        if count := index.count(Request(Heading(name, heading))):
            hint = f"{hints[heading]} → {heading}" if heading in hints and heading not in begun else ""
            found.append(Entry(heading, heading_url(name, heading), count, hint))
    return sorted(found, key=lambda entry: -(entry.count or 0))[:SHOWN]


def _by_variant(name: str, typed: str) -> Iterator[tuple[str, str]]:
    """Yield headings with the other form of theirs that begins with what was typed."""
    public = Exists(Record.objects.filter(**{_OF_RECORD[name]: OuterRef("authority")}, status=codes.PUBLISHED))
    rows = _VARIANTS[name].objects.filter(public, fold__startswith=fold_heading(typed)).order_by("fold")
    found = list(rows.values_list("authority__heading", "form")[:SHOWN])
    # The first form of each is kept: the shortest, as a rule.
    yield from reversed(found)


def _titles(index: Index, typed: str) -> list[Entry]:
    numbers = index.search(Request(In("title", _begun(typed)), limit=SHOWN)).numbers
    titles = dict(Record.objects.filter(pk__in=numbers, status=codes.PUBLISHED).values_list("pk", "title"))
    known = dict.fromkeys(titles[number] for number in numbers if number in titles)
    start = " ".join(text.tokens(typed))
    ordered = sorted(known, key=lambda title: not " ".join(text.tokens(title)).startswith(start))
    return [Entry(title, heading_url("title", title)) for title in ordered]


def _begun(typed: str) -> Node:
    """Return the query for words of which the last may go on."""
    *words, last = text.tokens(typed)
    if words and len(last) < SHORTEST:
        return all_of([*map(Word, words)])
    truncated = query.parse(f"{last}*").tree
    return all_of([*map(Word, words), truncated if isinstance(truncated, Truncated) else Word(last)])
