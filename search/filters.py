"""Reads the addresses of searches: boxes into one query tree, sort and page into their values. Nothing in one is wrong
enough to fail: what makes no sense is left out, and said where it matters."""

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import django_filters
from django import forms
from django.db.models import Case, QuerySet, When
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from catalogue.models import Record
from search import query
from search.also_searched import Also
from search.engine.base import Request, Sort
from search.fields import BOXES, FIELDS, Kind
from search.index import find
from search.named_codes import by_code

Answered = TypeVar("Answered")

FIELD_NAMES = frozenset(FIELDS)
PER_PAGE = (10, 20, 50, 100)
DEFAULT_PER_PAGE = 20

SORTS = {
    Sort.RELEVANCE: gettext_lazy("Relevance"),
    Sort.NEWEST: gettext_lazy("Newest"),
    Sort.OLDEST: gettext_lazy("Oldest"),
    Sort.TITLE: gettext_lazy("Title"),
    Sort.AUTHOR: gettext_lazy("Author"),
    Sort.SHELF_NUMBER: gettext_lazy("Shelf number"),
    Sort.ADDED: gettext_lazy("Last added"),
}


class BoxField(forms.CharField):
    """A box that takes every string: what the database or HTML could not hold becomes a space."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "BoxField":
        return copy.copy(self)  # no form changes its boxes; to copy all that hangs on ten of them takes long

    def to_python(self, value: Any) -> str:
        return query.without_control_characters(str(value or "")).strip()


class BoxFilter(django_filters.CharFilter):
    """One box of the form. What it holds becomes part of the query tree; the FilterSet searches with the whole."""

    field_class = BoxField

    def __deepcopy__(self, memo: dict[int, Any]) -> "BoxFilter":
        return copy.copy(self)

    def filter(self, queryset: QuerySet[Record], value: str) -> QuerySet[Record]:
        return queryset


def _box(name: str) -> BoxFilter:
    field = FIELDS[name]
    return BoxFilter(label=field.label, help_text=field.example)


class RecordFilter(django_filters.FilterSet):
    """The Transaction Search Form: a box for any field, and one for each field that has a place in the table.

    `tree` is the query that all boxes make together, `also` the headings that it is expanded with, `notes` are
    sentences on what in them was not understood.
    """

    q = BoxFilter(label=gettext_lazy("Any field"), help_text="peer mentoring")
    locals().update({field.name: _box(field.name) for field in BOXES})

    class Meta:
        model = Record
        fields: list[str] = []

    def __init__(
        self,
        data: QueryDict | None = None,
        queryset: QuerySet[Record] | None = None,
        *,
        statuses: frozenset[str] = Request.statuses,
        **options: Any,
    ) -> None:
        super().__init__(data, queryset if queryset is not None else Record.objects.all(), **options)
        # What stands in each box that is not empty, in the order of the form.
        self.boxes = self._boxes()
        parsed = [self._parse(name, text) for name, text in self.boxes.items()]
        self.also = Also(data if isinstance(data, QueryDict) else QueryDict(), statuses)
        boxes = zip(self.boxes, parsed, strict=True)
        self.tree = query.all_of([self.also.expand(name, one.tree) for name, one in boxes])
        self.notes = tuple(dict.fromkeys(_(note.message) % note.values for one in parsed for note in one.notes))

    def get_form_class(self) -> type[forms.Form]:
        return _form_class()

    def _boxes(self) -> dict[str, str]:
        if not self.is_bound or not self.form.is_valid():
            return {}
        return {name: text for name, text in self.form.cleaned_data.items() if text}

    def _parse(self, name: str, text: str) -> query.Parsed:
        if name == "q":
            parsed = query.parse(text, fields=FIELD_NAMES)
            return query.Parsed(by_code(parsed.tree), parsed.notes)
        if FIELDS[name].kind is Kind.YEAR:
            years = query.parse_years(text)
            if years is not None:
                return query.Parsed(years)
            note = gettext_noop("“%(value)s” is not a year or a range like 2010-2015; the box was left out.")
            return query.Parsed(query.Everything(), (query.Note(note, {"value": text[:40]}),))
        return query.parse(text, field=name)

    def filter_queryset(self, queryset: QuerySet[Record]) -> QuerySet[Record]:
        """Return the first hundred records found, best first, for those who use this as any other FilterSet."""
        return in_order(queryset, find(Request(tree=self.tree, limit=100)).answer.numbers)


def answered(
    data: QueryDict, ask: Callable[[RecordFilter], Answered], statuses: frozenset[str] = Request.statuses
) -> Answered:
    """Read an address and ask the index with it; once more where its words lead to other headings now that the index
    has been brought up to date.
    """
    filterset = RecordFilter(data, statuses=statuses)
    answer = ask(filterset)
    if filterset.also.is_stale and (fresh := RecordFilter(data, statuses=statuses)).tree != filterset.tree:
        return ask(fresh)
    return answer


@functools.cache
def _form_class() -> type[forms.Form]:
    """Return the form of the boxes, which is the same for every search."""
    fields = {name: one.field for name, one in RecordFilter.base_filters.items()}
    return type("RecordForm", (forms.Form,), fields)


def in_order(queryset: QuerySet[Record], numbers: list[int]) -> QuerySet[Record]:
    """Return the records with these numbers, in the order of the numbers."""
    if not numbers:
        return queryset.none()
    places = [When(pk=number, then=place) for place, number in enumerate(numbers)]
    return queryset.filter(pk__in=numbers).order_by(Case(*places))


class ViewForm(forms.Form):
    """How results are shown: their order, the page, and how many are on one."""

    sort = forms.ChoiceField(choices=[(sort.value, label) for sort, label in SORTS.items()], required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000_000, required=False)
    per_page = forms.TypedChoiceField(
        choices=[(number, number) for number in PER_PAGE], coerce=int, empty_value=None, required=False
    )


@dataclass(frozen=True)
class View:
    sort: Sort
    page: int
    per_page: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


def read_view(data: QueryDict) -> View:
    """Return how results shall be shown; whatever makes no sense becomes the default."""
    if ViewForm.base_fields.keys().isdisjoint(data):
        return View(Sort.RELEVANCE, 1, DEFAULT_PER_PAGE)
    form = ViewForm(data)
    form.is_valid()
    values = form.cleaned_data
    return View(
        sort=Sort(values.get("sort") or Sort.RELEVANCE.value),
        page=values.get("page") or 1,
        per_page=values.get("per_page") or DEFAULT_PER_PAGE,
    )
