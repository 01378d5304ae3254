"""The public pages as people use them: by keyboard, on a phone, without JavaScript, with a screen reader."""

import re

import pytest
from playwright.sync_api import Page, expect

ASKED = "peer mentoring (u.k.)"
TITLE = "Offender Peer Interventions: What Do We Know?"
LABELS = ["Author", "Summary", "Details", "Source", "Year", "Country", "URL", "Shelf Number", "Keywords"]
RESULTS = "/search?keyword=peer+mentoring+%28u.k.%29"
MANY_RESULTS = "/search?q=crime"
NOTHING = "/search?q=zzyzx+qwertyuiop"
MOST_BYTES = 60_000


@pytest.fixture
def paths(withdrawn: str) -> dict[str, str]:
    """One address of each kind of public page."""
    return {
        "form": "/",
        "results": RESULTS,
        "many results": MANY_RESULTS,
        "nothing found": NOTHING,
        "record": "/records/1",
        "unknown": "/records/999999",
        "withdrawn": withdrawn,
    }


def check_answer(page: Page) -> None:
    """The answer of the original page: the stamp, one record, its labels in their order."""
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Results for {ASKED}")
    expect(page.get_by_text("1 result found", exact=True)).to_be_visible()
    assert re.fullmatch(r"[A-Z][a-z]+ \d{1,2}, \d{4} [A-Z][a-z]{2}", page.locator(".slip time").inner_text())
    card = page.get_by_role("article")
    expect(card).to_have_count(1)
    expect(card.get_by_role("heading")).to_have_text(TITLE)
    assert card.locator("dt").all_inner_texts() == LABELS
    expect(card).to_contain_text("Fletcher, Del Roy")
    expect(card).to_contain_text("127419")


def test_the_form_is_filled_and_sent_by_keyboard_alone(page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    keyword = page.get_by_label("Keyword", exact=True)
    for _ in range(12):
        page.keyboard.press("Tab")
        if keyword.evaluate("box => box === document.activeElement"):
            break
    expect(keyword).to_be_focused()
    page.keyboard.type(ASKED)
    page.keyboard.press("Enter")
    check_answer(page)
    assert page.url.endswith(RESULTS), "boxes left empty are not sent"


def test_the_first_record_is_three_stops_of_the_tab_key_away(page):
    page.goto(MANY_RESULTS)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the results")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.get_by_role("article").first
    assert first.evaluate("card => card.contains(document.activeElement)")


def test_every_stop_of_the_tab_key_can_be_seen(page):
    page.goto(RESULTS)
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const element = document.activeElement, style = getComputedStyle(element);
                return element === document.body || (style.outlineStyle !== "none" && style.outlineWidth !== "0px");
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")


def test_a_keyword_of_a_record_leads_to_its_own_search(page):
    page.goto(RESULTS)
    page.get_by_role("article").get_by_role("link", name="Peer Support").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for Peer Support")
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_role("link", name=TITLE, exact=True)).to_be_visible()


def test_a_title_leads_to_the_record(page):
    page.goto(RESULTS)
    page.get_by_role("link", name=TITLE).click()
    expect(page).to_have_url(re.compile(r"/records/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert page.get_by_role("article").first.locator("dt").all_inner_texts() == LABELS
    assert page.title().startswith(TITLE)


def test_edit_search_brings_the_form_back_filled(page):
    page.goto("/search?keyword=peer+mentoring+%28u.k.%29&year=2010-2015&author=fletcher")
    page.get_by_role("link", name="edit search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transaction Search Form")
    expect(page.get_by_label("Keyword", exact=True)).to_have_value(ASKED)
    expect(page.get_by_role("textbox", name="Year")).to_have_value("2010-2015")
    expect(page.get_by_label("Author", exact=True)).to_have_value("fletcher")


def test_a_long_summary_unfolds(page):
    page.goto(RESULTS)
    rest = page.get_by_text("they are neither service users nor professionals")
    expect(rest).to_be_hidden()
    page.get_by_text("more", exact=True).click()
    expect(rest).to_be_visible()


def test_everything_works_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Keyword", exact=True).fill(ASKED)
    page.get_by_role("button", name="Search").click()
    check_answer(page)
    page.get_by_text("more", exact=True).click()
    expect(page.get_by_text("they are neither service users nor professionals")).to_be_visible()
    page.get_by_role("link", name="edit search").click()
    expect(page.get_by_label("Keyword", exact=True)).to_have_value(ASKED)


def test_the_dark_page_is_remembered(page):
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    page.goto(RESULTS)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    expect(page.get_by_role("button", name="Light")).to_be_visible()


def test_a_phone_finds_the_record(phone):
    phone.goto("/")
    phone.get_by_label("Keyword", exact=True).fill(ASKED)
    phone.get_by_role("button", name="Search").tap()
    check_answer(phone)


def test_unknown_and_withdrawn_records_say_so(page, paths):
    assert page.goto(paths["unknown"]).status == 404
    assert page.goto(paths["withdrawn"]).status == 410
    expect(page.get_by_role("main")).to_contain_text("Its publisher asked for it.")


@pytest.mark.parametrize("name", ["form", "many results", "record"])
def test_a_page_with_styles_and_script_weighs_little(page, paths, name):
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(paths[name], wait_until="networkidle")
    if name == "many results":
        expect(page.get_by_role("article")).to_have_count(20)
    assert 2 <= len(received) <= 6
    assert sum(received) < MOST_BYTES


def test_a_query_of_ten_thousand_letters_is_answered_and_its_links_do_not_repeat_all_of_it(site):
    page = site.read("/search?q=" + "%C3%A9" * 9_990 + "+prison")
    assert "Only the first 4000 characters were searched." in page
    links = re.findall('href="([^"]*)"', page)
    assert any("%C3%A9" * 4_000 in link for link in links)
    assert not any("%C3%A9" * 4_001 in link for link in links)


def test_reading_leaves_no_cookie(page, paths):
    for path in paths.values():
        page.goto(path)
    assert page.context.cookies() == []
