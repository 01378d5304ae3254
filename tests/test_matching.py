"""The record that an incoming Draft is about: found by rules that never guess."""

from dataclasses import replace

import pytest

from catalogue import matching
from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import Row
from catalogue.importing import Run, import_rows
from catalogue.matching import candidates, likeness, merged
from catalogue.models import Record
from catalogue.records import read_drafts
from tests.records import make_draft, make_record

TITLE = "Annual Report"


def source(value: str) -> dict[str, tuple[Identifier, ...]]:
    return {"identifiers": (Identifier("source", value),)}


SAME = [
    (source("a:1"), source("a:1")),
    ({**source("a:1"), "shelf_number": "1"}, {**source("a:1"), "shelf_number": "2"}),
    ({"shelf_number": "127"}, {"shelf_number": "127", "year": 2012}),
    ({"shelf_number": "127", "url": "http://a.org"}, {"shelf_number": "127", "url": "http://b.org"}),
    ({"url": "http://a.org"}, {"url": "http://a.org", "shelf_number": "127"}),
    ({"year": 2012, "authors": ("Fletcher",)}, {"year": 2012, "authors": ("FLETCHER", "Batty"), "kind": "report"}),
    ({"year": 2012}, {"year": 2012, "summary": "More"}),
    ({}, {"year": 2012, "country": "Chile"}),
    ({"country": "Chile"}, {"year": 2012, "country": "Chile"}),
]
DIFFERENT = [
    (source("a:1"), source("a:2")),
    ({**source("a:1"), "shelf_number": "127"}, {**source("a:2"), "shelf_number": "127"}),
    ({"shelf_number": "127"}, {"shelf_number": "128"}),
    ({"shelf_number": "127", "url": "http://a.org"}, {"shelf_number": "128", "url": "http://a.org"}),
    ({"url": "http://a.org"}, {"url": "http://b.org"}),
    ({"url": "http://a.org", "year": 2012}, {"url": "http://b.org", "year": 2012}),
    ({"year": 2012, "authors": ("Fletcher",)}, {"year": 2013, "authors": ("Fletcher",)}),
    ({"year": 2012, "authors": ("Fletcher",)}, {"year": 2012, "authors": ("Batty",)}),
    ({"summary": "One"}, {"summary": "Two"}),
    ({"country": "Chile"}, {"country": "Peru", "year": 2012}),
]


@pytest.mark.parametrize(("incoming", "present"), SAME)
def test_drafts_of_one_document_are_alike(incoming, present):
    assert likeness(make_draft(TITLE, **incoming), make_draft(TITLE, **present)) > 0


@pytest.mark.parametrize(("incoming", "present"), DIFFERENT)
def test_when_anything_speaks_against_it_drafts_are_not_alike(incoming, present):
    assert likeness(make_draft(TITLE, **incoming), make_draft(TITLE, **present)) == 0


def test_a_draft_that_says_more_than_the_record_is_another_one_and_one_that_says_less_is_not():
    assert likeness(make_draft(TITLE, year=2012), make_draft(TITLE)) == 0
    assert likeness(make_draft(TITLE), make_draft(TITLE, year=2012)) > 0


@pytest.mark.django_db
@pytest.mark.parametrize(("incoming", "present"), DIFFERENT)
def test_a_file_with_two_documents_of_one_title_makes_two_records(incoming, present):
    rows = [Row(1, make_draft(TITLE, **incoming)), Row(2, make_draft(TITLE, **present))]
    assert import_rows(rows, Run()).created == 2
    assert import_rows(rows, Run()).unchanged == 2
    assert Record.objects.count() == 2


@pytest.mark.django_db
def test_the_title_is_compared_without_case_and_accents():
    record = make_record("Rapport d'Évaluation", shelf_number="127")
    draft = make_draft("RAPPORT D'EVALUATION", shelf_number="127")
    assert candidates([draft]).match(draft) == record.pk


@pytest.mark.django_db
def test_another_title_is_another_record_even_with_the_same_shelf_number():
    make_record("Report", shelf_number="127")
    draft = make_draft("Another report", shelf_number="127")
    assert candidates([draft]).match(draft) is None


@pytest.mark.django_db
def test_the_number_in_the_source_finds_a_record_whose_title_changed():
    record = make_record("Old title", **source("a:1"))
    draft = make_draft("New title", **source("a:1"))
    assert candidates([draft]).match(draft) == record.pk


@pytest.mark.django_db
def test_the_same_number_in_another_scheme_finds_nothing():
    make_record("Old title", identifiers=(Identifier("report", "1"),))
    draft = make_draft("New title", **source("1"))
    assert candidates([draft]).match(draft) is None


@pytest.mark.django_db
def test_of_several_records_the_surest_is_taken_and_of_equals_the_oldest():
    make_record(TITLE, year=2012)
    shelved = make_record(TITLE, year=2012, shelf_number="127")
    make_record(TITLE, year=2012, shelf_number="127", summary="A double")
    draft = make_draft(TITLE, year=2012, shelf_number="127")
    assert candidates([draft]).match(draft) == shelved.pk


@pytest.mark.django_db
def test_candidates_are_looked_up_in_six_queries_however_many(django_assert_max_num_queries):
    drafts = [make_draft(f"Report {number}", **source(f"a:{number}")) for number in range(50)]
    for draft in drafts[:20]:
        make_record(draft.title, identifiers=draft.identifiers)
    with django_assert_max_num_queries(6):
        found = candidates(drafts)
    assert len([draft for draft in drafts if found.match(draft)]) == 20


def test_a_file_adds_and_overwrites_but_never_empties():
    present = Draft(
        title=TITLE,
        authors=(Name("Fletcher"),),
        summary="Old",
        year=2012,
        keywords=("Prisons",),
        shelf_number="127",
        identifiers=(Identifier("doi", "1"),),
        status="draft",
    )
    incoming = Draft(title=TITLE, summary="New", url="http://a.org", identifiers=(Identifier("isbn", "2"),))
    assert merged(incoming, present) == replace(
        present, summary="New", url="http://a.org", identifiers=(Identifier("doi", "1"), Identifier("isbn", "2"))
    )
    assert merged(replace(incoming, status="withdrawn"), present).status == "withdrawn"


def test_keys_hold_the_folded_title_and_every_number_in_a_source():
    draft = make_draft("ÉTÉ", identifiers=(Identifier("source", "a:1"), Identifier("doi", "2")))
    assert matching.keys(draft) == {("title", "ete"), ("source", "a:1")}


@pytest.mark.django_db
def test_an_accidental_double_in_one_file_is_one_record():
    draft = make_draft(TITLE, year=2012, authors=("Fletcher",), keywords=("Prisons",))
    report = import_rows([Row(1, draft), Row(2, draft), Row(3, replace(draft, summary="Longer"))], Run())
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    [record] = Record.objects.all()
    assert read_drafts([record.pk])[record.pk] == replace(draft, summary="Longer")
