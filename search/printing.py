"""Pages for paper: all that a search found, or what was ticked of it, as full cards on one page."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search import addresses, exports
from search.cards import Card, read_cards
from search.facet_panel import Panel
from search.highlighting import Marker
from search.results import Stamp

UNMARKED = Marker({})
MOST_PRINTED = 500


@require_safe
def search_print(request: HttpRequest) -> HttpResponse:
    """The full records of a search on one page; of many the first ones, and the page says so."""
    search, numbers = exports.read_search(request.GET)
    notices = list(search.filterset.notes)
    if len(numbers) > MOST_PRINTED:
        note = _("These are the first %(most)d of %(number)s records. The other formats hold all of them.")
        notices.append(note % {"most": MOST_PRINTED, "number": f"{len(numbers):,}"})
    page = {
        "stamp": Stamp(search.asked, len(numbers), timezone.localtime()),
        "chips": Panel(request.GET, search.chosen, {}).chips(),
        "notices": notices,
        "cards": _cards(numbers[:MOST_PRINTED]),
        "back_url": addresses.address("results", request.GET),
    }
    return _page(request, page)


@require_safe
def ticked_print(request: HttpRequest) -> HttpResponse:
    """The full records whose numbers the address names, in its order."""
    numbers = exports.ticked_numbers(request.GET)
    if not numbers:
        return exports.nothing_ticked(request)
    cards = _cards(numbers)
    notices = _gone(len(numbers) - len(cards), len(numbers))
    return _page(request, {"when": timezone.localtime(), "cards": cards, "notices": notices})


def _gone(gone: int, ticked: int) -> list[str]:
    """Return what is to be said of ticked records that are not printed."""
    if not gone:
        return []
    if ticked == 1:
        return [_("The record is no longer in the catalogue.")]
    note = ngettext(
        "%(gone)d of the %(ticked)d records is no longer in the catalogue.",
        "%(gone)d of the %(ticked)d records are no longer in the catalogue.",
        gone,
    )
    return [note % {"gone": gone, "ticked": ticked}]


def _cards(numbers: Sequence[int]) -> list[Card]:
    """Return the cards of those of these records that are published now."""
    return read_cards(exports.public_numbers(numbers), UNMARKED, 1, full=True)


def _page(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    response = render(request, "search/print.html", page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
