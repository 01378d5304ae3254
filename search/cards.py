"""The catalogue card: what the public sees of a record, in the order of labels of the original page."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote_plus

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.draft import Draft
from catalogue.models import Country, Record, RecordAuthor, RecordKeyword
from search import passage
from search.fields import FIELDS
from search.highlighting import Marker


@dataclass(frozen=True)
class Card:
    """A card as templates show it. `body` holds its rows as HTML, made here in one piece: two hundred rows of a page
    through the template engine took longer than everything else on the page together.
    """

    number: int
    url: str
    title: str
    title_html: SafeString
    body: SafeString
    position: int = 0
    is_draft: bool = False
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def read_cards(numbers: Sequence[int], marker: Marker, first: int = 0, full: bool = False) -> list[Card]:
    """Return the cards of records in the order of their numbers, in one query.

    `first` is the place of the first in a list of results; 0 where there is none.

    With `full` nothing is shortened.
    """
    authors = RecordAuthor.objects.filter(record=OuterRef("pk")).order_by("position", "id")
    keywords = RecordKeyword.objects.filter(record=OuterRef("pk")).order_by("position", "id")
    rows = Record.objects.filter(pk__in=numbers).select_related("country")
    rows = rows.annotate(
        author_headings=ArraySubquery(authors.values("author__heading")),
        keyword_headings=ArraySubquery(keywords.values("keyword__heading")),
    )
    found = {record.pk: record for record in rows}
    present = [found[number] for number in numbers if number in found]
    return [_card(record, marker, first and place, full) for place, record in enumerate(present, start=first)]


def draft_card(draft: Draft, number: int, marker: Marker) -> Card:
    """Return the card that a record will have, nothing shortened; number 0 for one that has none yet."""
    plain = {name: getattr(draft, name) for name in ("title", "summary", "details", "source", "year", "url")}
    record = Record(pk=number, **plain, shelf_number=draft.shelf_number, status=draft.status)
    record.country = Country(heading=draft.country) if draft.country else None
    record.author_headings = [author.heading for author in draft.authors]  # type: ignore[attr-defined] # as above
    record.keyword_headings = list(draft.keywords)  # type: ignore[attr-defined]
    return _card(record, marker, 0, full=True)


def _card(record: Record, marker: Marker, position: int, full: bool) -> Card:
    country = [record.country.heading] if record.country else []
    rows = (
        _links("author", record.author_headings, marker),  # type: ignore[attr-defined] # annotated in read_cards
        _summary(record.summary, marker, full),
        _text("details", record.details, marker),
        _text("source", record.source, marker),
        _text("year", str(record.year or ""), marker),
        _links("country", country, marker),
        _url(record.url),
        _text("shelf_number", record.shelf_number, marker),
        _links("keyword", record.keyword_headings, marker),  # type: ignore[attr-defined]
    )
    return Card(
        number=record.pk,
        url=record.get_absolute_url(),
        title=record.title,
        title_html=marker.mark(record.title, "title"),
        body=mark_safe("".join(rows)),  # noqa: S308 - each row escapes its values
        position=position,
        is_draft=record.status in codes.UNPUBLISHED,
        authors=tuple(record.author_headings),  # type: ignore[attr-defined]
        keywords=tuple(record.keyword_headings),  # type: ignore[attr-defined]
    )


def _row(name: str, values: Iterable[str]) -> str:
    """Return a label and its values (HTML) as a row; "" where there are none."""
    cells = "".join(f"<dd>{value}</dd>" for value in values if value)
    label = _("Keywords") if name == "keyword" else FIELDS[name].label
    return f'<div class="{name}"><dt>{label}</dt>{cells}</div>' if cells else ""


def _text(name: str, value: str, marker: Marker) -> str:
    return _row(name, [marker.mark(value, name)])


def _links(name: str, headings: Iterable[str], marker: Marker) -> str:
    links = (f'<a href="{escape(heading_url(name, heading))}">{marker.mark(heading, name)}</a>' for heading in headings)
    return _row(name, links)


def heading_url(name: str, heading: str) -> str:
    """Return the address of the search for one heading."""
    return f"{_results_url()}?{name}={quote_plus(heading)}"


@functools.cache
def _results_url() -> str:
    return reverse("results")


def _url(url: str) -> str:
    # The database admits only http, https and ftp.
    return _row("url", [f'<a href="{escape(url)}" rel="noopener">{escape(url)}</a>']) if url else ""


def _summary(summary: str, marker: Marker, full: bool) -> str:
    if full:
        return _row("summary", [linebreaks(marker.mark(summary, "summary")) if summary else ""])
    if len(summary.split()) <= passage.LONGEST * 4 // 3:
        return _row("summary", [marker.mark(summary, "summary")])
    shown = passage.best(summary, marker.hits(summary, "summary"))
    # What is unfolded goes on from the beginning, or stands in place of a passage from the middle.
    rest = summary[shown.last :] if not shown.first else summary
    before, dots = ("… ", "") if shown.first else ("", "… ")
    begins = before + marker.mark(summary[shown.first : shown.last], "summary")
    ends = " …" if shown.last < len(summary) else ""
    kind = "more whole" if shown.first else "more"
    folded = f"<div>{dots}{marker.mark(rest.strip(), 'summary')}</div>"
    more = f'<details class="{kind}"><summary>{_("more")}</summary>{folded}</details>'
    return _row("summary", [f'<div class="passage">{begins}{ends}</div>{more}'])
