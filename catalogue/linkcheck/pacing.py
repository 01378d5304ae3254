"""Good manners towards hosts: one question at a time, a pause after each, and patience where a host asks for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from catalogue.linkcheck.fetching import Answer

PAUSE = 1.0
# A host may ask for longer pauses, but not for a check that never ends.
LONGEST_PAUSE = 30.0
BUSY = (429, 503)
# How often a busy host is asked once more, and after how many seconds where it does not say.
PATIENCE = (5.0, 20.0)
# A host that wants to be left alone for longer is left alone for the rest of the run.
LONGEST_WAIT = 60.0
LONGEST_ABSENCE = 7 * 24 * 3600.0


class LeftAlone(Exception):
    """The host has asked to be left alone for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Clock:
    """The time, and waiting for it to pass."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class _Host:
    lock: Lock = field(default_factory=Lock)
    free_at: float = 0.0
    pause: float = PAUSE
    closed_until: float = 0.0


class Turns:
    """The turns of all hosts in one run."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._lock = Lock()
        self._hosts: dict[str, _Host] = {}

    def slow_down(self, host: str, seconds: float) -> None:
        """Keep to the pause that a host asks for, within bounds."""
        self._host(host).pause = min(max(PAUSE, seconds), LONGEST_PAUSE)

    def ask(self, host: str, question: Callable[[], Answer]) -> Answer:
        """Ask a host when it is its turn, and again where it is busy. Raises LeftAlone, and what the question does."""
        own = self._host(host)
        with own.lock:
            for patience in (*PATIENCE, None):
                answer = self._once(own, question)
                if answer.status not in BUSY or patience is None:
                    break
                wanted = self._wanted(answer, patience)
                if wanted > LONGEST_WAIT:
                    own.closed_until = self.clock.seconds() + wanted
                    raise LeftAlone(wanted)
                own.free_at = self.clock.seconds() + wanted
        return answer

    def _once(self, own: _Host, question: Callable[[], Answer]) -> Answer:
        left = own.closed_until - self.clock.seconds()
        if left > 0:
            raise LeftAlone(left)
        wait = own.free_at - self.clock.seconds()
        if wait > 0:
            self.clock.sleep(wait)
        try:
            return question()
        finally:
            own.free_at = self.clock.seconds() + own.pause

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host())

    def _wanted(self, answer: Answer, patience: float) -> float:
        """Return the seconds that a busy host wants to be left alone."""
        asked = seconds_of(answer.retry_after, self.clock.now())
        return patience if asked is None else min(max(asked, PAUSE), LONGEST_ABSENCE)


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """Return what Retry-After says, as seconds or as a date; None where it makes no sense."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, OverflowError):
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - now.timestamp(), 0.0)
