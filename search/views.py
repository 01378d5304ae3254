"""The public pages. Each reads its address, asks, and fills a template."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import attachments, codes
from catalogue.citations import cite
from catalogue.models import Change, Record, Tombstone
from catalogue.records import read_drafts
from search import boxes, browse, counts, exports, facet_page, facets, history, metadata, related, results, ways_in
from search.cards import read_cards
from search.dead_link import url_note
from search.filters import RecordFilter
from search.highlighting import Marker
from search.permanent import permanent_url, public_url

UNMARKED = Marker({})


@require_safe
def search_form(request: HttpRequest) -> HttpResponse:
    """The Transaction Search Form, filled from the address: "edit search" leads here."""
    page = {**boxes.draw(RecordFilter(request.GET).boxes), **ways_in.context()}
    return render(request, "search/form.html", page)


@require_safe
@history.listed
@counts.counted
def search_results(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "search/results.html", results.context(request.GET))


@require_safe
def facet_values(request: HttpRequest, name: str) -> HttpResponse:
    """All values of one facet of a search, by count or from A to Z."""
    if name not in facets.FACETS:
        raise Http404
    return render(request, "search/facet.html", facet_page.context(name, request.GET))


@require_safe
def record(request: HttpRequest, number: int, ending: str = "") -> HttpResponseBase:
    """One record, as a page or in a format; 410 with a tombstone if it was withdrawn, a redirect if it was replaced."""
    response = _record(request, number, ending or exports.accepted(request))
    patch_vary_headers(response, ["Accept"])
    return response


def _record(request: HttpRequest, number: int, ending: str) -> HttpResponseBase:
    found = Record.objects.filter(pk=number).select_related("replaced_by").first() if number < 2**63 else None
    if found is None:
        return _deleted(request, number)
    if found.status in codes.UNPUBLISHED or _was_never_public(found):
        raise Http404
    if found.status == codes.WITHDRAWN:
        return _tombstone(request, found, ending)
    if ending:
        return exports.record_export(request, number, ending)
    address = permanent_url(request, number)
    draft = read_drafts([number])[number]
    card = next(iter(read_cards([number], UNMARKED, full=True, url_note=url_note(found.url))), None)
    if card is None:  # withdrawn or deleted at this very moment
        raise Http404
    page = {
        "cards": [card],
        "related": related.read_related(found, card),
        "neighbours": browse.neighbours(found),
        "record": {"number": number, "permanent_url": address, "modified": found.modified},
        "citation": cite(draft, address),
        "meta": metadata.tags(draft, address),
        **exports.record_links(number),
        "documents": [one for one in attachments.of_record(number) if one.is_public],
    }
    return render(request, "search/record.html", page)


@require_safe
def document(request: HttpRequest, number: int, key: uuid.UUID) -> HttpResponseBase:
    """A document of a published record, if it is public itself."""
    is_published = number < 2**63 and Record.objects.filter(pk=number, status=codes.PUBLISHED).exists()
    found = next((one for one in attachments.of_record(number) if one.pk == key), None) if is_published else None
    if found is None or not found.is_public:
        raise Http404
    try:
        return attachments.response(found)
    except FileNotFoundError:
        raise Http404 from None


def _was_never_public(found: Record) -> bool:
    """Tell of a record whose creation was undone whether the public never had it: then its address tells nothing."""
    if found.status != codes.WITHDRAWN or found.withdrawn_reason != str(codes.CREATION_UNDONE):
        return False
    return not Change.objects.filter(record_number=found.pk, after__status=codes.PUBLISHED).exists()


def _with_ending(request: HttpRequest, successor: Record, ending: str) -> str:
    """Return where a replaced record leads: to the same format, if the address named one."""
    address = successor.get_absolute_url()
    return f"{address}.{ending}" if ending and request.path.endswith(f".{ending}") else address


def _tombstone(request: HttpRequest, withdrawn: Record, ending: str) -> HttpResponse:
    successor = withdrawn.replaced_by
    if successor and successor.status != codes.PUBLISHED:
        successor = None  # neither to a draft, which nobody may see, nor round in a circle
    if successor and not withdrawn.withdrawn_reason:
        return HttpResponseRedirect(_with_ending(request, successor, ending), status=301)
    return _gone(request, withdrawn.pk, withdrawn.withdrawn_reason, successor)


def _deleted(request: HttpRequest, number: int) -> HttpResponse:
    """Answer for a record that is not there: 410 for ever if it was deleted."""
    stone = Tombstone.objects.filter(pk=number).select_related("replaced_by").first() if number < 2**63 else None
    if stone is None:
        raise Http404
    successor = stone.replaced_by
    if successor and successor.status != codes.PUBLISHED:
        successor = None
    return _gone(request, number, stone.reason, successor, is_deleted=True)


def _gone(
    request: HttpRequest, number: int, reason: str, successor: Record | None, is_deleted: bool = False
) -> HttpResponse:
    page = {
        "record_number": number,
        "is_deleted": is_deleted,
        "reason": reason or _("No reason was given."),
        "replacement": {"title": successor.title, "url": successor.get_absolute_url()} if successor else None,
    }
    return render(request, "search/tombstone.html", page, status=410)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let robots read records, and keep them out of the endless combinations of searches."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('results')}",
        "Disallow: /complete/",
        f"Disallow: {reverse('admin:index')}",
        *(f"Disallow: /*.{ending}" for ending in exports.FORMATS),
        "",
        f"Sitemap: {public_url(request, reverse('sitemaps'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon of the site who asks where it always was: browsers do, beside files and feeds."""
    return HttpResponseRedirect(static("search/favicon.svg"))
