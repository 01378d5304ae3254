"""What somebody pastes to have the form filled: a DOI, an ISBN, an address, or one record in any format that is read.

A DOI or an ISBN alone fills the identifier, and a DOI the address; catalogue/lookups.py asks elsewhere for the rest.
"""

import io
import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalogue import formats
from catalogue.check_digits import is_isbn
from catalogue.draft import Draft, Identifier, clean
from catalogue.formats import FormatError, ReadOptions

LONGEST = 200_000
# Tables are for imports: a line of anything looks like one.
_TABLES = ("csv", "tsv", "xlsx", "ods")

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
_ISBN = re.compile(r"(?:isbn(?:-1[03])?:?\s*)?([\d][\d\s–-]{8,20}[\dX])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s/?#]+\S*", re.IGNORECASE)


class NotUnderstood(Exception):
    """What was pasted is nothing that could fill a form. The message says what would."""


@dataclass(frozen=True)
class Pasted:
    """A Draft read from what was pasted, what it was taken for, and what was noticed while it was read."""

    draft: Draft
    what: str
    notes: tuple[str, ...] = ()


def read(text: str) -> Pasted:
    """Return what was pasted as a Draft. Raises NotUnderstood."""
    text = text.replace("\0", " ").strip()
    if not text:
        raise NotUnderstood(_("Nothing was pasted."))
    if len(text) > LONGEST:
        raise NotUnderstood(_("This is too long for one record. Import it as a file."))
    return _one_number(text) or _address(text) or read_record(text.encode("utf-8", "replace"))


def _one_number(text: str) -> Pasted | None:
    """Return what a DOI or an ISBN alone says. Raises NotUnderstood for an ISBN that is mistyped."""
    doi = _DOI.fullmatch(text)
    if doi:
        number = doi[1].rstrip(".,;")
        return Pasted(Draft(url=f"https://doi.org/{number}", identifiers=(Identifier("doi", number),)), _("a DOI"))
    isbn = _ISBN.fullmatch(text)
    digits = re.sub(r"[^\dXx]", "", isbn[1]).upper() if isbn else ""
    if digits and is_isbn(digits):
        return Pasted(Draft(identifiers=(Identifier("isbn", digits),)), _("an ISBN"))
    if len(digits) in (10, 13):
        raise NotUnderstood(_("“%(text)s” is no ISBN: its last digit does not fit the others.") % {"text": text})
    return None


def _address(text: str) -> Pasted | None:
    return Pasted(Draft(url=text), _("an address")) if _ADDRESS.fullmatch(text) else None


def read_record(content: bytes) -> Pasted:
    """Return the first record of a small file in any format but tables. Raises NotUnderstood."""
    try:
        found = formats.detect(content)
    except FormatError as problem:
        raise NotUnderstood(_hint()) from problem
    try:
        rows = iter(()) if found.name in _TABLES else iter(found.read(io.BytesIO(content), ReadOptions()))
        first, second = next(rows, None), next(rows, None)
    except FormatError as problem:
        raise NotUnderstood(f"{_hint()} {problem}") from problem
    if first is None or first.draft in (None, Draft()):
        raise NotUnderstood(_hint())
    # Numbers of records are those of another catalogue.
    draft = replace(clean(first.draft or Draft()), replaced_by=None)
    notes = [*first.warnings, *(f"{problem.value}: {problem.reason}" for problem in first.problems)]
    if second is not None:
        notes.append(_("There was more than one record; the first was taken. Import them to take all."))
    return Pasted(draft, str(found.label), tuple(notes))


def _hint() -> str:
    return _(
        "This was not understood. Paste a DOI, an ISBN, an address, or one record as RIS, BibTeX or labelled text; a "
        "reference as a list of literature has it cannot be taken apart."
    )
