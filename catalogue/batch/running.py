"""What a worker does with a batch edit: preview it, do it. A small one is done while somebody waits.

Each is one transaction: killed at any moment, it is done as a whole or not at all.
"""

from collections.abc import Callable, Sequence

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes, codes, importing, records
from catalogue.batch.computing import Tally, chunks, compute, led, new_headings
from catalogue.batch.models import KEPT, Batch
from catalogue.batch.rights import why_not
from catalogue.draft import Draft
from catalogue.headings import Authorities
from catalogue.jobs import doing
from catalogue.jobs.doing import Works, conclude
from catalogue.jobs.pulse import Immediate, Pulse
from catalogue.models import ChangeSet
from catalogue.people import rights

AT_ONCE = 1_000
State, Work = Batch.State, Batch.Work


def do(number: str, is_ending: Callable[[], bool]) -> None:
    """Do what was asked of a batch edit, as a worker. Raises Interrupted where it is to be done later instead."""
    doing.do(WORKS, number, lambda item: Pulse(item, is_ending))


def do_at_once(number: str) -> None:
    """Do it while somebody waits. Raises Interrupted where something else is being written just now."""
    doing.do(WORKS, number, Immediate)


def read_versions(numbers: Sequence[int]) -> dict[int, int]:
    """Return when each record was last modified, in microseconds, by its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, (extract(epoch FROM modified) * 1000000)::bigint FROM catalogue_record WHERE id = ANY(%s)",
            [list(numbers)],
        )
        return dict(cursor.fetchall())


def _preview(item: Batch, pulse: Pulse) -> None:
    steps = led(item.read_steps(), Authorities())
    tally, versions = Tally(total=item.count), []
    for numbers in chunks(item.numbers, AT_ONCE):
        # Before the Drafts: what is edited between the two counts as edited since.
        known = read_versions(numbers)
        versions += [known.get(number, 0) for number in numbers]
        drafts = records.read_drafts(numbers)
        for number, draft in drafts.items():
            tally.take(number, draft, compute(steps, draft))
        tally.gone += [number for number in numbers if number not in drafts]
        tally.read += len(numbers)
        pulse.step(tally)
    pulse.end()
    report = {**tally.to_dict(), "new": new_headings(item.read_steps())}
    conclude(item, State.PREVIEWED, report=report, versions=versions)


def _do(item: Batch, pulse: Pulse) -> None:
    with transaction.atomic(), pulse.locking():
        if problem := why_not(item):
            raise ValueError(problem)
        importing.be_alone(pulse.wait)
        change_set = changes.open_change_set(codes.BATCH, item.user, item.reason)
        writing = _Writing(item, change_set)
        for place in range(0, len(item.numbers), AT_ONCE):
            writing.take(place)
            pulse.step(writing.tally)
        pulse.end()
        tally = writing.tally
        if not tally.changed:
            change_set.delete()
        report = {**tally.to_dict(), "promised": item.report.get("changed", 0), "new": writing.made()}
        conclude(item, State.DONE, report=report, change_set=change_set.pk if tally.changed else None)
        # Few records are found by the next search anyhow, and nobody waits for what others have changed.
        if not pulse.is_watched:
            transaction.on_commit(importing.make_searchable)


class _Writing:
    """The doing of one batch edit, a thousand records at a time, each computed from what it is at that moment."""

    def __init__(self, item: Batch, change_set: ChangeSet) -> None:
        self.item, self.change_set = item, change_set
        self.authorities = Authorities()
        self.steps = led(item.read_steps(), self.authorities)
        self.tally = Tally(total=item.count)

    def take(self, place: int) -> None:
        """Change the records from this place of the list on."""
        numbers = self.item.numbers[place : place + AT_ONCE]
        records.lock(numbers)
        before = records.read_drafts(numbers)
        self._note_edited(numbers, place)
        after: dict[int, Draft] = {}
        for number, draft in before.items():
            result = compute(self.steps, draft)
            self.tally.take(number, draft, result)
            if not rights.may_give_status(self.item.user, draft.status, result.after.status):
                raise ValueError(_published_meanwhile(number))
            if result.is_changed:
                after[number] = result.after
        changes.rewrite(self.change_set, self.authorities, after, before)
        self.tally.gone += [number for number in numbers if number not in before]
        self.tally.read += len(numbers)

    def _note_edited(self, numbers: Sequence[int], place: int) -> None:
        now = read_versions(numbers)
        seen = self.item.versions[place : place + AT_ONCE]
        self.tally.edited += [
            number for number, version in zip(numbers, seen, strict=True) if now.get(number, version) != version
        ]

    def made(self) -> dict[str, list[str]]:
        return self.authorities.take_made()


def _published_meanwhile(number: int) -> str:
    sentence = _(
        "Record %(number)d is public by now, and you may not publish or withdraw records. Nothing was changed."
    )
    return sentence % {"number": number}


WORKS = Works(
    Batch,
    do={Work.PREVIEW: _preview, Work.DO: _do},
    allowed={
        Work.PREVIEW: (State.CHOOSING, State.PREVIEWED),
        Work.DO: (State.PREVIEWED,),
    },
    back={Work.PREVIEW: State.CHOOSING, Work.DO: State.PREVIEWED},
    advice=gettext_lazy("if it is stopped again, take fewer records."),
)


def remove_old() -> None:
    """Forget batch edits that nobody has touched for some days; what they did stays in their change sets."""
    Batch.objects.filter(touched__lt=timezone.now() - KEPT).exclude(state__in=(State.WAITING, State.RUNNING)).delete()
