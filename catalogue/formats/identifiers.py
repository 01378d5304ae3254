"""Numbers that others gave a document (DOI, ISBN, ISSN, report number, the number in another catalogue), from text."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalogue.check_digits import is_isbn, is_issn
from catalogue.draft import Identifier
from catalogue.formats.base import Notes

SOURCE = "source"
# The address of the record itself, which the public takes along with it.
RECORD = "record"

_DOI_START = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_ISBN_START = re.compile(r"isbn(?:-1[03])?:?\s*(?=[\dX])", re.IGNORECASE)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
# An ISBN or ISSN without its first zeros, of which there are no more than a few.
_SHORT = re.compile(r"\d{6,8}[\dX]", re.IGNORECASE)
# After "source:" the name of a source; with that a scheme has at most 40 characters.
_SOURCE_NAME = re.compile(r"[a-z0-9._-]{1,33}")
_PAIR = re.compile(rf"({SOURCE}:{_SOURCE_NAME.pattern}|[a-z][a-z0-9._-]{{0,39}}):\s+(\S.*)", re.IGNORECASE)


def is_source_name(text: str) -> bool:
    """Tell whether a source can have this name: it becomes part of a scheme."""
    return _SOURCE_NAME.fullmatch(text) is not None


def read_identifiers(scheme: str, text: str, separator: str, notes: Notes) -> Iterator[Identifier]:
    """Yield the identifiers of one scheme that a text holds.

    A DOI may hold a semicolon ("10.1002/...3.0.CO;2-O"), so there the separator divides only before the next DOI.
    """
    for part in _parts(scheme, text, separator):
        if scheme == "isbn" and _ROUNDED.fullmatch(part):
            notes.warn(_("The ISBN %(value)s was rounded by a spreadsheet, and is left out.") % {"value": part})
            continue
        yield Identifier(scheme, _with_zeros(scheme, _without_start(scheme, part), notes))


def _parts(scheme: str, text: str, separator: str) -> Iterator[str]:
    text = text.strip()
    if not separator:
        parts = [text]
    elif scheme == "doi":
        parts = re.split(re.escape(separator) + r"\s*(?=https?:|doi:|10\.|$)", text, flags=re.IGNORECASE)
    else:
        parts = text.split(separator)
    return (part.strip() for part in parts if part.strip())


def _without_start(scheme: str, text: str) -> str:
    start = {"doi": _DOI_START, "isbn": _ISBN_START}.get(scheme)
    return start.sub("", text, count=1) if start and start.match(text) else text


def _with_zeros(scheme: str, text: str, notes: Notes) -> str:
    """Return an ISBN or ISSN with the zeros that it begins with, where a spreadsheet took it for a number.

    The check digit tells. An ISBN of 13 digits begins with 978 and loses nothing, except that it may end in ".0".
    """
    if scheme == "isbn":
        text = text.removesuffix(".0")
    length = {"isbn": 10, "issn": 8}.get(scheme, 0)
    whole = text.upper().rjust(length, "0")
    if not length or len(text) >= length or not _SHORT.fullmatch(text) or not (is_isbn(whole) or is_issn(whole)):
        return text
    message = _("“%(value)s” lost the zeros that it began with; it was taken for %(whole)s.")
    notes.warn(message % {"value": text, "whole": whole})
    return whole


def read_pair(text: str) -> Identifier:
    """Return the identifier in "scheme: value"; a value alone is the number in the catalogue it came from."""
    match = _PAIR.fullmatch(text.strip())
    return Identifier(match.group(1).lower(), match.group(2)) if match else Identifier(SOURCE, text.strip())


def write_pair(identifier: Identifier) -> str:
    """Return the identifier as `read_pair` reads it back."""
    return f"{identifier.scheme}: {identifier.value}"
