"""The form of a record in a real browser: nothing typed is lost, and the keyboard is enough."""

import pytest

from tests.browser.accessibility import assert_accessible, check
from tests.browser.conftest import PATIENCE, PHONE

pytestmark = pytest.mark.browser
ADD = "/desk/catalogue/record/add/"


def new_record(page, title: str) -> str:
    """Save a record and return the address of its form."""
    page.goto(ADD)
    page.fill("#id_title", title)
    page.press("#id_title", "Control+s")
    page.wait_for_url("**/change/")
    return page.url


def type_and_wait(page, title: str) -> None:
    with page.expect_response("**/desk/typed/**"):
        page.fill("#id_title", title)
    page.wait_for_selector("#kept:not(:empty)")


def test_what_was_typed_before_a_crash_is_offered_and_taken_up_again(desk, open_page, screenshot):
    desk.goto(ADD)
    desk.fill("#id_authors-0-heading", "Kingfisher, Ada")
    type_and_wait(desk, "Ferries that never sailed")
    cookies = desk.context.cookies()
    desk.context.close()
    later = open_page(storage_state={"cookies": cookies, "origins": []})
    later.goto(ADD)
    assert later.input_value("#id_title") == ""
    assert_accessible(later)
    screenshot(later, "desk-offered")
    later.get_by_role("link", name="Take it up again: Ferries that never sailed").click()
    assert later.input_value("#id_title") == "Ferries that never sailed"
    assert later.input_value("#id_authors-0-heading") == "Kingfisher, Ada"
    later.press("#id_title", "Control+Enter")
    later.wait_for_url("**/record/")
    later.goto(ADD)
    assert not later.get_by_text("Typed and not saved").is_visible()


def test_a_lost_session_loses_nothing_and_another_tab_mends_it(browser, live_site, admin_account, sign_in):
    # With pages of its own: an answer of 403 is what this is about, and no fault.
    context = browser.new_context(base_url=live_site)
    context.set_default_timeout(PATIENCE)
    page = sign_in(context.new_page())
    page.goto(ADD)
    page.evaluate("document.cookie = 'csrftoken=; max-age=0; path=/'")
    context.clear_cookies()
    page.fill("#id_title", "Bridges to nowhere")
    page.get_by_text("kept in this browser").wait_for()
    page.press("#id_title", "Control+Enter")
    page.get_by_text("Not accepted").or_(page.locator("#id_username")).first.wait_for()
    sign_in(page)
    page.goto(ADD)
    page.get_by_text("This browser has kept").wait_for()
    page.get_by_role("button", name="Take it up again").click()
    page.wait_for_url("**/add/?typed=*")
    assert page.input_value("#id_title") == "Bridges to nowhere"
    page.press("#id_title", "Control+Enter")
    page.get_by_text("was saved").wait_for()
    page.goto(ADD)
    assert not page.get_by_text("This browser has kept").is_visible()
    context.close()


def test_of_two_people_at_one_record_the_second_sees_what_the_first_did_and_both_are_kept(
    desk, open_page, sign_in, screenshot
):
    address = new_record(desk, "Tides of the estuary")
    other = sign_in(open_page())
    other.goto(address)
    desk.fill("#id_summary", "What the first one wrote.")
    desk.press("#id_summary", "Control+s")
    desk.get_by_text("was saved").wait_for()
    other.fill("#id_title", "Tides of the wide estuary")
    with other.expect_navigation():
        other.press("#id_title", "Control+s")
    assert "while you had it open" in other.inner_text(".conflict")
    assert "What the first one wrote." in other.inner_text(".conflict")
    assert_accessible(other)
    screenshot(other, "desk-conflict")
    other.press("#id_title", "Control+s")
    other.get_by_text("was saved").wait_for()
    assert other.input_value("#id_title") == "Tides of the wide estuary"
    assert other.input_value("#id_summary") == "What the first one wrote."


def headings(page) -> list[str]:
    boxes = page.locator("[data-rows=authors] .name input[data-complete]:visible")
    return [box.input_value() for box in boxes.all() if box.input_value()]


def test_authors_change_places_by_number_by_key_and_by_drag(desk):
    desk.goto(ADD)
    for place, name in enumerate(("One", "Two", "Three")):
        desk.fill(f"#id_authors-{place}-heading", name)
    desk.fill("#id_authors-2-ORDER", "1")
    desk.press("#id_authors-2-ORDER", "Tab")
    assert headings(desk) == ["Three", "One", "Two"]
    desk.press("#id_authors-0-heading", "Alt+ArrowDown")
    assert headings(desk) == ["Three", "Two", "One"]
    rows = desk.locator("[data-rows=authors] .row")
    rows.nth(2).locator(".handle").drag_to(rows.nth(0), target_position={"x": 40, "y": 4})
    assert headings(desk) == ["One", "Three", "Two"]
    desk.fill("#id_title", "In order")
    desk.press("#id_title", "Control+s")
    desk.get_by_text("was saved").wait_for()
    assert headings(desk) == ["One", "Three", "Two"]


@pytest.mark.parametrize("width", [375, 820, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_fits_every_screen_and_everybody(open_page, sign_in, screenshot, width, scheme):
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    page = sign_in(open_page(**({**PHONE, **options} if width < 400 else options)))
    page.goto(ADD)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    screenshot(page, f"desk-form-{width}-{scheme}")


def test_beside_the_form_stand_duplicates_that_can_be_merged_and_the_public_card(desk, screenshot):
    first = new_record(desk, "Owls and the night shift")
    new_record(desk, "Owls and the night shift: a study")
    with desk.expect_response("**/desk/typed/**"):
        desk.fill("#id_summary", "What owls do.")
    desk.locator("#beside .preview dd", has_text="What owls do.").wait_for()
    assert "a title that is nearly the same" in desk.inner_text(".duplicates")
    assert_accessible(desk)
    screenshot(desk, "desk-beside")
    with desk.expect_popup() as opened:
        desk.get_by_role("button", name="Preview the page").click()
    assert "Nothing is saved yet" in opened.value.inner_text("main")
    assert_accessible(opened.value)
    screenshot(opened.value, "desk-preview")
    desk.get_by_role("link", name="Merge into this record").first.click()
    desk.get_by_role("button", name="Merge").wait_for()
    check(desk)
    screenshot(desk, "desk-merge")
    desk.get_by_role("button", name="Merge").click()
    desk.get_by_text("its address leads here").wait_for()
    desk.get_by_role("link", name="See it, or undo it").click()
    desk.get_by_role("link", name="Undo this").click()
    desk.get_by_role("button", name="Undo it").click()
    desk.get_by_text("Records put back").wait_for()
    desk.goto(first)
    assert desk.input_value("#id_status") == "published"


def test_without_javascript_a_record_is_filled_compared_previewed_and_saved(open_page, sign_in):
    page = sign_in(open_page(java_script_enabled=False))
    page.goto(ADD)
    page.get_by_text("Fill the form from a DOI").click()
    page.fill("#pasted", "TY  - RPRT\nTI  - Nocturnal herons\nAU  - Heron, Ida\nER  - \n")
    page.get_by_role("button", name="Fill the form").click()
    assert page.input_value("#id_title") == "Nocturnal herons"
    assert page.input_value("#id_authors-0-heading") == "Heron, Ida"
    page.fill("#id_authors-0-ORDER", "2")
    page.fill("#id_authors-1-heading", "Egret, Ann")
    page.fill("#id_authors-1-ORDER", "1")
    page.get_by_role("button", name="Look once more").click()
    assert "Nocturnal herons" in page.inner_text("#beside .preview")
    page.get_by_role("button", name="Save and stay here").click()
    assert [page.input_value(f"#id_authors-{place}-heading") for place in (0, 1)] == ["Egret, Ann", "Heron, Ida"]


def test_a_document_is_kept_with_a_record_and_downloaded_by_the_public(desk, tmp_path, screenshot):
    new_record(desk, "Moths of the reading room")
    file = tmp_path / "moths.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    desk.set_input_files("#id_file", file)
    desk.check("#id_is_public")
    desk.get_by_role("button", name="Keep this document").click()
    desk.get_by_text("is kept with this record").wait_for()
    assert_accessible(desk)
    screenshot(desk, "desk-documents")
    desk.get_by_role("link", name="View in the public catalogue").click()
    assert_accessible(desk)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="moths.pdf").click()
    assert download.value.path().read_bytes() == file.read_bytes()
