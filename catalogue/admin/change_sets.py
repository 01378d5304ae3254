"""The change sets at the desk: what each did to records and headings, and the way to undo it."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from catalogue.admin import account, heading_history, history, moments, undoing

MOST_HEADINGS = 50


class ChangeSetAdmin(admin.ModelAdmin):
    """The change sets, to read; their list is the account of all changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return account.show(self, request)

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
        page = history.page_of(change_set.changes.select_related("change_set").order_by("record_number"), request)
        own = change_set.heading_changes.select_related("change_set").order_by("pk")
        context = {
            **self.admin_site.each_context(request),
            "title": str(change_set),
            "opts": self.opts,
            "change_set": change_set,
            "page": page,
            "steps": history.steps(page.object_list),
            "heading_steps": heading_history.steps(own[:MOST_HEADINGS]),
            "heading_total": own.count(),
            "most_headings": MOST_HEADINGS,
            "sentences": list(account.sentences(change_set.changed_fields.order_by("-count", "field"))),
            "document_steps": [
                (one.record_number, moments.document_step(one))
                for one in change_set.document_changes.order_by("pk")[:MOST_HEADINGS]
            ],
            **undoing.context(request, change_set),
        }
        return TemplateResponse(request, "desk/change_set.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A change set is history itself."""
        return self.changeform_view(request, object_id)

    def get_urls(self) -> list[URLPattern]:
        undo, progress = (self.admin_site.admin_view(partial(view, self)) for view in (undoing.undo, undoing.progress))
        return [
            path("<int:number>/undo/", undo, name="catalogue_changeset_undo"),
            path("<int:number>/undo/progress/", progress, name="catalogue_changeset_undo_progress"),
            *super().get_urls(),
        ]
