"""Sitemaps (sitemaps.org): the addresses of all published records, for robots that may not search for them.

A library without them stays unknown to search engines: nothing but searches leads to most of its records.
"""

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalogue import codes
from catalogue.models import Record
from search.permanent import permanent_urls, public_url

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Numbers of records in one map. The standard allows 50,000 addresses; smaller files are read again less in vain.
NUMBERS = 10_000
MOST_MAPS = 50_000
# From the first record of one map straight to the first one after it: what lies between is not read.
_MAPS = """
    WITH RECURSIVE maps(number) AS (
        (SELECT (id - 1) / %(numbers)s FROM catalogue_record WHERE status = 'published' ORDER BY id LIMIT 1)
        UNION ALL
        SELECT (SELECT (id - 1) / %(numbers)s FROM catalogue_record
                WHERE status = 'published' AND id > (number + 1) * %(numbers)s ORDER BY id LIMIT 1)
        FROM maps WHERE number IS NOT NULL
    )
    SELECT number FROM maps WHERE number IS NOT NULL LIMIT %(most)s
"""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The maps that there are."""
    with connection.cursor() as cursor:
        cursor.execute(_MAPS, {"numbers": NUMBERS, "most": MOST_MAPS})
        maps = cursor.fetchall()
    places = ((public_url(request, reverse("sitemap", args=[number])), None) for (number,) in maps)
    return _answer("sitemapindex", "sitemap", places)


@require_safe
def sitemap(request: HttpRequest, number: int) -> HttpResponse:
    """The published records of one range of numbers."""
    if number >= 2**63 // NUMBERS:
        raise Http404
    records = Record.objects.filter(
        status=codes.PUBLISHED, pk__gt=number * NUMBERS, pk__lte=(number + 1) * NUMBERS
    ).order_by("pk")
    address = permanent_urls(request)
    places: list[tuple[str, datetime | None]] = [
        (address(one), changed) for one, changed in records.values_list("pk", "modified")
    ]
    if not places:
        raise Http404
    return _answer("urlset", "url", places)


def _answer(root: str, entry: str, places: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    tree = ElementTree.Element(root, xmlns=NAMESPACE)
    for address, changed in places:
        place = ElementTree.SubElement(tree, entry)
        ElementTree.SubElement(place, "loc").text = address
        if changed:
            ElementTree.SubElement(place, "lastmod").text = changed.isoformat(timespec="seconds")
    text = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
