"""A kept search as an Atom feed: the records that it finds now, those added last first."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.models import Record
from search import kept
from search.engine.base import Request, Sort
from search.index import find
from search.kept_report import absolute
from search.models import KeptSearch

ENTRIES = 50
# What XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _clean(text: str) -> str:
    return _UNWRITABLE.sub(" ", text)


def feed(request: HttpRequest, one: KeptSearch) -> HttpResponse:
    address = absolute(request, reverse("kept", args=[one.code]))
    asked = one.asked or _("every record")
    written = Atom1Feed(
        title=_clean(f"{asked} · {one.library}"),
        link=address,
        description=None,
        subtitle=_("The newest records that this search finds"),
        author_name=_clean(one.library) or "Greyshelf",
        feed_url=absolute(request, reverse("kept-feed", args=[one.code])),
        feed_guid=address,
        language=get_language(),
    )
    records = _newest(one)
    for record in records:
        link = absolute(request, record.get_absolute_url())
        written.add_item(
            title=_clean(record.title),
            link=link,
            unique_id=link,
            # Django declares it as HTML, so that it must be some.
            description=linebreaks(_clean(record.summary[:2_000]), autoescape=True),
            pubdate=record.created,
            updateddate=record.modified,
            author_name=None,
        )
    if not records:
        # An empty feed was last changed when it was made, not each time that somebody looks.
        written.latest_post_date = lambda: one.made  # type: ignore[method-assign]
    return HttpResponse(written.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _newest(one: KeptSearch) -> list[Record]:
    asked = kept.request_of(one)
    found = find(Request(asked.tree, asked.filters, sort=Sort.ADDED, limit=ENTRIES)).answer.numbers
    records = Record.objects.filter(pk__in=found, status=codes.PUBLISHED)
    return sorted(records, key=lambda record: (record.created, record.pk), reverse=True)
