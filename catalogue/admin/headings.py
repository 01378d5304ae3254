"""Authors, keywords and countries at the desk, each with its other forms."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, ProtectedError, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes
from catalogue.admin import heading_conflicts, heading_history, heading_page, heading_urls
from catalogue.admin.heading_form import (
    AuthorForm,
    AuthorVariants,
    CountryForm,
    CountryVariants,
    KeywordForm,
    KeywordVariants,
    VariantForm,
)
from catalogue.admin.heading_lists import PlaceFilter, UsedFilter
from catalogue.admin.heading_saving import BUSY, NotedHeadings, why_not_saved
from catalogue.authorities import files
from catalogue.authorities.merging import MOST_MERGED
from catalogue.folding import fold_heading
from catalogue.models import AuthorVariant, Country, CountryVariant, Heading, KeywordVariant


class VariantInline(admin.StackedInline):
    template = "desk/variants.html"
    form = VariantForm
    fields = ("form",)
    extra = 1


class AuthorVariantInline(VariantInline):
    model = AuthorVariant
    formset = AuthorVariants


class KeywordVariantInline(VariantInline):
    model = KeywordVariant
    formset = KeywordVariants


class CountryVariantInline(VariantInline):
    model = CountryVariant
    formset = CountryVariants


class HeadingAdmin(NotedHeadings, admin.ModelAdmin):
    """What the three authority files have in common."""

    change_form_template = "desk/heading.html"
    change_list_template = "desk/heading_list.html"
    actions = ("merge_chosen",)
    list_filter = (UsedFilter, PlaceFilter)
    search_fields = ("fold",)
    search_help_text = gettext_lazy("Any part of a heading or of its other forms; capitals and accents do not count.")
    ordering = ("fold",)
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        file = self.file
        used = file.links.objects.filter(**{file.link_field: OuterRef("pk")}).order_by().values(file.link_field)
        counted = Subquery(used.annotate(count=Count("*")).values("count"), output_field=IntegerField())
        return super().get_queryset(request).annotate(record_count=Coalesce(counted, 0))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        page = {"title": title, "file": self.file, "may_change": self.has_change_permission(request)}
        return super().changelist_view(request, {**page, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        fold = fold_heading(search_term)
        if not fold:
            return queryset, False
        variants: Any = self.model._meta.get_field("variants").related_model
        led = variants.objects.filter(fold__contains=fold).values("authority_id")
        return queryset.filter(Q(fold__contains=fold) | Q(pk__in=led)), False

    @admin.display(description=gettext_lazy("records"))
    def record_count(self, heading: Any) -> int:
        return heading.record_count

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        heading = self.get_object(request, object_id) if object_id else None
        if object_id and heading is None and self.has_view_permission(request):
            moved = heading_page.where_it_went(self, request, object_id)
            if moved:
                return moved
        if heading and self.has_view_permission(request, heading):
            extra_context = {**heading_page.context(self, request, heading), **(extra_context or {})}
        try:
            return self._changeform(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            problem = why_not_saved(error)
        except changes.Busy:
            problem = str(BUSY)
        return self._changeform(request, object_id, form_url, extra_context, problem)

    def _changeform(
        self,
        request: HttpRequest,
        object_id: str | None,
        form_url: str,
        extra_context: dict[str, Any] | None,
        problem: str = "",
    ) -> HttpResponse:
        """Show the form, or save it; with a problem it is shown again with what was typed."""
        with transaction.atomic(), changes.without_waiting():
            if request.method == "POST" and not problem:
                files.lock()
                heading = self.get_object(request, object_id) if object_id else None
                conflict = heading_conflicts.find(self.file, heading.pk, request.POST) if heading else None
                if conflict:
                    request.POST = conflict.data  # type: ignore[assignment] # nothing more is written to it
                    problem = conflict.sentence
            request.heading_problem = problem  # type: ignore[attr-defined] # where get_form finds it
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        form.problem = getattr(request, "heading_problem", "")
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what only a change needs where nothing can be changed, and where nothing is there yet."""
        fields = super().get_fields(request, obj)
        if obj is None:
            return [name for name in fields if name not in ("keep_form", "version")]
        may = self.has_change_permission(request, obj)
        return fields if may else [name for name in fields if name not in ("keep_form", "reason", "version")]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return heading_history.show(self, request, object_id)

    def get_urls(self) -> list[URLPattern]:
        return [*heading_urls.urls(self), *super().get_urls()]

    @admin.action(description=gettext_lazy("Merge the chosen headings …"), permissions=["change"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        numbers = list(queryset.values_list("pk", flat=True)[: MOST_MERGED + 1])
        address = reverse(f"admin:catalogue_{self.opts.model_name}_merge")
        return HttpResponseRedirect(f"{address}?{urlencode({'heading': numbers}, doseq=True)}")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        heading = self.get_object(request, object_id)
        if heading is None or not self.has_delete_permission(request, heading):
            return super().delete_view(request, object_id, extra_context)
        reason = self._why_kept(heading)
        if not reason:
            try:
                with transaction.atomic(), changes.without_waiting():
                    return super().delete_view(request, object_id, extra_context)
            except changes.Busy:
                reason = str(BUSY)
            except (ProtectedError, IntegrityError):
                reason = _("“%(heading)s” was not deleted: it has just been used.") % {"heading": heading}
        messages.error(request, reason)
        return HttpResponseRedirect(reverse(f"admin:catalogue_{self.opts.model_name}_change", args=[heading.pk]))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Headings are deleted one by one, each after a look at what hangs on it."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def _why_kept(self, heading: Heading) -> str:
        """Return why the heading cannot be deleted, or nothing."""
        if self.file.using([heading.pk]).exists():
            return _("“%(heading)s” cannot be deleted: records use it.") % {"heading": heading}
        return ""


class AuthorAdmin(HeadingAdmin):
    form = AuthorForm
    list_display = ("heading", "kind", "orcid", "record_count")
    list_filter = ("kind", UsedFilter)  # type: ignore[assignment]
    fields = ("heading", "kind", "orcid", "notes", "keep_form", "reason", "version")
    inlines = (AuthorVariantInline,)


class KeywordAdmin(HeadingAdmin):
    form = KeywordForm
    list_display = ("heading", "record_count")
    fields = ("heading", "scope_note", "broader", "related", "notes", "keep_form", "reason", "version")
    inlines = (KeywordVariantInline,)


class CountryAdmin(HeadingAdmin):
    form = CountryForm
    list_display = ("heading", "code", "record_count")
    fields = ("heading", "code", "part_of", "notes", "keep_form", "reason", "version")
    inlines = (CountryVariantInline,)

    def _why_kept(self, heading: Heading) -> str:
        if Country.objects.filter(part_of=heading.pk).exists():
            return _("“%(heading)s” cannot be deleted: other countries are parts of it.") % {"heading": heading}
        return super()._why_kept(heading)
