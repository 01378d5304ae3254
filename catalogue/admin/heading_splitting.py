"""The page that splits a heading in two: its records to choose from, what would change, and the doing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin import heading_steps as steps
from catalogue.admin.listing import AnyText
from catalogue.authorities import entries, splitting
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.merging import Refused, refuse_too_many
from catalogue.draft import HEADING_LIMIT
from catalogue.models import Record
from catalogue.row_numbers import row_numbers

MOST_LISTED = 100
LONGEST_QUERY = 1_000


class SplitForm(forms.Form):
    """The new heading, the forms and records that go to it, and a search that says which records are listed."""

    heading = forms.CharField(label=gettext_lazy("New heading"), max_length=HEADING_LIMIT, required=False)
    variants = forms.MultipleChoiceField(
        label=gettext_lazy("Other forms that go to it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    q = AnyText(
        label=gettext_lazy("Of its records, list those that this search finds"),
        max_length=LONGEST_QUERY,
        required=False,
    )
    is_all = forms.BooleanField(required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history."), required=False, max_length=500
    )

    def __init__(self, data: Any, entry: Entry) -> None:
        super().__init__(data)
        self.fields["variants"].choices = [(form, form) for form in entry.variants]  # type: ignore[attr-defined]
        if not entry.variants:
            del self.fields["variants"]


def split(desk: ModelAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Show the records of a heading to choose from, then what splitting would change, and do it."""
    file = steps.check_right(desk, request)
    entry = entries.read(file, [number]).get(number)
    if entry is None:
        raise Http404
    form = SplitForm(request.POST if request.method == "POST" else request.GET, entry)
    is_valid = form.is_valid()
    try:
        listed = _listed(file, number, form.cleaned_data.get("q", ""))
        problem = ""
    except ConnectionError as error:
        listed, problem = [], str(error)
    chosen = listed if form.cleaned_data.get("is_all") else _ticked(request)
    step = request.POST.get("step", "")
    preview: dict[str, Any] = {}
    if is_valid and step in ("preview", "split"):
        try:
            if step == "split":
                return _split(request, file, number, form, chosen)
            preview = _preview(file, _plan(request, file, number, form, chosen))
        except Refused as refusal:
            problem = str(refusal)
    shown = Record.objects.filter(pk__in=listed[:MOST_LISTED]).order_by("pk").only("pk", "title", "year")
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Split “%(heading)s”") % {"heading": entry.heading},
        "opts": desk.opts,
        "number": number,
        "entry": entry,
        "form": form,
        "listed": shown,
        "listed_total": len(listed),
        "most": MOST_LISTED,
        "chosen": set(chosen),
        "problem": problem,
        **preview,
    }
    return TemplateResponse(request, "desk/heading_split.html", context)


def _listed(file: AuthorityFile, number: int, query: str) -> list[int]:
    """Return the records of the heading, or those of them that a search finds. Raises ConnectionError."""
    column = file.record_column
    own = list(file.using([number]).order_by(column).values_list(column, flat=True))
    if not query.strip():
        return own
    found = set(import_string(settings.RECORD_SEARCH_ALL)(query))
    return [record for record in own if record in found]


def _ticked(request: HttpRequest) -> list[int]:
    return row_numbers(request.POST.getlist("record"), MOST_LISTED)


def _arguments(form: SplitForm) -> tuple[str, list[str]]:
    return form.cleaned_data["heading"], form.cleaned_data.get("variants", [])


def _plan(
    request: HttpRequest, file: AuthorityFile, number: int, form: SplitForm, chosen: Sequence[int]
) -> splitting.Split:
    wanted = splitting.plan(file, number, *_arguments(form), chosen)
    refuse_too_many(request.user, len(wanted.records))
    return wanted


def _preview(file: AuthorityFile, plan: splitting.Split) -> dict[str, Any]:
    return {
        "plan": plan,
        "entry_differences": steps.entry_differences(file, plan.before, plan.after),
        "new_differences": steps.entry_differences(file, Entry(""), plan.new),
        "record_total": len(plan.records),
        "examples": steps.examples(plan.examples(steps.MOST_EXAMPLES)),
    }


def _split(
    request: HttpRequest, file: AuthorityFile, number: int, form: SplitForm, chosen: Sequence[int]
) -> HttpResponse:
    reason = form.cleaned_data["reason"]
    with steps.at_once():
        change_set, new = splitting.split(file, number, *_arguments(form), chosen, request.user, reason)
    count = change_set.changes.count()
    sentence = _("%(n)d records have “%(heading)s” now.") % {"n": count, "heading": form.cleaned_data["heading"]}
    steps.tell(request, sentence, change_set)
    return HttpResponseRedirect(reverse(f"admin:catalogue_{file.name}_change", args=[new]))
