"""Keeps this machine's search index in step with the database, and answers searches from it.

`find` is the one way to the records. Before it answers, it asks the database in one query whether anything has changed
since the index last looked, and reads what has. So a saved record is in the next search whoever saved it, by whatever
path, and however many processes were killed on the way. The index is derived data: what is damaged is made anew.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from catalogue.models import Record
from search import closest, document_pages, horizon, indexing
from search.engine import tantivy
from search.engine.base import Answer, Index, IndexUnusable, IndexUnwritable, Request, Sort
from search.generations import Generations, State

logger = logging.getLogger(__name__)
Asked = TypeVar("Asked")

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


@dataclass(frozen=True)
class Found:
    """An answer, and a sentence where it may lack the newest changes ("" where it lacks nothing)."""

    answer: Answer
    behind: str = ""
    # The records that come closest, best first, where a search that asked for them found few.
    closest: tuple[int, ...] = ()


class Catalogue:
    """The index of this process: the open generation, and how far it has read."""

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
        self._lock = threading.Lock()
        self._opened: tuple[tuple[int, int], State, Index] | None = None
        self._worker: threading.Thread | None = None

    def find(self, request: Request, with_closest: bool = False) -> Found:
        """Answer a search. Raises IndexNotReady where there is no index yet and a large one must be made first."""
        try:
            found, behind = self._ask(lambda index: _find(index, request, with_closest))
        except IndexUnusable:
            logger.exception("A search failed on a whole index: %s", request.tree)
            nothing = Answer((), 0, {name: {} for name in request.facets})
            return Found(nothing, _("This search could not be carried out; the fault has been noted."))
        return replace(found, behind=behind)

    def numbers(self, request: Request) -> list[int]:
        """Return the numbers of all records that a search finds, in the order of its pages. Raises IndexNotReady."""
        try:
            return self._ask(lambda index: index.numbers(request))[0]
        except IndexUnusable as error:
            logger.exception("An export failed on a whole index: %s", request.tree)
            raise IndexNotReady from error

    def _ask(self, question: Callable[[Index], Asked]) -> tuple[Asked, str]:
        """Ask the index, once it has kept up, and once more if it had to be opened again; return what `_keep_up` said.

        Raises IndexNotReady, and IndexUnusable where a whole index cannot answer.
        """
        behind = self._keep_up()
        try:
            return question(self._open()[1]), behind
        except IndexUnusable as error:
            logger.error("A search failed, and the index is opened again: %s", error)
        with self._lock:
            self._opened = None
        behind = self._keep_up()  # makes a new index if this one does not open
        return question(self._open()[1]), behind

    def use(self) -> Index:
        """Return the index itself, up to date as far as that is quick, for completions and the like."""
        self._keep_up()
        return self._open()[1]

    def opened(self) -> Index:
        """Return the index as a search has just seen it, without asking again whether anything has changed."""
        return self._open()[1]

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
        Raises IndexUnwritable.
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


def _find(index: Index, request: Request, with_closest: bool) -> Found:
    answer = index.search(request)
    if not with_closest or answer.count >= closest.FEW:
        return Found(answer)
    exact = frozenset(answer.numbers)
    wanted = replace(request, leave_out=exact, offset=0, limit=closest.SHOWN, sort=Sort.RELEVANCE)
    return Found(answer, closest=tuple(closest.search(index, wanted, _texts).numbers))


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


_catalogues: dict[Path, Catalogue] = {}


def catalogue() -> Catalogue:
    """Return the index of this process."""
    folder = Path(settings.INDEX_DIR)
    if folder not in _catalogues:
        _catalogues[folder] = Catalogue(folder)
    return _catalogues[folder]


def find(request: Request, with_closest: bool = False) -> Found:
    """Answer a search from the index, once it has read all changes (see Catalogue.find)."""
    return catalogue().find(request, with_closest)


def numbers(request: Request) -> list[int]:
    """Return all that `find` finds, over all pages (see Catalogue.numbers)."""
    return catalogue().numbers(request)


def _texts(numbers: Sequence[int]) -> list[tuple[str, str]]:
    """Return title and summary, and the language, of records in the order of their numbers."""
    rows = Record.objects.filter(pk__in=numbers).values_list("pk", "title", "summary", "language")
    found = {number: (f"{title} {summary}", language) for number, title, summary, language in rows}
    return [found.get(number, ("", "")) for number in numbers]


def follow_changes(**_signal: object) -> None:
    """Index what was just saved, so that the next reader does not wait. What fails here the next search repeats."""
    try:
        catalogue().follow()
    except (IndexNotReady, IndexUnusable, IndexUnwritable) as error:
        logger.info("Indexing is left to the next search: %s", error)


def finish() -> None:
    """Return once all that was saved before can be found. What fails here the next search repeats."""
    try:
        catalogue().finish()
    except (IndexNotReady, IndexUnusable, IndexUnwritable) as error:
        logger.warning("Indexing is left to the next search: %s", error)
