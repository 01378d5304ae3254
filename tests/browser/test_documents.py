"""A document from the desk to the search: kept, read by the worker, found by a word of one page, and shown there."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible

pytestmark = pytest.mark.browser
SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples" / "documents"


def test_a_document_that_is_kept_is_found_by_a_word_of_its_seventh_page(
    live_site, admin_account, page, phone, screenshot
):
    name, password = admin_account
    page.goto(f"{live_site}/desk/")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{live_site}/desk/")
    address = f"{live_site}/desk/catalogue/record/1/change/"
    page.goto(address)
    page.set_input_files("#documents .record-form [name=file]", SAMPLES / "report.pdf")
    page.check("#documents [name=is_public]")
    page.click("text=Keep this document")

    def is_read() -> bool:
        page.goto(address)
        return "Pages that can be searched: 8." in page.inner_text("#documents")

    for _ in range(120):
        if is_read():
            break
        page.wait_for_timeout(500)
    assert is_read()
    page.click("#documents summary")
    assert_accessible(page)
    screenshot(page, "desk-documents")

    for one, size in ((page, "desktop"), (phone, "phone")):
        one.goto(f"{live_site}/search?q=quokkas")
        one.click("text=1 record has this in its documents")
        expect(one.locator(".card .document mark").first).to_have_text("quokkas")
        link = one.locator(".card .document a")
        expect(link).to_have_text("Found in “report.pdf”, page 7")
        assert re.fullmatch(r"/records/1/documents/[0-9a-f-]{36}#page=7", link.get_attribute("href") or "")
        assert_accessible(one)
        screenshot(one, f"results-document-{size}")
    page.goto(f"{live_site}/desk/catalogue/record/1/delete/")
    expect(page.get_by_text("report.pdf: removed for good", exact=True)).to_be_visible()
    assert_accessible(page)
    screenshot(page, "desk-delete")
    page.goto(address)
    page.click("#documents [name=remove]")
    page.goto(f"{live_site}/search?document=quokkas")
    assert "0 results found" in page.inner_text("main")
