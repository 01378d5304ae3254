"""A cataloguer at work, by keyboard alone."""

import pytest

from tests.browser.accessibility import assert_accessible

pytestmark = pytest.mark.browser


def test_a_record_is_added_by_keyboard_with_completion_and_found_by_the_public(live_site, admin_account, page):
    name, password = admin_account
    page.goto(f"{live_site}/desk/")
    page.focus("#id_username")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_site}/desk/")

    page.goto(f"{live_site}/desk/catalogue/author/add/")
    page.fill("#id_heading", "Quillfeather, Agatha")
    page.fill("#id_variants-0-form", "Quillfeather, A.")
    page.click("[name=_save]")

    page.goto(f"{live_site}/desk/catalogue/record/add/")
    assert_accessible(page)
    page.focus("#id_title")
    page.keyboard.type("Lending habits of lighthouse keepers")
    page.keyboard.press("Tab")
    page.keyboard.type("quillfeather, a.")
    page.wait_for_selector("[role=option]:visible")
    assert "Quillfeather, A. → Quillfeather, Agatha" in page.inner_text("[role=listbox]:visible")
    page.keyboard.press("ArrowDown")
    assert_accessible(page)
    page.keyboard.press("Enter")
    assert page.input_value("#id_authors-0-heading") == "Quillfeather, Agatha"
    page.keyboard.press("Enter")
    page.keyboard.type("Wren, Jonas")
    page.keyboard.press("Enter")
    page.focus("#id_keywords_add")
    page.keyboard.type("Lighthouse Libraries")
    page.keyboard.press("Enter")
    page.focus("[name=_continue]")
    page.keyboard.press("Enter")

    page.wait_for_selector(".messagelist")
    told = page.inner_text(".messagelist")
    assert "New author: Wren, Jonas" in told
    assert "New author: Quillfeather" not in told
    assert "New keyword: Lighthouse Libraries" in told
    assert_accessible(page)
    page.goto(f"{live_site}/search?q=lighthouse+quillfeather+wren")
    assert "Lending habits of lighthouse keepers" in page.inner_text("main")


def test_on_a_phone_nothing_of_the_desk_is_out_of_sight(live_site, desk):
    page = desk
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{live_site}/desk/catalogue/record/")
    assert page.locator("#searchbar").bounding_box()["width"] > 300
    # What goes on beyond the edge of the header fades there.
    assert "gradient" in page.locator(".authorities ul").evaluate("list => getComputedStyle(list).maskImage")
    page.goto(f"{live_site}/desk/merge/1/2/")
    choices = [choice.bounding_box() for choice in page.locator(".choices label").all()]
    assert choices
    assert all(box["x"] + box["width"] <= 375 for box in choices)
    assert_accessible(page)
