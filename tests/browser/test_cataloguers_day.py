"""A cataloguer's day in a real browser, from the first record to what is taken back in the evening."""

import re

import pytest

from tests.browser.test_desk_form import ADD, sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
RIS = """TY  - RPRT
TI  - Nightwatch keepers of the northern lights
AU  - Lindqvist, Astrid
PY  - 2019
KW  - Nightwatching
ER  -
"""


@pytest.fixture(scope="module")
def day() -> dict[str, str]:
    """What the tests of the day hand on: they run in their order, each where the last one left off."""
    return {}


@pytest.fixture
def desk(page, sign_in):  # noqa: F811
    return sign_in(page)


def saved_number(page) -> str:
    said = page.get_by_text("was saved").first.inner_text()
    found = re.search(r"Record (\d+)", said)
    assert found, said
    return found[1]


def tab_to(page, box: str) -> None:
    """Go on by the key Tab until a box of the form has the focus."""
    passed = []
    while (here := page.evaluate("document.activeElement.id")) != box:
        assert len(passed) < 60, passed
        passed.append(here)
        page.keyboard.press("Tab")


def test_ten_records_are_typed_without_touching_the_mouse(desk, day):
    desk.goto(ADD)
    for number in range(1, 11):
        assert desk.evaluate("document.activeElement.id") == "id_title"
        desk.keyboard.type(f"Lighthouse logbook {number}")
        tab_to(desk, "id_authors-0-heading")
        desk.keyboard.type("Beaconsfield, Mary")
        tab_to(desk, "id_keywords_add")
        desk.keyboard.type("Lighthouses" if number % 2 else "Light Houses")
        with desk.expect_navigation():
            desk.keyboard.press("Control+Enter" if number == 10 else "Control+Shift+Enter")
        day[str(number)] = saved_number(desk)
    desk.goto("/search?q=lighthouse+logbook")
    assert desk.get_by_text("10 results found").is_visible()


def test_one_is_pasted_as_a_citation(desk, day):
    desk.goto(ADD)
    desk.get_by_text("Fill the form from").click()
    desk.fill("#pasted", RIS)
    desk.get_by_role("button", name="Fill the form").click()
    assert desk.input_value("#id_title") == "Nightwatch keepers of the northern lights"
    assert desk.input_value("#id_authors-0-heading") == "Lindqvist, Astrid"
    desk.press("#id_title", "Control+Enter")
    desk.get_by_text("was saved").first.wait_for()
    day["pasted"] = saved_number(desk)


def test_a_duplicate_is_caught_while_it_is_typed_and_goes_into_the_record_that_was_there(desk, day):
    desk.goto(ADD)
    with desk.expect_response("**/desk/typed/**"):
        desk.fill("#id_title", "Nightwatch keepers of the northern light")
    desk.locator("#alike a").wait_for()
    desk.fill("#id_summary", "What the keepers wrote down.")
    desk.get_by_role("button", name=f"Merge into this record: {day['pasted']}").click()
    desk.wait_for_url("**/merge/*/typed/**")
    assert desk.get_by_text("What you typed", exact=True).is_visible()
    desk.get_by_role("button", name="Fill the record’s form").click()
    desk.wait_for_url(f"**/record/{day['pasted']}/change/**")
    assert desk.input_value("#id_title") == "Nightwatch keepers of the northern lights"
    desk.press("#id_summary", "Control+Enter")
    desk.get_by_text("was saved").first.wait_for()
    desk.goto("/search?title=nightwatch+keepers")
    assert desk.get_by_text("1 result found").is_visible()
    assert desk.get_by_text("What the keepers wrote down.").first.is_visible()


def undo(page) -> None:
    page.get_by_role("link", name="Undo this").click()
    page.get_by_role("button", name="Undo it").click()
    page.get_by_text("Undone.").first.wait_for()


def test_two_keywords_that_are_one_are_merged_and_the_merge_is_undone(desk):
    desk.goto("/desk/catalogue/keyword/?q=light")
    for heading in ("Lighthouses", "Light Houses"):
        desk.get_by_role("row", name=heading, exact=False).get_by_role("checkbox").first.check()
    desk.select_option("select[name=action]", "merge_chosen")
    desk.get_by_role("button", name="Run").or_(desk.get_by_role("button", name="Go")).first.click()
    desk.get_by_role("button", name="Show what would change").click()
    assert desk.get_by_text("What would change").first.is_visible()
    desk.get_by_role("button", name="Merge them").click()
    desk.get_by_text("headings are").wait_for()
    way = desk.get_by_role("link", name="What it changed, and how to undo it").get_attribute("href")
    desk.goto("/search?keyword=light+houses&q=logbook")
    assert desk.get_by_text("10 results found").is_visible()
    desk.goto(way)
    undo(desk)
    desk.goto("/search?keyword=light+houses&q=logbook")
    assert desk.get_by_text("5 results found").is_visible()
