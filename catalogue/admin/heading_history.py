"""What happened to headings, in words: on their own history pages, and among the steps of a change set."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.admin.history import Difference, page_of
from catalogue.authorities.files import FILES
from catalogue.authorities.models import HeadingChange
from catalogue.row_numbers import row_number

# In the order of the form.
LABELS = {
    "heading": gettext_lazy("preferred form"),
    "kind": gettext_lazy("kind"),
    "orcid": gettext_lazy("ORCID"),
    "code": gettext_lazy("ISO 3166 code"),
    "scope_note": gettext_lazy("scope note"),
    "broader": gettext_lazy("broader headings"),
    "related": gettext_lazy("related headings"),
    "notes": gettext_lazy("notes"),
    "variants": gettext_lazy("other forms"),
}


@dataclass(frozen=True)
class HeadingStep:
    """One change of one heading, as the history shows it. `url` is its page, "" where that is no longer there."""

    change: HeadingChange
    title: str
    url: str
    differences: tuple[Difference, ...]

    @property
    def what(self) -> str:
        if self.change.before is None:
            return _("Made")
        return _("Changed") if self.change.after is not None else _("Gone")


def differences(kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[Difference]:
    """Yield what differs between two Entries, as JSON keeps them; None is a heading that is not there."""
    old, new = before or {}, after or {}
    for name, label in LABELS.items():
        if comparable(old.get(name)) != comparable(new.get(name)):
            shown = _("part of") if (kind, name) == ("country", "broader") else str(label)
            yield Difference(shown, words(name, old.get(name)), words(name, new.get(name)))


def comparable(value: Any) -> Any:
    """Return links by their numbers alone: another heading that was renamed is no change of this one."""
    return [item[0] if isinstance(item, list) else item for item in value] if isinstance(value, list) else value


def words(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(item[1] if isinstance(item, list) else str(item) for item in value)
    return str(codes.AUTHOR_KINDS.get(value, value) if name == "kind" else value or "")


def steps(changes: Iterable[HeadingChange]) -> list[HeadingStep]:
    """Return the changes in words, in one query for each authority file at most."""
    found = list(changes)
    there = {
        (name, number)
        for name, file in FILES.items()
        if (numbers := [change.number for change in found if change.kind == name])
        for number in file.headings(numbers)
    }
    return [_step(change, (change.kind, change.number) in there) for change in found]


def _step(change: HeadingChange, is_there: bool) -> HeadingStep:
    title = (change.after or change.before or {}).get("heading", "")
    url = reverse(f"admin:catalogue_{change.kind}_change", args=[change.number]) if is_there else ""
    return HeadingStep(change, title, url, tuple(differences(change.kind, change.before, change.after)))


def show(desk: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show what happened to a heading, newest first. It outlives the heading."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    name = str(desk.opts.model_name)
    number = row_number(object_id)
    changed = HeadingChange.objects.filter(kind=name, number=number).select_related("change_set").order_by("-pk")
    page = page_of(changed, request)
    heading = FILES[name].headings([number]).get(number)
    if heading is None and not page.object_list:
        raise Http404
    found = steps(page.object_list)
    context = {
        **desk.admin_site.each_context(request),
        "title": _("History of “%(heading)s”") % {"heading": heading or found[0].title},
        "opts": desk.opts,
        "heading": heading,
        "page": page,
        "steps": found,
    }
    return TemplateResponse(request, "desk/heading_history.html", context)
