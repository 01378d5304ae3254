"""What is pasted to have the form filled: numbers, addresses, citations, and what is none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import pasting
from catalogue.draft import Draft, Identifier, Name, validate
from catalogue.models import Record
from tests.records import make_record
from tests.test_admin_records import ADD, change_page, filled, resent

RIS = "TY  - RPRT\nTI  - Peer mentoring\nAU  - Fletcher, Del Roy\nPY  - 2012\nDO  - 10.1/x\nER  - \n"
BIBTEX = '@techreport{a, title = "Peer {Mentoring}", author = {Fletcher, Del Roy and Batty, Elaine}, year = 2012}'
LABELLED = "Author: Fletcher, Del Roy\n\nTitle: Peer mentoring\n\nYear: 2012\n"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


@pytest.mark.parametrize("text", ["10.1000/xyz(1)", "doi: 10.1000/xyz(1)", " https://doi.org/10.1000/xyz(1).\n"])
def test_a_doi_fills_the_identifier_and_the_address(text):
    found = pasting.read(text).draft
    assert found == Draft(url="https://doi.org/10.1000/xyz(1)", identifiers=(Identifier("doi", "10.1000/xyz(1)"),))


@pytest.mark.parametrize("text", ["978-0-306-40615-8", "ISBN 0-306-40615-3", "0804429570"])
def test_a_mistyped_isbn_is_said_to_be_one(text):
    with pytest.raises(pasting.NotUnderstood, match="last digit does not fit"):
        pasting.read(text)


@pytest.mark.parametrize("text", ["978-0-306-40615-7", "ISBN 0-306-40615-2", "isbn-13: 9780306406157", "080442957x"])
def test_an_isbn_with_its_check_digit_fills_the_identifier(text):
    found = pasting.read(text).draft.identifiers
    assert [item.scheme for item in found] == ["isbn"]
    assert found[0].value in ("9780306406157", "0306406152", "080442957X")


def test_an_address_fills_the_url():
    assert pasting.read("https://example.org/a?b=c").draft == Draft(url="https://example.org/a?b=c")


@pytest.mark.parametrize(("text", "title"), [(RIS, "mentoring"), (BIBTEX, "Mentoring"), (LABELLED, "mentoring")])
def test_a_citation_fills_what_it_says(text, title):
    found = pasting.read(text).draft
    assert (found.title, found.year, found.authors[0]) == (f"Peer {title}", 2012, Name("Fletcher, Del Roy"))


def test_of_several_records_the_first_is_taken_and_that_is_said():
    pasted = pasting.read(RIS + RIS.replace("Peer", "Other"))
    assert pasted.draft.title == "Peer mentoring"
    assert "more than one record" in pasted.notes[-1]


@pytest.mark.parametrize(
    "text", ["", "nul\0", "just some words", "a,b\n1,2", "9780306406158", "{}", "x" * 300_000, "@book{"]
)
def test_what_is_no_citation_is_refused_in_words(text):
    with pytest.raises(pasting.NotUnderstood, match=r"\w+ .*\."):
        pasting.read(text)


CUT = st.builds(lambda text, first: text[first:], st.sampled_from([RIS, BIBTEX, LABELLED]), st.integers(0, 80))


@given(st.one_of(st.text(), CUT))
def test_anything_that_is_pasted_gives_a_draft_or_a_sentence(text):
    try:
        pasted = pasting.read(text)
    except pasting.NotUnderstood as problem:
        assert str(problem)
    else:
        assert isinstance(validate(pasted.draft), list)


@pytest.mark.django_db
def test_the_form_is_filled_where_nothing_was_typed_and_nothing_is_saved(desk):
    page = desk.post(ADD, {**filled(title="Typed", year="soon"), "pasted": RIS, "_paste": ""})
    forms = page.context["forms"]
    assert [forms.main[name].value() for name in ("title", "year")] == ["Typed", "soon"]
    assert [row["heading"].value() for row in forms.authors][0] == "Fletcher, Del Roy"
    assert forms.identifiers[0]["value"].value() == "10.1/x"
    assert "Filled from" in page.content.decode()
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_authors_that_were_typed_are_not_replaced_by_pasted_ones(desk):
    data = {**filled([{"heading": "Typed, Ann"}]), "pasted": RIS, "_paste": ""}
    authors = desk.post(ADD, data).context["forms"].authors
    assert [row["heading"].value() for row in authors if row["heading"].value()] == ["Typed, Ann"]


@pytest.mark.django_db
def test_a_record_that_is_there_keeps_what_it_says_and_is_filled_with_the_rest(desk):
    record = make_record("Kept", identifiers=(Identifier("doi", "10.1/x"),))
    page = desk.post(change_page(record), {**resent(desk, record), "pasted": RIS, "_paste": ""})
    forms = page.context["forms"]
    assert [forms.main[name].value() for name in ("title", "year")] == ["Kept", 2012]
    assert forms.identifiers.initial_form_count() == 1
    data = {**resent(desk, record), "year": "2012", "modified": forms.main["modified"].value()}
    desk.post(change_page(record), data)
    assert Record.objects.get().year == 2012


@pytest.mark.django_db
def test_duplicates_of_what_was_pasted_stand_beside_the_filled_form(desk):
    make_record("Peer mentoring", year=2012)
    page = desk.post(ADD, {**filled(title=""), "pasted": RIS, "_paste": ""})
    assert [one.draft.title for one in page.context["duplicates"]] == ["Peer mentoring"]


@pytest.mark.django_db
def test_what_was_not_understood_is_said_and_what_was_typed_stays(desk):
    page = desk.post(ADD, {**filled(title="Typed"), "pasted": "some words", "_paste": ""})
    assert "This was not understood." in page.content.decode()
    assert page.context["form"]["title"].value() == "Typed"
