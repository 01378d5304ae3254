"""The record that an incoming Draft is about: found by rules that never guess."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalogue import codes, headings, import_batch, importing, likeness, matching
from catalogue.candidates import Candidates, Target, candidate_numbers, md5
from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import Row
from catalogue.importing import Matching, Report, Run, import_rows
from catalogue.matching import RULES
from catalogue.merging import filled, overwritten
from catalogue.models import Author, AuthorVariant, IdentifierKey, Record, RecordIdentifier, UrlKey
from catalogue.records import read_drafts
from tests.records import make_draft, make_record, make_records

TITLE = "Annual Report"


def rule_for(incoming: Draft, *present: Draft, rules: tuple[str, ...] = tuple(RULES)) -> str | None:
    """Return the rule by which a row is about one of some records."""
    candidates = Candidates(rules)
    for number, draft in enumerate(present, start=1):
        candidates.add(Target(draft, number))
    found = candidates.match(incoming)
    return found[1] if found else None


def bring(*drafts: Draft, dry: bool = False, **choices) -> Report:
    """Import rows, numbered from 1."""
    rows = [Row(number, draft) for number, draft in enumerate(drafts, start=1)]
    return import_rows(rows, Run(dry=dry, matching=Matching(**choices)))


def identified(scheme: str, *values: str) -> dict[str, tuple[Identifier, ...]]:
    return {"identifiers": tuple(Identifier(scheme, value) for value in values)}


def source(value: str) -> dict[str, tuple[Identifier, ...]]:
    return {"identifiers": (Identifier("source", value),)}


SAME = [
    (source("a:1"), source("a:1")),
    ({**source("a:1"), "shelf_number": "1"}, {**source("a:1"), "shelf_number": "2"}),
    ({"shelf_number": "127"}, {"shelf_number": "127", "year": 2012}),
    ({"shelf_number": "127", "url": "http://a.org"}, {"shelf_number": "127", "url": "http://b.org"}),
    ({"url": "http://a.org"}, {"url": "http://a.org", "shelf_number": "127"}),
    ({"url": "http://a.org/x", "year": 2012}, {"url": "https://www.A.org/x/", "year": 2015}),
    (identified("doi", "10.1000/ABC"), {**identified("doi", "10.1000/abc"), "year": 2012}),
    (identified("isbn", "0-306-40615-2"), {**identified("isbn", "978-0-306-40615-7"), "year": 2012}),
    (identified("report", "NCJ 1"), {**identified("report", "NCJ-1"), "year": 2012}),
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
    ({"year": 2012, **identified("doi", "10.1/1")}, {"year": 2012, **identified("doi", "10.1/2")}),
    ({"year": 2012, **identified("isbn", "1")}, {"year": 2012, **identified("isbn", "2")}),
    ({"summary": "One"}, {"summary": "Two"}),
    ({"country": "Chile"}, {"country": "Peru", "year": 2012}),
]


@pytest.mark.parametrize(("incoming", "present"), SAME)
def test_drafts_of_one_document_match(incoming, present):
    assert rule_for(make_draft(TITLE, **incoming), make_draft(TITLE, **present))


@pytest.mark.parametrize(("incoming", "present"), DIFFERENT)
def test_when_anything_speaks_against_it_drafts_do_not_match(incoming, present):
    assert rule_for(make_draft(TITLE, **incoming), make_draft(TITLE, **present)) is None


def test_every_rule_says_when_it_holds():
    assert all(str(rule.label) for rule in RULES.values())


RULED = {
    "source": source("a:1"),
    "shelf_number": {"shelf_number": "127"},
    "url": {"url": "http://a.org/x"},
    "doi": identified("doi", "10.1/1"),
    "isbn": identified("isbn", "9780306406157"),
    "report": identified("report", "NCJ 1"),
    "title": {"year": 2012, "authors": ("Fletcher",)},
    "same": {},
}


@pytest.mark.parametrize("rule", RULED)
def test_each_rule_matches_alone_and_only_when_it_is_asked_for(rule):
    present = make_draft(TITLE, country="Chile", **RULED[rule])
    incoming = make_draft(TITLE, **RULED[rule])
    assert rule_for(incoming, present, rules=(rule,)) == rule
    others = tuple(name for name in RULES if name not in (rule, "same"))
    assert rule_for(incoming, present, rules=others) is None


def test_rules_are_tried_in_the_order_that_is_asked_for():
    draft = make_draft(TITLE, shelf_number="127", url="http://a.org/x")
    assert rule_for(draft, draft) == "shelf_number"
    assert rule_for(draft, draft, rules=("title", "url", "shelf_number")) == "url"


def test_a_draft_that_says_more_than_the_record_is_another_one_and_one_that_says_less_is_not():
    assert rule_for(make_draft(TITLE, year=2012), make_draft(TITLE)) is None
    assert rule_for(make_draft(TITLE), make_draft(TITLE, year=2012)) == "same"


def test_an_address_or_number_with_another_title_is_no_evidence():
    for facts in (RULED["url"], RULED["isbn"], RULED["shelf_number"], RULED["report"], RULED["doi"]):
        assert rule_for(make_draft("Prisons in Chile", **facts), make_draft("Gangs of Manchester", **facts)) is None


def test_an_address_with_a_typo_in_the_title_matches_unless_many_records_share_it():
    home = {"url": "http://a.org/"}
    one, other = make_draft("Peer mentoring in prison", **home), make_draft("Peer mentoring in prisons", **home)
    assert rule_for(one, other) == "url"
    others = [make_draft(f"Report about {word}", **home) for word in ("gangs", "drugs", "knives")]
    assert rule_for(one, other, *others) is None
    assert rule_for(other, other, *others) == "url"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Peer mentoring in prisons", "PEER MENTORING IN PRISÓNS", True),
        ("Peer mentoring in prisons", "Peer mentroing in prisons", True),
        ("Peer mentoring in prisons", "Peer mentoring in prisons: what do we know", True),
        ("E-mail in prisons today", "Email in prisons today", True),
        ("Annual report 2011", "Annual report 2012", False),
        ("History of prisons, volume I", "History of prisons, volume II", False),
        ("Peer mentoring in prisons", "Drug markets in prisons", False),
        ("Gangs", "Bangs", False),
        ("Introduction", "Introduction to law", False),
    ],
)
def test_titles_are_alike_but_for_a_typo_or_a_subtitle(one, other, expected):
    assert likeness.alike(one, other) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(("incoming", "present"), DIFFERENT)
def test_a_file_with_two_documents_of_one_title_makes_two_records(incoming, present):
    drafts = make_draft(TITLE, **incoming), make_draft(TITLE, **present)
    assert bring(*drafts).created == 2
    assert bring(*drafts).unchanged == 2
    assert Record.objects.count() == 2


def found_in_catalogue(draft: Draft) -> int | None:
    candidates = Candidates(tuple(RULES))
    for number, present in read_drafts(candidate_numbers([draft])).items():
        candidates.add(Target(present, number))
    found = candidates.match(draft)
    return found[0].number if found else None


@pytest.mark.django_db
@pytest.mark.parametrize(("incoming", "present"), SAME)
def test_what_matches_is_found_among_the_records(incoming, present):
    make_records([make_draft(f"Other {number}") for number in range(3)])
    record = make_record(TITLE, **present)
    assert found_in_catalogue(make_draft(TITLE, **incoming)) == record.pk


@pytest.mark.django_db
def test_the_title_is_compared_without_case_and_accents():
    record = make_record("Rapport d'Évaluation", shelf_number="127")
    assert found_in_catalogue(make_draft("RAPPORT D'EVALUATION", shelf_number="127")) == record.pk


@pytest.mark.django_db
def test_the_number_in_the_source_finds_a_record_whose_title_changed():
    record = make_record("Old title", **source("a:1"))
    assert found_in_catalogue(make_draft("New title", **source("a:1"))) == record.pk


@pytest.mark.django_db
def test_the_same_number_in_another_scheme_or_of_another_source_finds_nothing():
    make_record("Old title", identifiers=(Identifier("report", "1"), Identifier("source:eric", "1")))
    assert found_in_catalogue(make_draft("New title", **source("1"))) is None


@pytest.mark.django_db
def test_a_named_source_keeps_its_numbers_apart():
    rows = [Row(1, make_draft("One", **source("7")))]
    for name in ("eric", "ncjrs", "eric"):
        import_rows(rows, Run(source=name))
    rows = [Row(1, make_draft("Changed", **source("7")))]
    assert import_rows(rows, Run(source="ncjrs", matching=Matching(on_match="overwrite"))).matched == {"source": 1}
    schemes = {item.scheme: draft.title for draft in all_of_them() for item in draft.identifiers}
    assert schemes == {"source:eric": "One", "source:ncjrs": "Changed"}


described = st.builds(
    make_draft,
    st.sampled_from(["Annual Report", "annual report.", "Annual Reports", "Other"]),
    year=st.sampled_from([None, 2012, 2013]),
    url=st.sampled_from(["", "http://a.org", "https://www.a.org/"]),
    shelf_number=st.sampled_from(["", "127", "128"]),
    summary=st.sampled_from(["", "Long"]),
    authors=st.sampled_from([(), ("Fletcher",)]),
    status=st.sampled_from([codes.PUBLISHED, codes.WITHDRAWN]),
    identifiers=st.lists(
        st.builds(Identifier, st.sampled_from(["source", "source:a", "doi", "isbn"]), st.sampled_from(["1", "2"])),
        max_size=2,
        unique=True,
    ).map(tuple),
)


@given(st.lists(described, min_size=1, max_size=8), st.permutations(list(RULES)), st.integers(1, len(RULES)))
def test_a_record_that_says_the_very_same_is_the_one_that_the_rules_find(present, rules, count):
    candidates = Candidates(rules[:count])
    targets = [Target(draft, number, before=draft) for number, draft in enumerate(present, start=1)]
    for target in targets:
        candidates.add(target)
    for draft in present:
        itself = next(target for target in targets if target.draft == draft)
        assert candidates.match(draft, itself) == candidates.match(draft)


def test_a_record_that_said_the_same_and_has_learnt_more_is_compared_anew():
    candidates = Candidates(("shelf_number",))
    record = make_draft(TITLE, shelf_number="127")
    target = Target(record, 1, before=record)
    candidates.add(target)
    target.draft = replace(record, title="Something else altogether")
    assert candidates.match(record, target) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("title", "asked"), [("Report 2", 0), ("Another title", 1)])
def test_rows_that_are_known_are_looked_for_by_their_titles_alone(title, asked):
    make_records([make_draft(f"Report {number}", **source(f"a:{number}")) for number in (1, 2)])
    with CaptureQueriesContext(connection) as queries:
        report = bring(make_draft("Report 1", **source("a:1")), make_draft(title, **source("a:2")))
    assert report.matched["source"] == 2
    assert report.unchanged == 2
    assert sum("scheme = k.scheme" in query["sql"] for query in queries) == asked


def all_of_them() -> list[Draft]:
    return list(read_drafts(Record.objects.order_by("id").values_list("id", flat=True)).values())


@pytest.mark.django_db
def test_of_several_records_the_surest_is_taken_and_of_equals_the_oldest():
    make_record(TITLE, year=2012)
    shelved = make_record(TITLE, year=2012, shelf_number="127")
    make_record(TITLE, year=2012, shelf_number="127", summary="A double")
    assert found_in_catalogue(make_draft(TITLE, year=2012, shelf_number="127")) == shelved.pk


@pytest.mark.django_db
def test_candidates_are_looked_up_in_five_queries_however_many(django_assert_max_num_queries):
    drafts = [make_draft(f"Report {number}", **source(f"a:{number}")) for number in range(50)]
    make_records(drafts[:20])
    with django_assert_max_num_queries(5):
        found = read_drafts(candidate_numbers(drafts))
    assert sorted(draft.title for draft in found.values()) == sorted(draft.title for draft in drafts[:20])


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["10.1000/A-b.C:ö", "978-0-306-40615-7", "NCJ – 12/3", "ÅÄÖ"])
def test_python_and_the_database_make_the_same_keys(text):
    record = make_record(url="HTTPS://www.Example.org/A/", **identified("report", text))
    keys = RecordIdentifier.objects.annotate(key=IdentifierKey("value")).values_list("key", flat=True)
    assert list(keys) == [matching.identifier_key(text)]
    [key] = Record.objects.annotate(key=UrlKey("url")).values_list("key", flat=True)
    assert key == md5(matching.url_key(record.url))


PRESENT = Draft(
    title=TITLE,
    authors=(Name("Fletcher"),),
    summary="Old",
    year=2012,
    keywords=("Prisons",),
    shelf_number="127",
    identifiers=(Identifier("doi", "1"),),
    status="draft",
)
INCOMING = Draft(
    title=TITLE, summary="New", url="http://a.org", identifiers=(Identifier("doi", "2"), Identifier("isbn", "2"))
)


def test_filling_changes_only_what_was_empty():
    both = (Identifier("doi", "1"), Identifier("isbn", "2"))
    assert filled(INCOMING, PRESENT) == replace(PRESENT, url="http://a.org", identifiers=both)


def test_overwriting_adds_and_replaces_but_never_empties():
    every = (Identifier("doi", "1"), Identifier("doi", "2"), Identifier("isbn", "2"))
    expected = replace(PRESENT, summary="New", url="http://a.org", identifiers=every)
    assert overwritten(INCOMING, PRESENT) == expected
    assert overwritten(replace(INCOMING, status="withdrawn"), PRESENT).status == "withdrawn"


def test_why_a_record_was_withdrawn_is_learnt_only_where_it_is_withdrawn():
    row = replace(INCOMING, status="withdrawn", withdrawn_reason="Wrong", replaced_by=7)
    assert filled(row, PRESENT) == filled(INCOMING, PRESENT)
    assert overwritten(row, PRESENT, ("title", "withdrawn_reason")).withdrawn_reason == ""
    assert overwritten(row, PRESENT).withdrawn_reason == "Wrong"
    gone = replace(PRESENT, status="withdrawn")
    assert (filled(row, gone).withdrawn_reason, filled(row, gone).replaced_by) == ("Wrong", 7)


def test_only_the_fields_that_are_named_are_overwritten():
    row = replace(INCOMING, year=2013)
    changed = overwritten(row, PRESENT, ("year",))
    assert (changed.year, changed.summary, changed.url) == (2013, "Old", "http://a.org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choice", "counts", "summaries"),
    [
        ({"on_match": "fill"}, (0, 1, 0), ["Old"]),
        ({"on_match": "overwrite"}, (0, 1, 0), ["New"]),
        ({"on_match": "overwrite", "overwrite": ("title",)}, (0, 1, 0), ["Old"]),
        ({"on_match": "skip"}, (0, 0, 1), ["Old"]),
        ({"on_match": "add"}, (1, 0, 0), ["Old", "New"]),
    ],
)
def test_what_is_done_with_a_match_is_chosen(choice, counts, summaries):
    make_record(TITLE, shelf_number="127", summary="Old")
    report = bring(make_draft(TITLE, shelf_number="127", summary="New", country="Chile"), **choice)
    assert (report.created, report.updated, report.unchanged) == counts
    assert [draft.summary for draft in all_of_them()] == summaries


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("on_match", ["fill", "overwrite", "skip"])
def test_a_file_imported_twice_changes_nothing_even_with_differing_copies_in_it(monkeypatch, on_match, size):
    monkeypatch.setattr("catalogue.importing.BATCH", size)
    first = make_draft(TITLE, shelf_number="127", summary="One", keywords=("PRISONS", "Gangs"))
    drafts = [first, replace(first, summary="Two", url="http://a.org"), make_draft("Other", country="Chile")]
    assert bring(*drafts, on_match=on_match).created == 2
    again = bring(*drafts, on_match=on_match)
    assert (again.created, again.updated, again.unchanged, again.change_set) == (0, 0, 3, None)
    assert [(draft.summary, draft.url) for draft in all_of_them()][0] == ("One", "http://a.org")


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 100])
def test_copies_in_one_file_are_found_in_one_batch_and_across_batches(monkeypatch, size):
    monkeypatch.setattr("catalogue.importing.BATCH", size)
    draft = make_draft(TITLE, year=2012, authors=("Fletcher",), keywords=("Prisons",))
    report = bring(draft, draft, replace(draft, summary="Longer"))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    assert report.matched == {"title": 2}
    assert report.fields == {"summary": 1}
    assert all_of_them() == [replace(draft, summary="Longer")]


TITLED = "Peer interventions with offenders"
# What a record says, and what a row says that is near it.
NEAR = [
    ({}, {"year": 2013}),
    ({"year": 2012}, {"year": 2013}),
    ({}, {"title": "Peer intervenitons with offenders"}),
    ({"year": 2012}, {"year": 2012, "title": "Pere interventions with offenders"}),
    ({"year": 2012, "authors": ("Fletcher, Del Roy",)}, {"year": 2013, "authors": ("Fletcher, D. R.",)}),
    (identified("doi", "10.1/1"), {"title": "Something else", **identified("doi", "10.1/1")}),
]
FAR = [
    ({"year": 2012}, {"year": 2014}),
    ({"year": 2012}, {"year": 2012, "title": "Gang interventions with prisoners"}),
    ({"year": 2012, "authors": ("Batty",)}, {"year": 2013, "authors": ("Fletcher",)}),
    ({"year": 2012, "shelf_number": "1"}, {"year": 2013, "shelf_number": "2"}),
    ({"year": 2012, **source("1")}, {"year": 2013, **source("2")}),
    ({"year": 2012, "url": "http://a.org/1"}, {"year": 2013, "url": "http://a.org/2"}),
]


def two_drafts(present: dict, incoming: dict) -> tuple[Draft, Draft]:
    return make_draft(**{"title": TITLED, **present}), make_draft(**{"title": TITLED, **incoming})


@pytest.mark.django_db
@pytest.mark.parametrize(("present", "incoming"), NEAR)
@pytest.mark.parametrize("together", [True, False])
def test_a_near_row_is_created_and_listed_with_the_record_that_it_is_near_to(present, incoming, together):
    first, second = two_drafts(present, incoming)
    report = bring(first, second) if together else (bring(first), bring(second))[1]
    assert (report.created, report.updated, report.near) == (1 + together, 0, 1)
    record = Record.objects.order_by("id")[0]
    [near] = report.near_rows
    assert (near.row, near.title, near.record, near.record_title) == (
        1 + together,
        second.title,
        record.pk,
        first.title,
    )
    [example] = report.examples["near"]
    assert (example.before, example.after) == (first, second)
    assert bring(first, second).unchanged == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("present", "incoming"), FAR)
def test_what_differs_by_more_is_not_near(present, incoming):
    assert bring(*two_drafts(present, incoming)).near == 0


@pytest.mark.django_db
def test_a_near_row_can_be_set_aside(tmp_path):
    bring(make_draft(TITLED, year=2012))
    near = Row(7, make_draft(TITLED, year=2013))
    errors = tmp_path / "errors.jsonl"
    run = Run(matching=Matching(on_near="skip"), errors=errors)
    report = import_rows([Row(6, make_draft("Another")), near, near], run)
    assert (report.created, report.near, report.set_aside, report.read) == (1, 1, 2, 3)
    assert Record.objects.count() == 2
    lines = errors.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert f"this is near record {Record.objects.get(title=TITLED).pk}, “{TITLED}”" in lines[0]


@pytest.mark.django_db
def test_a_row_set_aside_for_another_of_its_batch_names_that_row(tmp_path):
    errors = tmp_path / "errors.jsonl"
    drafts = [make_draft(TITLED, year=2012), make_draft(TITLED + "z", year=2012)]
    rows = [Row(number, draft) for number, draft in enumerate(drafts, start=1)]
    import_rows(rows, Run(matching=Matching(on_near="skip"), errors=errors))
    assert f"this is near row 1, “{TITLED}”" in errors.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_an_edit_between_matching_and_writing_is_not_lost(monkeypatch):
    record = make_record(TITLE, shelf_number="127", summary="Old")
    real = import_batch.records.lock

    def locked(numbers: object) -> None:
        Record.objects.filter(pk=record.pk).update(summary="Edited")  # just before the import has its lock
        real(numbers)

    monkeypatch.setattr(import_batch.records, "lock", locked)
    bring(make_draft(TITLE, shelf_number="127", summary="New", year=2012))
    [draft] = all_of_them()
    assert (draft.summary, draft.year) == ("Edited", 2012)


@pytest.mark.django_db
def test_a_record_deleted_between_matching_and_writing_is_made_anew(monkeypatch):
    record = make_record(TITLE, shelf_number="127")
    real = import_batch.records.lock

    def locked(numbers: object) -> None:
        Record.objects.filter(pk=record.pk).delete()
        real(numbers)

    monkeypatch.setattr(import_batch.records, "lock", locked)
    rows = [make_draft(TITLE, shelf_number="127", **facts) for facts in ({"authors": ("New",)}, {"summary": "More"})]
    report = bring(*rows)
    assert (report.created, report.updated) == (1, 1)
    assert all_of_them() == [replace(rows[0], summary="More")]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 100])
def test_what_a_record_learns_from_a_row_leads_the_next_row_to_it(monkeypatch, size):
    monkeypatch.setattr("catalogue.importing.BATCH", size)
    first = make_draft(TITLE, year=2012)
    report = bring(first, replace(first, **source("a:7")), make_draft("Under another title", **source("a:7")))
    assert (report.created, report.matched) == (1, {"title": 1, "source": 1})


@pytest.mark.django_db
def test_a_number_in_the_source_is_found_among_many_records_with_that_number_in_other_schemes():
    make_records([make_draft(f"Report {number}", **identified("report", "5")) for number in range(60)])
    make_record(TITLE, url="https://example.org/5", **source("5"))
    assert bring(make_draft("Another title", url="https://example.org/5", **source("5"))).matched == {"source": 1}


@pytest.mark.django_db
def test_a_bare_number_of_a_source_without_a_name_is_not_enough():
    make_record("Annual report on prisons", authors=("Fletcher, D.",), year=2012, **source("7"))
    report = bring(make_draft("Wege aus der Haft", ("Fletcher, D.",), year=2012, **source("7")))
    assert (report.created, report.matched) == (1, {})
    assert bring(make_draft("Annual report on prison", year=2012, **source("7"))).matched == {"source": 1}
    assert bring(make_draft("Wege aus der Haft", year=2012, country="Chile", **source("7"))).updated == 1


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2])
def test_headings_lead_where_they_led_when_more_come_than_are_remembered(monkeypatch, size):
    monkeypatch.setattr("catalogue.importing.BATCH", size)
    monkeypatch.setattr(headings, "MOST_KNOWN", 3)
    make_record(TITLED, authors=("Fletcher, Del Roy",), year=2012)
    AuthorVariant.objects.create(authority=Author.objects.get(), form="Fletcher, D.")
    known = Name("Carberry, Josiah", orcid="0000-0002-1825-0097")
    others = [Draft(title=f"On {word}", authors=(known, Name(word), Name("Fletcher, D."))) for word in ("A", "B", "C")]
    again = make_draft(TITLED, authors=("Fletcher, D.", "Somebody Else"), year=2012)
    report = bring(*others, again, *others)
    assert (report.created, report.unchanged) == (3, 4)


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["fill", "skip"])
def test_an_author_without_an_orcid_learns_that_of_a_row_which_is_written(choice):
    draft = make_draft(TITLE, authors=("Carberry, Josiah",), year=2012)
    make_records([draft])
    with_orcid = (Name("Carberry, Josiah", orcid="0000-0002-1825-0097"),)
    bring(replace(draft, authors=with_orcid), on_match=choice)
    assert Author.objects.get().orcid == ""
    bring(replace(draft, title="Something else", authors=with_orcid), on_match=choice)
    assert Author.objects.get().orcid == "0000-0002-1825-0097"


NUMBERED = {"year": 2015, "authors": ("Twin, Tom",)}


def numbered(number: str, *others: tuple[str, str], **facts) -> Draft:
    identifiers = (Identifier("source", number), *(Identifier(*pair) for pair in others))
    return make_draft("Same report twice", identifiers=identifiers, **facts)


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2000])
def test_rows_that_their_source_numbers_apart_are_near_where_all_else_is_the_same(batch, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", batch)
    others = (("doi", "10.5555/abc"), ("isbn", "9780306406157"))
    report = bring(*(numbered(number, *others, **NUMBERED) for number in ("101", "102", "103")))
    assert (report.created, report.near) == (3, 2)
    assert [(near.row, near.record_title) for near in report.near_rows] == [
        (2, "Same report twice"),
        (3, "Same report twice"),
    ]
    again = bring(*(numbered(number, *others, **NUMBERED) for number in ("101", "102", "103")))
    assert (again.unchanged, again.near) == (3, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (numbered("1", ("doi", "10.5555/abc")), numbered("2", ("doi", "10.5555/ABC")), 1),
        (numbered("1", ("isbn", "0306406152")), numbered("2", ("isbn", "9780306406157")), 1),
        (numbered("1", url="http://a.org/x"), numbered("2", url="https://a.org/x/"), 1),
        (numbered("1", **NUMBERED), numbered("2", **NUMBERED), 1),
        (numbered("1", url="http://a.org/1", **NUMBERED), numbered("2", url="http://a.org/2", **NUMBERED), 0),
        (numbered("1", year=2015), numbered("2", year=2015), 0),
        (numbered("1"), numbered("2"), 0),
        (
            numbered("1", ("isbn", "0306406152")),
            replace(numbered("2", ("isbn", "0306406152")), title="Another volume of the set"),
            0,
        ),
    ],
)
def test_what_more_tells_them_apart_keeps_them_from_being_near(one, other, near):
    assert bring(one, other).near == near
