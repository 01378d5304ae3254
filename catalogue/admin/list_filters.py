"""Filters of the list of records by which other pages, the figures before all, lead to the records behind a number.

Those of a heading, a month or a document stand in the list only where they are chosen: they have too many values.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue import codes
from catalogue.attachments import KINDS, Attachment
from catalogue.linkcheck.models import Link
from catalogue.models import Author, Keyword, RecordAuthor, RecordIdentifier, RecordKeyword
from catalogue.row_numbers import row_number


def _without_any(links: Any) -> Callable[[], Q]:
    return lambda: ~Q(Exists(links.objects.filter(record=OuterRef("pk"))))


def _empty(name: str) -> Callable[[], Q]:
    return lambda: Q(**{name: ""})


LACKING: dict[str, tuple[Any, Callable[[], Q]]] = {
    "summary": (_("summary"), _empty("summary")),
    "keywords": (_("keyword"), _without_any(RecordKeyword)),
    "authors": (_("author"), _without_any(RecordAuthor)),
    "country": (_("country"), lambda: Q(country__isnull=True)),
    "year": (_("year"), lambda: Q(year__isnull=True)),
    "url": (_("link"), _empty("url")),
    "language": (_("language"), _empty("language")),
    "kind": (_("kind of document"), _empty("kind")),
    "details": (_("details"), _empty("details")),
    "shelf_number": (_("shelf number"), _empty("shelf_number")),
    "identifiers": (_("identifier"), _without_any(RecordIdentifier)),
    "documents": (_("document"), _without_any(Attachment)),
}


class LackingFilter(admin.SimpleListFilter):
    """Records without a summary, a keyword, and so on."""

    title = _("what is lacking")
    parameter_name = "without"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _condition) in LACKING.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        return queryset.filter(LACKING[chosen][1]()) if chosen in LACKING else queryset.none()


class ChosenFilter(admin.SimpleListFilter):
    """A filter that an address can choose and the list does not offer."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.value() or ""
        return [(chosen, self.named(chosen))] if chosen else []

    def named(self, chosen: str) -> str:
        return chosen[:40]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        condition = self.condition(chosen)
        return queryset.none() if condition is None else queryset.filter(condition)

    def condition(self, chosen: str) -> Q | None:
        """Return what records must be, or None where the address makes no sense."""
        raise NotImplementedError


class YearFilter(ChosenFilter):
    """A year of publication, or the first and the last of some: `2012`, `2010-2019`."""

    title = _("year")
    parameter_name = "year"

    def condition(self, chosen: str) -> Q | None:
        years = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", chosen)
        return Q(year__range=(int(years[1]), int(years[2] or years[1]))) if years else None


class AddedFilter(ChosenFilter):
    """The month in which records were added: `2026-03`."""

    title = _("month added")
    parameter_name = "added"

    def condition(self, chosen: str) -> Q | None:
        month = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", chosen)
        if not month or not 1970 <= int(month[1]) <= 2200:
            return None
        first = timezone.make_aware(datetime(int(month[1]), int(month[2]), 1))
        following = datetime(int(month[1]) + int(month[2]) // 12, int(month[2]) % 12 + 1, 1)
        return Q(created__gte=first, created__lt=timezone.make_aware(following))


class DocumentFilter(ChosenFilter):
    """Records with a document of a kind."""

    title = _("document")
    parameter_name = "document"

    def condition(self, chosen: str) -> Q | None:
        of_kind = Attachment.objects.filter(record=OuterRef("pk"), kind=chosen)
        return Q(Exists(of_kind)) if chosen in KINDS else None


class HeadingFilter(ChosenFilter):
    """Records under one heading, by its number."""

    model: Any
    links: Any

    def condition(self, chosen: str) -> Q | None:
        number = row_number(chosen)
        own = self.links.objects.filter(**{str(self.parameter_name): number}).values("record_id")
        return Q(pk__in=own.order_by()) if number else None

    def named(self, chosen: str) -> str:
        heading = self.model.objects.filter(pk=row_number(chosen)).first()
        return str(heading or chosen[:40])


class KeywordFilter(HeadingFilter):
    title = _("keyword")
    parameter_name = "keyword"
    model, links = Keyword, RecordKeyword


class AuthorFilter(HeadingFilter):
    title = _("author")
    parameter_name = "author"
    model, links = Author, RecordAuthor


class LinkFilter(ChosenFilter):
    """Records that are not withdrawn, by the state of their address."""

    title = _("state of the link")
    parameter_name = "link"

    def condition(self, chosen: str) -> Q | None:
        if chosen not in Link.Status:
            return None
        has_one = ~Q(url="") & ~Q(status=codes.WITHDRAWN)
        if chosen == Link.Status.NEW:  # link care may not know the address yet
            return has_one & ~Q(url__in=Link.objects.exclude(status=chosen).values("url"))
        return has_one & Q(url__in=Link.objects.filter(status=chosen).values("url"))

    def named(self, chosen: str) -> str:
        return str(Link.Status(chosen).label) if chosen in Link.Status else chosen[:40]


FILTERS: tuple[type[admin.SimpleListFilter], ...] = (
    LackingFilter,
    YearFilter,
    AddedFilter,
    KeywordFilter,
    AuthorFilter,
    DocumentFilter,
    LinkFilter,
)
