"""Where in a document the words of a search stand: the page, and the best passage of it, for the cards of results."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from search import passage, query
from search.addresses import document_url
from search.engine.base import Index, IndexUnusable
from search.fields import DOCUMENT
from search.highlighting import Marker, words_of

logger = logging.getLogger(__name__)
PAGED = ("pdf",)
# A passage is counted in words, which some scripts do not part, and some documents neither.
MOST_CHARACTERS = 600

# What the index leads to may have been hidden since: only what the public may have now is shown.
_PAGES = """
SELECT p.id, p.number, p.text, a.id, a.name, a.kind
FROM catalogue_documentpage p JOIN catalogue_attachment a ON a.id = p.document_id
WHERE p.id = ANY(%s) AND a.is_public
"""


@dataclass(frozen=True)
class FoundIn:
    """A place in a document: its page (0 where the format has none), its address, the passage as HTML."""

    name: str
    page: int
    url: str
    passage: str


def read(index: Index, tree: query.Node, numbers: Sequence[int], marker: Marker) -> dict[int, FoundIn]:
    """Return where in its document a search found each record that it found so: in one query, or none."""
    if DOCUMENT not in words_of(tree) or not numbers:
        return {}
    try:
        pages = index.pages(tree, numbers)
    except IndexUnusable as error:
        logger.error("The pages of documents cannot be looked up; “manage.py reindex” mends it: %s", error)
        return {}
    if not pages:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, [list(pages.values())])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return {record: _found(record, rows[page], marker) for record, page in pages.items() if page in rows}


def _found(record: int, row: tuple[int, str, uuid.UUID, str, str], marker: Marker) -> FoundIn:
    number, text, document, name, kind = row
    page = number if kind in PAGED else 0
    url = document_url(record, document) + (f"#page={page}" if page else "")
    return FoundIn(name, page, url, _passage(text, marker))


def _passage(text: str, marker: Marker) -> str:
    """Return the best passage of a page as HTML, its words marked."""
    page = " ".join(text.split())
    marked = marker.marked(page, DOCUMENT)
    best = passage.best(page, marked.hits)
    first, last = best.first, best.last
    if last - first > MOST_CHARACTERS:
        hit = next((place for place, _stem in marked.hits if place >= first), first)
        first = max(first, hit - MOST_CHARACTERS // 4)
        last = min(last, first + MOST_CHARACTERS)
    before, after = "… " if first else "", " …" if last < len(page) else ""
    return f"{before}{marked.html(first, last)}{after}"
