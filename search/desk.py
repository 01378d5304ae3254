"""The cataloguing desk's search box: the public search, with drafts and withdrawn records in it.

The desk reaches this by its dotted name (settings.RECORD_SEARCH), because `catalogue` must not import `search`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.utils.translation import gettext as _

from catalogue import codes
from search import index
from search.engine.base import IndexUnwritable, Request
from search.fields import FIELDS
from search.named_codes import by_code
from search.query import parse


def record_numbers(text: str, limit: int) -> tuple[list[int], int]:
    """Return the numbers of the best records for a text, at most `limit`, and how many there are in all.

    Raises ConnectionError, with a sentence for people, where no index can answer at the moment.
    """
    with in_words():
        found = index.find(replace(_request(text), limit=limit))
    return found.answer.numbers, found.answer.count


def all_record_numbers(text: str) -> list[int]:
    """Return the numbers of all records for a text, best first. Raises ConnectionError as `record_numbers` does."""
    with in_words():
        return index.numbers(_request(text))


def _request(text: str) -> Request:
    return Request(by_code(parse(text, fields=frozenset(FIELDS)).tree), statuses=frozenset(codes.STATUSES))


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what an index may raise into a ConnectionError, with a sentence for people."""
    try:
        yield
    except index.IndexNotReady as error:
        raise ConnectionError(_("The search index is being made and will answer in a minute.")) from error
    except IndexUnwritable as error:
        raise ConnectionError(_("The search index cannot be written.")) from error
