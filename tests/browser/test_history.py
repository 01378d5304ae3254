"""Nothing is lost: a record's history, its versions and a restore by keyboard; the account of changes; the figures."""

from tests.browser.accessibility import check


def open_record(page, title: str, year: str) -> None:
    page.goto(f"{page.url.partition('/desk/')[0]}/desk/catalogue/record/add/")
    page.fill("#id_title", title)
    page.fill("#id_year", year)
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist")


def test_a_version_is_compared_and_restored_by_keyboard(desk, screenshot):
    page = desk
    open_record(page, "Keepers of the northern lights", "1901")
    page.fill("#id_title", "Keepers of the southern lights")
    page.fill("#id_year", "1902")
    page.fill("#id_reason", "The other hemisphere")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist")

    page.click("text=History")
    assert page.inner_text("del >> nth=0") == "northern"
    assert page.inner_text("ins >> nth=0") == "southern"
    assert "The other hemisphere" in page.inner_text("#content")
    check(page)
    screenshot(page, "history")

    page.focus("text=Compare the two chosen versions")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/**")
    assert page.locator("del").all_inner_texts() == ["northern", "1901"]
    check(page)
    screenshot(page, "history-compare")

    page.click("text=Whole version >> nth=0")
    assert "Keepers of the northern lights" in page.inner_text(".card")
    check(page)
    screenshot(page, "history-version")
    page.focus("text=Restore this version")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Restore it")
    check(page)
    screenshot(page, "history-restore")
    page.focus("#id_reason")
    page.keyboard.type("North it was")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist")
    assert "is restored" in page.inner_text(".messagelist")
    assert "North it was" in page.inner_text(".step >> nth=0")
    assert page.locator(".step").count() == 3


def test_the_account_of_changes_is_asked_and_leads_to_what_was_done(desk, live_site, screenshot):
    page = desk
    open_record(page, "An account of beacons", "1903")
    page.goto(f"{live_site}/desk/catalogue/changeset/")
    check(page)
    screenshot(page, "account")
    page.select_option("#id_kind", "import")
    page.select_option("#id_field", "record.made")
    page.fill("#id_words", "sample finnish")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=import**")
    [entry] = page.locator(".all-changes li").all_inner_texts()
    assert "1,601 made" in entry
    with page.expect_download() as download:
        page.click("text=Save as CSV")
    assert download.value.suggested_filename == "changes.csv"
    page.click(".all-changes li a >> nth=0")
    assert "Sample catalogue: finnish.jsonl" in page.inner_text("#content")
    check(page)


def test_the_figures_are_drawn_and_lead_to_the_records_that_they_count(desk, live_site, screenshot):
    page = desk
    page.goto(f"{live_site}/desk/")
    page.click("text=Figures")
    check(page)
    screenshot(page, "figures")
    assert page.locator("svg.columns-plot").first.is_visible()
    page.focus("#years summary")
    page.keyboard.press("Enter")
    assert page.locator("#years table").is_visible()
    check(page)
    link = page.locator("#completeness a", has_text="Without summary")
    counted = link.inner_text().split()[0]
    link.click()
    assert f"{counted.replace(',', '')} records" in page.inner_text(".paginator").replace(",", "")
    check(page)
