"""Runs of checks: asked for at the desk, by the schedule or by a command; done by the worker or by that command.

What was found of an address is noted at once, so that a run which is killed goes on with those that are left.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.linkcheck import addresses, noting
from catalogue.linkcheck.checking import Checker
from catalogue.linkcheck.crowd import Address, check_all
from catalogue.linkcheck.fetching import Web
from catalogue.linkcheck.findings import Finding
from catalogue.linkcheck.models import Link, LinkRun
from catalogue.linkcheck.offline import Doubts
from catalogue.linkcheck.pacing import Clock
from catalogue.version import VERSION

MOST = 100_000
RUNS_KEPT = 100
# Without a sign of life for so long, whoever did a run is dead.
SILENT = timedelta(minutes=3)
BEAT = timedelta(seconds=1)
# Keeps two runs from beginning at the same moment.
LOCK = 7_365_611_940
Scope, State = LinkRun.Scope, LinkRun.State


class Refused(Exception):
    """The run cannot be made now. The message says why, and what to do."""


def web() -> Web:
    """Return how the world is reached by these settings."""
    about = f" (+{settings.SITE_URL})" if settings.SITE_URL else ""
    return Web(f"Greyshelf/{VERSION} link check{about}", settings.LINK_CHECK_NETWORKS)


def check_is_on() -> None:
    """Raise Refused where the settings keep the program from asking anybody."""
    if not settings.LINK_CHECK:
        raise Refused(
            _("Links are not checked here: LINK_CHECK is off. Ask whoever runs the server to set it to “on”.")
        )


def make(scope: LinkRun.Scope, user: Any = None, numbers: Iterable[int] = (), most: int = MOST) -> LinkRun:
    """Make a run that waits to be done. Raises Refused."""
    check_is_on()
    account = user if isinstance(user, User) else None
    old = LinkRun.objects.exclude(state__in=(State.WAITING, State.RUNNING)).order_by("-pk")[RUNS_KEPT:]
    LinkRun.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    name = account.get_username() if account else ""
    return LinkRun.objects.create(
        scope=scope, user=account, user_name=name, numbers=sorted(set(numbers)), most=min(most, MOST)
    )


def wanted(run: LinkRun, now: datetime) -> QuerySet[Link]:
    """Return the addresses of a run that were not checked since it was asked for, those never checked first."""
    links = addresses.used()
    if run.scope == Scope.CHOSEN:
        links = links.filter(pk__in=run.numbers)
    elif run.scope == Scope.DUE:
        links = links.filter(next_check__lte=now)
    not_yet = links.filter(Q(checked__isnull=True) | Q(checked__lt=run.made))
    return not_yet.order_by(F("checked").asc(nulls_first=True), "pk")


def stop(run: LinkRun) -> None:
    """End a run; what it has found stays."""
    LinkRun.objects.filter(pk=run.pk, state__in=(State.WAITING, State.RUNNING)).update(state=State.STOPPED)


def do(
    number: int,
    is_ending: Callable[[], bool],
    own_web: Web | None = None,
    clock: Clock | None = None,
    told: Callable[[int, int], None] | None = None,
) -> bool:
    """Do a run, or what is left of it; return False where it is to be done later, because the worker ends.

    `told` hears how many are done, and of how many. Raises Refused where another run is being done.
    """
    run = _begin(number)
    if run is None:
        return True
    return _Doing(run, own_web or web(), clock or Clock(), is_ending, told).do()


def _begin(number: int) -> LinkRun | None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        run = LinkRun.objects.select_for_update().filter(pk=number).first()
        if run is None or not run.is_busy:
            return None
        fresh = timezone.now() - SILENT
        if LinkRun.objects.filter(state=State.RUNNING, alive__gte=fresh).exclude(pk=number).exists():
            raise Refused(_("Other links are being checked just now. Wait until that is done."))
        run.state, run.attempt = State.RUNNING, run.attempt + 1
        run.begun = run.begun or timezone.now()
        run.alive = timezone.now()
        run.save(update_fields=["state", "attempt", "begun", "alive"])
    return run


class _Doing:
    """One run while it is done."""

    def __init__(
        self,
        run: LinkRun,
        own_web: Web,
        clock: Clock,
        is_ending: Callable[[], bool],
        told: Callable[[int, int], None] | None,
    ) -> None:
        self.run = run
        self.told = told
        self.clock = clock
        self.is_ending = is_ending
        self.checker = Checker(own_web, clock)
        self.counts = Counter(run.counts)
        self.done, self.total = run.done, run.total
        self.is_own = True
        self.last_beat: datetime | None = None
        self.doubts = Doubts(self.checker.check)

    def do(self) -> bool:
        addresses.keep_in_step()
        listed = wanted(self.run, self.clock.now())[: max(self.run.most - self.run.done, 0)]
        todo = [Address(*row) for row in listed.values_list("pk", "url", "host")]
        self.total = self.run.done + len(todo)
        LinkRun.objects.filter(pk=self.run.pk).update(total=self.total)
        for address, finding in check_all(todo, self.checker.check, self._is_to_stop):
            for own, sure in self.doubts.weigh(address, finding):
                self._note(own, sure)
            if self.doubts.is_offline:
                return self._end(_offline())
        if not self.is_own:
            return True
        if self.is_ending():
            LinkRun.objects.filter(pk=self.run.pk, attempt=self.run.attempt).update(state=State.WAITING)
            return False
        for own, sure in self.doubts.rest():
            self._note(own, sure)
        return self._end(_offline() if self.doubts.is_offline else "")

    def _note(self, address: Address, finding: Finding) -> None:
        with transaction.atomic():
            status = noting.note(address.number, finding, self.clock.now())
            self.done += 1
            self.counts[status or "gone"] += 1
            self.is_own = self._write(alive=Now())
        if self.told:
            self.told(self.done, self.total)

    def _is_to_stop(self) -> bool:
        """Give a sign of life each second; tell whether the run is to end: stopped, taken over, or the worker ends."""
        now = timezone.now()
        if self.last_beat is None or now - self.last_beat >= BEAT:
            self.last_beat = now
            self.is_own = self._write(alive=Now())
        return not self.is_own or self.is_ending()

    def _end(self, problem: str) -> bool:
        self._write(state=State.DONE, problem=problem, alive=Now())
        return True

    def _write(self, **values: Any) -> bool:
        own = LinkRun.objects.filter(pk=self.run.pk, attempt=self.run.attempt, state=State.RUNNING)
        return bool(own.update(done=self.done, counts=dict(self.counts), **values))


def _offline() -> str:
    return _("No host at all answers: this server itself seems to have no connection. The failures were not counted.")
