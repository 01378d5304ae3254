"""The list of records at the desk: its search, its actions, and what its pages cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import ChangeSet, Record
from search import desk as search_desk
from search import index
from tests.records import make_draft, make_record, make_records

LIST = "/desk/catalogue/record/"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def listed(response) -> list[str]:
    return [record.title for record in response.context["cl"].result_list]


@pytest.mark.django_db(transaction=True)
def test_the_box_searches_as_the_public_does_and_finds_drafts_and_withdrawn_ones(desk):
    make_records([make_draft(f"Prisons {status}", status=status) for status in ("draft", "published", "withdrawn")])
    make_record("Something else")
    assert sorted(listed(desk.get(LIST, {"q": "title:prison"}))) == [
        "Prisons draft",
        "Prisons published",
        "Prisons withdrawn",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_order_of_the_engine_is_kept_unless_a_column_is_chosen(desk):
    make_record("Gangs gangs gangs", summary="gangs " * 5)
    make_record("A long title in which the word gangs stands only once among very many others")
    assert listed(desk.get(LIST, {"q": "gangs"}))[0] == "Gangs gangs gangs"
    assert listed(desk.get(LIST, {"q": "gangs", "o": "-1"}))[0].startswith("A long title")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("text", ["()", '"', "AND", "nul\0", "x" * 10_000, "author:", "\x07", "title:(", "%", "'"])
def test_any_string_can_stand_in_the_box(desk, text):
    make_record("One")
    page = desk.get(LIST, {"q": text})
    assert page.status_code == 200
    assert not [message for message in page.context["messages"] if message.level_tag == "error"]


@pytest.mark.django_db
def test_an_empty_box_lists_all_newest_first(desk):
    make_records([make_draft("One"), make_draft("Two")])
    assert listed(desk.get(LIST, {"q": "  "})) == ["Two", "One"]


@pytest.mark.django_db
def test_titles_are_searched_while_there_is_no_index_and_the_page_says_so(desk, monkeypatch):
    make_records([make_draft("Peer mentoring"), make_draft("Gangs")])

    def not_ready(request):
        raise index.IndexNotReady

    monkeypatch.setattr(search_desk.index, "find", not_ready)
    page = desk.get(LIST, {"q": "mentor"})
    assert listed(page) == ["Peer mentoring"]
    assert "only titles are searched" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["junk", "-1", "99999999999999999999999", "²"])
def test_a_country_that_is_none_lists_nothing(desk, country):
    make_record(country="Chile")
    assert listed(desk.get(LIST, {"country": country})) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["\0", "en\0", "'"])
def test_a_language_that_is_none_lists_nothing(desk, language):
    make_record(language="en")
    assert listed(desk.get(LIST, {"language": language})) == []


@pytest.mark.django_db
def test_the_filters_narrow_the_list(desk):
    chile = make_record("One", country="Chile", language="es", kind="report", status="draft")
    make_record("Two")
    facts = {"country": chile.country_id, "language": "es", "kind__exact": "report", "status__exact": "draft"}
    for name, value in facts.items():
        assert listed(desk.get(LIST, {name: value})) == ["One"]


@pytest.mark.django_db
def test_records_are_withdrawn_and_published_in_one_noted_step(desk):
    numbers = [record.pk for record in make_records([make_draft("One"), make_draft("Two"), make_draft("Three")])]
    chosen = {"_selected_action": numbers[:2], "reason": "Retracted"}
    desk.post(LIST, {"action": "withdraw", **chosen})
    withdrawn = Record.objects.filter(status="withdrawn").order_by("pk")
    assert [(record.title, record.withdrawn_reason) for record in withdrawn] == [
        ("One", "Retracted"),
        ("Two", "Retracted"),
    ]
    change_set = ChangeSet.objects.order_by("pk").last()
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("batch", "ann", "Retracted")
    assert change_set.changes.count() == 2
    desk.post(LIST, {"action": "publish", **chosen})
    assert Record.objects.filter(status="published", withdrawn_reason="").count() == 3


@pytest.mark.django_db
def test_an_action_that_changes_nothing_is_not_noted(desk):
    record = make_record("One")
    desk.post(LIST, {"action": "publish", "_selected_action": [record.pk], "reason": ""})
    assert ChangeSet.objects.count() == 1


@pytest.mark.django_db
def test_records_deleted_from_the_list_go_through_the_change_sets(desk):
    record = make_record("One")
    chosen = {"action": "delete_selected", "_selected_action": [record.pk], "reason": ""}
    assert "One" in desk.post(LIST, chosen).content.decode()
    desk.post(LIST, {**chosen, "post": "yes"})
    assert not Record.objects.exists()
    assert ChangeSet.objects.order_by("pk").last().changes.get().after is None


def queries(desk, address: str) -> int:
    desk.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(address).status_code == 200
    return len(seen)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/desk/",
        LIST,
        "/desk/catalogue/record/{number}/change/",
        "/desk/catalogue/record/{number}/history/",
        "/desk/catalogue/keyword/",
        "/desk/catalogue/author/",
        "/desk/catalogue/country/",
        "/desk/catalogue/changeset/",
    ],
)
def test_a_page_of_the_desk_costs_as_many_queries_at_20_records_as_at_1(desk, address):
    facts = {"authors": ("A", "B"), "keywords": ("C",), "country": "D"}
    first = make_record("Record", **facts)
    address = address.format(number=first.pk)
    before = queries(desk, address)
    for n in range(19):
        make_record(f"Record {n}", authors=(f"A{n}", f"B{n}"), keywords=(f"C{n}",), country=f"D{n}")
    assert queries(desk, address) == before


@pytest.mark.django_db
def test_the_form_costs_as_many_queries_with_20_authors_as_with_1(desk):
    few = make_record("Few", authors=("A",), keywords=("K",))
    many = make_record("Many", authors=tuple(f"A{n}" for n in range(20)), keywords=tuple(f"K{n}" for n in range(20)))
    page = "/desk/catalogue/record/{}/change/"
    assert queries(desk, page.format(many.pk)) == queries(desk, page.format(few.pk))
