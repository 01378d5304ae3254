"""One batch of rows at a time into the catalogue: headings led, records matched, written, noted and reported.

`importing` calls it. Everything is done for a whole batch in a few queries; rows of a batch find one another in memory.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db import connection
from django.utils.translation import gettext as _

from catalogue import changes, codes, likeness, records, successors
from catalogue.candidates import MOST_CANDIDATES, Candidates, Target, near_numbers, numbers_by_keys, numbers_by_title
from catalogue.draft import Draft, Problem
from catalogue.file_numbers import FileNumbers, Lead, Numbers
from catalogue.formats.base import Row
from catalogue.headings import Authorities
from catalogue.import_report import CREATED, MOST_REPORTED, NEAR, UNCHANGED, UPDATED, Example, NearRow, Proposal, Report
from catalogue.matching import ADD, OVERWRITE, SKIP, Matching, may_be_same
from catalogue.merging import filled, overwritten
from catalogue.models import ChangeSet
from catalogue.rejected_rows import RejectedRows

FIELDS = tuple(Draft.__dataclass_fields__)
MOST_PROPOSED = 200


class Importer:
    """What an import keeps from one batch to the next."""

    def __init__(
        self, matching: Matching, change_set: ChangeSet, report: Report, rejected: RejectedRows, numbers: FileNumbers
    ) -> None:
        self.matching = matching
        self.change_set = change_set
        self.report = report
        self.rejected = rejected
        self.numbers = numbers
        self.authorities = Authorities()
        # The records that this very file is about: a second copy in it only fills what the first left empty.
        self.seen = Numbers()
        self.made: dict[Target, int] = {}

    def take(self, rows: Sequence[Row]) -> None:
        """Bring a batch of good rows into the catalogue."""
        self.authorities.look_up([row.draft for row in rows if row.draft])
        drafts = [self.authorities.led(row.draft) for row in rows if row.draft]
        targets = [Target(draft, first=draft, row=row.number) for row, draft in zip(rows, drafts, strict=True)]
        if self.numbers.are_kept:  # each was a record of its own
            for row, target in zip(rows, targets, strict=True):
                target.own = row.record
        elif self.matching.on_match != ADD:
            targets = self._match(rows, drafts)
        self._write(targets)
        if any(row.record for row in rows):
            self._note_numbers(rows, targets)

    def _match(self, rows: Sequence[Row], drafts: list[Draft]) -> list[Target]:
        """Return the records to be written: those that rows are about, and those that rows make."""
        candidates = Candidates(self.matching.rules)
        found, same = _read_candidates(drafts)
        known = {number: Target(draft, number, before=draft) for number, draft in sorted(found.items())}
        for target in known.values():
            candidates.add(target)
        targets: dict[Target, None] = {}
        for row, said, number in zip(rows, drafts, same, strict=True):
            draft = said if number is None else found[number]  # equal, and seen to be so at once
            match = candidates.match(draft, None if number is None else known[number])
            if match:
                target, rule = match
                target.rows.append((row.number, draft, rule))
                before = target.draft
                target.draft = self._learnt(target, before, len(target.rows) - 1)
                if target.number is not None and target.draft.status == codes.WITHDRAWN:
                    self.report.warn(row.number, (_withdrawn(target.number, target.draft.withdrawn_reason),))
                if target.draft is not before:
                    candidates.add(target)  # what it has learnt may lead the next rows to it
            else:
                target = Target(draft, first=draft, row=row.number, near=candidates.near(draft))
                candidates.add(target)
            targets[target] = None
        self._find_near([target for target in targets if target.number is None])
        if self.matching.on_near == SKIP:
            return self._without_near(list(targets), {row.number: row for row in rows})
        return list(targets)

    def _learnt(self, target: Target, record: Draft, place: int) -> Draft:
        """Return the record with what the row at a place of the target's rows says."""
        row = target.rows[place][1]
        if target.number is None or target.number in self.seen:
            return filled(row, record)
        if self.matching.on_match == SKIP:
            return record
        if self.matching.on_match == OVERWRITE and place == 0:
            return overwritten(row, record, self.matching.overwrite)
        return filled(row, record)

    def _find_near(self, new: list[Target]) -> None:
        """Look for records whose titles differ from those of new ones by no more than a typo."""
        alone = [target for target in new if target.near is None]
        found = near_numbers([target.draft for target in alone])
        drafts = records.read_drafts({number for numbers in found.values() for number in numbers})
        earlier: dict[int, list[Target]] = defaultdict(list)
        for place, target in enumerate(alone):
            known = [Target(drafts[number], number) for number in found.get(place, ()) if number in drafts]
            keys = [key for key in likeness.near_keys(target.draft) if key is not None]
            beside = [one for key in keys for one in earlier[key][:MOST_CANDIDATES]]
            alike = [one for one in beside if likeness.alike(one.draft.title, target.draft.title)]
            near = (one for one in (*known, *alike) if may_be_same(target.draft, one.draft))
            target.near = next(near, None)
            for key in keys:
                earlier[key].append(target)

    def _without_near(self, targets: list[Target], rows: dict[int, Row]) -> list[Target]:
        """Set aside the rows of those targets that are near a record, and return the others."""
        kept = []
        for target in targets:
            if target.near is None:
                kept.append(target)
                continue
            problem = Problem("title", target.draft.title, _near_what(target.near))
            for number in (target.row, *(number for number, _draft, _rule in target.rows)):
                self.report.put_aside(number, problem.reason, rows[number].draft)
                self.rejected.add(rows[number], [problem])
            self._report_near(target)
        return kept

    def _write(self, targets: list[Target]) -> None:
        """Write what is new or changed; what somebody else has changed meanwhile learns from the rows once more."""
        changed = [target for target in targets if _is_other(target.draft, target.before)]
        self.authorities.make([target.draft for target in changed])
        present = {target.number: target for target in changed if target.number is not None}
        if present:
            records.lock(present)
            found = records.read_drafts(present)
            for number, target in present.items():
                if number not in found:
                    self._make_instead(target)
                elif found[number] != target.before:
                    self._learn_again(target, found[number])
        before = {target.number: target.before for target in changed if target.number and target.before}
        wanted = [(target.number or target.own, self.authorities.resolve(target.draft)) for target in changed]
        outcome = changes.write(self.change_set, wanted, before)
        self.made = dict(zip(changed, outcome.numbers, strict=True))
        for target in targets:
            self._report(target, self.made.get(target, target.number))
        for kind, made in self.authorities.take_made().items():
            self.report.note_headings(kind, made)

    def _note_numbers(self, rows: Sequence[Row], targets: list[Target]) -> None:
        """Say which record each row with a number has become."""
        here: dict[int, tuple[int | None, bool]] = {}
        for target in targets:
            number = self.made.get(target, target.number)
            here |= {row: (number, False) for row, _draft, _rule in target.rows}
            if target.number is None:
                here[target.row] = (number, True)
        for row in rows:
            self.numbers.note(row, *here.get(row.number, (None, False)))

    def lead(self) -> None:
        """Let records lead to those that replace them, which may have come later in the file."""
        for leads in self.numbers.leads():
            records.lock(leads)
            before = records.read_drafts(leads)
            noted = self.change_set.changes.filter(record_number__in=list(leads))
            known = set(noted.values_list("record_number", flat=True))
            after = {number: self._led(number, draft, leads[number]) for number, draft in before.items()}
            outcome = changes.rewrite(self.change_set, self.authorities, after, before)
            if late := len(set(outcome.updated) - known):
                self.report.updated += late
                self.report.unchanged -= late
                self.report.fields["replaced_by"] += late

    def _led(self, number: int, draft: Draft, lead: Lead) -> Draft:
        """Return a record that leads where a row says, as far as it learns from rows at all."""
        if lead.here is None:
            self.report.warn(lead.row, (_lost(lead.in_file),))
            return self._led_nowhere(replace(draft, replaced_by=lead.in_file)) if lead.is_new else draft
        if lead.here == number or (self.matching.on_match == SKIP and not lead.is_new):
            return draft
        if lead.is_new:
            return replace(draft, replaced_by=lead.here)
        row = Draft(status=draft.status, replaced_by=lead.here)
        if self.matching.on_match == OVERWRITE:
            return overwritten(row, draft, self.matching.overwrite)
        return filled(row, draft)

    def _led_nowhere(self, draft: Draft) -> Draft:
        if self.numbers.are_kept or not successors.is_merged(draft):
            return successors.without(draft)
        # The number is that of another catalogue: here it may be of a record that has nothing to do with this one.
        return replace(draft, replaced_by=None, withdrawn_reason=_("The record that replaces it is not here."))

    def _learn_again(self, target: Target, draft: Draft) -> None:
        target.before = target.draft = draft
        for place in range(len(target.rows)):
            target.draft = self._learnt(target, target.draft, place)
        self.authorities.make([target.draft])

    def _make_instead(self, target: Target) -> None:
        """Have the first row make a record: somebody has deleted meanwhile the one that it was about."""
        target.row, target.first, _rule = target.rows.pop(0)
        target.number = target.before = None
        target.draft = target.first
        for place in range(len(target.rows)):
            target.draft = self._learnt(target, target.draft, place)
        self.authorities.make([target.draft])

    def _report(self, target: Target, number: int | None) -> None:
        """Count what became of each row of a target, and show the first of each sort."""
        state = target.before or target.first or target.draft
        if target.number is None:
            self.report.created += 1
            if self.report.has_room(CREATED):
                self.report.show(CREATED, Example(target.row, number, after=target.draft))
            if target.near:
                self._report_near(target)
        for place, (row, _draft, rule) in enumerate(target.rows):
            self.report.matched[rule] += 1
            after = self._learnt(target, state, place)
            self._report_row(Example(row, number, state, after, rule))
            state = after
        if number is not None and (target.number is None or self.matching.on_match != SKIP):
            self.seen.add(number)

    def _report_row(self, example: Example) -> None:
        before, after = example.before, example.after
        if not _is_other(after, before):
            self.report.unchanged += 1
            self.report.show(UNCHANGED, example)
            return
        changed = tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))
        self.report.updated += 1
        self.report.fields.update(changed)
        self.report.show(UPDATED, replace(example, fields=changed))

    def _report_near(self, target: Target) -> None:
        near = target.near
        if near is None:
            return
        self.report.near += 1
        number = near.number or self.made.get(near)
        self.report.show(NEAR, Example(target.row, number, near.draft, target.draft, made=self.made.get(target)))
        if len(self.report.near_rows) < MOST_REPORTED:
            known = None if records.is_apart(number) else number
            self.report.near_rows.append(NearRow(target.row, target.draft.title, known, near.draft.title))

    def propose_headings(self, last: int) -> None:
        """Note of the authors with numbers above `last` which may be other forms of one another or of known ones."""
        with connection.cursor() as cursor:
            # Without statistics on new names the planner would compare each with each.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute(_PROPOSED, {"last": last, "most": MOST_PROPOSED})
            for new, present, number in cursor.fetchall():
                self.report.proposed_headings.append(Proposal("authors", new, present, number))
            cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def _read_candidates(drafts: Sequence[Draft]) -> tuple[dict[int, Draft], list[int | None]]:
    """Return the records that the Drafts may be about, and for each Draft the oldest that says the very same.

    Most of what is imported again is the same, and has the same title: only the others are looked for by all keys.
    """
    found = records.read_drafts(numbers_by_title(drafts))
    oldest = {draft: number for number, draft in sorted(found.items(), reverse=True)}
    same = [oldest.get(draft) for draft in drafts]
    others = [draft for draft, number in zip(drafts, same, strict=True) if number is None]
    if others:
        found |= records.read_drafts(set(numbers_by_keys(others)) - found.keys())
    return found, same


def _is_other(draft: Draft | None, before: Draft | None) -> bool:
    """Tell whether a Draft says something else; most are the very same, which is seen at once."""
    return draft is not before and draft != before


def _lost(number: int) -> str:
    sentence = _("Record %(number)d, which replaces this one, is not in the file, or was not taken from it.")
    return sentence % {"number": number}


def _withdrawn(number: int, reason: str) -> str:
    if records.is_apart(number):
        sentence = _("This is about a record of the same file, which is withdrawn and stays so: “%(reason)s”")
        return sentence % {"reason": reason}
    sentence = _("This is record %(number)d, which was withdrawn and stays so: “%(reason)s”")
    return sentence % {"number": number, "reason": reason}


def _near_what(near: Target) -> str:
    if near.number is None:  # of this very batch: it may not have a number yet, or never get one
        values = {"number": near.row, "title": near.draft.title}
        return _("Set aside: this is near row %(number)d, “%(title)s”.") % values
    if records.is_apart(near.number):
        return _("Set aside: this is near another row of the file, “%(title)s”.") % {"title": near.draft.title}
    values = {"number": near.number, "title": near.draft.title}
    return _("Set aside: this is near record %(number)d, “%(title)s”.") % values


# "Fletcher, D. R." and "Fletcher, Del Roy": one surname, and the one's initials are those of the other's names.
_PROPOSED = r"""
WITH names AS (
    SELECT id, heading, split_part(fold, ',', 1) AS surname, btrim(split_part(fold, ',', 2)) AS given,
        regexp_replace(split_part(fold, ',', 2), '(\w)\w*|\W', '\1', 'g') AS initials,
        split_part(fold, ',', 2) ~ '^ *\w(\.[ -]*\w|[ -]+\w)*\.?$' AS short
    FROM catalogue_author WHERE kind = 'person' AND fold LIKE '%%, %%'
)
SELECT new.heading, known.heading, known.id FROM (
    -- One of the two is short. Looked for from its side: a surname may have thousands of names, few of them short.
    SELECT new.id AS new, known.id AS known FROM names new JOIN (SELECT * FROM names WHERE short) known
    ON known.surname = new.surname AND left(known.initials, 1) = left(new.initials, 1) AND known.id < new.id
    AND (starts_with(known.initials, new.initials) OR starts_with(new.initials, known.initials))
    WHERE new.id > %(last)s
    UNION
    SELECT new.id, known.id FROM (SELECT * FROM names WHERE short AND id > %(last)s) new JOIN names known
    ON known.surname = new.surname AND left(known.initials, 1) = left(new.initials, 1) AND known.id < new.id
    AND (starts_with(known.initials, new.initials) OR starts_with(new.initials, known.initials))
) AS pairs JOIN catalogue_author new ON new.id = pairs.new JOIN catalogue_author known ON known.id = pairs.known
ORDER BY pairs.new, pairs.known LIMIT %(most)s
"""
