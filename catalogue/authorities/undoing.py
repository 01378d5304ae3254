"""Puts headings back as they were before a change set, as far as nobody has changed them since.

`changes.undo` calls it around the records: headings that were merged away must be there again before records can have
them, and headings that the set made can only go once no record has them any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from catalogue.authorities import circles, entries, files
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.authorities.models import HeadingChange
from catalogue.authorities.noting import note
from catalogue.folding import fold_heading
from catalogue.models import ChangeSet

COLUMNS = ("heading", "notes", "kind", "orcid", "scope_note", "code")


@dataclass
class HeadingsUndone:
    """How many headings were put back, and the names of those that were left alone, in part or as a whole."""

    restored: int = 0
    left: list[str] = field(default_factory=list)


class Undoing:
    """The undoing of what one change set did to headings. `made` is the change set that notes it."""

    def __init__(self, change_set: ChangeSet, made: ChangeSet) -> None:
        self.made = made
        self.outcome = HeadingsUndone()
        found = list(change_set.heading_changes.order_by("id"))
        self._files = [
            _FileUndoing(file, of_file, self.outcome)
            for file in FILES.values()
            if (of_file := [change for change in found if change.kind == file.name])
        ]
        if self._files:
            files.lock()

    def before_records(self) -> None:
        for one in self._files:
            one.begin()

    def after_records(self) -> None:
        for one in self._files:
            one.end()
            self.outcome.restored += one.note(self.made)


class _FileUndoing:
    """The undoing in one authority file."""

    def __init__(self, file: AuthorityFile, changes: Iterable[HeadingChange], outcome: HeadingsUndone) -> None:
        self.file, self.outcome = file, outcome
        self.before = {change.number: _entry(change.before) for change in changes}
        self.after = {change.number: _entry(change.after) for change in changes}
        self.noted = {*self.before, *entries.neighbours(file, self.before)}
        self.now = entries.read(file, self.noted)
        self.wanted: dict[int, Entry] = {}
        self.to_go: dict[int, Entry] = {}

    def begin(self) -> None:
        """Bring back what is gone and take back what was added; what only one heading may have is left for the end."""
        for number, before in self.before.items():
            self._decide(number, before, self.after[number], self.now.get(number))
        self.wanted = dict(self._with_free_headings())
        entries.take_away(self.file, self.wanted)
        # An ORCID leads before a heading does: records would stay with what is to go.
        if unique := set(entries.UNIQUE) & set(self.file.columns):
            self.file.model.objects.filter(pk__in=self.to_go).update(**dict.fromkeys(unique, ""))

    def _decide(self, number: int, before: Entry | None, after: Entry | None, now: Entry | None) -> None:
        if before and after and now:
            entry, changed_since = put_back(before, after, now)
            # A country is part of one other: of the one that somebody has chosen since.
            self.wanted[number] = replace(entry, broader=entry.broader[:1]) if self.file.name == "country" else entry
            if changed_since:
                self.outcome.left.append(now.heading)
        elif before and after is None and now is None:
            self.wanted[number] = before
        elif before is None and now and now == after:
            self.to_go[number] = now
        elif kept := now or before:
            self.outcome.left.append(kept.heading)

    def _with_free_headings(self) -> Iterator[tuple[int, Entry]]:
        """Yield the wanted Entries without the forms that lead to other headings by now."""
        forms = [form for entry in self.wanted.values() for form in (entry.heading, *entry.variants)]
        folds = [fold_heading(form) for form in forms]
        ours = [*self.wanted, *self.to_go]
        taken = set(self.file.model.objects.filter(fold__in=folds).exclude(pk__in=ours).values_list("fold", flat=True))
        others = self.file.variants.objects.filter(fold__in=folds).exclude(authority__in=ours)
        taken |= set(others.values_list("fold", flat=True))
        for number, entry in self.wanted.items():
            if fold_heading(entry.heading) in taken:
                self.outcome.left.append(entry.heading)
                continue
            led = taken | {fold_heading(entry.heading)}
            free = tuple(form for form in entry.variants if fold_heading(form) not in led)
            yield number, replace(entry, variants=free)

    def end(self) -> None:
        """Take away the headings that the set made, unless they are used, and give the others all that they had."""
        used = {*self.file.record_counts(self.to_go), *self._above_others()}
        entries.remove(self.file, self.to_go.keys() - used)
        for number in used & self.to_go.keys():
            self.outcome.left.append(self.to_go[number].heading)
            self.wanted[number] = self.to_go[number]
        wanted = dict(self._without_taken(self._without_circles()))
        entries.add(self.file, wanted)

    def _above_others(self) -> set[int]:
        """Return those of the headings that shall go under which others stand that stay."""
        below = entries.read(self.file, entries.neighbours(self.file, self.to_go) - self.to_go.keys())
        return {link.number for entry in below.values() for link in entry.broader} & self.to_go.keys()

    def _without_circles(self) -> dict[int, Entry]:
        """Leave out broader headings that have come to stand below since."""
        above = circles.relations(self.file)
        found = {}
        for number, entry in self.wanted.items():
            broader = tuple(link for link in entry.broader if not circles.leads_back(above, number, link.number))
            above[number] = [link.number for link in broader]
            found[number] = replace(entry, broader=broader)
        return found

    def _without_taken(self, wanted: dict[int, Entry]) -> Iterator[tuple[int, Entry]]:
        """Yield the Entries without an ORCID or code that another heading has received since."""
        for number, entry in wanted.items():
            for name in set(entries.UNIQUE) & set(self.file.columns):
                value = entry.column(name)
                others = self.file.model.objects.filter(**{name: value}).exclude(pk=number)
                if value and others.exclude(pk__in=wanted).exists():
                    self.outcome.left.append(entry.heading)
                    bare: dict[str, Any] = {name: ""}
                    entry = replace(entry, **bare)
            yield number, entry

    def note(self, made: ChangeSet) -> int:
        changed = note(made, self.file, self.now, entries.read(self.file, self.noted))
        return len(set(changed) & self.before.keys())


def _entry(values: dict[str, Any] | None) -> Entry | None:
    return Entry.from_dict(values) if values is not None else None


def put_back(before: Entry, after: Entry, now: Entry) -> tuple[Entry, bool]:
    """Return the Entry of now without what changed between before and after, and whether a part has changed since.

    Each column is put back if it is still what the set made it; of forms and relations, what the set added goes and
    what it took away comes back.
    """
    changed_since = False
    values: dict[str, Any] = {}
    for name in COLUMNS:
        earlier, later, current = before.column(name), after.column(name), now.column(name)
        if earlier != later and current == later:
            values[name] = earlier
        changed_since |= earlier != later and current not in (earlier, later)
    for name in ("variants", "broader", "related"):
        earlier, later = getattr(before, name), getattr(after, name)
        kept = [item for item in getattr(now, name) if item in earlier or item not in later]
        values[name] = tuple(dict.fromkeys([*kept, *(item for item in earlier if item not in later)]))
    return replace(now, **values), changed_since
