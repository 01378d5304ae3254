"""What the pages of the desk cost: as many queries for a thousand rows as for one, at every address that opens."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes
from catalogue.changes import Wish
from catalogue.jobs.models import Import
from catalogue.linkcheck import addresses
from tests.records import make_draft, make_records
from tests.test_people_rights import ADDRESSES, NOBODY, POSTED, filled, make_things

ROWS = 1_000
# A list that goes on asks what is on the next page; the statistics of a larger table ask once more.
MORE = 3


@pytest.mark.django_db(transaction=True)
def test_no_page_of_the_desk_asks_more_often_for_a_thousand_rows_than_for_one(client, django_user_model):
    user = django_user_model.objects.create_superuser("ann")
    client.force_login(user)
    things = make_things(user)
    # Files of SKOS are read in pieces, which are more the more there is.
    left_out = {*POSTED, "logout/", *(one for one in ADDRESSES if one.endswith("<slug:ending>"))}
    opened = [one for one, role in ADDRESSES.items() if role != NOBODY and one not in left_out]

    def queries() -> dict[str, int]:
        cache.clear()
        counts = {}
        for address in opened:
            path = "/desk/" + filled(address, things)
            client.get(path)
            with CaptureQueriesContext(connection) as caught:
                client.get(path)
            counts[address] = len(caught)
        return counts

    one = queries()
    _fill(user, things)
    many = queries()
    assert {path: (one[path], many[path]) for path in opened if many[path] > one[path] + MORE} == {}
    assert max(many.values()) <= 60, many


def _fill(user, things) -> None:
    """Make a thousand records with headings of their own, of which the record and headings of the pages have many."""
    drafts = [
        make_draft(
            f"Report {n}",
            authors=(f"Author {n}", "Unused"),
            keywords=(f"Keyword {n}", "Unused"),
            country="Unused" if n % 2 else f"Country {n % 90}",
            url=f"https://docs.example/{n}",
        )
        for n in range(ROWS)
    ]
    make_records(drafts)
    addresses.keep_in_step()
    number = things[""]["number"]
    for year in range(1950, 1990):
        step = changes.open_change_set(codes.EDIT, user, f"Year {year}")
        changes.apply(step, [Wish(make_draft("One", year=year), number)])
    Import.objects.bulk_create(Import(user=user, name=f"{n}.csv", size=1, place="here") for n in range(50))
    type(user).objects.bulk_create(type(user)(username=f"user{n}", is_staff=True) for n in range(200))
