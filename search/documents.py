"""What is indexed of a record: read from the database many at a time, compared by fingerprint."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from catalogue.folding import fold_heading
from catalogue.models import Author, Country, Keyword, Record, RecordAuthor, RecordIdentifier, RecordKeyword
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


class _Headings:
    """The preferred forms and variants of the headings that a batch of records uses."""

    def __init__(self, model: Any, numbers: Iterable[int]) -> None:
        self.preferred: dict[int, str] = {}
        self.variants: dict[int, list[str]] = defaultdict(list)
        wanted = list(set(numbers))
        if not wanted:
            return
        self.preferred = dict(model.objects.filter(id__in=wanted).values_list("id", "heading"))
        variants = model._meta.get_field("variants").related_model
        for number, form in variants.objects.filter(authority__in=wanted).values_list("authority_id", "form"):
            self.variants[number].append(form)

    def forms(self, numbers: Iterable[int]) -> list[str]:
        return [form for number in numbers for form in (self.preferred[number], *sorted(self.variants[number]))]


def _links(model: Any, column: str, numbers: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = model.objects.filter(record__in=numbers).order_by("record_id", *model._meta.ordering, "id")
    for record, value in rows.values_list("record_id", column):
        found[record].append(value)
    return found


def read_documents(numbers: Iterable[int]) -> list[Document]:
    """Return the document of each record that exists, in nine queries or fewer."""
    wanted = list(numbers)
    rows = list(Record.objects.filter(id__in=wanted).order_by("id").values("id", *_COLUMNS))
    author_links = _links(RecordAuthor, "author_id", wanted)
    keyword_links = _links(RecordKeyword, "keyword_id", wanted)
    identifiers = _links(RecordIdentifier, "value", wanted)
    authors = _Headings(Author, (number for links in author_links.values() for number in links))
    keywords = _Headings(Keyword, (number for links in keyword_links.values() for number in links))
    countries = _Headings(Country, (row["country_id"] for row in rows if row["country_id"]))
    return [
        _document(
            row,
            {
                "author": (author_links[row["id"]], authors),
                "keyword": (keyword_links[row["id"]], keywords),
                "country": ([row["country_id"]] if row["country_id"] else [], countries),
            },
            identifiers[row["id"]],
        )
        for row in rows
    ]


def _document(
    row: dict[str, Any], authorities: dict[str, tuple[list[int], _Headings]], identifiers: list[str]
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
    return Document(**values, digest=_digest(values))


def _sort_key(value: str) -> str:
    """Return the text by which a list is put in order: folded, punctuation and a leading article left out."""
    words = "".join(c if c.isalnum() else " " for c in fold_heading(value)).split()
    if len(words) > 1 and words[0] in ("a", "an", "the"):
        words = words[1:]
    return " ".join(words)[:100]


def _digest(values: dict[str, Any]) -> int:
    packed = json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") >> 1
