"""Makes records for tests, through the one writing path, with only the facts that matter."""

from typing import Any

from catalogue import changes, codes
from catalogue.draft import Draft, Name
from catalogue.models import Record


def make_draft(title: str = "A report", authors: tuple[str, ...] = (), **facts: Any) -> Draft:
    return Draft(title=title, authors=tuple(Name(heading) for heading in authors), **facts)


def make_record(title: str = "A report", **facts: Any) -> Record:
    """Save one record and return it."""
    return make_records([make_draft(title, **facts)])[0]


def make_records(drafts: list[Draft]) -> list[Record]:
    outcome = changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(draft) for draft in drafts])
    found = Record.objects.in_bulk(outcome.numbers)
    return [found[number] for number in outcome.numbers]
