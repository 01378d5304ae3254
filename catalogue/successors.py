"""Where records lead that others replace: past those that are deleted, and never to one that is gone.

Deleting and undoing (changes.py) and the restoring of versions at the desk ask it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from catalogue import codes, records
from catalogue.draft import Draft
from catalogue.models import Record


def is_merged(draft: Draft) -> bool:
    """Tell whether a record leads to another without a word between: then that one shows its documents."""
    return draft.status == codes.WITHDRAWN and not draft.withdrawn_reason and draft.replaced_by is not None


def ends(drafts: Mapping[int, Draft]) -> dict[int, int | None]:
    """Return where each of these records leads past one another, when all of them are deleted."""
    leads = {number: draft.replaced_by for number, draft in drafts.items()}
    return {number: _end(leads, number, drafts) for number in drafts}


def merged(drafts: Mapping[int, Draft]) -> dict[int, int | None]:
    """Return those of the records that were merged into another, and into which."""
    return {number: draft.replaced_by for number, draft in drafts.items() if is_merged(draft)}


def heirs(leads: Mapping[int, int | None], deleted: Collection[int]) -> dict[int, int]:
    """Return to which records the documents of merged ones go when these are deleted; the rest have no heir."""
    found = {number: _end(leads, number, deleted) for number in leads}
    return {number: end for number, end in found.items() if end is not None}


def _end(leads: Mapping[int, int | None], number: int, deleted: Collection[int]) -> int | None:
    """Follow a record past others that are deleted with it. Some may lead to one another in a ring."""
    seen: set[int] = set()
    end: int | None = number
    while end is not None and end in leads and end not in seen:
        seen.add(end)
        end = leads[end]
    return None if end in deleted else end


def led_past(drafts: Mapping[int, Draft]) -> dict[int, Draft]:
    """Return the Drafts that those records shall have which lead to these, when these are deleted.

    They lead on where the deleted record led, or nowhere any more, and say so where they would be withdrawn without a
    word. The deleted records must be locked, so that no other can come to lead to them.
    """
    found = Record.objects.filter(replaced_by__in=list(drafts)).exclude(pk__in=list(drafts)).order_by("pk")
    led = list(found.values_list("pk", flat=True))
    records.lock(led)
    on = ends(drafts)
    return {number: _led(number, draft, on) for number, draft in records.read_drafts(led).items()}


def _led(number: int, draft: Draft, on: Mapping[int, int | None]) -> Draft:
    end = on.get(draft.replaced_by or 0)
    return without(draft) if end in (None, number) else replace(draft, replaced_by=end)


def without_missing(drafts: Mapping[int, Draft]) -> dict[int, Draft]:
    """Return the Drafts without those successors that are not there any more."""
    wanted = {draft.replaced_by for draft in drafts.values() if draft.replaced_by is not None}
    gone = wanted - set(Record.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else wanted
    return {number: without(draft) if draft.replaced_by in gone else draft for number, draft in drafts.items()}


def without(draft: Draft) -> Draft:
    """Return the Draft of a record whose successor was deleted: nothing is withdrawn without a word."""
    reason = sentence(draft) if is_merged(draft) else draft.withdrawn_reason
    return replace(draft, replaced_by=None, withdrawn_reason=reason)


def sentence(draft: Draft) -> str:
    return _("Record %(number)d, to which it led, was deleted.") % {"number": draft.replaced_by}
