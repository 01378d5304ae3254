"""Saves the form of a record, in one transaction through catalogue.changes, and tells what came of it."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import changes, codes, doubts, headings, records, unsaved
from catalogue.admin import conflicts
from catalogue.admin.conflicts import Conflict
from catalogue.admin.record_form import RecordForms
from catalogue.draft import Draft
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Country, CountryVariant, Keyword, KeywordVariant, Record
from catalogue.people import rights

# The list of records carries its search and filters to the form in this parameter.
LIST_FILTERS = "_changelist_filters"
# In a list that is not in the order of numbers, the next record is looked for so far.
MOST_LISTED = 1_000


class SavedBefore(Exception):
    """The form of a new record was saved already, and sent once more. The message says as which record."""


class StatusRefused(Exception):
    """The person may not give the record this status. The message says so, and what to do."""


def save(request: HttpRequest, number: int | None, forms: RecordForms) -> int | Conflict:
    """Save a valid form; return the record's number, or why it was not saved.

    Raises SavedBefore, StatusRefused and changes.Busy.
    """
    draft, sent = forms.draft, forms.main.cleaned_data
    with transaction.atomic(), changes.without_waiting():
        if number is not None:
            records.lock([number])
            conflict = conflicts.find(number, sent["modified"], draft)
            if conflict:
                return conflict
        else:
            _check_saved(request.user, sent["token"])
        _check_status(request.user, number, draft.status)
        new = _new_headings(draft)
        change_set = changes.open_change_set(codes.EDIT, request.user, sent["reason"])
        outcome = changes.apply(change_set, [changes.Wish(draft, number)])
        if outcome.unchanged:
            change_set.delete()
        unsaved.forget(request.user, sent["token"], outcome.numbers[0])
    _tell(request, outcome, draft, new)
    return outcome.numbers[0]


def _check_saved(user: Any, token: uuid.UUID | None) -> None:
    """Raise SavedBefore where somebody has gone back to a form after saving it."""
    if (saved := unsaved.saved_as(user, token)) and Record.objects.filter(pk=saved).exists():
        sentence = _(
            "This form was saved before, as record %(number)d. Change it there; save here once more only if there are "
            "to be two records."
        )
        raise SavedBefore(sentence % {"number": saved})


def _check_status(user: Any, number: int | None, status: str) -> None:
    present = Record.objects.filter(pk=number).values_list("status", flat=True).first() if number else None
    if not rights.may_give_status(user, present or codes.DRAFT, status):
        sentence = _("You may not publish or withdraw records. Put it in review, and somebody who may will see to it.")
        raise StatusRefused(sentence)


def _new_headings(draft: Draft) -> list[str]:
    """Return a sentence for each heading that saving the Draft will make."""
    names = [name.heading for name in draft.authors if not name.orcid or not _has_orcid(name.orcid)]
    wanted = (
        (_("New author: %(heading)s"), Author, AuthorVariant, names),
        (_("New keyword: %(heading)s"), Keyword, KeywordVariant, draft.keywords),
        (_("New country: %(heading)s"), Country, CountryVariant, [draft.country] if draft.country else []),
    )
    sentences = []
    for sentence, model, variants, texts in wanted:
        known = headings.find(model, variants, map(fold_heading, texts)) if texts else {}
        sentences += [sentence % {"heading": text} for text in texts if fold_heading(text) not in known]
    return sentences


def _has_orcid(orcid: str) -> bool:
    return Author.objects.filter(orcid=orcid).exists()


def _tell(request: HttpRequest, outcome: changes.Outcome, draft: Draft, new: list[str]) -> None:
    if outcome.unchanged:
        messages.info(request, _("Nothing was changed in “%(title)s”.") % {"title": draft.title})
        return
    values = {"title": draft.title, "number": outcome.numbers[0]}
    messages.success(request, _("Record %(number)d, “%(title)s”, was saved.") % values)
    for sentence in new:
        messages.info(request, sentence)
    for sentence in doubts.find(draft, outcome.numbers[0]):
        messages.warning(request, sentence)


def next_page(desk: Any, request: HttpRequest, number: int) -> str:
    """Return where the button that was pressed leads."""
    listed = request.GET.get(LIST_FILTERS, "")
    kept = QueryDict(mutable=True)
    if listed:
        kept[LIST_FILTERS] = listed
    if "_addanother" in request.POST:
        return reverse("admin:catalogue_record_add")
    if "_copy" in request.POST:
        return f"{reverse('admin:catalogue_record_add')}?copy={number}"
    if "_continue" in request.POST:
        return _with(reverse("admin:catalogue_record_change", args=[number]), kept.urlencode())
    following = _following(desk, request, number) if "_next" in request.POST else None
    if following:
        return _with(reverse("admin:catalogue_record_change", args=[following]), kept.urlencode())
    if "_next" in request.POST:
        messages.info(request, _("This was the last record of the list."))
    return _with(reverse("admin:catalogue_record_changelist"), listed)


def _with(address: str, parameters: str) -> str:
    return f"{address}?{parameters}" if parameters else address


def _following(desk: Any, request: HttpRequest, number: int) -> int | None:
    """Return the record after this one in the list that the form was opened from."""
    asked = QueryDict(request.GET.get(LIST_FILTERS, ""))
    previous, request.GET = request.GET, asked  # what the list reads
    try:
        listed = desk.get_changelist_instance(request).get_queryset(request)
    finally:
        request.GET = previous
    if not asked.get("q") and not asked.get("o"):
        return listed.filter(pk__lt=number).order_by("-pk").values_list("pk", flat=True).first()
    numbers = list(listed.values_list("pk", flat=True)[:MOST_LISTED])
    place = numbers.index(number) + 1 if number in numbers else len(numbers)
    return numbers[place] if place < len(numbers) else None
