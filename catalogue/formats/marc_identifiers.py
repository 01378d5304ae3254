"""The numbers of a MARC record: of the document (ISBN, ISSN, DOI, report number) and of the record itself."""

import re
from collections.abc import Iterator

from catalogue.draft import HEADING_LIMIT, Identifier
from catalogue.formats.base import Notes
from catalogue.formats.identifiers import SOURCE
from catalogue.formats.identifiers import read_identifiers as split_identifiers
from catalogue.formats.marc_text import Marc, first, value, values

_SCHEME = re.compile(r"[a-z][a-z0-9:._-]{0,39}")
_ISBN = re.compile(r"[0-9][0-9Xx -]{8,16}[0-9Xx]")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]")
CONTROL_NUMBER = re.compile(r"\([^()]+\)\s*\S.*")
_NUMBERED = re.compile(r"\(([^()\s]+)\)(\S.*)")
_REPORT_TAGS = ("088", "027")
_BY_INDICATOR = {"0": "isrc", "1": "upc", "2": "ismn", "3": "ean"}


def read_identifiers(record: Marc, notes: Notes) -> Iterator[Identifier]:
    """Yield the identifiers, the record's own number first: so a second import of it finds the same record."""
    for item in _all(record, notes):
        if item.value and len(item.value) <= HEADING_LIMIT:
            yield item


def _all(record: Marc, notes: Notes) -> Iterator[Identifier]:
    own, catalogue = record.control("001").strip(), record.control("003").strip()
    if own:
        yield Identifier(SOURCE, f"({catalogue}){own}" if catalogue else own)
    for scheme, tag, form in (("isbn", "020", _ISBN), ("issn", "022", _ISSN)):
        yield from (Identifier(scheme, _bare_number(text, form)) for text in record.values(tag, "a"))
    yield from _other_standard(record, notes)
    yield from (Identifier("report", text.strip()) for tag in _REPORT_TAGS for text in record.values(tag, "a"))
    # Without the catalogue that gave it, a number would lead to records of others.
    numbers = (text.strip() for text in record.values("035", "a"))
    yield from (Identifier(SOURCE, text) for text in numbers if CONTROL_NUMBER.fullmatch(text))


def _bare_number(text: str, form: re.Pattern[str]) -> str:
    """Return a number without what is said of it ("0471383147 (pbk.) :"); one that is none is kept as it stands."""
    match = form.search(text)
    return match[0] if match else text.partition("(")[0].strip(" :")


def split_number(text: str) -> tuple[str, str]:
    """Return the catalogue that gave a number, and the number ("(OCoLC)123"), as fields 003 and 001 hold them."""
    match = _NUMBERED.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def _other_standard(record: Marc, notes: Notes) -> Iterator[Identifier]:
    for field in record.fields("024"):
        scheme = value(field, "2").lower() if first(field) == "7" else _BY_INDICATOR.get(first(field), "")
        for text in values(field, "a"):
            if scheme == "doi":
                yield from split_identifiers("doi", text, "", notes)
            elif _SCHEME.fullmatch(scheme):
                yield Identifier(scheme, text.strip())
