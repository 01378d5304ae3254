"""The sign of life of an import or a batch edit that runs: how far it is, and whether it is to stop.

Each is one transaction, so nobody could see what it notes itself. A thread of its own writes each second, through
a connection of its own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from catalogue import changes

SECONDS = 0.5


class Stopped(Exception):
    """Somebody asked for it to be stopped."""


class Interrupted(Exception):
    """It is to begin again later, with the next worker."""


class Progress(Protocol):
    """How many rows or records were read, and how far that is in the whole."""

    @property
    def read(self) -> int: ...

    @property
    def position(self) -> int: ...


class Pulse(threading.Thread):
    """Runs beside one import or batch edit, which calls `step` now and then."""

    # Whether somebody waits for the answer of a page meanwhile.
    is_watched = False

    def __init__(self, item: Any, is_ending: Callable[[], bool]) -> None:
        super().__init__(name=f"pulse of {item.pk}", daemon=True)
        self.own = type(item)._default_manager.filter(pk=item.pk, run=item.run)
        self.is_ending = is_ending
        self.is_to_stop = False
        self.is_waiting = False
        self.rows = 0
        self.position = 0
        self._ended = threading.Event()

    def step(self, progress: Progress) -> None:
        """Note how far it is. Raises Stopped and Interrupted."""
        self.at(progress.read, progress.position)

    def at(self, rows: int, position: int) -> None:
        """Note how many rows are done, and how far that is of the size of the file. Raises Stopped and Interrupted."""
        self.rows, self.position = rows, position
        self.is_waiting = False
        self.check()

    def check(self) -> None:
        """Raise Stopped or Interrupted where it is not to go on."""
        if self.is_ending():
            raise Interrupted
        if self.is_to_stop:
            raise Stopped

    def wait(self) -> None:
        """Note that another import is writing, and that this one waits for it. Raises Stopped and Interrupted."""
        self.is_waiting = True
        self.check()

    def locking(self) -> AbstractContextManager[None]:
        """Return what stands around the work in its transaction: a worker has time to wait for what others lock."""
        return nullcontext()

    def end(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        try:
            while not self._ended.is_set():
                self._beat()
                self._ended.wait(SECONDS)
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.own.update(alive=Now(), rows=self.rows, position=self.position, is_waiting=self.is_waiting)
            self.is_to_stop = bool(self.own.values_list("is_to_stop", flat=True).first())
        except DatabaseError:
            connection.close()  # the work itself will notice, if it lasts


class Immediate(Pulse):
    """In the place of a pulse where somebody waits for the answer: no thread, and nothing is waited for."""

    is_watched = True

    def __init__(self, item: Any) -> None:
        super().__init__(item, lambda: False)

    def start(self) -> None:
        """Do nothing: a page that is answered at once has nobody to tell how far it is."""

    def wait(self) -> None:
        raise Interrupted

    @contextmanager
    def locking(self) -> Iterator[None]:
        try:
            with changes.without_waiting():
                yield
        except changes.Busy:
            raise Interrupted from None

    def end(self) -> None:
        """Do nothing: nothing was begun."""
