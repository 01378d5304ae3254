"""What is indexed of a record: read from the database many at a time, compared by fingerprint."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from catalogue.folding import fold_heading
from search import document_pages
from search.document_pages import Pages
from search.engine.base import Document

_COLUMNS = (
    "title",
    "summary",
    "details",
    "source",
    "year",
    "url",
    "shelf_number",
    "language",
    "kind",
    "status",
    "created",
    "country_id",
)
_RECORDS = f"SELECT id, {', '.join(_COLUMNS)} FROM catalogue_record WHERE id = ANY(%s) ORDER BY id"  # noqa: S608
_LINKS = """
SELECT l.record_id, h.id, h.heading FROM catalogue_record{name} l JOIN catalogue_{name} h ON h.id = l.{name}_id
WHERE l.record_id = ANY(%s) ORDER BY l.record_id, l.position, l.id
"""
_COUNTRIES = "SELECT id, heading FROM catalogue_country WHERE id = ANY(%s)"
_VARIANTS = "SELECT authority_id, form FROM catalogue_{name}variant WHERE authority_id = ANY(%s) ORDER BY 1, 2"
_IDENTIFIERS = (
    "SELECT record_id, value FROM catalogue_recordidentifier WHERE record_id = ANY(%s) ORDER BY record_id, id"
)


NO_PAGES = Pages(())

_APART = re.compile(r"[\W_]+")


def _rows(query: str, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    wanted = list(numbers)
    if not wanted:
        return []
    # As one array: to write thousands of numbers into an IN takes longer than to answer it.
    with connection.cursor() as cursor:
        cursor.execute(query, [wanted])
        return cursor.fetchall()


class _Headings:
    """The headings of one authority file that a batch of records uses: preferred forms, variants, links of records."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.preferred: dict[int, str] = {}
        self.variants: dict[int, list[str]] = defaultdict(list)
        self.links: dict[int, list[int]] = defaultdict(list)

    def add(self, links: Iterable[tuple[int, int, str]]) -> None:
        for record, number, heading in links:
            self.preferred[number] = heading
            self.links[record].append(number)
        for number, form in _rows(_VARIANTS.format(name=self.name), self.preferred):
            self.variants[number].append(form)

    def forms(self, numbers: Iterable[int]) -> list[str]:
        return [form for number in numbers for form in (self.preferred[number], *sorted(self.variants.get(number, ())))]


def read_documents(numbers: Iterable[int]) -> list[Document]:
    """Return the document of each record that exists, in nine queries or fewer, its pages unread."""
    wanted = list(numbers)
    rows = [dict(zip(("id", *_COLUMNS), row, strict=True)) for row in _rows(_RECORDS, wanted)]
    authorities = {name: _Headings(name) for name in ("author", "keyword", "country")}
    for name in ("author", "keyword"):
        authorities[name].add(_rows(_LINKS.format(name=name), wanted))
    countries = dict(_rows(_COUNTRIES, {row["country_id"] for row in rows if row["country_id"]}))
    of_records = ((row["id"], row["country_id"]) for row in rows if row["country_id"])
    authorities["country"].add((record, country, countries[country]) for record, country in of_records)
    identifiers: dict[int, list[str]] = defaultdict(list)
    for record, value in _rows(_IDENTIFIERS, wanted):
        identifiers[record].append(value)
    pages = document_pages.of_records(wanted)
    return [
        _document(
            row,
            {name: (found.links.get(row["id"], []), found) for name, found in authorities.items()},
            identifiers.get(row["id"], []),
            pages.get(row["id"], NO_PAGES),
        )
        for row in rows
    ]


def _document(
    row: dict[str, Any], authorities: dict[str, tuple[list[int], _Headings]], identifiers: list[str], pages: Pages
) -> Document:
    headings = {name: found.forms(numbers) for name, (numbers, found) in authorities.items()}
    texts = {name: [row[name]] for name in ("title", "summary", "details", "source", "url", "shelf_number")}
    values: dict[str, Any] = {
        "number": row["id"],
        "status": row["status"],
        "language": row["language"],
        "texts": {name: kept for name, kept in {**texts, **headings, "identifier": identifiers}.items() if any(kept)},
        "headings": headings,
        "preferred": {
            name: [found.preferred[number] for number in numbers] for name, (numbers, found) in authorities.items()
        },
        "numbers": {name: numbers for name, (numbers, _) in authorities.items()},
        "codes": {"language": row["language"], "kind": row["kind"]},
        "year": row["year"],
        "has_link": bool(row["url"]),
        "added": int(row["created"].timestamp()),
        "sort_keys": {
            "title": _sort_key(row["title"]),
            "author": _sort_key(headings["author"][0] if headings["author"] else ""),
            "shelf_number": _sort_key(row["shelf_number"]),
        },
    }
    return Document(**values, digest=_digest({**values, "pages": pages.fingerprint}), pages=pages)


def _sort_key(value: str) -> str:
    """Return the text by which a list is put in order: folded, punctuation and a leading article left out."""
    words = _APART.sub(" ", fold_heading(value)).split()
    if len(words) > 1 and words[0] in ("a", "an", "the"):
        words = words[1:]
    return " ".join(words)[:100]


def _digest(values: dict[str, Any]) -> int:
    packed = json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") >> 1
