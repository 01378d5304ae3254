"""Splits a heading in two: some of its records and other forms go to a new heading, in one change set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import changes, codes, headings, records
from catalogue.authorities import entries, files
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.merging import Refused, refuse_beside_import, refuse_too_many, with_heading
from catalogue.authorities.noting import noting
from catalogue.draft import HEADING_LIMIT, Draft, clean_line
from catalogue.folding import fold_heading
from catalogue.models import ChangeSet

AT_ONCE = 1_000


@dataclass(frozen=True)
class Split:
    """A heading, what it will be, and the new one beside it. `records` are the numbers of those that move."""

    file: AuthorityFile
    number: int
    before: Entry
    after: Entry
    new: Entry
    records: tuple[int, ...]

    def changed(self, draft: Draft) -> Draft:
        return with_heading(self.file, draft, {self.before.heading}, self.new)

    def examples(self, most: int) -> Iterator[tuple[int, Draft, Draft]]:
        """Yield the first records that will change: number, Draft now, Draft then."""
        for number, draft in records.read_drafts(self.records[:most]).items():
            yield number, draft, self.changed(draft)


def plan(file: AuthorityFile, number: int, heading: str, forms: Sequence[str], chosen: Sequence[int]) -> Split:
    """Say what splitting would do: `forms` are those other forms that go to the new heading, `chosen` the records.

    The new heading stands under the same broader headings. Raises Refused where it cannot be done.
    """
    before = entries.read(file, [number]).get(number)
    if before is None:
        raise Refused(_("This heading is no longer there. Look at the list again."))
    heading = clean_line(heading)
    _refuse_heading(file, number, heading, before)
    own = file.using([number]).filter(**{f"{file.record_column}__in": list(chosen)})
    moving = tuple(sorted(own.values_list(file.record_column, flat=True)))
    if not moving:
        raise Refused(_("Choose at least one record that goes to the new heading."))
    folds = {fold_heading(form) for form in forms}
    new_fold = fold_heading(heading)
    going = tuple(form for form in before.variants if fold_heading(form) in folds - {new_fold})
    staying = tuple(form for form in before.variants if fold_heading(form) not in folds | {new_fold})
    new = Entry(heading, kind=before.kind, variants=going, broader=before.broader)
    return Split(file, number, before, replace(before, variants=staying), new, moving)


def _refuse_heading(file: AuthorityFile, number: int, heading: str, before: Entry) -> None:
    """Refuse a name that leads somewhere already, unless it is another form of the heading that is split."""
    if not heading:
        raise Refused(_("Name the new heading."))
    if len(heading) > HEADING_LIMIT:
        raise Refused(_("A heading can have at most %d characters.") % HEADING_LIMIT)
    found = headings.find(file.model, file.variants, [fold_heading(heading)]).get(fold_heading(heading))
    if found and (found.pk != number or fold_heading(before.heading) == fold_heading(heading)):
        raise Refused(_("“%(heading)s” is there already.") % {"heading": found})


def split(
    file: AuthorityFile,
    number: int,
    heading: str,
    forms: Sequence[str],
    chosen: Sequence[int],
    user: Any = None,
    reason: str = "",
) -> tuple[ChangeSet, int]:
    """Split a heading, in one change set; return it and the number of the new heading. Raises Refused."""
    with transaction.atomic():
        files.lock()
        refuse_beside_import()
        wanted = plan(file, number, heading, forms, chosen)
        refuse_too_many(user, len(wanted.records))
        [new] = entries.next_numbers(file, 1)
        change_set = changes.open_change_set(codes.BATCH, user, reason)
        with noting(change_set, file, [number, new]):
            entries.write(file, {number: wanted.after, new: wanted.new})
            for first in range(0, len(wanted.records), AT_ONCE):
                moving = wanted.records[first : first + AT_ONCE]
                records.lock(moving)
                wishes = [changes.Wish(wanted.changed(one), n) for n, one in records.read_drafts(moving).items()]
                changes.apply(change_set, wishes)
    return change_set, new
