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

# What the index leads to may have been hidden since: only what the public may have now is shown, under the record that
# is published with it: its own, or the one that this was merged into (as attachments.of_record).
_PAGES = """
SELECT p.id, owner.id, p.number, p.text, a.id, a.name, a.kind
FROM catalogue_documentpage p JOIN catalogue_attachment a ON a.id = p.document_id
JOIN catalogue_record r ON r.id = a.record_id
JOIN catalogue_record owner ON owner.id = CASE
    WHEN r.status = 'withdrawn' AND r.withdrawn_reason = '' THEN r.replaced_by_id ELSE r.id END
WHERE p.id = ANY(%s) AND a.is_public AND owner.status = 'published'
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
        rows = {(row[1], row[0]): row[2:] for row in cursor.fetchall()}
    places = [place for place in pages.items() if place in rows]
    return {place[0]: _found(place[0], rows[place], marker) for place in places}


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
