"""What happened to records, in words: who changed what when, and what it was before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.admin import marks
from catalogue.authorities.models import HeadingChange
from catalogue.document_changes import DocumentChange
from catalogue.formats.languages import language_name
from catalogue.models import Change, ChangeSet, Record, RecordIdentifier

PER_PAGE = 25
CHOICES = {"kind": codes.KINDS, "status": codes.STATUSES}


@dataclass(frozen=True)
class Difference:
    """One field that changed, with its values in words; `is_whole` shows also what is the same in both."""

    label: str
    before: str
    after: str
    is_whole: bool = False

    @cached_property
    def _parts(self) -> tuple[marks.Parts, marks.Parts]:
        before, after = marks.mark(self.before, self.after)
        return (before, after) if self.is_whole else (marks.shortened(before), marks.shortened(after))

    @property
    def before_html(self) -> SafeString:
        return marks.draw(self._parts[0], "del")

    @property
    def after_html(self) -> SafeString:
        return marks.draw(self._parts[1], "ins")


@dataclass(frozen=True)
class Step:
    """One change of one record, as the history shows it."""

    change: Change
    title: str
    differences: tuple[Difference, ...]


def differences(
    before: dict[str, Any] | None, after: dict[str, Any] | None, is_whole: bool = False
) -> Iterator[Difference]:
    """Yield the fields in which two Drafts, as JSON keeps them, differ; None is a record that is not there."""
    old, new = before or {}, after or {}
    for name in FIELDS:
        if old.get(name) != new.get(name):
            yield difference(name, old, new, is_whole)


def difference(name: str, one: dict[str, Any], other: dict[str, Any], is_whole: bool = False) -> Difference:
    """Return what two Drafts, as JSON keeps them, say in a field, whether it is the same or not."""
    return Difference(label(name), words(name, one.get(name)), words(name, other.get(name)), is_whole)


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
    if name == "language":
        return language_name(value)
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


def page_of(changes: QuerySet[Any], request: HttpRequest) -> Page:
    return Paginator(changes, PER_PAGE).get_page(request.GET.get("p"))


def last_change_sets(most: int) -> QuerySet[ChangeSet]:
    """Return the newest change sets, each with its first record and whether (`second`) there are more, its first
    heading and its first document.
    """
    # In the order of their indexes: to find the oldest of a hundred thousand changes takes long.
    own = Change.objects.filter(change_set=OuterRef("pk")).order_by("record_number")
    of_headings = HeadingChange.objects.filter(change_set=OuterRef("pk")).order_by("kind", "number")
    of_documents = DocumentChange.objects.filter(change_set=OuterRef("pk")).order_by("pk")
    return ChangeSet.objects.annotate(
        first_number=Subquery(own.values("record_number")[:1]),
        first_title=Subquery(own.values(title=F("after__title"))[:1]),
        first_title_before=Subquery(own.values(title=F("before__title"))[:1]),
        second=Subquery(own.values("record_number")[1:2]),
        first_heading=Subquery(of_headings.values(heading=F("after__heading"))[:1]),
        first_heading_before=Subquery(of_headings.values(heading=F("before__heading"))[:1]),
        first_document=Subquery(of_documents.values(name=F("after__name"))[:1]),
        first_document_before=Subquery(of_documents.values(name=F("before__name"))[:1]),
    ).order_by("-pk")[:most]


def last_change(number: int) -> Change | None:
    return Change.objects.filter(record_number=number).select_related("change_set").order_by("-pk").first()


def who(change: Change) -> str:
    return change.change_set.user_name or _("Somebody")
