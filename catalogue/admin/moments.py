"""What each change set did to one record: to its fields, to its documents, and to headings that it shows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from catalogue.admin import heading_history, history
from catalogue.admin.heading_history import HeadingStep
from catalogue.admin.history import Difference
from catalogue.authorities.models import HeadingChange
from catalogue.document_changes import DocumentChange
from catalogue.models import Change, ChangeSet, Record


@dataclass(frozen=True)
class DocumentStep:
    """What happened to one document, in a sentence."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Moment:
    """One change set, as far as it is about one record. `key` is that of the version which it made, or ""."""

    change_set: ChangeSet
    change: Change | None
    differences: tuple[Difference, ...]
    documents: tuple[DocumentStep, ...]
    headings: tuple[HeadingStep, ...]

    @property
    def key(self) -> str:
        return str(self.change.pk) if self.change and self.change.after is not None else ""

    @property
    def what(self) -> str:
        if self.change is None:
            return _("Documents changed") if self.documents else _("Heading changed")
        if self.change.before is None:
            return _("Made")
        return _("Changed") if self.change.after is not None else _("Deleted")


def change_sets(number: int, record: Record | None) -> QuerySet[Any]:
    """Return the numbers of the change sets that are about a record, newest first."""
    own = Change.objects.filter(record_number=number).order_by()
    of_documents = DocumentChange.objects.filter(record_number=number).order_by()
    numbers = own.values_list("change_set_id", flat=True).union(of_documents.values_list("change_set_id", flat=True))
    if record is not None:
        numbers = numbers.union(_of_headings(record).values_list("change_set_id", flat=True))
    return numbers.order_by("-change_set_id")


def _of_headings(record: Record) -> QuerySet[HeadingChange]:
    """Return the changes of those headings that the record has now, by which its card became another.

    Before the record was there they are none of its history.
    """
    first = Change.objects.filter(record_number=record.pk).order_by("pk").values("change_set_id")[:1]
    authors = Q(kind="author", number__in=record.author_links.values("author_id"))
    keywords = Q(kind="keyword", number__in=record.keyword_links.values("keyword_id"))
    own = authors | keywords | Q(kind="country", number=record.country_id or 0)
    renamed = HeadingChange.objects.filter(own, before__isnull=False, after__isnull=False)
    return renamed.exclude(before__heading=F("after__heading")).filter(change_set__gt=first).order_by()


def read(number: int, record: Record | None, numbers: Iterable[int]) -> list[Moment]:
    """Return what these change sets did to a record, in their order, in a few queries for all."""
    wanted = list(numbers)
    sets = ChangeSet.objects.in_bulk(wanted)
    own = {one.change_set_id: one for one in Change.objects.filter(record_number=number, change_set__in=wanted)}
    documents = _by_set(DocumentChange.objects.filter(record_number=number, change_set__in=wanted))
    renamed = _of_headings(record).filter(change_set__in=wanted) if record else ()
    headings: dict[int, list[HeadingStep]] = defaultdict(list)
    for step in heading_history.steps(renamed):
        headings[step.change.change_set_id].append(step)
    return [
        Moment(
            sets[one],
            own.get(one),
            tuple(history.differences(own[one].before, own[one].after)) if one in own else (),
            tuple(document_step(change) for change in documents[one]),
            tuple(headings[one]),
        )
        for one in wanted
    ]


def _by_set(changes: Iterable[DocumentChange]) -> dict[int, list[DocumentChange]]:
    found: dict[int, list[DocumentChange]] = defaultdict(list)
    for change in changes:
        found[change.change_set_id].append(change)
    return found


def document_step(change: DocumentChange) -> DocumentStep:
    shown = change.after or change.before or {}
    return DocumentStep(str(shown.get("name", "")), "; ".join(_sentences(change)))


def _sentences(change: DocumentChange) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None and after is not None:
        is_public = _("public") if after["is_public"] else _("for the library alone")
        yield _("added, %(size)s, %(public)s") % {"size": filesizeformat(after["size"]), "public": is_public}
    elif after is None:
        yield _("removed for good")
    elif before is not None:
        if before.get("record") != after.get("record"):
            yield _("taken over from record %(number)d, which was deleted") % {"number": before["record"]}
        if before["is_public"] != after["is_public"]:
            yield _("made public") if after["is_public"] else _("not public any more")
        if before["name"] != after["name"]:
            yield _("renamed; before: %(name)s") % {"name": before["name"]}
        if before["size"] != after["size"] or before.get("file") != after.get("file"):
            yield _("replaced; before: %(size)s") % {"size": filesizeformat(before["size"])}
