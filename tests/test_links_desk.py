"""Link care at the desk: who may, what the worklist shows, checks by hand, and addresses replaced."""

from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import document_keeping
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.linkcheck import addresses, runs
from catalogue.linkcheck.models import Link, LinkCheck, LinkRun
from catalogue.models import ChangeSet, Record
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
Status, State = Link.Status, LinkRun.State
CHECKED = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.LINK_CHECK = True


def link_at(url: str, status: str = Status.DEAD, **facts) -> Link:
    """Make a record with an address in a state."""
    make_record(f"Record of {url}", url=url)
    [link] = addresses.take_up([url])
    Link.objects.filter(pk=link.pk).update(**{"status": status, "checked": CHECKED, "failures": 3, **facts})
    link.refresh_from_db()
    return link


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def listed(response) -> list[str]:
    return [row.link.url for row in response.context["rows"]]


# -- Rights -----------------------------------------------------------------------------------------------------------

PAGES = ["links/", "links/{link}/", "links/replace/", "links/run/{run}/", "links/run/{run}/progress/"]
DOINGS = ["links/do/", "links/replace/", "links/take-over/", "links/run/", "links/run/{run}/"]


def address(page: str) -> str:
    link = link_at("http://old.org/a", Status.MOVED, moved_to="http://new.org/a")
    run = runs.make(LinkRun.Scope.ALL)
    return "/desk/" + page.format(link=link.pk, run=run.pk)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_cataloguers_and_administrators_alone(seat, page):
    url = address(page)
    assert seat(CATALOGUER).get(url).status_code == 200
    assert seat(ADMINISTRATOR).get(url).status_code == 200
    client = seat("")
    assert client.get(url).status_code == 403
    client.logout()
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("page", DOINGS)
def test_nothing_is_done_by_those_who_may_not_change_records(seat, django_user_model, page):
    url = address(page)
    link = Link.objects.get()
    data = {"number": link.pk, "action": "leave", "step": "replace", "old": "http://old.org/", "new": "http://new.org/"}
    client = seat("")
    user = django_user_model.objects.get(username="ann")
    user.user_permissions.add(Permission.objects.get(codename="view_record"))
    assert client.post(url, data).status_code == 403
    client.logout()
    assert client.post(url, data).status_code == 302
    link.refresh_from_db()
    assert not link.is_known
    assert Record.objects.get().url == "http://old.org/a"
    assert LinkRun.objects.get().state == State.WAITING


@pytest.mark.parametrize("page", ["links/do/", "links/take-over/", "links/run/"])
def test_what_changes_something_is_not_done_by_a_mere_link(desk, page):
    assert desk.get(f"/desk/{page}").status_code == 405


def test_the_desk_leads_to_the_worklist_those_who_may(seat):
    assert "/desk/links/" in text(seat(CATALOGUER).get("/desk/"))
    assert "/desk/links/" not in text(seat("").get("/desk/"))


# -- The worklist -----------------------------------------------------------------------------------------------------


def test_the_worklist_shows_what_ails_with_its_records_and_nothing_else(desk):
    for status in Status.values:
        link_at(f"http://{status}.org/a", status)
    make_record("Another that has it", url="http://dead.org/a")
    Record.objects.filter(url="http://unreachable.org/a").update(url="")
    response = desk.get("/desk/links/")
    assert listed(response) == ["http://dead.org/a", "http://moved.org/a"]
    page = text(response)
    assert "Record of http://dead.org/a" in page
    assert "Another that has it" in page
    assert "3 failures in sequence" in page


@pytest.mark.parametrize("status", Status.values)
def test_each_state_has_a_list_of_its_own_with_its_count(desk, status):
    for one in Status.values:
        link_at(f"http://{one}.org/a", one)
    response = desk.get(f"/desk/links/?state={status}")
    assert listed(response) == [f"http://{status}.org/a"]
    assert {name: count for name, _label, count in response.context["states"]}[status] == 1


def test_the_list_is_narrowed_by_a_part_of_the_address_and_put_in_order(desk):
    link_at("http://b.org/report", alive=CHECKED)
    link_at("http://a.org/report", alive=CHECKED - timedelta(days=9))
    link_at("http://c.org/other", alive=None, checked=CHECKED + timedelta(days=1))
    assert listed(desk.get("/desk/links/?q=REPORT")) == ["http://a.org/report", "http://b.org/report"]
    orders = {"host": "abc", "failing": "cab", "checked": "cba", "new": "cab"}
    for order, hosts in orders.items():
        found = "".join(url[7] for url in listed(desk.get(f"/desk/links/?o={order}")))
        assert found == hosts, order


def test_the_hosts_with_the_most_ailing_addresses_lead_to_their_own_list_and_rule(desk):
    for number in range(3):
        link_at(f"http://big.org/{number}")
        link_at(f"HTTPS://big.org/{number % 2}x{number}")
    link_at("http://small.org/a")
    response = desk.get("/desk/links/")
    assert response.context["hosts"] == [("http", "big.org", 3), ("https", "big.org", 3)]
    page = text(response)
    assert "?q=http%3A%2F%2Fbig.org" in page
    assert "/desk/links/replace/?old=http://big.org/" in page
    filled = text(desk.get("/desk/links/replace/?old=http://big.org/"))
    assert 'value="http://big.org/"' in filled
    preview = desk.get("/desk/links/replace/?old=http://big.org/&new=http://new.org/")
    assert preview.context["form"]["which"].value() == "beginning"
    assert "3 records change" in text(preview)


@pytest.mark.parametrize(
    "junk",
    [
        {"p": "0"},
        {"p": "9" * 30},
        {"p": "x"},
        {"state": "x"},
        {"o": "'"},
        {"q": "a\0b" * 400},
        {"q": "%"},
        {"state": ["a", "b"]},
    ],
)
def test_junk_in_the_address_of_the_list_is_no_error(desk, junk):
    link_at("http://a.org/report")
    assert desk.get("/desk/links/?" + urlencode(junk, doseq=True)).status_code == 200


def test_a_list_has_pages(desk):
    make_records([make_draft(str(number), url=f"http://a.org/{number}") for number in range(120)])
    addresses.keep_in_step()
    Link.objects.update(status=Status.DEAD)
    assert len(listed(desk.get("/desk/links/"))) == 50
    assert len(listed(desk.get("/desk/links/?p=3"))) == 20
    assert "Page 3 of 3" in text(desk.get("/desk/links/?p=3"))


def test_what_stands_in_an_address_or_a_title_is_text_and_no_html(desk):
    make_record("<b>Bold</b>", url="http://a.org/<script>alert(1)</script>")
    addresses.keep_in_step()
    Link.objects.update(status=Status.DEAD, reason="<i>x</i>")
    page = desk.get("/desk/links/").content.decode()
    for raw in ("<b>Bold", "<script>alert", "<i>x"):
        assert raw not in page


def test_beside_an_address_stands_the_library_s_copy_or_else_the_archive(desk, settings, tmp_path, django_user_model):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    link_at("http://a.org/report", alive=CHECKED)
    link_at("http://b.org/report")
    record = Record.objects.get(url="http://b.org/report")
    user = django_user_model.objects.get(username="ann")
    kept = document_keeping.keep(record, "report.pdf", BytesIO(b"%PDF-1.4"), user)
    page = text(desk.get("/desk/links/"))
    assert 'href="https://web.archive.org/web/20260503*/http://a.org/report"' in page
    assert f"/desk/documents/{kept.pk}/" in page
    assert "*/http://b.org" not in page


@pytest.mark.parametrize(
    "page", ["/desk/links/", "/desk/links/?state=dead&q=a", "/desk/links/{link}/", "/desk/links/run/{run}/"]
)
def test_a_page_costs_as_many_queries_for_many_addresses_as_for_one(desk, page):
    link = link_at("http://a.org/0")
    LinkCheck.objects.create(link=link, made=CHECKED, status=Status.DEAD)
    run = runs.make(LinkRun.Scope.CHOSEN, numbers=[link.pk])
    url = page.format(link=link.pk, run=run.pk)
    counts = []
    for many in (1, 40):
        make_records([make_draft(f"{many}/{number}", url=f"http://a.org/{many}/{number}") for number in range(many)])
        make_records([make_draft(f"{many}/{number}", url=link.url) for number in range(many)])
        addresses.keep_in_step()
        Link.objects.update(status=Status.DEAD, checked=CHECKED)
        desk.get(url)
        with CaptureQueriesContext(connection) as queries:
            desk.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 20


def test_one_address_has_a_page_with_its_records_and_checks(desk):
    link = link_at("http://a.org/report", reason="There is no host “a.org”.")
    LinkCheck.objects.create(link=link, made=CHECKED, status=Status.UNREACHABLE, code=503, reason="An error.")
    page = text(desk.get(f"/desk/links/{link.pk}/"))
    for said in ("There is no host", "An error.", "503", "Record of http://a.org/report"):
        assert said in page
    assert desk.get(f"/desk/links/{10**18}/").status_code == 404
    assert desk.get(f"/desk/links/{10**30}/").status_code == 404


# -- What is done with addresses --------------------------------------------------------------------------------------


def test_addresses_that_are_known_leave_the_list_and_come_back_when_asked(desk):
    link, other = link_at("http://a.org/report"), link_at("http://b.org/report")
    desk.post("/desk/links/do/", {"action": "leave", "number": [link.pk]})
    assert listed(desk.get("/desk/links/")) == [other.url]
    assert "known, to be left (ann)" in text(desk.get("/desk/links/?state=known"))
    response = desk.post(
        "/desk/links/do/", {"action": "unleave", "number": [link.pk], "next": "/desk/links/?state=known"}
    )
    assert response.url == "/desk/links/?state=known"
    assert len(listed(desk.get("/desk/links/"))) == 2


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:x", "/", ""])
def test_nobody_is_led_elsewhere_afterwards(desk, there):
    response = desk.post("/desk/links/do/", {"action": "leave", "number": "1", "next": there})
    assert response.url == "/desk/links/"


@pytest.mark.parametrize("number", ["", "x", "9" * 40, "٣", "-1"])
def test_numbers_that_make_no_sense_are_none(desk, number):
    page = text(desk.post("/desk/links/do/", {"action": "check", "number": number}, follow=True))
    assert "Tick the addresses first." in page
    assert not LinkRun.objects.exists()


def test_ticked_addresses_are_checked_by_a_run_with_a_page(desk):
    link = link_at("http://a.org/report")
    response = desk.post("/desk/links/do/", {"action": "check", "number": [link.pk]})
    run = LinkRun.objects.get()
    assert response.url == f"/desk/links/run/{run.pk}/"
    assert (run.scope, run.numbers, run.user_name) == ("chosen", [link.pk], "ann")
    page = text(desk.get(response.url))
    assert "No worker is running" in page
    assert "Stop" in page


@pytest.mark.parametrize("scope", ["due", "all"])
def test_all_that_are_due_or_all_there_are_are_checked_once_however_often_it_is_asked(desk, scope):
    first = desk.post("/desk/links/run/", {"scope": scope})
    again = desk.post("/desk/links/run/", {"scope": scope})
    assert first.url == again.url
    assert LinkRun.objects.get().scope == scope


def test_how_far_a_run_is_is_told_in_words_and_numbers(desk):
    run = runs.make(LinkRun.Scope.ALL)
    now = timezone.now()
    facts = {"state": State.RUNNING, "total": 1200, "done": 300, "begun": now - timedelta(minutes=5), "alive": now}
    LinkRun.objects.filter(pk=run.pk).update(attempt=1, **facts)
    pace = desk.get(f"/desk/links/run/{run.pk}/progress/").json()
    assert pace == {
        "is_busy": True,
        "percent": 25,
        "sentence": "300 of 1,200 links checked.",
        "left": "About 15 minutes are left.",
    }
    LinkRun.objects.filter(pk=run.pk).update(alive=now - timedelta(hours=1))
    assert "no sign of life" in desk.get(f"/desk/links/run/{run.pk}/progress/").json()["sentence"]
    desk.post(f"/desk/links/run/{run.pk}/")
    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert desk.get(f"/desk/links/run/{10**30}/").status_code == 404


def test_what_came_of_a_run_leads_to_the_lists(desk):
    run = runs.make(LinkRun.Scope.ALL)
    LinkRun.objects.filter(pk=run.pk).update(state=State.DONE, counts={"dead": 12, "gone": 1}, problem="Offline.")
    page = text(desk.get(f"/desk/links/run/{run.pk}/"))
    assert "?state=dead" in page
    assert "Offline." in page


def test_where_checks_are_off_no_page_offers_any(desk, settings):
    link = link_at("http://a.org/report")
    settings.LINK_CHECK = False
    page = text(desk.get("/desk/links/"))
    assert "LINK_CHECK is off" in page
    assert 'value="check"' not in page
    told = text(desk.post("/desk/links/do/", {"action": "check", "number": [link.pk]}, follow=True))
    assert "LINK_CHECK is off" in told
    assert not LinkRun.objects.exists()


# -- Replacing --------------------------------------------------------------------------------------------------------


def test_a_host_is_replaced_after_a_look_at_what_changes_and_can_be_undone(desk):
    make_records([make_draft(f"Report {number}", url=f"http://www.old.org/{number}") for number in range(30)])
    rule = {"old": "http://www.old.org/", "new": "https://new.org/", "which": "beginning", "reason": "They moved"}
    page = text(desk.post("/desk/links/replace/", {**rule, "step": "preview"}))
    assert "30 records change" in page
    assert "https://new.org/0" in page
    assert "The first 20 are shown" in page
    assert not Record.objects.filter(url__startswith="https://new.org").exists()
    page = text(desk.post("/desk/links/replace/", {**rule, "step": "replace"}, follow=True))
    assert "30 records have new addresses." in page
    assert Record.objects.filter(url__startswith="https://new.org/").count() == 30
    change_set = ChangeSet.objects.first()
    assert (change_set.reason, change_set.user_name) == ("They moved", "ann")
    assert f"/desk/catalogue/changeset/{change_set.pk}/change/" in page
    assert desk.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/").status_code == 302
    assert Record.objects.filter(url__startswith="http://www.old.org/").count() == 30


def test_one_address_is_replaced_from_the_list_with_what_is_known_filled_in(desk):
    link_at("http://old.org/a", Status.MOVED, moved_to="http://new.org/a")
    make_record("Longer", url="http://old.org/ab")
    page = desk.get("/desk/links/")
    filled = "/desk/links/replace/?" + page.context["rows"][0].replacing
    response = desk.get(filled)
    assert response.context["form"]["which"].value() == "one"
    assert "1 record changes" in text(response)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"old": "x", "new": "http://a.b/"}, "is no address"),
        ({"old": "http://a.b/", "new": "http://a.b/"}, "the same"),
        ({"old": "http://a.b/", "new": "http://c.d/"}, "No record has such an address"),
        ({"old": "http://a.b/" + "a" * 3000, "new": "http://c.d/"}, "at most 2000"),
        ({"old": "http://a.b/\0", "new": "http://c.d/"}, "Null characters"),
        ({"old": "http://a.b/", "new": "http://c.d/", "which": "x"}, "valid choice"),
        ({"old": "", "new": ""}, "Replace addresses"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_in_a_sentence(desk, rule, said):
    for step in ("preview", "replace"):
        assert said in text(desk.post("/desk/links/replace/", {**rule, "step": step}))
    assert not ChangeSet.objects.exists()


def test_where_ticked_addresses_have_moved_is_taken_over_after_a_look(desk):
    moved = link_at("http://old.org/a", Status.MOVED, moved_to="http://new.org/a")
    other = link_at("http://old.org/b", Status.MOVED, moved_to="http://new.org/b")
    dead = link_at("http://old.org/c")
    page = text(desk.post("/desk/links/take-over/", {"number": [moved.pk, other.pk, dead.pk]}))
    assert "2 records change" in page
    assert "http://new.org/b" in page
    page = text(desk.post("/desk/links/take-over/", {"number": [moved.pk, other.pk], "step": "replace"}, follow=True))
    assert "2 records have new addresses." in page
    assert sorted(Record.objects.values_list("url", flat=True)) == [
        "http://new.org/a",
        "http://new.org/b",
        "http://old.org/c",
    ]
    assert ChangeSet.objects.first().reason == "Permanent redirects taken over"


def test_nothing_is_taken_over_where_nothing_has_moved(desk):
    dead = link_at("http://old.org/c")
    page = text(desk.post("/desk/links/take-over/", {"number": [dead.pk], "step": "replace"}, follow=True))
    assert "None of these addresses has moved" in page


# -- The record's form ------------------------------------------------------------------------------------------------


def test_the_form_says_beside_the_address_how_it_is_and_offers_a_check(desk):
    link = link_at("http://a.org/report", reason="There is no host “a.org”.")
    record = Record.objects.get()
    page = text(desk.get(f"/desk/catalogue/record/{record.pk}/change/"))
    assert "There is no host “a.org”." in page
    assert f"/desk/links/{link.pk}/" in page
    assert "Check it now" in page


def test_the_address_of_a_record_that_is_new_is_checked_from_its_form(desk):
    record = make_record("New", url="http://new.org/a")
    assert "never been checked" in text(desk.get(f"/desk/catalogue/record/{record.pk}/change/"))
    desk.post("/desk/links/do/", {"action": "check", "record": record.pk})
    assert LinkRun.objects.get().numbers == [Link.objects.get(url="http://new.org/a").pk]
    bare = make_record("Bare")
    assert "Check it now" not in text(desk.get(f"/desk/catalogue/record/{bare.pk}/change/"))
    assert "never been checked" not in text(desk.get("/desk/catalogue/record/add/"))
