"""The cataloguing desk: Django's admin under the library's name, with records before all else."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from catalogue.admin import (
    accounts,
    batch,
    change_sets,
    documents,
    headings,
    history,
    importing,
    links,
    people,
    records,
    typed_merging,
)
from catalogue.admin.accounts import own
from catalogue.admin.accounts.demand import demanding
from catalogue.admin.accounts.sign_in import sign_in
from catalogue.admin.completion import complete
from catalogue.admin.merge_pages import merge
from catalogue.admin.typing import discard, preview, typed
from catalogue.models import Author, ChangeSet, Country, Keyword, Record
from catalogue.people import rights

PAGES = {
    Record: records.RecordAdmin,
    Author: headings.AuthorAdmin,
    Keyword: headings.KeywordAdmin,
    Country: headings.CountryAdmin,
    ChangeSet: change_sets.ChangeSetAdmin,
}
# What is added to the pages that Django itself registers for accounts and groups.
ADDITIONS: dict[Any, type] = {User: people.AccountPages, Group: people.GroupPages}
# The tables of the queue, and of second factors, which their own packages register.
HIDDEN = ("procrastinate", "otp_totp")
ORDER = ("Record", "Author", "Keyword", "Country", "ChangeSet", "User", "Group")


class CataloguingDesk(admin.AdminSite):
    site_header = _("Cataloguing desk")
    site_title = _("Cataloguing desk")
    index_title = _("Cataloguing desk")
    index_template = "desk/index.html"
    password_change_template = "desk/people/password.html"  # noqa: S105 - a template
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Here and not by decorators: those would need this site while it is being made.
        for model, pages in PAGES.items():
            self.register(model, pages)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register pages; those for accounts, which Django brings along, with what this desk adds to them."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        for model in models:
            if model._meta.app_label in HIDDEN:
                continue
            pages = admin_class
            if model in ADDITIONS:
                pages = type(f"Desk{model.__name__}Admin", (ADDITIONS[model], admin_class or admin.ModelAdmin), {})
            super().register(model, pages, **options)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [
            path("headings/<str:name>/", self.admin_view(complete), name="complete"),
            path("typed/<str:name>/", self.admin_view(typed), name="record_typed"),
            path("typed/<str:name>/discard/", self.admin_view(discard), name="record_discard"),
            path("typed/<str:name>/preview/", self.admin_view(preview), name="record_preview"),
            path("merge/<int:number>/<int:other>/", self.admin_view(merge), name="record_merge"),
            path("typed/new/into/<int:number>/", self.admin_view(typed_merging.begin), name="record_typed_into"),
            path("merge/<int:number>/typed/<uuid:token>/", self.admin_view(typed_merging.merge), name="merge_typed"),
            path("documents/of/<int:number>/", self.admin_view(documents.add), name="document_add"),
            path("documents/<uuid:key>/", self.admin_view(documents.send), name="document"),
            path("documents/<uuid:key>/change/", self.admin_view(documents.change), name="document_change"),
            path("documents/<uuid:key>/replace/", self.admin_view(documents.replace), name="document_replace"),
            *importing.urls(self.admin_view),
            *links.urls(self.admin_view),
            *accounts.urls(self.admin_view),
            *batch.urls(self.admin_view),
            *(
                path(f"{name}/", self.admin_view(import_string(view)), name=name)
                for name, view, _title, _right in settings.DESK_PAGES
            ),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "can_import": rights.may_import(request.user)}

    def has_permission(self, request: HttpRequest) -> bool:
        return rights.may_enter(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(demanding(view), cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse(f"{self.name}:index"))
        return sign_in(request, {**self.each_context(request), **(extra_context or {})})

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return own.change_password(
            request, lambda: super(CataloguingDesk, self).password_change(request, extra_context)
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        page = {
            "can_add_record": request.user.has_perm("catalogue.add_record"),
            "can_care_for_links": request.user.has_perm(links.RIGHT),
            "added_pages": [
                {"title": title, "url": reverse(f"{self.name}:{name}")}
                for name, _view, title, right in settings.DESK_PAGES
                if request.user.has_perm(right)
            ]
            + accounts.pages(request),
            **(extra_context or {}),
        }
        if request.user.has_perm("catalogue.view_changeset"):
            page["change_sets"] = history.last_change_sets(10)
        return super().index(request, page)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the pages in the order of a cataloguer's work instead of the alphabet's."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"]))
            if app["app_label"] == "auth":
                app["name"] = _("Accounts")  # in Django's words: authentication and authorization
        return sorted(apps, key=lambda app: app["app_label"] != "catalogue")


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
