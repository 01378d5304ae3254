"""What the public will see of a record that is not saved yet: its card, and its page.

The desk reaches these by their dotted names (settings.RECORD_CARD, RECORD_OLD_CARD, RECORD_PREVIEW), because
`catalogue` must not import `search`.
"""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from catalogue.citations import cite
from catalogue.draft import Draft
from catalogue.headings import Authorities
from search.cards import Card, draft_card, draw
from search.highlighting import Marker
from search.permanent import permanent_url


def card(draft: Draft, number: int) -> SafeString:
    """Return the card as HTML, its title as a heading of the third level that leads nowhere."""
    return draw([_card(_shown(draft), number)], level=3, linked=False)


def old_card(draft: Draft, number: int) -> SafeString:
    """Return the card of a record as it was once, with its headings as they were then."""
    return draw([draft_card(_shown(draft), number, Marker({}))], level=3, linked=False)


def page(request: HttpRequest, draft: Draft, number: int) -> HttpResponse:
    """Answer with the record's page. It says that it is a preview, and offers no export."""
    address = permanent_url(request, number) if number else ""
    draft = _shown(draft)
    context = {
        "cards": [_card(draft, number)],
        "record": {"number": number, "permanent_url": address},
        "citation": cite(draft, address),
    }
    return render(request, "search/preview.html", context)


def _shown(draft: Draft) -> Draft:
    """Return the Draft without an address that no record could have: what is typed may be anything."""
    is_address = draft.url.lower().startswith(("http://", "https://", "ftp://"))
    return draft if is_address else replace(draft, url="")


def _card(draft: Draft, number: int) -> Card:
    """Return the card with the preferred forms of the headings, as saving will give them, making none."""
    authorities = Authorities()
    authorities.look_up([draft])
    return draft_card(authorities.led(draft), number, Marker({}))
