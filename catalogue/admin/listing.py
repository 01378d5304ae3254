"""The list of records at the desk: its search by the engine, its filters, and what it may cost."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList, ChangeListSearchForm
from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import BigIntegerField, F, Func, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Country, Record
from catalogue.row_numbers import row_number

# As many hits of a search are listed. Who wants more wants a narrower search.
MOST_FOUND = 1_000
MOST_CHOICES = 300


class AnyText(forms.CharField):
    """Text of any kind: null characters, which the database cannot hold, are blanks here and no error."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\0", " ").strip()


class SearchForm(ChangeListSearchForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["q"] = AnyText(required=False, strip=False)


class RecordList(ChangeList):
    search_form_class = SearchForm


class NumberPaginator(Paginator):
    """Looks for the numbers of a page before its records: to pass over a hundred thousand whole records takes long."""

    def page(self, number: Any) -> Page:
        page = super().page(number)
        shown: Any = page.object_list
        records: Any = self.object_list
        page.object_list = records.filter(pk__in=list(shown.values_list("pk", flat=True)))
        return page


# Each language is looked up by its index after the one before it, instead of in every record.
_LANGUAGES = """
WITH RECURSIVE used(code) AS (
    SELECT min(language) FROM catalogue_record WHERE language <> ''
    UNION ALL
    SELECT (SELECT min(language) FROM catalogue_record WHERE language <> '' AND language > used.code)
    FROM used WHERE used.code IS NOT NULL
) SELECT code FROM used WHERE code IS NOT NULL LIMIT %s
"""


def search_records(request: HttpRequest, records: QuerySet[Record], text: str) -> QuerySet[Record]:
    """Return those of the records that the search engine finds, best first unless a column was chosen."""
    try:
        numbers, count = import_string(settings.RECORD_SEARCH)(text, MOST_FOUND)
    except ConnectionError as problem:
        messages.warning(request, _("%(problem)s Meanwhile only titles are searched.") % {"problem": problem})
        return records.filter(title__icontains=text)
    if count > len(numbers):
        sentence = _("%(count)s records were found; the best %(listed)s are listed.")
        said = sentence % {"count": f"{count:,}", "listed": f"{len(numbers):,}"}
        address = f"{reverse('admin:batch')}?{urlencode({'q': text})}"
        messages.info(request, format_html('{} <a href="{}">{}</a>', said, address, _("Change all of them")))
    found = records.filter(pk__in=numbers)
    return found if "o" in request.GET else found.order_by(_place_in(numbers))


def _place_in(numbers: list[int]) -> Func:
    listed = Value(numbers, output_field=ArrayField(BigIntegerField()))
    return Func(listed, F("pk"), function="array_position", output_field=BigIntegerField())


class LanguageFilter(admin.SimpleListFilter):
    title = gettext_lazy("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_LANGUAGES, [MOST_CHOICES])
            return [(code, code) for (code,) in cursor.fetchall()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if "\0" in chosen:  # which no language has, and the database does not take
            return queryset.none()
        return queryset.filter(language=chosen) if chosen else queryset


class CountryFilter(admin.SimpleListFilter):
    """The countries of the authority file; a chosen one stays chosen even where it is beyond those listed."""

    title = gettext_lazy("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        countries = Country.objects.order_by("fold").values_list("pk", "heading")
        return [(str(number), heading) for number, heading in countries[:MOST_CHOICES]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        return queryset.filter(country=row_number(chosen))
