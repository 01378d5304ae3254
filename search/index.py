"""Answers searches from this machine's index, which `keeping` has brought up to date with the database before.

`find` is the one way to the records.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from catalogue.models import Record
from search import closest
from search.engine.base import Answer, Index, IndexUnusable, IndexUnwritable, Request, Sort
from search.keeping import IndexNotReady, Keeper

logger = logging.getLogger(__name__)
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Found:
    """An answer, and a sentence where it may lack the newest changes ("" where it lacks nothing)."""

    answer: Answer
    behind: str = ""
    # The records that come closest, best first, where a search that asked for them found few.
    closest: tuple[int, ...] = ()


class Catalogue(Keeper):
    """The records as searches find them."""

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


def _find(index: Index, request: Request, with_closest: bool) -> Found:
    answer = index.search(request)
    if not with_closest or answer.count >= closest.FEW:
        return Found(answer)
    exact = frozenset(answer.numbers)
    wanted = replace(request, leave_out=exact, offset=0, limit=closest.SHOWN, sort=Sort.RELEVANCE)
    return Found(answer, closest=tuple(closest.search(index, wanted, _texts).numbers))


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
