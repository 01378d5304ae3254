"""What happened to records, in words: who changed what when, and what it was before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.admin import undoing
from catalogue.models import Change, ChangeSet, Record, RecordIdentifier

PER_PAGE = 25
CHOICES = {"kind": codes.KINDS, "status": codes.STATUSES}


@dataclass(frozen=True)
class Difference:
    """One field that changed, with its values in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """One change of one record, as the history shows it."""

    change: Change
    title: str
    differences: tuple[Difference, ...]


def differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[Difference]:
    """Yield the fields in which two Drafts, as JSON keeps them, differ; None is a record that is not there."""
    old, new = before or {}, after or {}
    for name in FIELDS:
        if old.get(name) != new.get(name):
            yield Difference(label(name), words(name, old.get(name)), words(name, new.get(name)))


# In the order of the form.
FIELDS = (
    *("title", "authors", "year", "country", "language", "kind", "summary", "details", "source", "url"),
    *("shelf_number", "keywords", "identifiers", "rights", "status", "withdrawn_reason", "replaced_by"),
)


def label(name: str) -> str:
    if name == "identifiers":
        return str(RecordIdentifier._meta.verbose_name_plural)
    field: Any = Record._meta.get_field(name)
    return str(field.verbose_name)


def words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if isinstance(value, list):
        return "\n".join(_item(item) for item in value)
    return str(value)


def _item(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    if "heading" not in item:
        return f"{item.get('scheme')}: {item.get('value')}"
    notes = [str(codes.AUTHOR_KINDS[codes.BODY])] if item.get("kind") == codes.BODY else []
    notes += [item["orcid"]] if item.get("orcid") else []
    return item["heading"] + (f" ({', '.join(notes)})" if notes else "")


def steps(made: Iterable[Change]) -> list[Step]:
    return [
        Step(change, _title(change.after or change.before), tuple(differences(change.before, change.after)))
        for change in made
    ]


def _title(draft: dict[str, Any] | None) -> str:
    return str((draft or {}).get("title", ""))


def page_of(made: QuerySet[Change], request: HttpRequest) -> Page:
    return Paginator(made, PER_PAGE).get_page(request.GET.get("p"))


def last_change_sets(most: int) -> QuerySet[ChangeSet]:
    """Return the newest change sets, each with its first record and whether (`second`) there are more."""
    own = Change.objects.filter(change_set=OuterRef("pk")).order_by("pk")
    return ChangeSet.objects.annotate(
        first_number=Subquery(own.values("record_number")[:1]),
        first_title=Subquery(own.values(title=F("after__title"))[:1]),
        first_title_before=Subquery(own.values(title=F("before__title"))[:1]),
        second=Subquery(own.values("record_number")[1:2]),
    ).order_by("-pk")[:most]


def last_change(number: int) -> Change | None:
    return Change.objects.filter(record_number=number).select_related("change_set").order_by("-pk").first()


def who(change: Change) -> str:
    return change.change_set.user_name or _("Somebody")


class ChangeSetAdmin(admin.ModelAdmin):
    """The change sets, to read."""

    list_display = ("pk", "made", "kind", "by", "reason")
    list_filter = ("kind",)
    ordering = ("-pk",)
    sortable_by = ("pk",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    @admin.display(description=gettext_lazy("by"))
    def by(self, change_set: ChangeSet) -> str:
        return change_set.user_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Change sets"), **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one change set with what it did to each record."""
        if object_id is None or request.method not in ("GET", "HEAD"):
            return super().changeform_view(request, object_id, form_url, extra_context)
        change_set = self.get_object(request, object_id)
        if change_set is None or not self.has_view_permission(request, change_set):
            return super().changeform_view(request, object_id, form_url, extra_context)
        page = page_of(change_set.changes.select_related("change_set").order_by("pk"), request)
        context = {
            **self.admin_site.each_context(request),
            "title": str(change_set),
            "opts": self.opts,
            "change_set": change_set,
            "page": page,
            "steps": steps(page.object_list),
            **undoing.context(request, change_set),
        }
        return TemplateResponse(request, "desk/change_set.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(undoing.undo, self))
        return [path("<int:number>/undo/", view, name="catalogue_changeset_undo"), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A change set is history itself."""
        return self.changeform_view(request, object_id)
