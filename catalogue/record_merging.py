"""Two records that are about one document become one: the other is withdrawn, and its address leads on.

It is one change set, of both records and of those that led to the other one, and undone like any other.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import changes, codes, records
from catalogue.draft import Draft
from catalogue.models import ChangeSet, Record

THIS, OTHER, BOTH = "this", "other", "both"
LISTS = ("authors", "keywords", "identifiers")
# In the order of the form.
FIELDS = (
    *("title", "authors", "year", "country", "language", "kind", "summary", "details", "source", "url"),
    *("shelf_number", "keywords", "identifiers", "rights", "status"),
)
# Of the status that the merged record proposes to have, the one that the public sees comes first.
_OPENNESS = (codes.PUBLISHED, codes.IN_REVIEW, codes.DRAFT)


def differing(this: Draft, other: Draft) -> list[str]:
    """Return the fields between which there is a choice. To be withdrawn is none: the merged record stays."""
    found = [name for name in FIELDS if getattr(this, name) != getattr(other, name)]
    return [name for name in found if name != "status" or other.status != codes.WITHDRAWN]


def proposed(name: str, this: Draft, other: Draft) -> str:
    """Return the choice that loses nothing, else that of the record that stays."""
    ours, theirs = getattr(this, name), getattr(other, name)
    if name == "status":
        return THIS if _OPENNESS.index(ours) <= _OPENNESS.index(theirs) else OTHER
    if name in ("keywords", "identifiers"):
        return BOTH
    return OTHER if theirs and not ours else THIS


def merged(this: Draft, other: Draft, choices: Mapping[str, str]) -> Draft:
    """Return the Draft of the record that stays; a field without a choice stays as it is."""
    values: dict[str, Any] = {}
    for name in differing(this, other):
        if choices.get(name) == OTHER:
            values[name] = getattr(other, name)
        elif choices.get(name) == BOTH and name in LISTS:
            values[name] = tuple(dict.fromkeys((*getattr(this, name), *getattr(other, name))))
    return replace(this, **values)


def merge(numbers: tuple[int, int], drafts: tuple[Draft, Draft], user: Any, reason: str = "") -> ChangeSet:
    """Give the first record its merged Draft (the first of the two) and let the second lead to it.

    Belongs inside a transaction in which both records are locked.
    """
    number, other = numbers
    with transaction.atomic():
        reason = reason or _("Record %(other)d was merged into record %(number)d.") % {"other": other, "number": number}
        change_set = changes.open_change_set(codes.MERGE, user, reason)
        wishes = [
            changes.Wish(replace(drafts[0], replaced_by=None, withdrawn_reason=""), number),
            changes.Wish(leading_on(drafts[1], number), other),
            *_led_on(number, other),
        ]
        changes.apply(change_set, wishes)
    return change_set


def leading_on(draft: Draft, number: int) -> Draft:
    """Return the Draft of a record whose address shall lead to another, without a word between."""
    return replace(draft, status=codes.WITHDRAWN, withdrawn_reason="", replaced_by=number)


def _led_on(number: int, other: int) -> list[changes.Wish]:
    """Let those that led to the other record lead to the one that stays."""
    found = Record.objects.filter(replaced_by=other).exclude(pk=number).order_by("pk")
    led = list(found.values_list("pk", flat=True))
    records.lock(led)
    return [
        changes.Wish(replace(draft, replaced_by=number), one)
        for one, draft in records.read_drafts(led).items()
        if draft.replaced_by == other
    ]
