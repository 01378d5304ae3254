"""An administrator imports files in a real browser: from upload to undo, by keyboard, without a script, on a phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import Page, expect

from catalogue.importing import LOCK
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import enter_desk
from tests.environment import ROOT

pytestmark = pytest.mark.browser
SEED = ROOT / "fixtures" / "samples" / "labelled" / "rutgers-peer-mentoring.txt"
IMPORT = re.compile(r"/desk/import/[0-9a-f-]{36}/$")
ROWS = "title,year,shelf number\n" + "".join(f"Lantern report {n},2001,LR {n}\n" for n in range(30))


@pytest.fixture
def sign_in(site):
    def enter(page: Page) -> Page:
        enter_desk(page, site.password).goto("/desk/import/")
        return page

    return enter


def counts(page: Page) -> dict[str, int]:
    page.wait_for_selector(".counts")
    labels, values = page.locator(".counts dt").all_inner_texts(), page.locator(".counts dd").all_inner_texts()
    return {label: int(value.replace(",", "")) for label, value in zip(labels, values, strict=True)}


def paste(page: Page, text: str) -> None:
    page.goto("/desk/import/")
    page.fill("#text", text)
    page.click("text=Take this text")
    page.wait_for_url(IMPORT)


def test_a_file_is_dropped_mapped_tried_imported_and_undone(page, sign_in, screenshot, tmp_path):
    sign_in(page)
    assert_accessible(page)
    screenshot(page, "import-upload")
    transfer = page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'lanterns.csv')); return data; }",
        ROWS,
    )
    page.dispatch_event("#upload", "drop", {"dataTransfer": transfer})
    page.wait_for_url(IMPORT)
    assert_accessible(page)
    screenshot(page, "import-columns")
    assert page.input_value("#id_column-2") == "shelf_number"
    page.select_option("#id_column-1", "")
    page.click("button.prominent:has-text('Try it')")
    assert counts(page)["New"] == 30
    page.click("details[data-sort=created] summary")
    assert_accessible(page)
    screenshot(page, "import-trial")
    assert page.locator("details[data-sort=created] .step").count() == 30
    page.click("text=Import it")
    page.wait_for_selector("text=Undo the import")
    assert_accessible(page)
    address = page.url
    page.goto("/search?q=lantern+report")
    assert "30 results found" in page.inner_text("body")
    page.goto(address)
    page.click("summary:has-text('Undo the import')")
    page.click("button:has-text('Undo the import')")
    page.wait_for_selector("text=30 new records were withdrawn")
    assert_accessible(page)
    page.goto("/search?q=lantern+report")
    assert "30 results found" not in page.inner_text("body")


def test_the_whole_way_goes_by_keyboard(page, sign_in):
    sign_in(page)
    page.focus("#text")
    page.keyboard.insert_text(SEED.read_text("utf-8"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(IMPORT)
    page.focus("#id_reason")
    page.keyboard.press("Enter")  # the form's first button tries it
    assert counts(page)["Rows in all"] == 1


def test_a_broken_table_shows_each_problem_and_offers_no_import(page, sign_in, screenshot):
    sign_in(page)
    rows = "A good one,draft,\nA bad one,gone,nowhere\n<b>bold</b>,draft,javascript:alert(1)\n"
    paste(page, "title,status,replaced by\n" + rows)
    page.click("button.prominent:has-text('Try it')")
    assert counts(page)["Refused"] == 2
    assert_accessible(page)
    screenshot(page, "import-refused")
    assert page.locator(".troubles tbody tr").count() == 3
    assert page.locator("text=Import it").count() == 0
    with page.expect_download() as download:
        page.click("text=Download the rows")
    assert "A bad one" in download.value.path().read_text("utf-8-sig")


def test_an_image_is_told_what_it_is(page, sign_in, tmp_path):
    sign_in(page)
    picture = tmp_path / "cover.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5_000_000))  # more than one piece
    page.set_input_files("#file", picture)
    page.click("#upload button")
    page.wait_for_url(IMPORT)
    assert "This is an image" in page.inner_text(".errornote")
    assert_accessible(page)


def test_an_upload_that_was_interrupted_goes_on(page, sign_in, tmp_path):
    sign_in(page)
    big = tmp_path / "big.csv"
    big.write_text(ROWS + "x" * 9_000_000)
    sent = []
    page.route("**/piece/**", lambda route: (sent.append(route.request.url), route.continue_())[1])
    page.route("**/piece/?offset=4194304", lambda route: page.unroute("**/piece/?offset=4194304") or route.abort())
    page.set_input_files("#file", big)
    page.click("#upload button")
    page.wait_for_url(IMPORT)
    assert [url.rpartition("=")[2] for url in sent] == ["0", "4194304", "8388608"]


def test_without_javascript_a_file_goes_the_same_way(open_page, sign_in, tmp_path):
    page = sign_in(open_page(java_script_enabled=False))
    file = tmp_path / "plain.csv"
    file.write_text(ROWS.replace("Lantern", "Candle"))
    page.set_input_files("#file", file)
    page.click("#upload button")
    page.wait_for_url(IMPORT)
    page.click("button.prominent:has-text('Try it')")
    assert counts(page)["New"] == 30  # the page reloads by itself until then


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (820, "light")])
def test_every_page_fits_and_is_accessible_on_smaller_screens(open_page, sign_in, screenshot, width, scheme):
    page = sign_in(open_page(viewport={"width": width, "height": 900}, color_scheme=scheme))
    looks(page, screenshot, f"import-upload-{width}-{scheme}")
    paste(page, ROWS.replace("Lantern", "x" * 200))
    looks(page, screenshot, f"import-columns-{width}-{scheme}")
    page.click("button.prominent:has-text('Try it')")
    counts(page)
    page.click("details[data-sort=created] summary")
    looks(page, screenshot, f"import-trial-{width}-{scheme}")


def looks(page: Page, screenshot, name: str) -> None:
    screenshot(page, name)
    assert_accessible(page)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0, f"{name} is {wider} px too wide"


@contextmanager
def another_import(site) -> Iterator[None]:
    """Hold what an import holds while it writes."""
    folder = site.var_dir / "postgres"
    password = (folder / "greyshelf.password").read_text().strip()
    with psycopg.connect(host=str(folder), user="greyshelf", password=password, dbname="greyshelf") as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def test_progress_says_what_it_waits_for_and_the_report_comes_by_itself(page, sign_in, site, screenshot):
    sign_in(page)
    paste(page, ROWS.replace("Lantern", "Torch"))
    with another_import(site):
        page.click("button.prominent:has-text('Try it')")
        expect(page.locator(".sentence")).to_have_text("Another import is being written. This one waits for it.")
        assert_accessible(page)
        screenshot(page, "import-progress")
    assert counts(page)["New"] == 30
