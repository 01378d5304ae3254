"""Keeps this machine's search index in step with the database: opened, brought up to date, made anew where it must be.

Before a search the database is asked, in one query, whether anything has changed since the index last looked, and what
has is read. So a saved record is in the next search whoever saved it, by whatever path, and however many processes were
killed on the way. The index is derived data: what is damaged is made anew. `index.Catalogue` answers searches from it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from catalogue.models import Record
from search import document_pages, horizon, indexing
from search.engine import tantivy
from search.engine.base import Index, IndexUnusable, IndexUnwritable
from search.generations import Generations, State

logger = logging.getLogger(__name__)

# As many changed records are indexed while a reader waits; more are left to a thread, and the page says so.
MOST_INLINE = 500
# And records with documents of so many characters: about as long as two thick reports.
MOST_CHARACTERS_INLINE = 2_000_000
LOCK_SECONDS = 2.0
# As many records are indexed from nothing while a reader waits: about two seconds.
MOST_REBUILT_INLINE = 20_000

ENGINE: type[Index] = tantivy.TantivyIndex
FORMAT = tantivy.FORMAT


class IndexNotReady(Exception):
    """There is no index yet that could answer; one is being made. Try again in a minute."""


class Keeper:
    """The index of this process: the open generation, and how far it has read."""

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
        self._lock = threading.Lock()
        self._opened: tuple[tuple[int, int], State, Index] | None = None
        self._worker: threading.Thread | None = None

    def prepare(self, say: Callable[[], None]) -> None:
        """See to it that there is a usable index before the first search; `say` is called if one must be made."""
        if not self._usable():
            say()
            self.rebuild()
        self.catch_up()

    def _open(self) -> tuple[State, Index]:
        """Return the current generation, opened or reloaded if another process has changed it."""
        stamp = self.generations.stamp()
        with self._lock:
            if self._opened and self._opened[0] == stamp:
                return self._opened[1:]
            state = self.generations.read_state()
            if state.format != FORMAT:
                raise IndexUnusable("The index was made by another version of Greyshelf.")
            if self._opened and self._opened[1].generation == state.generation:
                index = self._opened[2]
                index.reload()
            else:
                index = ENGINE.open(self.generations.path(state))
            self._opened = (stamp or (0, 0), state, index)
            return state, index

    def _keep_up(self) -> str:
        """Bring the index up to date if that is quick; else have it done, and return a sentence that says so."""
        seen = self.generations.stamp()
        try:
            if self._follow_if_small():
                return ""
        except IndexUnusable as error:
            logger.warning("The search index is unusable and is made anew: %s", error)
            self.replace(seen)
            return ""
        except IndexUnwritable as error:
            logger.error("The search index cannot be written: %s", error)
            if not self._is_whole():
                self.replace(seen)
                return ""
            return _("The newest changes cannot be searched at the moment: the search index cannot be written.")
        self._work(self._catch_up_alone)
        return _("Some new records are still being indexed; they will be found in a minute.")

    def _follow_if_small(self) -> bool:
        """Index what has changed if it is little; return False where it is much, or another process is busy with it."""
        state, _index = self._open()
        standing = horizon.standing(state)
        if standing.foreign or state.database != _identity():
            raise IndexUnusable("The index belongs to another database.")
        if not standing.behind:
            return True
        return self._small(state) and self.catch_up(LOCK_SECONDS)

    def _is_whole(self) -> bool:
        """Tell whether the index on the disk opens: a reader that had it open before does not notice damage."""
        try:
            ENGINE.open(self.generations.path(self.generations.read_state()))
        except IndexUnusable:
            return False
        return True

    def _small(self, state: State) -> bool:
        with horizon.snapshot():
            unread = horizon.unread(state, MOST_INLINE)
        if unread.everything:
            raise IndexUnusable("All records were removed at once.")
        return unread.complete and len(unread.records) <= MOST_INLINE and _is_short(unread.records)

    def catch_up(self, seconds: float | None = None) -> bool:
        """Index all that has changed. Return False where another process was busy with it for all of `seconds`.

        Raises IndexUnusable and IndexUnwritable.
        """
        while True:
            complete = self._catch_up_some(seconds)
            if complete is not False:
                return bool(complete)

    def _catch_up_some(self, seconds: float | None, patient: bool = True) -> bool | None:
        """Index some of what has changed, the smallest changes first; tell whether that was all, None if not begun.

        Where nobody waits it goes on for longer, unless it is not `patient`.
        """
        with self.generations.locked("writing", seconds) as held:
            if not held:
                return None
            state, index = self._open()
            unread = indexing.read_some(index, state, lambda: not patient or self.generations.wanted("writing"))
            if unread.everything:
                raise IndexUnusable("All records were removed at once.")
            if unread.state != state:
                self.generations.write_state(unread.state)
            return unread.complete

    def follow(self) -> None:
        """Index what was just saved. What is left after as much as a person can wait for is left to a thread.

        Raises IndexUnusable, IndexUnwritable and IndexNotReady.
        """
        seen = self.generations.stamp()
        try:
            complete = self._is_bearable() and self._catch_up_some(LOCK_SECONDS, patient=False)
        except IndexUnusable:
            self.replace(seen)  # the first records of a new catalogue
            return
        if complete is False:
            self._work(self._catch_up_alone)

    def _is_bearable(self) -> bool:
        """Tell whether a person can wait for the documents of what is unread to be indexed."""
        state, _index = self._open()
        with horizon.snapshot():
            return _is_short(horizon.unread(state, indexing.MOST_AT_ONCE).records)

    def _catch_up_alone(self) -> None:
        """Index all that has changed, unless another process is at it: two would take turns, and neither be quicker."""
        with self.generations.locked("following", 0) as held:
            if held:
                self.catch_up()

    def finish(self) -> None:
        """Return once all that was saved before is indexed, however long that takes. Raises as `follow` does."""
        with self._lock:
            worker = self._worker
        if worker:
            worker.join()
        if not self._usable():
            self.rebuild()
        with self.generations.locked("following"):
            self.catch_up()

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Make a new generation beside the current one and put it in its place; return how many records it holds.

        Searches are answered from the old one meanwhile. `progress` is called with records done and records in all.
        Raises IndexUnwritable, and IndexUnusable where what was written does not open.
        """
        with self.generations.locked("rebuilding"):
            name = self.generations.new_name()
            index = ENGINE.create(self.generations.folder / name)
            with horizon.snapshot():
                state = horizon.start(FORMAT, name)
                indexing.fill(index, progress)
            with self.generations.locked("writing"):
                state = self._follow(index, state)
                self.generations.write_state(state)
                self.generations.remove_others(state)
            horizon.prune()
            index.reload()
            return index.size

    def _follow(self, index: Index, state: State) -> State:
        while True:
            unread = indexing.read_some(index, state)
            state = unread.state
            if unread.complete or unread.everything:
                return state

    def replace(self, seen: tuple[int, int] | None) -> None:
        """Make an index where there is none that can be used, at once if it is small.

        `seen` is the stamp of that one: where another process has made a new one since, there is nothing to do.
        Raises IndexNotReady where it takes longer than a reader should wait, IndexUnwritable where it cannot be.
        """
        with self._lock:
            self._opened = None
        if self._is_replaced(seen):
            return
        if Record.objects.all()[MOST_REBUILT_INLINE : MOST_REBUILT_INLINE + 1].exists():
            self._work(self.rebuild)
            raise IndexNotReady
        with self.generations.locked("replacing"):
            if not self._is_replaced(seen):
                self.rebuild()

    def _is_replaced(self, seen: tuple[int, int] | None) -> bool:
        return self.generations.stamp() != seen and self._usable()

    def _usable(self) -> bool:
        try:
            state, _index = self._open()
        except IndexUnusable:
            return False
        return state.database == _identity() and not horizon.standing(state).foreign

    def _work(self, task: Callable[[], object]) -> None:
        """Have a task done by a thread of this process, unless one is at work already."""
        with self._lock:
            if self._worker and self._worker.is_alive():
                return
            self._worker = threading.Thread(target=_run, args=(task,), name="index", daemon=True)
            self._worker.start()

    def check(self) -> indexing.Check:
        """Compare every indexed record with the database. Raises IndexUnusable."""
        with self.generations.locked("writing"), horizon.snapshot():
            _state, index = self._open()
            return indexing.compare(index)


def _is_short(records: Sequence[int]) -> bool:
    return document_pages.length(records) <= MOST_CHARACTERS_INLINE


def _run(task: Callable[[], object]) -> None:
    try:
        task()
    except IndexUnusable:
        logger.warning("The search index is unusable; the next search makes it anew.", exc_info=True)
    except IndexUnwritable as error:
        logger.error("The search index cannot be written: %s", error)
    finally:
        connection.close()


_identities: dict[str, str] = {}


def _identity() -> str:
    """Return the identity of the database, asked once a process for each database that it is configured with."""
    name = str(connection.settings_dict["NAME"])
    if name not in _identities:
        _identities[name] = horizon.database_identity()
    return _identities[name]
