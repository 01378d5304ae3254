"""Related records: alike in keywords, authors and rare words; none rather than nonsense; never drafts."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Record
from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page

pytestmark = pytest.mark.django_db(transaction=True)


def related(client, record) -> list[str]:
    found = [re.fullmatch(r"/records/(\d+)", link) for link in Page(client.get(f"/records/{record.pk}")).links()]
    known = dict(Record.objects.values_list("pk", "title"))
    return [known[int(link[1])] for link in found if link and int(link[1]) != record.pk]


@pytest.fixture
def others():
    return make_records([make_draft(f"Report on bees {n}", keywords=(f"Bees {n}",)) for n in range(60)])


def test_records_with_the_same_keywords_authors_and_words_are_related(client, others):
    record = make_record("Peer mentoring in prison", keywords=("Mentoring",), authors=("Fletcher, Del Roy",))
    make_records(
        [
            make_draft("Mentors and prisoners", keywords=("Mentoring",)),
            make_draft("Offenders", authors=("Fletcher, Del Roy",)),
            make_draft("Peer mentoring in prison: a draft", status="draft", keywords=("Mentoring",)),
        ]
    )
    assert set(related(client, record)) == {"Mentors and prisoners", "Offenders"}


def test_a_record_like_no_other_has_no_related_records(client, others):
    record = make_record("A report on quantum chromodynamics", keywords=("Physics",))
    assert related(client, record) == []
    assert related(client, make_record("的")) == []


def test_one_shared_common_word_does_not_make_records_alike(client, others):
    make_record("Prison gardens of northern Chile", keywords=("Horticulture",))
    record = make_record(
        "Prison libraries and catalogues", keywords=("Librarianship", "Catalogues"), authors=("Gómez, Ana",)
    )
    make_record("Libraries, their catalogues and librarianship", keywords=("Librarianship", "Catalogues"))
    assert related(client, record) == ["Libraries, their catalogues and librarianship"]


def test_at_most_six_are_shown_with_a_bounded_number_of_queries(client):
    records = make_records([make_draft(f"Peer mentoring {n}", keywords=("Mentoring",)) for n in range(12)])
    assert len(related(client, records[0])) == 6
    other = make_record("Quantum chromodynamics")
    counts = []
    for record in (records[0], other):
        client.get(f"/records/{record.pk}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/records/{record.pk}")
        counts.append(len(queries))
    assert counts[0] == counts[1] + 1
