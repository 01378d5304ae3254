"""The sign of life of an import that runs: how far it is, and whether it is to stop.

An import is one transaction, so nobody could see what it notes itself. A thread of its own writes each second, through
a connection of its own.
"""

import threading
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from catalogue.import_report import Report
from catalogue.jobs.models import Import

SECONDS = 0.5


class Stopped(Exception):
    """Somebody asked for the import to be stopped."""


class Interrupted(Exception):
    """The worker is being stopped; the import is to begin again with the next one."""


class Pulse(threading.Thread):
    """Runs beside one import. `step` is called by the import between its batches."""

    def __init__(self, item: Import, is_ending: Callable[[], bool]) -> None:
        super().__init__(name=f"pulse of import {item.pk}", daemon=True)
        self.own = Import.objects.filter(pk=item.pk, run=item.run)
        self.is_ending = is_ending
        self.is_to_stop = False
        self.is_waiting = False
        self.rows = 0
        self.position = 0
        self._ended = threading.Event()

    def step(self, report: Report) -> None:
        """Note how far the import is. Raises Stopped and Interrupted."""
        self.rows, self.position = report.read, report.position
        self.is_waiting = False
        self.check()

    def undone(self, records: int) -> None:
        """Note how many records an undo has come to. Raises Stopped and Interrupted."""
        self.rows = records
        self.check()

    def check(self) -> None:
        """Raise Stopped or Interrupted where the import is not to go on."""
        if self.is_ending():
            raise Interrupted
        if self.is_to_stop:
            raise Stopped

    def wait(self) -> None:
        """Note that another import is writing, and that this one waits for it."""
        self.is_waiting = True

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
            connection.close()  # the import itself will notice, if it lasts
