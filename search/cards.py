"""The catalogue card: what the public sees of a record, in the order of labels of the original page.

Cards are drawn here and not by templates: two hundred rows of a page through the template engine took longer than
everything else on the page together. Every value is escaped where it is put into a row.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.db import connection
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.draft import Draft
from search import passage
from search.addresses import heading_url, record_url
from search.document_passages import FoundIn
from search.fields import DOCUMENT, FIELDS
from search.highlighting import Marked, Marker

# So many characters of summaries are folded on a page, shared by its cards, and the fewer the more room the cards take
# themselves, down to enough for twenty abstracts; the page of a record has the rest.
MOST_FOLDED, LEAST_FOLDED = 30_000, 10_000
CARD_SIZE = 1_200

# The index may be behind: what it leads to and the public may not see any more has no card.
_ROWS = """
    SELECT record.id, record.status, record.title, record.summary, record.details, record.source, record.year,
           country.heading, record.url, record.shelf_number,
           ARRAY(SELECT author.heading FROM catalogue_recordauthor AS link
                 JOIN catalogue_author AS author ON author.id = link.author_id
                 WHERE link.record_id = record.id ORDER BY link.position, link.id),
           ARRAY(SELECT keyword.heading FROM catalogue_recordkeyword AS link
                 JOIN catalogue_keyword AS keyword ON keyword.id = link.keyword_id
                 WHERE link.record_id = record.id ORDER BY link.position, link.id)
    FROM catalogue_record AS record LEFT JOIN catalogue_country AS country ON country.id = record.country_id
    WHERE record.id = ANY(%s) AND record.status = 'published'
"""


@dataclass(frozen=True)
class Row:
    """A record as the database has it, its columns in the order of `_ROWS`."""

    number: int
    status: str
    title: str
    summary: str
    details: str
    source: str
    year: int | None
    country: str | None
    url: str
    shelf_number: str
    authors: list[str]
    keywords: list[str]


@dataclass(frozen=True)
class Card:
    """A card as pages show it; `body` holds its rows as HTML."""

    number: int
    title: str
    title_html: SafeString
    body: str
    position: int = 0
    is_draft: bool = False
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def read_cards(
    numbers: Sequence[int],
    marker: Marker,
    first: int = 0,
    full: bool = False,
    url_note: SafeString | None = None,
    found_in: Mapping[int, FoundIn] | None = None,
) -> list[Card]:
    """Return the cards of those of these records that are published, in the order of their numbers, in one query.

    `first` is the place of the first in a list of results, whether it has a card or not; 0 where there is none.
    `found_in` are the places in documents where a search found some of them.

    With `full` nothing is shortened. `url_note` stands below the address.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(numbers)])
        found = {columns[0]: Row(*columns) for columns in cursor.fetchall()}
    cards = max(len(found), 1)
    drawing = _Drawing(
        marker, full, max(MOST_FOLDED - CARD_SIZE * cards, LEAST_FOLDED) // cards, url_note or "", found_in
    )
    places = enumerate(numbers, start=first)
    return [drawing.card(found[number], first and place) for place, number in places if number in found]


def draft_card(draft: Draft, number: int, marker: Marker) -> Card:
    """Return the card that a record will have, nothing shortened; number 0 for one that has none yet."""
    row = Row(
        number,
        draft.status,
        draft.title,
        draft.summary,
        draft.details,
        draft.source,
        draft.year,
        draft.country,
        draft.url,
        draft.shelf_number,
        [author.heading for author in draft.authors],
        list(draft.keywords),
    )
    return _Drawing(marker, True, MOST_FOLDED).card(row, 0)


class _Drawing:
    """Draws the cards of one page."""

    def __init__(
        self,
        marker: Marker,
        full: bool,
        most_folded: int,
        url_note: str = "",
        found_in: Mapping[int, FoundIn] | None = None,
    ) -> None:
        self.url_note = url_note
        self.found_in = found_in or {}
        self.most_folded = most_folded
        self.html = marker.html
        self.marked = marker.marked
        self.full = full
        self.labels = _labels(get_language() or "")
        self.more = escape(_("more"))
        self.whole = escape(_("the whole summary"))

    def card(self, row: Row, position: int) -> Card:
        rows = (
            self._links("author", row.authors),
            self._row("summary", [self._summary(row)]) if row.summary else "",
            self._row(DOCUMENT, [_place_in(self.found_in[row.number])]) if row.number in self.found_in else "",
            self._text("details", row.details),
            self._text("source", row.source),
            self._text("year", str(row.year or "")),
            self._links("country", [row.country] if row.country else []),
            self._url(row.url),
            self._text("shelf_number", row.shelf_number),
            self._links("keyword", row.keywords),
        )
        return Card(
            number=row.number,
            title=row.title,
            title_html=mark_safe(self.html(row.title, "title")),  # noqa: S308
            body="".join(rows),
            position=position,
            is_draft=row.status in codes.UNPUBLISHED,
            authors=tuple(row.authors),
            keywords=tuple(row.keywords),
        )

    def _row(self, name: str, values: Iterable[str]) -> str:
        """Return a label and its values (HTML) as a row."""
        cells = "".join(f"<dd>{value}</dd>" for value in values)
        return f'<div class="{name}"><dt>{self.labels[name]}</dt>{cells}</div>'

    def _text(self, name: str, value: str) -> str:
        return self._row(name, [self.html(value, name)]) if value else ""

    def _links(self, name: str, headings: Sequence[str]) -> str:
        if not headings:
            return ""
        return self._row(name, [f'<a href="{_url_of(name, one)}">{self.html(one, name)}</a>' for one in headings])

    def _url(self, url: str) -> str:
        # The database admits only http, https and ftp.
        shown = escape(url)
        link = f'<a href="{shown}" rel="noopener">{shown}</a>'
        return self._row("url", [link, self.url_note] if self.url_note else [link]) if url else ""

    def _summary(self, row: Row) -> str:
        if self.full:
            return linebreaks(self.html(row.summary, "summary"))
        words = row.summary.split()
        summary = " ".join(words)
        if len(words) <= passage.LONGEST * 4 // 3:
            return self.html(summary, "summary")
        marked = self.marked(summary, "summary")
        shown = passage.best(summary, marked.hits)
        first = _first(summary, shown.first, self.most_folded // 2)
        last = _last(summary, shown.last, self.most_folded - (shown.first - first))
        ends = " …" if shown.last < len(summary) else ""
        best = f"{_before(marked, first, shown.first)}{marked.html(shown.first, shown.last)}{ends}"
        cut = " …" if last < len(summary) else ""
        unfolded = f"<div>… {marked.html(shown.last + 1, last)}{cut}</div>" if ends else ""
        if first or cut:
            unfolded += f'<p><a href="{record_url(row.number)}">{self.whole}</a></p>'
        return (
            f'<div class="passage">{best}</div><details class="more"><summary>{self.more}</summary>{unfolded}</details>'
        )


def _before(marked: Marked, first: int, passage_first: int) -> str:
    """Return what stands before a passage; it is seen once the summary is unfolded."""
    if not passage_first:
        return ""
    start = "… " if first else ""
    return f'<span class="before">{start}{marked.html(first, passage_first)}</span><span class="gap">… </span>'


def _place_in(found: FoundIn) -> str:
    """Return in which document the words were found, on which page, and its passage."""
    values = {"name": found.name, "page": found.page}
    place = _("Found in “%(name)s”, page %(page)d") if found.page else _("Found in “%(name)s”")
    return f'<a href="{escape(found.url)}" rel="nofollow">{escape(place % values)}</a>: {found.passage}'


def _first(text: str, place: int, most: int) -> int:
    """Return from where on the text before a place is shown: whole words of no more than `most` characters."""
    return 0 if place <= most else text.find(" ", place - most - 1) + 1


def _last(text: str, place: int, most: int) -> int:
    """Return up to where the text after a place is shown, in the same way."""
    return len(text) if len(text) - place <= most + 1 else max(text.rfind(" ", place, place + most + 2), place)


@functools.cache
def _labels(language: str) -> dict[str, str]:
    """Return the label of each field in the language that is active."""
    return {name: escape(str(field.label)) for name, field in FIELDS.items()} | {"keyword": escape(_("Keywords"))}


@functools.lru_cache(maxsize=10_000)
def _url_of(name: str, heading: str) -> str:
    return escape(heading_url(name, heading))


def draw(cards: Iterable[Card], level: int, tick: bool = False, linked: bool = True) -> SafeString:
    """Return cards one below the other as HTML, their titles headings of a level; one on top (level 1) has no link.

    With `tick` those of a list of results have a box, to be taken away; without `linked` no title is a link.
    """
    draft = f' <span class="draft">{escape(_("Draft"))}</span>'
    label = _("Tick “%(title)s”") if tick else ""
    drawn = []
    for card in cards:
        is_link = linked and level > 1
        title = card.title_html if not is_link else f'<a href="{record_url(card.number)}">{card.title_html}</a>'
        heading = f"<h{level}>{title}{draft if card.is_draft else ''}</h{level}>"
        place = _place(card, label) if card.position else ""
        drawn.append(
            f'<article class="card">\n<div class="heading">{place}{heading}</div>\n<dl>{card.body}</dl>\n</article>\n'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - cards escape their values


def _place(card: Card, label: str) -> str:
    """Return the place of a card in a list of results, and its box where that has a label."""
    position = f'<span class="position" aria-hidden="true">{card.position:,}</span>'
    if not label:
        return position
    label = escape(label % {"title": card.title})
    box = f'<input class="tick" type="checkbox" name="n" value="{card.number}" form="take" aria-label="{label}">'
    return f"{position}{box}\n"
