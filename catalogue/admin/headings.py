"""Authors, keywords and countries at the desk, each with its other forms."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, ProtectedError, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin.heading_form import (
    AuthorForm,
    AuthorVariants,
    CountryForm,
    CountryVariants,
    KeywordForm,
    KeywordVariants,
    VariantForm,
)
from catalogue.folding import fold_heading
from catalogue.models import (
    AuthorVariant,
    Country,
    CountryVariant,
    Heading,
    KeywordVariant,
    Record,
    RecordAuthor,
    RecordKeyword,
)


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


class HeadingAdmin(admin.ModelAdmin):
    """What the three authority files have in common. `links` are the rows that use a heading, by `link_field`."""

    links: Any
    link_field: str
    search_fields = ("fold",)
    search_help_text = gettext_lazy("Any part of a heading or of its other forms; capitals and accents do not count.")
    ordering = ("fold",)
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        used = self.links.objects.filter(**{self.link_field: OuterRef("pk")}).order_by().values(self.link_field)
        counted = Subquery(used.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
        return super().get_queryset(request).annotate(record_count=Coalesce(counted, 0))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

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
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            sentence = _("Nothing was saved: a form is used twice, or somebody else saved it at the same moment.")
            messages.error(request, sentence)
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        heading = self.get_object(request, object_id)
        if heading is None or not self.has_delete_permission(request, heading):
            return super().delete_view(request, object_id, extra_context)
        reason = self._why_kept(heading)
        if not reason:
            try:
                with transaction.atomic():
                    return super().delete_view(request, object_id, extra_context)
            except (ProtectedError, IntegrityError):
                reason = _("“%(heading)s” was not deleted: it has just been used.") % {"heading": heading}
        messages.error(request, reason)
        return HttpResponseRedirect(reverse(f"admin:catalogue_{self.opts.model_name}_change", args=[heading.pk]))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Headings are deleted one by one, each after a look at what hangs on it."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def _why_kept(self, heading: Heading) -> str:
        """Return why the heading cannot be deleted, or nothing."""
        if self.links.objects.filter(**{self.link_field: heading.pk}).exists():
            return _("“%(heading)s” cannot be deleted: records use it.") % {"heading": heading}
        return ""


class AuthorAdmin(HeadingAdmin):
    form = AuthorForm
    links, link_field = RecordAuthor, "author"
    list_display = ("heading", "kind", "orcid", "record_count")
    list_filter = ("kind",)
    fields = ("heading", "kind", "orcid", "notes")
    inlines = (AuthorVariantInline,)


class KeywordAdmin(HeadingAdmin):
    form = KeywordForm
    links, link_field = RecordKeyword, "keyword"
    list_display = ("heading", "record_count")
    fields = ("heading", "scope_note", "broader", "related", "notes")
    inlines = (KeywordVariantInline,)


class CountryAdmin(HeadingAdmin):
    form = CountryForm
    links, link_field = Record, "country"
    list_display = ("heading", "code", "record_count")
    fields = ("heading", "code", "part_of", "notes")
    inlines = (CountryVariantInline,)

    def _why_kept(self, heading: Heading) -> str:
        if Country.objects.filter(part_of=heading.pk).exists():
            return _("“%(heading)s” cannot be deleted: other countries are parts of it.") % {"heading": heading}
        return super()._why_kept(heading)
