"""Takes records out of the catalogue: a stream of Drafts with their numbers, memory flat."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from catalogue import codes
from catalogue.draft import Draft, Identifier
from catalogue.formats.identifiers import RECORD
from catalogue.models import Record
from catalogue.records import read_drafts

BATCH = 1_000


def all_records() -> Iterator[tuple[int, Draft]]:
    """Yield the number and the Draft of every record."""
    records = Record.objects.order_by("id")
    last = 0
    while numbers := list(records.filter(id__gt=last).values_list("id", flat=True)[:BATCH]):
        yield from records_in_order(numbers)
        last = numbers[-1]


def public_drafts(numbers: Sequence[int], address: Callable[[int], str]) -> Iterator[Draft]:
    """Yield the Drafts of those of these records that are published now, each with its address as an identifier."""
    for number, draft in records_in_order(numbers):
        if draft.status == codes.PUBLISHED:
            own = Identifier(RECORD, address(number))
            yield replace(draft, identifiers=(*draft.identifiers, own), replaced_by=None)


def records_in_order(numbers: Sequence[int]) -> Iterator[tuple[int, Draft]]:
    """Yield the numbers and the Drafts of these records in this order; those that are gone are passed over."""
    for first in range(0, len(numbers), BATCH):
        batch = numbers[first : first + BATCH]
        found = read_drafts(batch)
        for number in batch:
            if number in found:
                yield number, found[number]
