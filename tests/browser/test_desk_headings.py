"""Headings at the desk in a real browser: merged with a preview, undone, brought as SKOS, seen in the tree."""

from tests.browser.accessibility import assert_accessible, check

THESAURUS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<#a> a skos:Concept ; skos:prefLabel "Beacons" ; skos:altLabel "Sea Lights" ; skos:narrower <#b> .
<#b> a skos:Concept ; skos:prefLabel "Beacon Keepers" ; skos:scopeNote "People, not birds." .
<#c> a skos:Concept ; skos:prefLabel "Beacon Keeper" .
"""


def open_and_check(page, address: str) -> None:
    """Open a page, and check it at three widths and in the dark."""
    page.goto(address)
    check(page)


def test_a_thesaurus_is_brought_its_twins_merged_and_the_merge_undone(desk, live_site, tmp_path, screenshot):
    page, keywords = desk, f"{live_site}/desk/catalogue/keyword"
    file = tmp_path / "thesaurus.ttl"
    file.write_text(THESAURUS)
    open_and_check(page, f"{keywords}/skos/")
    page.set_input_files("#id_file", file)
    page.click("text=Try it")
    assert "Trial: nothing has been changed yet" in page.inner_text("#content")
    check(page)
    screenshot(page, "headings-skos")
    page.click("text=Import it")
    assert "Imported" in page.inner_text("#content")

    open_and_check(page, f"{keywords}/tree/")
    page.focus("summary:has-text('Beacons')")
    page.keyboard.press("Enter")
    assert page.locator("li a", has_text="Beacon Keepers").is_visible()
    assert_accessible(page)
    screenshot(page, "headings-tree")

    open_and_check(page, f"{keywords}/near/?p=1")
    screenshot(page, "headings-alike")
    group = page.locator("form.group", has_text="Beacon Keeper")
    while not group.count():
        page.click("text=Next")
    assert group.locator("input:checked").count() == 2
    group.get_by_role("button", name="Merge …").click()

    page.check("text=Beacon Keepers")
    page.click("text=Show what would change")
    assert "“Beacon Keeper” → “Beacon Keepers”" in page.inner_text(".preview")
    check(page)
    screenshot(page, "headings-merge")
    page.fill("#id_reason", "One plural for all")
    page.click("text=Merge them")
    assert "2 headings are “Beacon Keepers” now." in page.inner_text(".messagelist")
    assert page.input_value("#id_variants-0-form") == "Beacon Keeper"
    check(page)
    screenshot(page, "headings-page")

    page.click("text=What it changed, and how to undo it")
    assert "One plural for all" in page.inner_text("#content")
    check(page)
    screenshot(page, "headings-change-set")
    page.click("text=Undo this")
    check(page)
    page.click("text=Undo it")
    assert "Records put back: 0; headings: 2." in page.inner_text(".messagelist")
    page.goto(f"{keywords}/?q=beacon+keeper")
    assert page.locator("#result_list tbody tr").count() == 2


def test_a_heading_of_the_sample_is_looked_at_from_all_sides(desk, live_site, screenshot):
    page, keywords = desk, f"{live_site}/desk/catalogue/keyword"
    open_and_check(page, f"{keywords}/?used=more")
    screenshot(page, "headings-list")
    page.locator("#result_list tbody th a").first.click()
    page.click("text=Split")
    page.fill("#id_heading", "Something Else Entirely")
    page.locator("input[name=record]").first.check()
    page.click("text=Show what would change")
    assert "1 record changes" in page.inner_text(".preview")
    check(page)
    screenshot(page, "headings-split")
    page.go_back()
    page.go_back()
    page.click("text=History")
    check(page)
