"""Records at the desk: the list with its filters and actions. The form is in record_pages.py, the history in
record_history.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalogue import changes, codes
from catalogue import records as written
from catalogue.admin import deleting, list_filters, merge_pages, record_history, record_pages
from catalogue.admin.batch import beginning
from catalogue.admin.batch.taking import MOST_AT_ONCE
from catalogue.admin.listing import CountryFilter, LanguageFilter, NumberPaginator, RecordList, search_records
from catalogue.batch.selecting import MOST_RECORDS, NothingSelected
from catalogue.batch.steps import GiveStatus
from catalogue.draft import LIMITS, Draft, clean_line
from catalogue.models import Record, RecordAuthor
from catalogue.people import rights

AT_ONCE = 1_000
BUSY = gettext_lazy(
    "An import, or somebody else, is writing one of these records. Nothing was deleted. Try again in a minute."
)


class RecordActionForm(ActionForm):
    reason = forms.CharField(label=gettext_lazy("Reason:"), required=False, max_length=LIMITS["withdrawn_reason"])


class RecordAdmin(admin.ModelAdmin):
    list_display = ("number", "linked_title", "first_author", "year", "status", "modified")
    list_display_links = ("number", "linked_title")
    list_filter = ("status", "kind", *list_filters.FILTERS, LanguageFilter, CountryFilter)
    sortable_by = ("number", "year", "modified")
    search_fields = ("title",)
    search_help_text = gettext_lazy("Any words, or a field: title:mentoring year:2012. Drafts and withdrawn ones too.")
    ordering = ("-pk",)
    list_per_page = 50
    paginator = NumberPaginator
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("change_many", "merge_chosen", "review", "publish", "withdraw")
    action_form = RecordActionForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Record]:
        first = RecordAuthor.objects.filter(position=0).select_related("author")
        return super().get_queryset(request).prefetch_related(Prefetch("author_links", first, to_attr="first_links"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Records"), **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[RecordList]:
        return RecordList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Record], search_term: str
    ) -> tuple[QuerySet[Record], bool]:
        return (search_records(request, queryset, search_term) if search_term else queryset), False

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, record: Record) -> int:
        return record.pk

    @admin.display(description=gettext_lazy("title"))
    def linked_title(self, record: Record) -> str:
        return record.title

    @admin.display(description=gettext_lazy("first author"))
    def first_author(self, record: Any) -> str:
        return record.first_links[0].author.heading if record.first_links else ""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return record_pages.edit(self, request, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return record_history.show(self, request, object_id)

    def get_urls(self) -> list[URLPattern]:
        return [*record_history.urls(self), *super().get_urls()]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            with transaction.atomic(), changes.without_waiting():
                return super().delete_view(request, object_id, extra_context)
        except changes.Busy:
            messages.error(request, str(BUSY))
            return HttpResponseRedirect(request.get_full_path())

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any) -> HttpResponse | None:
        """Do what was chosen in the list. Where records are deleted, that is done wholly or not at all."""
        if request.POST.get("action") != "delete_selected":
            return super().response_action(request, queryset, *where)
        try:
            with transaction.atomic(), changes.without_waiting():
                return super().response_action(request, queryset, *where)
        except changes.Busy:
            messages.error(request, str(BUSY))
            return HttpResponseRedirect(request.get_full_path())

    def delete_model(self, request: HttpRequest, obj: Record) -> None:
        reason = _reason(request)
        changes.delete(changes.open_change_set(codes.EDIT, request.user, reason or _("Deleted")), [obj.pk], reason)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Record]) -> None:
        with transaction.atomic():
            reason = _reason(request)
            change_set = changes.open_change_set(codes.BATCH, request.user, reason or _("Deleted"))
            for numbers in _batches(queryset):
                changes.delete(change_set, numbers, reason)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, int], set[str], list]:
        """Say what goes: the records and their documents, not the thousands of links that go with them."""
        titles, counts = deleting.named(objs)
        return titles, counts, set(), []

    @admin.action(description=gettext_lazy("Change the selected records together"), permissions=["change"])
    def change_many(self, request: HttpRequest, queryset: QuerySet[Record]) -> HttpResponse | None:
        return self._begin(request, queryset)

    def _begin(self, request: HttpRequest, queryset: QuerySet[Record], *steps: Any) -> HttpResponse | None:
        numbers = queryset.order_by("pk").values_list("pk", flat=True)[: MOST_RECORDS + 1]
        try:
            return beginning.of_numbers(request, numbers, steps)
        except NothingSelected as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return None

    @admin.action(description=gettext_lazy("Merge the selected records"), permissions=["change"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Record]) -> HttpResponse | None:
        numbers = queryset.order_by("pk").values_list("pk", flat=True)[: merge_pages.MOST_MERGED + 1]
        try:
            return HttpResponseRedirect(merge_pages.first_address(list(numbers)))
        except merge_pages.NotMerged as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return None

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm(rights.PUBLISH)

    @admin.action(description=gettext_lazy("Put the selected records in review"), permissions=["change"])
    def review(self, request: HttpRequest, queryset: QuerySet[Record]) -> HttpResponse | None:
        return self._give_status(request, queryset, codes.IN_REVIEW)

    @admin.action(description=gettext_lazy("Publish the selected records"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Record]) -> HttpResponse | None:
        return self._give_status(request, queryset, codes.PUBLISHED)

    @admin.action(description=gettext_lazy("Withdraw the selected records"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Record]) -> HttpResponse | None:
        if _reason(request):
            return self._give_status(request, queryset, codes.WITHDRAWN)
        self.message_user(request, _("Give a reason: the public is told why a record is gone."), messages.ERROR)
        return None

    def _give_status(self, request: HttpRequest, queryset: QuerySet[Record], status: str) -> HttpResponse | None:
        """Give the records a status; many of them as a batch edit, with its preview."""
        problem = _why_not(request, queryset, status)
        if problem:
            self.message_user(request, problem, messages.ERROR)
            return None
        reason = _reason(request)
        if queryset[MOST_AT_ONCE : MOST_AT_ONCE + 1].exists():
            return self._begin(request, queryset, GiveStatus(status, reason if status == codes.WITHDRAWN else ""))
        changed = 0
        try:
            changed = _change_status(request, queryset, status, reason)
        except changes.Busy:
            sentence = _("An import, or somebody else, is writing one of these records. Try again in a minute.")
            self.message_user(request, sentence, messages.ERROR)
            return None
        sentence = ngettext("%(count)d record was changed.", "%(count)d records were changed.", changed)
        self.message_user(request, sentence % {"count": changed}, messages.SUCCESS if changed else messages.INFO)
        return None


def _change_status(request: HttpRequest, queryset: QuerySet[Record], status: str, reason: str) -> int:
    """Give the records a status in one change set, and return how many were changed. Raises changes.Busy."""
    changed = 0
    with transaction.atomic(), changes.without_waiting():
        change_set = changes.open_change_set(codes.BATCH, request.user, reason)
        for numbers in _batches(queryset):
            written.lock(numbers)
            drafts = written.read_drafts(numbers)
            wishes = [changes.Wish(_with(draft, status, reason), number) for number, draft in drafts.items()]
            changed += len(changes.apply(change_set, wishes).updated)
        if not changed:
            change_set.delete()
    return changed


def _why_not(request: HttpRequest, queryset: QuerySet[Record], status: str) -> str:
    """Return why somebody may not give these records this status, or nothing."""
    if not rights.may_change_together(request.user, queryset.count()):
        return rights.too_many()
    return rights.why_not_status(request.user, queryset, status)


def _reason(request: HttpRequest) -> str:
    return clean_line(request.POST.get("reason", ""))[: LIMITS["withdrawn_reason"]]


def _with(draft: Draft, status: str, reason: str) -> Draft:
    if draft.status == status:
        return draft
    if status == codes.WITHDRAWN:
        return replace(draft, status=status, withdrawn_reason=reason or draft.withdrawn_reason)
    return replace(draft, status=status, withdrawn_reason="")


def _batches(queryset: QuerySet[Record]) -> Iterator[list[int]]:
    """Yield the numbers, listed before the first of them changes and thereby leaves a filtered list."""
    numbers = list(queryset.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE]
