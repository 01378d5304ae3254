"""Changing many records at once in a real browser: from the public results to a done and undone batch edit."""

from tests.browser.accessibility import check


def test_records_of_a_search_are_changed_with_a_preview_and_the_change_undone(desk, live_site, screenshot):
    page = desk
    page.goto(f"{live_site}/search?q=mentoring&in_country=United+Kingdom")
    found = page.inner_text(".found").split()[0]
    page.click("text=change these records")
    assert f"{found} records found" in page.inner_text("#found")
    page.click("summary:has-text('Narrow these records')")
    check(page)
    screenshot(page, "batch-selection")
    page.click("button[value=all]")
    assert page.locator("h1").inner_text() == "Change records: mentoring; Country: United Kingdom; Published"
    check(page)
    screenshot(page, "batch-steps")

    page.fill("#id_add_add", "Coaching of Peers")
    page.keyboard.press("Enter")
    assert "Coaching of Peers" in page.inner_text(".chosen")
    page.select_option("#id_replace_in", "summary")
    page.fill("#id_find", "mentoring")
    page.fill("#id_put", "coaching")
    page.keyboard.press("Enter")  # previews, as the first button does
    page.wait_for_selector("text=Preview: nothing has been changed yet")
    assert "“Coaching of Peers”" in page.inner_text("#content")
    assert page.locator("td", has_text="Coaching of Peers").count() == int(found)
    assert page.locator("del", has_text="entoring").count()
    check(page)
    screenshot(page, "batch-preview")

    page.fill("#id_reason", "One word for one thing")
    page.click("button[value=do]")
    page.wait_for_selector("text=What it changed, and how to undo it")
    assert page.inner_text("#content dl.counts dd >> nth=0") == found
    check(page)
    screenshot(page, "batch-done")
    page.goto(f"{live_site}/search?keyword=coaching+of+peers")
    assert page.inner_text(".found").split()[0] == found
    page.goto(f"{live_site}/desk/batch/")
    page.click("summary:has-text('Your last batch edits')")
    check(page)
    page.click("text=mentoring; Country: United Kingdom")
    page.click("text=What it changed, and how to undo it")
    assert "One word for one thing" in page.inner_text("#content")
    page.click("text=Undo this")
    page.click("text=Undo it")
    assert f"Records put back: {found}" in page.inner_text(".messagelist")


def test_many_records_go_through_the_worker_and_the_page_shows_how_far_it_is(desk, live_site):
    page = desk
    page.goto(f"{live_site}/desk/batch/")
    page.click("button[value=all]")
    page.check("#id_clear_year")
    page.select_option("#id_document_kind", "report")
    page.click("button[value=add] >> visible=true")
    assert "Clear the year" in page.inner_text(".chosen-steps")
    page.click("button.prominent:has-text('Show what would change')")
    page.wait_for_selector("text=Preview: nothing has been changed yet")
    assert "Would change" in page.inner_text("dl.counts")
    page.click("text=Leave it")
    page.wait_for_url(f"{live_site}/desk/batch/")


def test_two_ticked_records_are_merged_without_a_script(open_page, live_site, sign_in):
    page = sign_in(open_page(java_script_enabled=False))
    page.goto(f"{live_site}/desk/batch/?q=offender+peer+interventions")
    boxes = page.locator("input[name=record]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.click("text=Merge those ticked")
    assert page.locator("h1").inner_text() == "Merge two records"
    page.go_back()
    page.click("text=Change those ticked")
    assert "2 ticked records" in page.locator("h1").inner_text()
    page.fill("#id_add", "Peers\nMentors")
    page.click("button.prominent:has-text('Show what would change')")
    assert page.locator("td", has_text="Mentors").count() == 2
