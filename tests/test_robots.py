"""What robots may read, and how they learn of records."""

from xml.etree import ElementTree

import pytest
from protego import Protego

from catalogue.models import Record
from search import sitemaps
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "http://testserver"


def places(response) -> dict[str, str]:
    """Return the addresses of a sitemap, each with the time of its last change."""
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    entries = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    name = f"{{{sitemaps.NAMESPACE}}}"
    return {entry.findtext(f"{name}loc"): entry.findtext(f"{name}lastmod") for entry in entries}


def test_robots_may_read_records_but_not_search(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    rules = Protego.parse(response.content.decode())
    assert list(rules.sitemaps) == [f"{HOST}/sitemap.xml"]
    for address in ("/", "/records/42", "/browse/keywords", "/sitemap.xml", "/sitemap-0.xml", "/help"):
        assert rules.can_fetch(HOST + address, "Anybot"), address
    for address in ("/search?q=peer", "/search.ris?q=peer", "/records/42.ris", "/complete/title?typed=a", "/desk/"):
        assert not rules.can_fetch(HOST + address, "Anybot"), address


def test_robots_learn_of_every_published_record_and_its_last_change(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "NUMBERS", 3)
    records = make_records([make_draft(f"Report {number}") for number in range(8)])
    Record.objects.filter(pk=records[-1].pk).update(id=records[-1].pk + 3_000_000_000)
    records[-1].pk += 3_000_000_000
    make_record("Not public", status="draft")
    make_record("Gone", status="withdrawn")
    maps = places(client.get("/sitemap.xml"))
    assert len(maps) in (3, 4, 5)
    found = {}
    for one in maps:
        found |= places(client.get(one))
    assert found == {
        f"{HOST}/records/{one.pk}": Record.objects.get(pk=one.pk).modified.isoformat(timespec="seconds")
        for one in records
    }


@pytest.mark.parametrize("number", ["0", "77", "9" * 30])
def test_a_map_without_records_is_not_there(client, number):
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


def test_maps_name_the_public_address(client, settings):
    record = make_record()
    settings.SITE_URL = "https://library.example.org"
    (one,) = places(client.get("/sitemap.xml"))
    assert one.startswith("https://library.example.org/sitemap-")
    found = places(client.get(one.removeprefix(settings.SITE_URL)))
    assert list(found) == [f"https://library.example.org/records/{record.pk}"]


def test_the_icon_is_where_browsers_look_for_it(client):
    assert client.get("/favicon.ico", follow=False)["Location"] == "/static/search/favicon.svg"
