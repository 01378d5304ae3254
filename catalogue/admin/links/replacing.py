"""The pages that replace addresses: by a rule, or by where permanent redirects lead. Both show first what changes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.admin import heading_steps as steps
from catalogue.admin.guards import changers_only
from catalogue.admin.links import worklist
from catalogue.draft import LIMITS
from catalogue.linkcheck import replacing
from catalogue.linkcheck.models import Link
from catalogue.linkcheck.replacing import Refused, Rule

ONE, BEGINNING = "one", "beginning"
LONGEST_REASON = 500


class ReplaceForm(forms.Form):
    old = forms.CharField(
        label=gettext_lazy("Old address"),
        help_text=gettext_lazy("As the records have it: “http://www.old.org/”."),
        max_length=LIMITS["url"],
    )
    new = forms.CharField(
        label=gettext_lazy("New address"),
        help_text=gettext_lazy("What takes its place: “https://new.org/”."),
        max_length=LIMITS["url"],
    )
    which = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[
            (BEGINNING, gettext_lazy("at the beginning of every address that begins so")),
            (ONE, gettext_lazy("this address alone, in all records that have it")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the history."),
        max_length=LONGEST_REASON,
        required=False,
    )


@changers_only
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest) -> HttpResponse:
    """Show the form; with both addresses what would change; and do it."""
    sent = request.POST if request.method == "POST" else request.GET
    is_asked = bool(sent.get("old") and sent.get("new"))
    form = (
        ReplaceForm({"which": BEGINNING, **sent.dict()}, label_suffix="")
        if is_asked
        else ReplaceForm(initial=_initial(sent), label_suffix="")
    )
    context: dict[str, Any] = {"form": form}
    if is_asked and form.is_valid():
        values = form.cleaned_data
        try:
            rule = replacing.rule(values["old"], values["new"], values["which"] == BEGINNING)
            if request.POST.get("step") == "replace":
                return _carry_out(request, rule, values["reason"] or f"{values['old']} → {values['new']}")
            context["plan"] = replacing.plan(rule, request.user)
        except Refused as refusal:
            context["problem"] = str(refusal)
    return _page(request, _("Replace addresses"), "desk/link_replace.html", context)


def _initial(sent: Any) -> dict[str, Any]:
    is_one = sent.get("which") == ONE
    return {"old": sent.get("old", ""), "new": sent.get("new", ""), "which": ONE if is_one else BEGINNING}


@changers_only
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Show which records take over where their addresses lead by permanent redirects, and do it."""
    moved = Link.objects.filter(pk__in=worklist.ticked(request)).exclude(moved_to="").order_by("pk")
    rule = replacing.Each({link.url: link.moved_to for link in moved})
    context: dict[str, Any] = {"links": moved}
    if not rule.places:
        messages.error(request, _("None of these addresses has moved for good. Tick those that have."))
        return HttpResponseRedirect(worklist.back(request))
    try:
        if request.POST.get("step") == "replace":
            reason = request.POST.get("reason", "").replace("\0", " ").strip()[:LONGEST_REASON]
            return _carry_out(request, rule, reason or _("Permanent redirects taken over"))
        context["plan"] = replacing.plan(rule, request.user)
    except Refused as refusal:
        context["problem"] = str(refusal)
    return _page(request, _("Take over new addresses"), "desk/link_take_over.html", context)


def _page(request: HttpRequest, title: str, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})


def _carry_out(request: HttpRequest, rule: Rule, reason: str) -> HttpResponse:
    change_set, count = replacing.carry_out(rule, request.user, reason[:LONGEST_REASON])
    sentence = ngettext("%(n)s record has a new address.", "%(n)s records have new addresses.", count)
    steps.tell(request, sentence % {"n": f"{count:,}"}, change_set)
    return HttpResponseRedirect(reverse("admin:links"))
