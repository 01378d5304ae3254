"""What happened to records, in words: who changed what when, and what it was before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from catalogue import changes, codes
from catalogue.models import Change, ChangeSet, Record, RecordIdentifier

PER_PAGE = 25
# A larger change set, like an import, is undone by the queue (see the page of the import).
MOST_UNDONE = 1_000
MOST_NAMED = 50
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


def may_be_undone(request: HttpRequest, change_set: ChangeSet) -> bool:
    """Tell whether the account may undo a change set here, and whether it is small enough to be undone at once."""
    user: Any = request.user
    right = "catalogue.add_import" if change_set.kind == codes.IMPORT else "catalogue.change_record"
    if not user.has_perm(right) or ChangeSet.objects.filter(undoes=change_set).exists():
        return False
    return change_set.changes.order_by()[: MOST_UNDONE + 1].count() <= MOST_UNDONE


@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Put the records of a change set back, as far as nobody has changed them since."""
    change_set = ChangeSet.objects.filter(pk=number).first() if number < 2**63 else None
    if change_set is None:
        raise Http404
    if not may_be_undone(request, change_set):
        raise PermissionDenied
    try:
        done = changes.undo(change_set, request.user)
    except ValueError as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(_page_of_set(number))
    count = len(done.restored)
    sentence = ngettext("%(count)d record was put back.", "%(count)d records were put back.", count)
    messages.success(request, sentence % {"count": count})
    if done.changed_since:
        sentence = _("Left alone, because they were changed since: %(numbers)s.")
        messages.warning(request, sentence % {"numbers": ", ".join(map(str, done.changed_since[:MOST_NAMED]))})
    return HttpResponseRedirect(_page_of_set(done.change_set.pk))


def _page_of_set(number: int) -> str:
    return reverse("admin:catalogue_changeset_change", args=[number])


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
            "may_undo": may_be_undone(request, change_set),
            "undone_by": ChangeSet.objects.filter(undoes=change_set).first(),
        }
        return TemplateResponse(request, "desk/change_set.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A change set is history itself."""
        return self.changeform_view(request, object_id)
