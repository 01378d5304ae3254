"""The page that merges headings: which, into which, what would change, and the doing."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin import heading_steps as steps
from catalogue.admin.completion import AUTHORITIES
from catalogue.admin.widgets import KnownHeadings
from catalogue.authorities import merging
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.merging import MOST_MERGED, Refused
from catalogue.row_numbers import row_numbers


class MergeForm(forms.Form):
    """The headings to merge: their numbers, those that are typed beside them, and which one is kept."""

    heading = forms.TypedMultipleChoiceField(coerce=int, required=False)
    keep = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history.")
    )

    def __init__(self, data: Any, file: AuthorityFile) -> None:
        super().__init__(data)
        self.headings = file.headings(row_numbers(data.getlist("heading"), MOST_MERGED + 1))
        self.fields["heading"].choices = [(number, number) for number in self.headings]  # type: ignore[attr-defined]
        name = next(name for name, (model, _variants) in AUTHORITIES.items() if model is file.model)
        self.fields["also"] = KnownHeadings(
            file.model,
            file.variants,
            name,
            label=_("More headings to merge"),
            help_text=_("One a line, by any of their forms."),
        )

    def clean_heading(self) -> list[int]:
        return list(self.headings)  # those that are gone are left out, and the page shows which are left

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        typed = {heading.pk: heading for heading in values.get("also", ())}
        self.headings = {**self.headings, **typed}
        if len(self.headings) > MOST_MERGED:
            raise ValidationError(_("At most %(most)d headings are merged at once.") % {"most": MOST_MERGED})
        return values


def merge(desk: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show what merging headings would change, and do it."""
    file = steps.check_right(desk, request)
    form = MergeForm(request.POST if request.method == "POST" else request.GET, file)
    is_valid = form.is_valid()
    counts = file.record_counts(form.headings)
    kept = _kept(form, counts)
    problem, plan = "", None
    if is_valid and len(form.headings) > 1 and kept:
        try:
            if request.method == "POST":
                return _merge(request, file, form, kept)
            plan = _plan(request, file, form, kept)
        except Refused as refusal:
            problem = str(refusal)
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Merge headings"),
        "opts": desk.opts,
        "form": form,
        "headings": [(heading, counts.get(heading.pk, 0)) for heading in form.headings.values()],
        "kept": kept,
        "problem": problem,
        **(_preview(plan) if plan else {}),
    }
    return TemplateResponse(request, "desk/heading_merge.html", context)


def _kept(form: MergeForm, counts: dict[int, int]) -> int | None:
    """Return the heading that is kept: the chosen one, else that which most records use."""
    chosen = form.cleaned_data.get("keep") if form.is_bound and hasattr(form, "cleaned_data") else None
    if chosen in form.headings:
        return chosen
    return max(form.headings, key=lambda number: counts.get(number, 0), default=None)


def _plan(request: HttpRequest, file: AuthorityFile, form: MergeForm, kept: int) -> merging.Plan:
    wanted = merging.plan(file, list(form.headings), kept)
    merging.refuse_too_many(request.user, wanted.record_count)
    return wanted


def _preview(plan: merging.Plan) -> dict[str, Any]:
    return {
        "plan": plan,
        "kept_heading": plan.entries[plan.kept].heading,
        "gone": [plan.entries[number].heading for number in plan.merged],
        "conflicts": plan.joined.conflicts,
        "entry_differences": steps.entry_differences(plan.file, plan.entries[plan.kept], plan.joined.entry),
        "record_total": plan.record_count,
        "examples": steps.examples(plan.examples(steps.MOST_EXAMPLES)),
    }


def _merge(request: HttpRequest, file: AuthorityFile, form: MergeForm, kept: int) -> HttpResponse:
    reason = form.cleaned_data.get("reason", "")
    with steps.at_once():
        change_set = merging.merge(file, list(form.headings), kept, request.user, reason)
    sentence = _("%(n)d headings are “%(heading)s” now.")
    steps.tell(request, sentence % {"n": len(form.headings), "heading": form.headings[kept]}, change_set)
    return HttpResponseRedirect(reverse(f"admin:catalogue_{file.name}_change", args=[kept]))
