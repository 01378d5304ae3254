"""Searches as Atom feeds: the records that one finds, those added last first. Nobody needs an account to follow one.

A search has its feed at its own address, a kept search at the one it was kept under.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from catalogue import codes
from catalogue.draft import Draft, clean_line, clean_text
from catalogue.models import Record
from catalogue.records import read_drafts
from search import exports
from search.addresses import encoded, path, with_parameters
from search.engine.base import Request, Sort
from search.index import find
from search.permanent import permanent_urls, public_url

ENTRIES = 50


# When a feed without entries was changed last: a moment that does not change by being asked for.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Feed(Atom1Feed):
    """An Atom feed whose entries name all of their authors: Django's writes one."""

    def latest_post_date(self) -> datetime:
        since: datetime = self.feed["since"]
        return super().latest_post_date() if self.items else since

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            handler.endElement("author")


@dataclass(frozen=True)
class About:
    """What a feed says of itself: `since` is when it was changed last while it has no entries."""

    asked: str
    library: str
    page_url: str
    feed_url: str
    identity: str
    since: datetime = NEVER


@require_safe
def search_feed(request: HttpRequest) -> HttpResponse:
    """The newest records that a search finds, whatever order and page its address names."""
    search = exports.read_latest(request.GET)
    asked = encoded(request.GET, *exports.OF_PAGES, "sort")
    page_url = public_url(request, with_parameters(path("results"), asked))
    feed_url = public_url(request, with_parameters(path("feed"), asked))
    about = About(search.asked, settings.LIBRARY_NAME, page_url, feed_url, identity=feed_url)
    return answer(request, about, search.request)


def answer(request: HttpRequest, about: About, search: Request) -> HttpResponse:
    """Return the feed of the newest records that a search finds; that it is unchanged, to a reader who has it so."""
    found = find(replace(search, sort=Sort.ADDED, limit=ENTRIES))
    feed = Feed(
        title=clean_line(f"{about.asked or _('every record')} · {about.library}"),
        link=about.page_url,
        description=None,
        subtitle=_("The newest records that this search finds"),
        author_name=clean_line(about.library) or "Greyshelf",
        feed_url=about.feed_url,
        feed_guid=about.identity,
        language=get_language(),
        since=about.since,
    )
    _fill(feed, request, found.answer.numbers)
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _fill(feed: Feed, request: HttpRequest, numbers: Sequence[int]) -> None:
    address = permanent_urls(request)
    rows = Record.objects.filter(pk__in=numbers, status=codes.PUBLISHED).values_list("pk", "created", "modified")
    dates = {number: (created, modified) for number, created, modified in rows}
    drafts = read_drafts(dates)
    # Records that came in one second come in the order of their numbers.
    for number in sorted(dates, key=lambda number: (dates[number][0], number), reverse=True):
        if number in drafts and drafts[number].status == codes.PUBLISHED:
            _add(feed, drafts[number], address(number), dates[number])


def _add(feed: Feed, draft: Draft, url: str, dates: tuple[datetime, datetime]) -> None:
    created, modified = dates
    feed.add_item(
        title=clean_line(draft.title) or _("Without a title"),
        link=url,
        unique_id=url,
        # Django declares it as HTML, so that it must be some.
        description=linebreaks(clean_text(draft.summary), autoescape=True),
        pubdate=timezone.localtime(created),
        updateddate=timezone.localtime(modified),
        authors=[clean_line(name.heading) for name in draft.authors],
        categories=[clean_line(keyword) for keyword in draft.keywords],
    )
