"""What the public page of a record says of its address."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.linkcheck import addresses
from catalogue.linkcheck.models import Link
from catalogue.models import Record
from tests.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)
Status = Link.Status
CHECKED = datetime(2026, 5, 3, 12, tzinfo=UTC)


def link_at(url: str, status: str = Status.DEAD, **facts) -> Link:
    """Make a record with an address in a state."""
    make_record(f"Record of {url}", url=url)
    [link] = addresses.take_up([url])
    Link.objects.filter(pk=link.pk).update(**{"status": status, "checked": CHECKED, **facts})
    return link


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def test_the_public_reads_of_a_dead_address_when_it_was_last_seen(client):
    link_at("http://a.org/report?a=1&b=2", alive=CHECKED - timedelta(days=40))
    page = text(client.get(f"/records/{Record.objects.get().pk}"))
    assert "This address did not answer when last checked on 3 May 2026; last seen alive on 24 March 2026." in page
    assert 'href="https://web.archive.org/web/20260324*/http://a.org/report?a=1&b=2"' in page


def test_the_public_reads_no_more_of_an_address_that_was_never_seen(client):
    link_at("http://a.org/report", alive=None)
    page = text(client.get(f"/records/{Record.objects.get().pk}"))
    assert "did not answer when last checked on 3 May 2026. " in page
    assert "last seen alive" not in page


def test_the_public_reads_nothing_of_an_address_that_may_be_alive(client):
    link_at("http://a.org/report")
    page = f"/records/{Record.objects.get().pk}"
    assert "did not answer" in text(client.get(page))
    for status in set(Status.values) - {Status.DEAD}:
        Link.objects.update(status=status)
        assert "did not answer" not in text(client.get(page)), status


def test_the_page_of_a_record_costs_one_query_more_and_results_none(client):
    def queries(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    bare = make_record("Bare")
    dead = link_at("http://a.org/report")
    record = Record.objects.get(url=dead.url)
    assert queries(f"/records/{record.pk}") <= queries(f"/records/{bare.pk}") + 1
    assert queries("/search?q=record") <= 3
    assert "did not answer" not in text(client.get("/search?q=record"))
