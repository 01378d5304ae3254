"""The account of all changes at the desk: who changed what, when, why and through what, by any of these."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalogue import change_account, codes
from catalogue.admin import account_export, change_words
from catalogue.change_account import Named, Wanted
from catalogue.changed_fields import CHANGED, GONE, MADE, ChangedField
from catalogue.models import ChangeSet

PER_PAGE = 50
MOST_FIELDS = 6
# Stands for commands without an account, whose name is empty; no account can have a blank in its name.
NOBODY = "no account"


class Day(forms.DateField):
    """A day of a time in which there can be changes; with a day before or after, it is a date still."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class AccountForm(forms.Form):
    person = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    since = Day(label=gettext_lazy("From"), required=False)
    until = Day(label=gettext_lazy("To"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Through"),
        required=False,
        choices=[("", gettext_lazy("anything")), *codes.CHANGE_KINDS.items()],
    )
    field = forms.ChoiceField(label=gettext_lazy("What changed"), required=False)
    words = forms.CharField(label=gettext_lazy("Words in the reason"), required=False, max_length=200)
    record = forms.IntegerField(
        label=gettext_lazy("Record number"), required=False, min_value=1, max_value=2**63 - 1, localize=False
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = [(name or NOBODY, name or _("a command")) for name in change_account.people()]
        fields: dict[str, Any] = self.fields
        fields["person"].choices = [("", _("anybody")), *people]
        fields["field"].choices = [("", _("anything")), *_field_choices()]

    def wanted(self) -> Wanted:
        """Return what is asked for, without what makes no sense."""
        sent = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        what, _dot, field = sent.pop("field", "").partition(".")
        person = sent.pop("person", None)
        sent.pop("before", None)
        return Wanted(**sent, what=what, field=field, person="" if person == NOBODY else person)


def _field_choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for what, plural in change_words.PLURALS.items():
        done = [(f"{what}.{name}", str(label)) for name, label in change_words.DONE.items()]
        fields = [(f"{what}.{name}", change_words.label(what, name)) for name in change_words.fields(what)]
        yield str(plural), [*done, *fields]


@dataclass(frozen=True)
class Entry:
    """One change set as the account lists it."""

    change_set: ChangeSet
    sentences: tuple[str, ...]
    named: tuple[tuple[Named, str], ...]


def show(desk: ModelAdmin, request: HttpRequest) -> HttpResponseBase:
    """List change sets, or send what they did as a file."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    form = AccountForm(request.GET, label_suffix="")
    form.is_valid()
    wanted = form.wanted()
    if request.GET.get("as") in account_export.FORMATS and not form.errors:
        return account_export.send(request, wanted, request.GET["as"])
    before = form.cleaned_data.get("before")
    sets, has_more = change_account.page(change_account.change_sets(wanted), before, PER_PAGE)
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Change sets"),
        "opts": desk.opts,
        "form": form,
        "boxes": [form[name] for name in form.fields if name != "before"],
        "entries": list(_entries(sets, wanted)),
        "is_first": before is None,
        "last": sets[-1].pk if has_more else None,
    }
    return TemplateResponse(request, "desk/all_changes.html", context)


def _entries(sets: list[ChangeSet], wanted: Wanted) -> Iterator[Entry]:
    counted = change_account.counted(sets)
    named = change_account.named(sets, wanted.record)
    for one in sets:
        links = tuple((item, _url(item)) for item in named[one.pk])
        yield Entry(one, tuple(sentences(counted[one.pk])), links)


def _url(item: Named) -> str:
    if item.what in ("record", "document"):
        return reverse("admin:catalogue_record_history", args=[item.number])
    return reverse(f"admin:catalogue_{item.what}_history", args=[item.number])


def sentences(counted: Iterable[ChangedField]) -> Iterator[str]:
    """Yield for records, for each sort of heading and for documents what became of how many."""
    by_what: dict[str, list[ChangedField]] = {}
    for one in counted:
        by_what.setdefault(one.what, []).append(one)
    for what, plural in change_words.PLURALS.items():
        if what in by_what:
            yield f"{capfirst(plural)}: {'; '.join(_parts(what, by_what[what]))}"


def _parts(what: str, counted: list[ChangedField]) -> Iterator[str]:
    totals = {one.field: one.count for one in counted if one.field in change_words.DONE}
    fields = [one for one in counted if one.field not in change_words.DONE]
    if made := totals.get(MADE):
        yield ngettext("%(n)s made", "%(n)s made", made) % {"n": f"{made:,}"}
    if gone := totals.get(GONE):
        yield ngettext("%(n)s deleted", "%(n)s deleted", gone) % {"n": f"{gone:,}"}
    if changed := totals.get(CHANGED):
        names = [
            change_words.label(what, one.field) + (f" {one.count:,}" if one.count != changed else "")
            for one in fields[:MOST_FIELDS]
        ]
        names += ["…"] if len(fields) > MOST_FIELDS else []
        sentence = ngettext("%(n)s changed (%(fields)s)", "%(n)s changed (%(fields)s)", changed)
        yield sentence % {"n": f"{changed:,}", "fields": ", ".join(names)}
