"""What is indexed of a record: read from the database many at a time, compared by fingerprint."""

import functools
import hashlib
import marshal
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from catalogue.database import arrays
from catalogue.folding import filing_key
from search import document_pages
from search.document_pages import Pages
from search.engine.base import Document

_PLAIN = ("title", "summary", "details", "source", "url", "shelf_number")
_COLUMNS = (*_PLAIN, "year", "language", "kind", "status")
_RECORDS = f"""
SELECT id, {", ".join(_COLUMNS)}, floor(extract(epoch FROM created))::bigint, country_id
FROM catalogue_record WHERE id = ANY(%s::bigint[]) ORDER BY id
"""  # noqa: S608 - the names of our own columns
_LINKS = """
SELECT record_id, {name}_id FROM catalogue_record{name}
WHERE record_id = ANY(%s::bigint[]) ORDER BY record_id, position, id
"""
_HEADINGS = "SELECT id, heading FROM catalogue_{name} WHERE id = ANY(%s::bigint[])"
_VARIANTS = (
    "SELECT authority_id, form FROM catalogue_{name}variant WHERE authority_id = ANY(%s::bigint[]) ORDER BY 1, 2"
)
_IDENTIFIERS = (
    "SELECT record_id, value FROM catalogue_recordidentifier WHERE record_id = ANY(%s::bigint[]) ORDER BY record_id, id"
)


NO_PAGES = Pages(())

# Repositories often know a DOI as an address alone.
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)", re.IGNORECASE)
_APART = re.compile(r"[\W_]+")


def _rows(query: str, numbers: Iterable[int]) -> list[Any]:
    wanted = list(numbers)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [arrays.numbers(wanted)])
        return cursor.fetchall()


def _by_number(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for number, value in rows:
        found[number].append(value)
    return found


class _Headings:
    """The headings of one authority file that a batch of records uses: links of records, and each with its variants."""

    def __init__(self, name: str, links: Mapping[int, Sequence[int]]) -> None:
        self.links = links
        used = {number for numbers in links.values() for number in numbers}
        self.preferred: dict[int, str] = dict(_rows(_HEADINGS.format(name=name), used))
        variants = _by_number(_rows(_VARIANTS.format(name=name), used))
        self.forms = {number: (form, *sorted(variants.get(number, ()))) for number, form in self.preferred.items()}


def read_documents(numbers: Iterable[int]) -> list[Document]:
    """Return the document of each record that exists, in eleven queries or fewer, its pages unread."""
    wanted = list(numbers)
    rows = _rows(_RECORDS, wanted)
    authorities = {
        name: _Headings(name, _by_number(_rows(_LINKS.format(name=name), wanted))) for name in ("author", "keyword")
    }
    authorities["country"] = _Headings("country", {row[0]: (row[-1],) for row in rows if row[-1]})
    identifiers = _by_number(_rows(_IDENTIFIERS, wanted))
    pages = document_pages.of_records(wanted)
    return [_document(row, authorities, identifiers.get(row[0], ()), pages.get(row[0], NO_PAGES)) for row in rows]


def _document(
    row: tuple[Any, ...], authorities: Mapping[str, _Headings], identifiers: Sequence[str], pages: Pages
) -> Document:
    number, *plain, year, language, kind, status, added, _country = row
    numbers = {name: file.links.get(number, ()) for name, file in authorities.items()}
    headings = {name: [form for one in numbers[name] for form in file.forms[one]] for name, file in authorities.items()}
    texts: dict[str, Sequence[str]] = {name: (value,) for name, value in zip(_PLAIN, plain, strict=True) if value}
    texts |= {name: forms for name, forms in headings.items() if forms}
    if "url" in texts and (doi := _DOI.fullmatch(texts["url"][0])):
        identifiers = (*identifiers, doi[1])
    if identifiers:
        texts["identifier"] = identifiers
    values: dict[str, Any] = {
        "number": number,
        "status": status,
        "language": language,
        "texts": texts,
        "headings": headings,
        "preferred": {name: [file.preferred[one] for one in numbers[name]] for name, file in authorities.items()},
        "numbers": numbers,
        "codes": {"language": language, "kind": kind},
        "year": year,
        "has_link": "url" in texts,
        "added": added,
        "sort_keys": {
            "title": _sort_key(plain[0]),
            "author": _heading_key(headings["author"][0]) if headings["author"] else "",
            "shelf_number": _sort_key(texts["shelf_number"][0]) if "shelf_number" in texts else "",
        },
    }
    return Document(**values, digest=_digest({**values, "pages": pages.fingerprint}), pages=pages)


def _sort_key(value: str) -> str:
    """Return the text by which a list is put in order: folded, punctuation and a leading article left out."""
    words = _APART.sub(" ", filing_key(value)).split()
    if len(words) > 1 and words[0] in ("a", "an", "the"):
        words = words[1:]
    return " ".join(words)[:100]


_heading_key = functools.lru_cache(20_000)(_sort_key)


def _digest(values: dict[str, Any]) -> int:
    # In version 2 the same values have the same bytes, whichever of them are one object. JSON takes ten times longer.
    packed = marshal.dumps(values, 2)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") >> 1
