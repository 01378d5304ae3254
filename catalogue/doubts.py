"""What may be a slip of the hand in a record that could be saved as it is: said, never refused."""

import re
from collections.abc import Callable, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.check_digits import is_isbn, is_issn
from catalogue.draft import Draft, Identifier
from catalogue.formats.base import Notes
from catalogue.formats.languages import CODES, read_language
from catalogue.models import Record

_DOI = re.compile(r"10\.\d{4,9}(\.\d+)*/\S+")
_NO_DIGIT = re.compile(r"[^0-9X]")


def find(draft: Draft, number: int | None = None) -> list[str]:
    """Return a sentence for each doubt about a record; `number` is its own, if it has one yet."""
    return [*_year(draft), *_language(draft), *_shelf_number(draft, number), *_identifiers(draft)]


def _year(draft: Draft) -> Iterator[str]:
    if draft.year and draft.year > timezone.localdate().year + 1:
        yield _("The year %(year)d is to come.") % {"year": draft.year}


def _language(draft: Draft) -> Iterator[str]:
    code = read_language(draft.language, Notes())
    if draft.language and code not in CODES:
        sentence = _("No language with the code “%(code)s” is known here; English is “en”, German “de”.")
        yield sentence % {"code": draft.language}


def _shelf_number(draft: Draft, number: int | None) -> Iterator[str]:
    if not draft.shelf_number:
        return
    others = (
        Record.objects.filter(shelf_number=draft.shelf_number).exclude(pk=number or 0).exclude(status=codes.WITHDRAWN)
    )
    other = others.order_by("pk").values_list("pk", "title").first()
    if other:
        values = {"shelf": draft.shelf_number, "number": other[0], "title": other[1]}
        yield _("The shelf number %(shelf)s is that of record %(number)d too, “%(title)s”.") % values


def _identifiers(draft: Draft) -> Iterator[str]:
    sentences: dict[str, tuple[Callable[[str], object], str]] = {
        "isbn": (is_isbn, _("“%(value)s” is no ISBN: it has 10 or 13 digits, of which the last checks the others.")),
        "issn": (is_issn, _("“%(value)s” is no ISSN: it has 8 digits, of which the last checks the others.")),
        "doi": (_DOI.fullmatch, _("“%(value)s” does not look like a DOI, such as 10.1000/182.")),
    }
    for item in draft.identifiers:
        if item.scheme in sentences:
            is_right, sentence = sentences[item.scheme]
            if not is_right(_bare(item)):
                yield sentence % {"value": item.value}


def _bare(item: Identifier) -> str:
    return item.value if item.scheme == "doi" else _NO_DIGIT.sub("", item.value.upper())
