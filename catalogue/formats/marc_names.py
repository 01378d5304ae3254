"""The authors of a MARC record: people, bodies and meetings as headings without dates and roles, with their ORCIDs."""

import re
from collections.abc import Iterator

from pymarc import Field

from catalogue import codes
from catalogue.draft import Name, is_orcid
from catalogue.formats.marc_text import Marc, first, joined, second, values, without_marks

_MAIN = frozenset(("100", "110", "111"))
_ADDED = frozenset(("700", "710", "711", "720"))
TAGS = _MAIN | _ADDED
_ORCID = re.compile(r"(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])\W*$")
# What makes a name no author: it owned, bound, sold, printed or was given the copy.
_NOT_AUTHORS = frozenset(
    (
        "bnd", "bpl", "bsl", "dpt", "dst", "dte", "dto", "fmo", "ins", "own", "pbl", "prt", "binder", "bookseller",
        "dedicatee", "depositor", "distributor", "former owner", "owner", "publisher", "printer", "inscriber",
    )
)  # fmt: skip


def read_authors(record: Marc) -> tuple[Name, ...]:
    """Return the authors: first the main one, then the others in the order in which they stand."""
    found: dict[str, Name] = {}
    for field in (*record.in_order(_MAIN), *record.in_order(_ADDED)):
        name = _author(field, record)
        if name and (name.heading not in found or not found[name.heading].orcid):
            found[name.heading] = name
    return tuple(found.values())


def read_original(record: Marc) -> Iterator[str]:
    """Yield the authors' names in the original script, where they are given beside romanised ones."""
    for tag in sorted(TAGS):
        for field in record.original.get(tag, ()):
            if name := _author(field, record):
                yield name.heading


def _author(field: Field, record: Marc) -> Name | None:
    if _is_of_a_work(field) or _has_other_role(field):
        return None
    if field.tag in ("100", "700", "720") and first(field) != "3":
        heading, kind = _person(field, record), codes.PERSON
        if field.tag == "720" and first(field) == "2":
            kind = codes.BODY
    else:
        heading, kind = (_meeting if field.tag[1:] == "11" else _body)(field, record), codes.BODY
    return Name(heading, kind, _orcid(field)) if heading else None


def _is_of_a_work(field: Field) -> bool:
    """Tell the heading of a related work, whose author wrote that; one that is contained (700 _2) was written here."""
    return any(code == "t" for code, _value in field.subfields) and second(field) != "2"


def _has_other_role(field: Field) -> bool:
    roles = [
        role.rpartition("/")[2].strip(" .,()[]").lower()
        for code, role in field.subfields
        if code == "4"
        or (code == "e" and field.tag[1:] in ("00", "10", "20"))
        or (code == "j" and field.tag[1:] == "11")
    ]
    return bool(roles) and all(role in _NOT_AUTHORS for role in roles)


def _person(field: Field, record: Marc) -> str:
    pieces = []
    for code, text in field.subfields:
        if code == "t":
            break
        if code in "abc":
            mark = " " if code == "b" or text.startswith("(") else ", "
            pieces.append((mark, without_marks(text)))
    return record.ended(joined(pieces))


def _body(field: Field, record: Marc) -> str:
    pieces = []
    for code, text in field.subfields:
        if code == "t":
            break
        if code in "abc":
            pieces.append((". " if code == "b" else " ", without_marks(text)))
    return record.ended(joined(pieces))


def _meeting(field: Field, record: Marc) -> str:
    name, which, units = "", [], []
    for code, text in field.subfields:
        if code == "t":
            break
        if code == "a":
            name = record.ended(text)
        elif code in "ndc":
            which.append(record.ended(text).strip(" ()"))
        elif code in "eq":
            units.append((". ", text))
    number = f" ({' : '.join(filter(None, which))})" if any(which) else ""
    return record.ended(joined([("", name + number), *units]))


def _orcid(field: Field) -> str:
    for text in values(field, "01"):
        if "orcid" in text.lower() and (match := _ORCID.search(text)) and is_orcid(match[1].upper()):
            return match[1].upper()
    return ""
