"""Writes records into an index, some or all of them, and compares what stands in it with the database.

search/keeping.py calls it, and sees to it that one process writes at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from catalogue.garbage import collected_rarely
from catalogue.models import Record
from search import horizon
from search.documents import read_documents
from search.engine.base import Index, Writer
from search.generations import State

# After so many another process that wants to write may step in with a small change.
MOST_AT_ONCE = 10_000
# If none does, as many are committed together: each commit makes pieces that have to be joined to larger ones later.
MOST_COMMITTED = 40_000
READ_AT_ONCE = 1_000
# For no more than this the memory of a large index is not worth its while.
FEW = 500


def read_some(index: Index, state: State, wanted: Callable[[], bool] = lambda: False) -> horizon.Unread:
    """Index some of the unread notes and return what they were; where everything changed, index nothing.

    It makes an early end where `wanted` says that another process wants to write. Raises IndexUnwritable.
    """
    with collected_rarely(), horizon.snapshot():
        unread = horizon.unread(state, MOST_AT_ONCE)
        if not unread.records:
            return unread
        with index.writer(bulk=not unread.complete or len(unread.records) > FEW) as writer:
            _put(writer, unread.records)
            written = len(unread.records)
            while not unread.complete and written < MOST_COMMITTED and not wanted():
                unread = horizon.unread(unread.state, MOST_AT_ONCE)
                if unread.everything:
                    return unread
                _put(writer, unread.records)
                written += len(unread.records)
            writer.commit()
    return unread


def _put(writer: Writer, numbers: tuple[int, ...]) -> None:
    for batch in _batches(numbers):
        documents = read_documents(batch)
        for document in documents:
            writer.put(document)
        writer.delete(set(batch) - {document.number for document in documents})


def fill(index: Index, progress: Callable[[int, int], None] | None) -> None:
    """Index every record. `progress` is called with records done and records in all. Raises IndexUnwritable."""
    total = Record.objects.count() if progress else 0
    done = 0
    with collected_rarely(), index.writer(bulk=True) as writer:
        for numbers in _all_numbers():
            for document in read_documents(numbers):
                writer.put(document)
            done += len(numbers)
            if progress:
                progress(done, total)
        writer.commit()


def _all_numbers() -> Iterator[list[int]]:
    last = 0
    while numbers := list(
        Record.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:READ_AT_ONCE]
    ):
        yield numbers
        last = numbers[-1]


def _batches(numbers: tuple[int, ...]) -> Iterator[list[int]]:
    for first in range(0, len(numbers), READ_AT_ONCE):
        yield list(numbers[first : first + READ_AT_ONCE])


@dataclass(frozen=True)
class Check:
    """How the index differs from the database: numbers of records of each kind."""

    same: int = 0
    missing: int = 0
    different: int = 0
    surplus: int = 0

    @property
    def differences(self) -> int:
        return self.missing + self.different + self.surplus


def compare(index: Index) -> Check:
    """Compare every indexed record with the database, as both are in the snapshot that the caller holds."""
    found = Check()
    checked = 0
    for numbers in [*_all_numbers(), []]:
        last = numbers[-1] if numbers else 2**63 - 1
        indexed = index.digests(checked + 1, last)
        expected = {document.number: document.digest for document in read_documents(numbers)}
        found = replace(
            found,
            same=found.same + sum(indexed.get(number) == digest for number, digest in expected.items()),
            missing=found.missing + len(expected.keys() - indexed.keys()),
            surplus=found.surplus + len(indexed.keys() - expected.keys()),
            different=found.different
            + sum(number in indexed and indexed[number] != digest for number, digest in expected.items()),
        )
        checked = last
    return found
