"""A cataloguer's day in a real browser, from the first record to what is taken back in the evening."""

import json
import re

import pytest

from tests.browser.conftest import desk_of
from tests.browser.site import Site
from tests.browser.test_desk_form import ADD
from tests.webserver import Server, pdf, reply

RIS = """TY  - RPRT
TI  - Nightwatch keepers of the northern lights
AU  - Lindqvist, Astrid
PY  - 2019
KW  - Nightwatching
ER  -
"""


@pytest.fixture
def server():
    made = Server({"/gone.pdf": reply(410), "/found-again.pdf": pdf()})
    yield made
    made.close()


@pytest.fixture
def site(server, tmp_path):
    """A library of 500 reports on harbours, and one report whose address is dead."""
    site = Site("--without-sample", LINK_CHECK="on", LINK_CHECK_NETWORKS="127.0.0.0/8,::1/128")
    records = [{"title": f"Harbour report {number}", "year": 1950 + number % 50} for number in range(500)]
    records.append({"title": "Foghorns of the strait", "url": server.url("/gone.pdf", "127.0.0.1")})
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    try:
        site.start()
        assert site.run("import_records", str(file)).returncode == 0
        yield site
        site.stop()
    finally:
        site.remove()


@pytest.fixture
def desk(browser, site):
    with desk_of(browser, site) as page:
        yield page


def test_a_day_at_the_desk(desk, server):
    ten_records_are_typed_without_touching_the_mouse(desk)
    number = one_is_pasted_as_a_citation(desk)
    a_duplicate_is_caught_and_goes_into_the_record_that_was_there(desk, number)
    two_keywords_that_are_one_are_merged_and_the_merge_is_undone(desk)
    five_hundred_records_are_changed_and_put_back(desk)
    a_dead_link_is_found_and_replaced(desk, server)
    an_earlier_version_is_restored(desk, number)


def found(page, search: str) -> int:
    """Return how many records the public finds."""
    page.goto(f"/search?{search}")
    return int(page.inner_text(".found").split()[0].replace(",", ""))


def tab_to(page, box: str) -> None:
    """Go on by the key Tab until a box of the form has the focus."""
    passed = []
    while (here := page.evaluate("document.activeElement.id")) != box:
        assert len(passed) < 60, passed
        passed.append(here)
        page.keyboard.press("Tab")


def undo(page, records: int) -> None:
    page.get_by_role("link", name="Undo this").click()
    page.get_by_role("button", name="Undo it").click()
    page.get_by_text(f"Records put back: {records}").first.wait_for()


def ten_records_are_typed_without_touching_the_mouse(page) -> None:
    page.goto(ADD)
    for number in range(1, 11):
        assert page.evaluate("document.activeElement.id") == "id_title"
        page.keyboard.type(f"Lighthouse logbook {number}")
        tab_to(page, "id_authors-0-heading")
        page.keyboard.type("Beaconsfield, Mary")
        tab_to(page, "id_keywords_add")
        page.keyboard.type("Lighthouses" if number % 2 else "Light Houses")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter" if number == 10 else "Control+Shift+Enter")
        assert page.get_by_text("was saved").first.is_visible()
    assert found(page, "q=lighthouse+logbook") == 10


def one_is_pasted_as_a_citation(page) -> str:
    page.goto(ADD)
    page.get_by_text("Fill the form from").click()
    page.fill("#pasted", RIS)
    page.get_by_role("button", name="Fill the form").click()
    assert page.input_value("#id_title") == "Nightwatch keepers of the northern lights"
    assert page.input_value("#id_authors-0-heading") == "Lindqvist, Astrid"
    page.press("#id_title", "Control+Enter")
    said = page.get_by_text("was saved").first.inner_text()
    number = re.search(r"Record (\d+)", said)
    assert number, said
    return number[1]


def a_duplicate_is_caught_and_goes_into_the_record_that_was_there(page, number: str) -> None:
    page.goto(ADD)
    page.fill("#id_title", "Nightwatch keepers of the northern light")
    page.locator("#alike a").first.wait_for()
    page.fill("#id_summary", "What the keepers wrote down.")
    page.get_by_role("button", name=f"Merge into this record: {number}").click()
    page.wait_for_url("**/merge/*/typed/**")
    assert page.get_by_text("What you typed", exact=True).is_visible()
    page.get_by_role("button", name="Fill the record’s form").click()
    page.wait_for_url(f"**/record/{number}/change/**")
    assert page.input_value("#id_title") == "Nightwatch keepers of the northern lights"
    page.press("#id_summary", "Control+Enter")
    page.get_by_text("was saved").first.wait_for()
    assert found(page, "title=nightwatch+keepers") == 1
    assert page.get_by_text("What the keepers wrote down.").first.is_visible()


def two_keywords_that_are_one_are_merged_and_the_merge_is_undone(page) -> None:
    page.goto("/desk/catalogue/keyword/?q=light")
    for heading in ("Lighthouses", "Light Houses"):
        page.get_by_role("row", name=heading, exact=False).get_by_role("checkbox").first.check()
    page.select_option("select[name=action]", "merge_chosen")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()
    page.get_by_role("button", name="Show what would change").click()
    assert page.get_by_text("What would change").first.is_visible()
    page.get_by_role("button", name="Merge them").click()
    page.get_by_text("headings are").wait_for()
    way = page.get_by_role("link", name="What it changed, and how to undo it").get_attribute("href")
    assert found(page, "keyword=light+houses&q=logbook") == 10
    page.goto(way)
    undo(page, 5)
    assert found(page, "keyword=light+houses&q=logbook") == 5


def five_hundred_records_are_changed_and_put_back(page) -> None:
    page.goto("/search?q=harbour+report")
    page.click("text=change these records")
    page.click("button[value=all]")
    page.fill("#id_add_add", "Harbours")
    page.press("#id_add_add", "Enter")
    page.fill("#id_country", "Norway")
    page.click("button.prominent:has-text('Show what would change')")
    page.wait_for_selector("text=Preview: nothing has been changed yet")
    assert page.inner_text("#content dl.counts dd >> nth=0") == "500"
    page.fill("#id_reason", "All harbours are Norwegian")
    page.click("button[value=do]")
    way = page.locator("a", has_text="What it changed, and how to undo it").get_attribute("href")
    assert found(page, "keyword=harbours&country=norway") == 500
    page.goto(way)
    undo(page, 500)
    assert found(page, "keyword=harbours") == 0
    assert found(page, "q=harbour+report") == 500


def a_dead_link_is_found_and_replaced(page, server: Server) -> None:
    page.goto("/desk/links/")
    page.click("text=Check all that are due")
    page.wait_for_selector("dl.counts")
    page.goto("/desk/links/?state=dead")
    assert page.locator(".links > li").count() == 1
    assert "Foghorns of the strait" in page.inner_text(".links")
    page.click("text=Replace addresses by rule")
    page.fill("#id_old", server.url("/gone.pdf", "127.0.0.1"))
    page.fill("#id_new", server.url("/found-again.pdf", "127.0.0.1"))
    page.click("text=Show what would change")
    assert "1 record changes" in page.inner_text(".preview")
    page.click("text=Replace them")
    assert "1 record has a new address." in page.inner_text(".messagelist")
    assert found(page, "q=foghorns") == 1
    assert page.locator("a[href$='/found-again.pdf']").first.is_visible()


def an_earlier_version_is_restored(page, number: str) -> None:
    page.goto(f"/desk/catalogue/record/{number}/change/")
    page.fill("#id_title", "Keepers of the night")
    page.press("#id_title", "Control+Enter")
    page.get_by_text("was saved").first.wait_for()
    assert found(page, "title=nightwatch+keepers") == 0
    page.goto(f"/desk/catalogue/record/{number}/history/")
    page.locator("text=Whole version").nth(1).click()
    assert "Nightwatch keepers of the northern lights" in page.inner_text(".card")
    page.click("text=Restore this version")
    page.click("text=Restore it")
    assert "is restored" in page.inner_text(".messagelist")
    assert found(page, "title=nightwatch+keepers") == 1
