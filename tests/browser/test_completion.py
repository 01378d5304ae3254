"""Completion as people use it: by keyboard, by mouse, with a screen reader, on slow lines."""

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible


def keyword_box(page: Page):
    return page.get_by_role("combobox", name="Keyword", exact=True)


def test_a_heading_is_chosen_with_the_arrow_keys_and_searched(page):
    page.goto("/")
    box = keyword_box(page)
    box.press_sequentially("peer m")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    chosen = options.first.locator(".text").inner_text()
    box.press("Enter")
    expect(box).to_have_value(chosen)
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    assert page.url.endswith("/"), "the first Enter chooses, the second searches"
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?keyword="))


def test_escape_closes_the_list_and_home_and_end_are_for_the_text(page):
    page.goto("/")
    box = keyword_box(page)
    box.press_sequentially("peer")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    box.press("Home")
    expect(page.locator('[aria-selected="true"]')).to_have_count(0)
    assert box.evaluate("box => box.selectionStart") == 0
    box.press("End")
    assert box.evaluate("box => box.selectionStart") == 4
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("peer")


def test_enter_without_a_choice_searches_what_was_typed(page):
    page.goto("/")
    box = keyword_box(page)
    box.press_sequentially("peer")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?keyword=peer$"))


def test_the_number_of_suggestions_is_announced_and_the_page_keeps_nobody_out(page):
    page.goto("/")
    keyword_box(page).press_sequentially("peer m")
    expect(page.get_by_role("status").filter(has_text=re.compile(r"suggestions: \d+"))).to_have_count(1)
    assert_accessible(page)
    keyword_box(page).fill("zzyzx")
    expect(page.get_by_role("status").filter(has_text="no suggestions")).to_have_count(1)


def test_another_form_of_a_country_is_chosen_by_mouse(page):
    page.goto("/")
    box = page.get_by_role("combobox", name="Country", exact=True)
    box.press_sequentially("great brit")
    page.get_by_role("option").filter(has_text="Great Britain → United Kingdom").click()
    expect(box).to_have_value("United Kingdom")
    expect(box).to_be_focused()


def test_one_letter_asks_nobody(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/complete/" in request.url else None)
    page.goto("/")
    keyword_box(page).press_sequentially("p")
    page.wait_for_timeout(400)
    assert asked == []
    keyword_box(page).press_sequentially("eer")
    expect(page.get_by_role("option").first).to_be_visible()
    assert len(asked) <= 2, "letters typed at once are asked for at once"


def test_an_answer_that_comes_late_is_not_shown(page):
    def slow(route):
        if route.request.url.endswith("typed=pe"):
            time.sleep(0.8)
        route.continue_()

    page.route("**/complete/keyword*", slow)
    page.goto("/")
    box = keyword_box(page)
    box.press_sequentially("pe")
    page.wait_for_timeout(250)
    box.fill("zzyzx")
    page.wait_for_timeout(1_500)
    expect(page.get_by_role("option")).to_have_count(0)


def test_a_failing_server_leaves_the_box_as_it_is(open_page):
    page = open_page()
    page.route("**/complete/**", lambda route: route.fulfill(status=200, body="no json"))
    page.goto("/")
    keyword_box(page).press_sequentially("peer")
    page.wait_for_timeout(400)
    expect(page.get_by_role("option")).to_have_count(0)
    keyword_box(page).press("Enter")
    expect(page).to_have_url(re.compile(r"keyword=peer$"))
