"""The records of a batch edit: those that a search finds at this moment, or those that somebody ticked."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.batch.models import Batch
from catalogue.people import rights

MOST_RECORDS = 200_000


class NothingSelected(Exception):
    """There are no records, or too many, to change. The message says which."""


def of_search(user: Any, data: QueryDict) -> Batch:
    """Make a batch edit of all records that a search finds now. Raises NothingSelected and ConnectionError."""
    found = import_string(settings.RECORD_SEARCH_FOUND)(data)
    return _make(user, found.numbers, found.name, found.parameters)


def of_numbers(user: Any, numbers: Iterable[int]) -> Batch:
    """Make a batch edit of records that somebody ticked. Raises NothingSelected."""
    wanted = sorted(set(numbers))
    sentence = ngettext("%(count)s ticked record", "%(count)s ticked records", len(wanted))
    return _make(user, wanted, sentence % {"count": f"{len(wanted):,}"}, "")


def _make(user: Any, numbers: list[int], name: str, parameters: str) -> Batch:
    if not numbers:
        raise NothingSelected(_("There are no records to change. Tick some, or search for others."))
    if len(numbers) > MOST_RECORDS:
        values = {"count": f"{len(numbers):,}", "most": f"{MOST_RECORDS:,}"}
        sentence = _("These are %(count)s records; at most %(most)s are changed at once. Narrow the search.")
        raise NothingSelected(sentence % values)
    if not rights.may_change_together(user, len(numbers)):
        raise NothingSelected(rights.too_many())
    return Batch.objects.create(
        user=user, name=name, parameters=parameters, numbers=sorted(numbers), count=len(numbers)
    )
