"""The page on which two records are merged: side by side, field by field, with a choice where they differ."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalogue import changes, codes, records
from catalogue import record_merging as merging
from catalogue.admin import conflicts, history
from catalogue.admin.conflicts import Kept
from catalogue.draft import clean, validate
from catalogue.models import ChangeSet, Record
from catalogue.people import rights
from catalogue.row_numbers import row_numbers

CHOICES = {
    merging.THIS: gettext_lazy("Keep that of this record"),
    merging.OTHER: gettext_lazy("Take that of the other record"),
    merging.BOTH: gettext_lazy("Both, one after the other"),
}

MOST_MERGED = 20


class MergeForm(forms.Form):
    """A choice for each field in which the records differ; `version` is of both, as they were shown."""

    choices = CHOICES
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Note for the history"),
        help_text=gettext_lazy("Why it was changed, for colleagues. Not public."),
        max_length=500,
        required=False,
    )

    def __init__(self, this: Kept, other: Kept, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"version": _version(this, other)})
        for name in self.differing(this, other):
            wanted = [
                merging.THIS,
                merging.OTHER,
                *([merging.BOTH] if name in merging.LISTS else []),
            ]
            self.fields[name] = forms.ChoiceField(
                label=history.label(name),
                choices=[(choice, self.choices[choice]) for choice in wanted],
                initial=merging.proposed(name, this.draft, other.draft),
                widget=forms.RadioSelect,
            )

    def differing(self, this: Kept, other: Kept) -> list[str]:
        return merging.differing(this.draft, other.draft)


@dataclass(frozen=True)
class Row:
    """One field with its value in both records, in words; `box` holds the choice, where they differ."""

    label: str
    this: str
    other: str
    box: forms.BoundField | None


class NotMerged(Exception):
    """The records cannot be made one. The message says why, and what to do; nothing was changed."""


def first_address(numbers: list[int]) -> str:
    """Return the page that merges the first two of some records and then, one after the other, the rest into it.

    The record with the lowest number is proposed to stay; one that is withdrawn cannot. Raises NotMerged.
    """
    rows = Record.objects.filter(pk__in=numbers).order_by("pk").values_list("pk", "status")
    found = sorted(rows, key=lambda row: row[1] == codes.WITHDRAWN)
    if len(found) < 2 or found[0][1] == codes.WITHDRAWN:
        raise NotMerged(_("Tick at least two records to merge, of which one is not withdrawn."))
    if len(found) > MOST_MERGED:
        raise NotMerged(_("At most %(most)d records are merged one after the other.") % {"most": MOST_MERGED})
    return _address([number for number, _status in found])


def _address(numbers: list[int]) -> str:
    """Return the page that merges the second of some records into the first; `then` names those that follow."""
    page = reverse("admin:record_merge", args=numbers[:2])
    return f"{page}?then={','.join(map(str, numbers[2:]))}" if len(numbers) > 2 else page


def _following(request: HttpRequest) -> list[int]:
    """Return the records that are to be merged after these two, as far as they are there."""
    numbers = row_numbers(request.GET.get("then", "").split(","), MOST_MERGED)
    present = set(Record.objects.filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()
    return [number for number in numbers if number in present]


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Show two records side by side, and make one of them. The first stays; the address of the other leads to it."""
    user: Any = request.user
    if not user.has_perms(["catalogue.change_record", rights.PUBLISH]):
        raise PermissionDenied
    pair = _pair(number, other)
    form = MergeForm(*pair, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, (number, other), pair, form)
    try:
        change_set = _merge(request, (number, other), form)
    except changes.Busy:
        sentence = _("An import, or somebody else, is writing one of the records. Try again in a minute.")
        return _page(request, (number, other), pair, form, sentence)
    except NotMerged as refused:
        return _page(request, (number, other), pair, form, str(refused))
    if change_set is None:
        sentence = _("One of the records was changed meanwhile. Look at both once more.")
        pair = _pair(number, other)
        return _page(request, (number, other), pair, MergeForm(*pair), sentence)
    _tell(request, number, other, change_set.pk)
    rest = [one for one in _following(request) if one not in (number, other)]
    if rest:
        return HttpResponseRedirect(_address([number, *rest]))
    return HttpResponseRedirect(reverse("admin:catalogue_record_change", args=[number]))


def _merge(request: HttpRequest, numbers: tuple[int, int], form: MergeForm) -> ChangeSet | None:
    """Merge two records as a valid form says, or return None where one of them has changed.

    Raises changes.Busy, and NotMerged where both together are more than a record can be.
    """
    with transaction.atomic(), changes.without_waiting():
        records.lock(numbers)
        this, other = _pair(*numbers)
        if form.cleaned_data["version"] != _version(this, other):
            return None
        draft = clean(merging.merged(this.draft, other.draft, form.cleaned_data))
        if problems := validate(draft):
            name, reason = capfirst(history.label(problems[0].field)), problems[0].reason
            raise NotMerged(_("%(field)s: %(reason)s Keep less of it.") % {"field": name, "reason": reason})
        return merging.merge(numbers, (draft, other.draft), request.user, form.cleaned_data["reason"])


def _pair(number: int, other: int) -> tuple[Kept, Kept]:
    """Return both records. Raises Http404 where there is nothing to merge."""
    if number == other or not max(number, other) < 2**63:
        raise Http404
    this, that = conflicts.read(number), conflicts.read(other)
    if this is None or that is None or this.draft.status == codes.WITHDRAWN:
        raise Http404
    return this, that


def _version(this: Kept, other: Kept) -> str:
    return f"{this.version} {other.version}"


def _tell(request: HttpRequest, number: int, other: int, change_set: int) -> None:
    sentence = _("Record %(other)d was merged into record %(number)d; its address leads here.")
    address = reverse("admin:catalogue_changeset_change", args=[change_set])
    said = sentence % {"other": other, "number": number}
    messages.success(request, format_html('{} <a href="{}">{}</a>', said, address, _("See it, or undo it")))


def _page(
    request: HttpRequest, numbers: tuple[int, int], pair: tuple[Kept, Kept], form: MergeForm, problem: str = ""
) -> HttpResponse:
    from django.contrib import admin

    this, other = pair
    following = [one for one in _following(request) if one not in numbers]
    context = {
        **admin.site.each_context(request),
        "title": _("Merge two records"),
        "opts": Record._meta,
        "this": this,
        "other": other,
        "form": form,
        "rows": rows(this, other, form),
        "problem": problem,
        "following": following,
        "other_way": _address([numbers[1], numbers[0], *following]),
    }
    return TemplateResponse(request, "desk/record_merge.html", context, status=409 if problem else 200)


def rows(this: Kept, other: Kept, form: MergeForm) -> list[Row]:
    """Return the fields that stand in either, side by side."""
    ours, theirs = this.draft.to_dict(), other.draft.to_dict()
    return [
        Row(
            history.label(name),
            history.words(name, ours.get(name)),
            history.words(name, theirs.get(name)),
            form[name] if name in form.fields else None,
        )
        for name in merging.FIELDS
        if ours.get(name) or theirs.get(name)
    ]
