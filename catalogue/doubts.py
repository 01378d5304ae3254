"""What may be a slip of the hand in a record that could be saved as it is: said, never refused."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalogue import codes, slips
from catalogue.draft import Draft
from catalogue.formats.base import Notes
from catalogue.formats.languages import CODES, read_language
from catalogue.models import Record


def find(draft: Draft, number: int | None = None) -> list[str]:
    """Return a sentence for each doubt about a record; `number` is its own, if it has one yet."""
    return [*slips.find(draft), *_language(draft), *_shelf_number(draft, number)]


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
