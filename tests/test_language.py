"""The language of the pages: one that all of the interface speaks, whatever a browser asks for."""

import re

import pytest
from django.utils import timezone

from tests.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("address", ["/", "/search?q=mentoring", "/desk/", "/desk/catalogue/record/", "/none"])
@pytest.mark.parametrize("asked", ["de-AT,de;q=0.9", "ar", "zh-Hant,en;q=0.1"])
def test_a_page_is_in_one_language_whatever_the_browser_asks_for(admin_client, monkeypatch, address, asked):
    make_record("Peer mentoring")
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    usual, other = admin_client.get(address), admin_client.get(address, headers={"accept-language": asked})
    assert text_of(other) == text_of(usual)
    assert re.search(r'<html[^>]* lang="en[^"]*" dir="ltr"', other.content.decode())
    assert "accept-language" not in other.get("Vary", "").lower()


def text_of(response) -> str:
    """Return a page without the tokens that differ each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
