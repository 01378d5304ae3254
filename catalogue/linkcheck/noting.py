"""What a finding means for an address: its state, the count of its failures, and when it is looked at again.

A single failure calls nothing dead: a server may be down for an hour, a cable for a weekend.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from catalogue.linkcheck.findings import Finding, Outcome
from catalogue.linkcheck.models import Link, LinkCheck

Status = Link.Status
DAY = timedelta(days=1)
# On so many different days it must fail in sequence.
DEAD_AFTER = {Outcome.GONE: 1, Outcome.NOT_FOUND: 2, Outcome.FAILED: 3}
# When it is looked at again.
AGAIN = {Status.ALIVE: 30 * DAY, Status.MOVED: 30 * DAY, Status.BARRED: 30 * DAY, Status.SKIPPED: 90 * DAY}
DEAD_AGAIN = 30 * DAY
LONGEST_RETRY = 30
SHORTEST_WAIT = timedelta(hours=1)
MOST_KEPT = 20

_PRUNE = """
DELETE FROM catalogue_linkcheck WHERE link_id = %s AND id <= (
    SELECT id FROM catalogue_linkcheck WHERE link_id = %s ORDER BY id DESC OFFSET %s LIMIT 1)
"""
_WELL = {
    Outcome.ALIVE: Status.ALIVE,
    Outcome.MOVED: Status.MOVED,
    Outcome.BARRED: Status.BARRED,
    Outcome.SKIPPED: Status.SKIPPED,
}


def note(number: int, finding: Finding, now: datetime) -> str | None:
    """Note a finding about an address, if it is still there; return its state then."""
    with transaction.atomic():
        link = Link.objects.select_for_update().filter(pk=number).first()
        if link is None:
            return None
        apply(link, finding, now)
        link.save()
        LinkCheck.objects.create(
            link=link, made=now, status=link.status, code=finding.code, reason=finding.reason or ""
        )
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, [number, number, MOST_KEPT])
    return link.status


def apply(link: Link, finding: Finding, now: datetime) -> None:
    """Give an address the state that follows from a finding."""
    before, was_seen = link.status, link.checked
    link.checked, link.reason, link.code = now, finding.reason, finding.code
    if finding.outcome is Outcome.LATER:
        link.next_check = now + max(timedelta(seconds=finding.wait), SHORTEST_WAIT)
    elif finding.outcome in _WELL:
        _well(link, finding, now)
    else:
        _failed(link, finding, now, was_seen)
    if link.status != before:
        link.is_known, link.known_by = False, ""


def _well(link: Link, finding: Finding, now: datetime) -> None:
    link.status = _WELL[finding.outcome]
    link.moved_to = finding.moved_to
    link.failures = link.failing_days = 0
    if finding.outcome in (Outcome.ALIVE, Outcome.MOVED):
        link.alive = now
    link.next_check = now + AGAIN[link.status]


def _failed(link: Link, finding: Finding, now: datetime, last: datetime | None) -> None:
    is_new_day = not link.failures or last is None or _day(last) != _day(now)
    link.failures += 1
    link.failing_days += is_new_day
    link.moved_to = ""
    needed = DEAD_AFTER.get(finding.outcome)
    if link.status == Status.DEAD or (needed is not None and link.failing_days >= needed):
        link.status, wait = Status.DEAD, DEAD_AGAIN
    else:
        link.status, wait = Status.UNREACHABLE, min(2 ** (link.failing_days - 1), LONGEST_RETRY) * DAY
    link.next_check = now + wait


def _day(moment: datetime) -> object:
    return timezone.localdate(moment)
