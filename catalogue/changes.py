"""Change sets: the one way in which records are written, and its undoing.

A form, an import, a batch edit and an undo all say which Drafts the records shall have; this module writes them, notes
each record's Draft before and after, and tells the search index once the transaction has ended well.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import OperationalError, connection, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from catalogue import codes, document_changes, records, successors, tombstones
from catalogue.authorities.undoing import Undoing
from catalogue.database import references
from catalogue.draft import Draft, clean
from catalogue.headings import Authorities, Resolved
from catalogue.models import Change, ChangeSet, Record

LOCK_NOT_AVAILABLE = "55P03"

# Sent after the commit of a transaction that wrote records. Who listens must be quick: a person is waiting.
records_changed = Signal()


class Busy(Exception):
    """Somebody else is writing the same record or heading, and a person should not wait for it."""


@contextmanager
def without_waiting() -> Iterator[None]:
    """Raise Busy where a change would wait for another that is not finished. Belongs inside a transaction.

    An import holds what it has written until its end. Shorter than PostgreSQL takes to notice a deadlock (a second), so
    that of a person and an import that wait for each other it is never the import that is ended.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '900ms'")
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise Busy from error
        raise


@dataclass(frozen=True, slots=True)
class Wish:
    """The Draft that a record shall have; `number` is None for a new record."""

    draft: Draft
    number: int | None = None


@dataclass
class Outcome:
    """What became of a list of wishes: the numbers of the records, by what happened to them."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    # The number of the record of each wish, in the order of the wishes.
    numbers: list[int] = field(default_factory=list)


def open_change_set(kind: str, user: Any = None, reason: str = "", undoes: ChangeSet | None = None) -> ChangeSet:
    """Make the change set to which the next `apply` calls belong. `user` may be None: a command has no account."""
    account = user if isinstance(user, User) else None
    name = account.get_username() if account else ("" if isinstance(user, AnonymousUser | None) else str(user))
    return ChangeSet.objects.create(kind=kind, user=account, user_name=name, reason=reason, undoes=undoes)


def apply(change_set: ChangeSet, wishes: Sequence[Wish]) -> Outcome:
    """Give records the Drafts that they shall have, all or none, and note it in the change set.

    The Drafts must be valid (`draft.validate`). A wish that names a record which does not exist raises LookupError.
    A record that has its Draft already stays as it is and is not noted.
    """
    with transaction.atomic():
        present = [wish.number for wish in wishes if wish.number is not None]
        records.lock(present)
        before = records.read_drafts(present)
        for number in present:
            if number not in before:
                raise LookupError(_("There is no record %(number)d.") % {"number": number})
        resolved = records.resolve([clean(wish.draft) for wish in wishes])
        return write(change_set, [(wish.number, item) for wish, item in zip(wishes, resolved, strict=True)], before)


def rewrite(
    change_set: ChangeSet, authorities: Authorities, after: Mapping[int, Draft], before: Mapping[int, Draft]
) -> Outcome:
    """Do what `apply` does for records that are there and locked, and for Drafts that are clean: for many thousands of
    them in one transaction, a batch at a time, with what `authorities` has learnt from the batches before.
    """
    drafts = list(after.values())
    authorities.look_up(drafts)
    authorities.make(drafts)
    return write(change_set, [(number, authorities.resolve(draft)) for number, draft in after.items()], before)


def write(change_set: ChangeSet, wanted: Sequence[tuple[int | None, Resolved]], before: Mapping[int, Draft]) -> Outcome:
    """Do what `apply` does for Drafts that are clean and resolved, where `before` was read after the records were
    locked. A number that is not in `before` is that of a new record: all new ones have one, or none has. Belongs inside
    a transaction, which must not go on if this fails.
    """
    new = [(number, item) for number, item in wanted if number not in before]
    given = [number for number, _item in new if number is not None]
    outcome = Outcome(created=records.insert([item for _number, item in new], given))
    created = iter(outcome.created)
    updates: dict[int, Resolved] = {}
    after: dict[int, Draft] = {}
    for known, item in wanted:
        number = known if known is not None and known in before else next(created)
        outcome.numbers.append(number)
        after[number] = item.draft
        if number in before and before[number] != item.draft:
            updates[number] = item
    outcome.updated = list(updates)
    outcome.unchanged = [number for number in outcome.numbers if number in before and number not in updates]
    records.write(updates, before)
    _note(change_set, before, after, outcome)
    if outcome.created or outcome.updated:
        _tell_after_commit()
    return outcome


def _note(change_set: ChangeSet, before: Mapping[int, Draft], after: Mapping[int, Draft], outcome: Outcome) -> None:
    """Note what was written. A record that the set has changed before keeps its Draft from before the whole set."""
    again = change_set.changes.filter(record_number__in=outcome.updated) if outcome.updated else []
    noted = {change.record_number: change for change in again}
    for number, change in noted.items():
        change.after = after[number].to_dict()
    Change.objects.bulk_update(noted.values(), ["after"], batch_size=500)
    new = [number for number in (*outcome.created, *outcome.updated) if number not in noted]
    with references.checked(len(new), {"catalogue_changeset": [change_set.pk]}):
        records.copy(
            "catalogue_change",
            ("change_set_id", "record_number", "before", "after"),
            (
                (change_set.pk, number, _json(before[number]) if number in before else None, _json(after[number]))
                for number in new
            ),
        )


# One for all: json.dumps makes an encoder each time.
_encode = json.JSONEncoder(ensure_ascii=False).encode


def _json(draft: Draft) -> str:
    return _encode(draft.to_dict())


def _tell_after_commit() -> None:
    """Send the signal once for a transaction, however many batches it writes."""
    if not any(entry[1] is _tell for entry in connection.run_on_commit):
        transaction.on_commit(_tell)


def _tell() -> None:
    records_changed.send_robust(sender=ChangeSet)


def delete(change_set: ChangeSet, numbers: Sequence[int], reason: str = "") -> None:
    """Delete records for good; the history keeps their last Drafts. The reason is what the public reads of them.

    Nothing else goes with them: what led to one of them leads on (see successors.py), and the documents of one that was
    merged into another stay with that one, where they were shown.
    """
    with transaction.atomic():
        records.lock(numbers)
        drafts = records.read_drafts(numbers)
        apply(change_set, [Wish(draft, number) for number, draft in successors.led_past(drafts).items()])
        heirs = successors.heirs(successors.merged(drafts), drafts)
        records.lock(heirs.values())
        document_changes.move(change_set, heirs)
        tombstones.bury(drafts, reason, successors.ends(drafts))
        _note_gone(change_set, drafts)
        document_changes.note_gone(change_set, drafts)
        Record.objects.filter(id__in=numbers).delete()
        _tell_after_commit()


def _note_gone(change_set: ChangeSet, drafts: Mapping[int, Draft]) -> None:
    """Note that records are gone. One that the set has changed before keeps its Draft from before the whole set."""
    again = change_set.changes.filter(record_number__in=list(drafts))
    noted = set(again.values_list("record_number", flat=True))
    again.update(after=None)
    Change.objects.bulk_create(
        Change(change_set=change_set, record_number=number, before=draft.to_dict(), after=None)
        for number, draft in drafts.items()
        if number not in noted
    )


@dataclass(frozen=True)
class Undone:
    """What an undo did: the change set that it made, and the numbers of records that it had to leave alone."""

    change_set: ChangeSet
    restored: tuple[int, ...]
    changed_since: tuple[int, ...]
    # How many headings were put back, and the names of those that were left alone, in part or as a whole.
    headings: int = 0
    headings_left: tuple[str, ...] = ()


def undo(
    change_set: ChangeSet, user: Any = None, reason: str = "", progress: Callable[[int], None] = lambda done: None
) -> Undone:
    """Put back the Drafts and headings from before a change set, in a new change set.

    A record that the set created is withdrawn, never deleted: its address may be known. A record that has changed
    since, or is gone, is left as it is and reported. Raises ValueError if the set was undone before. `progress` hears
    how many records are done; what it raises ends the undo, and nothing is undone.
    """
    with transaction.atomic():
        ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if ChangeSet.objects.filter(undoes=change_set).exists():
            raise ValueError(_("This change was undone before."))
        made = open_change_set(codes.UNDO, user, reason, undoes=change_set)
        headings = Undoing(change_set, made)
        headings.before_records()
        restored, changed_since = _put_back(change_set, made, progress)
        headings.after_records()
    left = tuple(dict.fromkeys(headings.outcome.left))
    return Undone(made, tuple(restored), tuple(changed_since), headings.outcome.restored, left)


def _put_back(change_set: ChangeSet, made: ChangeSet, progress: Callable[[int], None]) -> tuple[list[int], list[int]]:
    """Return the records that were put back, and those that had changed since.

    A heading that was renamed or merged since is no change of its records: they are compared by where forms lead now.
    """
    restored: list[int] = []
    changed_since: list[int] = []
    authorities = Authorities()
    done = 0
    for batch in _batches(change_set):
        numbers = [change.record_number for change in batch]
        records.lock(numbers)
        now = records.read_drafts(numbers)
        after = {change.record_number: Draft.from_dict(change.after) for change in batch if change.after is not None}
        authorities.look_up([*after.values(), *now.values()])
        earlier = {}
        for change in batch:
            number = change.record_number
            if number not in after or now.get(number) not in (after[number], authorities.led(after[number])):
                changed_since.append(number)
            else:
                earlier[number] = _earlier(change)
        restored += rewrite(made, authorities, successors.without_missing(earlier), now).updated
        done += len(batch)
        progress(done)
    return restored, changed_since


def _batches(change_set: ChangeSet, size: int = 1000) -> Iterable[list[Change]]:
    last = 0
    while batch := list(change_set.changes.filter(id__gt=last).order_by("id")[:size]):
        yield batch
        last = batch[-1].pk


def _earlier(change: Change) -> Draft:
    if change.before is not None:
        return Draft.from_dict(change.before)
    created = Draft.from_dict(change.after or {})
    return replace(created, status=codes.WITHDRAWN, withdrawn_reason=str(codes.CREATION_UNDONE))
