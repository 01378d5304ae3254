"""The sample catalogue: what the first start shows, and whether the original's search finds the original's record."""

import pytest

from catalogue import sample
from catalogue.draft import clean, validate
from catalogue.models import ChangeSet, Country, Keyword, Record
from catalogue.records import read_drafts
from search import index, query
from search.engine.base import Request
from tests.test_query import NAMES

pytestmark = pytest.mark.django_db(transaction=True)

SEED = "Offender Peer Interventions: What Do We Know?"


def found(text: str, field: str = "") -> set[int]:
    tree = query.parse(text, field, frozenset() if field else NAMES).tree
    return set(index.find(Request(tree, limit=10_000)).answer.numbers)


def test_the_sample_is_loaded_once_and_is_searched(capsys):
    said: list[str] = []
    assert sample.load(said.append) == 3286
    assert said == ["  finnish.jsonl: 1,601 records", "  justice.csv: 1,680 records", "  seed.jsonl: 5 records"]
    assert Record.objects.count() == 3286

    [seed] = Record.objects.filter(title=SEED, shelf_number="127419")
    assert found("peer mentoring (u.k.)", "keyword") == {seed.pk}
    assert found("suomi", "country") == set(
        Record.objects.filter(country__heading="Finland").values_list("pk", flat=True)
    )
    assert len(found("suomi", "country")) > 1000

    for number, draft in read_drafts(Record.objects.values_list("pk", flat=True)).items():
        assert clean(draft) == draft, number
        assert validate(draft) == [], number

    before = Record.objects.count(), Country.objects.count(), Keyword.objects.count(), ChangeSet.objects.count()
    assert sample.load(said.append) == 0
    assert before == (
        Record.objects.count(),
        Country.objects.count(),
        Keyword.objects.count(),
        ChangeSet.objects.count(),
    )


def test_the_five_records_about_peer_mentoring_stay_five(monkeypatch):
    monkeypatch.setattr(sample, "FILES", (("seed.jsonl", "jsonl"),))
    assert sample.load(lambda line: None) == 5
    assert sample.load(lambda line: None) == 0
    numbers = list(Record.objects.values_list("pk", flat=True))
    drafts = read_drafts(numbers)
    assert len(set(drafts.values())) == 5
    [original] = [number for number in numbers if drafts[number].shelf_number == "127419"]
    assert found("peer mentoring (u.k.)", "keyword") == {original}
    assert found('keyword="Peer Mentoring (UK)"') == {original}


def test_a_heading_that_is_there_already_keeps_its_form():
    Country.objects.create(heading="FINLAND")
    sample.load_headings({"countries": [{"heading": "Finland", "variants": ["Suomi"], "code": "FI"}], "keywords": []})
    [finland] = Country.objects.all()
    assert finland.heading == "FINLAND"
    assert [variant.form for variant in finland.variants.all()] == ["Suomi"]
