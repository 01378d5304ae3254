"""Merges headings into one: planned and shown first, then done in one change set that can be undone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalogue import changes, codes, importing, records
from catalogue.authorities import circles, entries, files
from catalogue.authorities.entries import Entry, Link
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.joining import Joined, join
from catalogue.authorities.noting import noting
from catalogue.draft import Draft, Name
from catalogue.headings import Authorities
from catalogue.models import ChangeSet
from catalogue.people import rights

MOST_MERGED = 50
AT_ONCE = 1_000


class Refused(Exception):
    """The step cannot be taken. The message says why, and what to do; nothing was changed."""


@dataclass(frozen=True)
class Plan:
    """Headings that are to become one: `kept` stays, the others go, and what the kept one will be."""

    file: AuthorityFile
    kept: int
    entries: dict[int, Entry]
    joined: Joined

    @property
    def merged(self) -> list[int]:
        return [number for number in self.entries if number != self.kept]

    @property
    def record_count(self) -> int:
        return self.file.using(self.merged).order_by().values(self.file.record_column).distinct().count()

    def record_numbers(self, after: int = 0, most: int = AT_ONCE) -> list[int]:
        """Return the next records that use a heading which goes."""
        column = self.file.record_column
        using = self.file.using(self.merged).filter(**{f"{column}__gt": after}).order_by(column)
        return list(using.values_list(column, flat=True).distinct()[:most])

    def changed(self, draft: Draft) -> Draft:
        """Return a record's Draft with the kept heading in the place of those that go."""
        gone = {self.entries[number].heading for number in self.merged}
        return with_heading(self.file, draft, gone, self.entries[self.kept])

    def examples(self, most: int) -> Iterator[tuple[int, Draft, Draft]]:
        """Yield the first records that will change: number, Draft now, Draft then."""
        for number, draft in records.read_drafts(self.record_numbers(most=most)).items():
            yield number, draft, self.changed(draft)


def with_heading(file: AuthorityFile, draft: Draft, gone: set[str], entry: Entry) -> Draft:
    """Return the Draft with one heading in the place of others, once, where the first of them stood."""
    if file.name == "country":
        return replace(draft, country=entry.heading) if draft.country in gone else draft
    own: tuple[Any, ...] = getattr(draft, file.field)
    new: Any = Name(entry.heading, entry.kind, entry.orcid) if file.name == "author" else entry.heading
    put = dict.fromkeys(new if getattr(one, "heading", one) in gone else one for one in own)
    values: dict[str, Any] = {file.field: tuple(put)}
    return replace(draft, **values)


def plan(file: AuthorityFile, numbers: Sequence[int], kept: int) -> Plan:
    """Say what merging would do. Raises Refused where it cannot be done."""
    wanted = list(dict.fromkeys((kept, *numbers)))
    found = entries.read(file, wanted)
    if len(found) < len(wanted):
        raise Refused(_("One of these headings is no longer there. Look at the list again."))
    if len(wanted) < 2:
        raise Refused(_("Name at least one more heading to merge."))
    if len(wanted) > MOST_MERGED:
        raise Refused(_("At most %(most)d headings are merged at once.") % {"most": MOST_MERGED})
    ordered = {number: found[number] for number in wanted}
    others = [ordered[number] for number in wanted[1:]]
    joined = join(ordered[kept], others, wanted, one_above=file.name == "country")
    _refuse_circle(file, wanted, [link for entry in found.values() for link in entry.broader])
    return Plan(file, kept, ordered, joined)


def _refuse_circle(file: AuthorityFile, wanted: list[int], broader: list[Link]) -> None:
    """Refuse to merge headings between which others stand: what is between would be above and below the same one."""
    above = circles.relations(file)
    for link in broader:
        if link.number not in wanted and any(circles.leads_back(above, number, link.number) for number in wanted):
            sentence = _("“%(heading)s” stands between two of these headings. Merge it too, or move it first.")
            raise Refused(sentence % {"heading": link.heading})


def merge(file: AuthorityFile, numbers: Sequence[int], kept: int, user: Any = None, reason: str = "") -> ChangeSet:
    """Merge headings into the kept one, in one change set. Raises Refused; then nothing was changed."""
    with transaction.atomic():
        files.lock()
        refuse_beside_import()
        wanted = plan(file, numbers, kept)
        refuse_too_many(user, wanted.record_count)
        change_set = changes.open_change_set(codes.MERGE, user, reason)
        merged = wanted.merged
        with noting(change_set, file, {*wanted.entries, *entries.neighbours(file, wanted.entries)}):
            _move_records(change_set, wanted)
            _move_narrower(file, merged, Link(kept, wanted.joined.entry.heading))
            entries.take_away(file, {kept: wanted.joined.entry})
            entries.remove(file, merged)
            entries.add(file, {kept: wanted.joined.entry})
    return change_set


def refuse_too_many(user: Any, count: int) -> None:
    """Refuse to change more records than somebody may change at once. Raises Refused."""
    if user is not None and not rights.may_change_together(user, count):
        raise Refused(rights.too_many())


def refuse_beside_import() -> None:
    """Let no import write at the same time: it holds headings for as long as it runs. Raises Refused."""
    if not importing.try_alone():
        raise Refused(_("An import is being written just now. Please try again when it is done."))


def _move_records(change_set: ChangeSet, wanted: Plan) -> None:
    last, authorities = 0, Authorities()
    while numbers := wanted.record_numbers(after=last):
        records.lock(numbers)
        drafts = records.read_drafts(numbers)
        with records.unnoted():
            changed = {number: wanted.changed(draft) for number, draft in drafts.items()}
            changes.rewrite(change_set, authorities, changed, drafts)
        last = numbers[-1]
    # One note for search indexes, that all records of the kept heading have changed, instead of several for each.
    wanted.file.model.objects.filter(pk=wanted.kept).update(heading=F("heading"))


def _move_narrower(file: AuthorityFile, merged: list[int], kept: Link) -> None:
    """Put what stands under a merged heading under the kept one."""
    below = entries.read(file, entries.neighbours(file, merged) - {kept.number, *merged})
    moved = {}
    for number, entry in below.items():
        put = dict.fromkeys(kept if link.number in merged else link for link in entry.broader)
        if tuple(put) != entry.broader:
            moved[number] = replace(entry, broader=tuple(put))
    entries.write(file, moved)
