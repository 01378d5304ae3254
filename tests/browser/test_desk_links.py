"""Link care in a browser: links are checked by the worker, looked at, taken over, replaced, and that is undone."""

import json

import pytest

from tests.browser.accessibility import assert_accessible, check
from tests.browser.conftest import desk_of
from tests.browser.site import Site
from tests.webserver import Server, html, pdf, reply

NETWORKS = "127.0.0.0/8,::1/128"


@pytest.fixture
def server():
    made = Server({"/alive.pdf": pdf(), "/old.pdf": reply(301, Location="/alive.pdf"), "/gone.pdf": reply(410)})
    made.paths["/lost"] = html("Page not found")
    yield made
    made.close()


@pytest.fixture
def own_site(server, tmp_path):
    """A site whose records have addresses of the server, and which may ask it."""
    site = Site("--without-sample", LINK_CHECK="on", LINK_CHECK_NETWORKS=NETWORKS)
    hosts = {"/alive.pdf": "localhost", "/old.pdf": "localhost", "/gone.pdf": "127.0.0.1", "/lost": "127.0.0.1"}
    records = [{"title": f"Report at {path}", "url": server.url(path, host)} for path, host in hosts.items()]
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    try:
        site.start()
        assert site.run("import_records", str(file)).returncode == 0
        yield site
        site.stop()
    finally:
        site.remove()


@pytest.fixture
def desk(browser, own_site):
    with desk_of(browser, own_site) as page:
        yield page


def test_links_are_checked_looked_at_taken_over_replaced_and_put_back(desk, server, screenshot):
    page = desk
    page.click("nav >> text=Links")
    check(page)
    page.click("text=Check all that are due")
    assert_accessible(page)
    screenshot(page, "links-progress")
    page.wait_for_selector("dl.counts")
    assert "4 of 4 links checked." in page.inner_text("#content")
    check(page)
    screenshot(page, "links-run")

    page.click("a.prominent >> text=Links to look after")
    assert page.locator(".links > li").count() == 3
    check(page)
    screenshot(page, "links-worklist")
    # By keyboard: the box of the address that has moved, then the button.
    page.focus(f"role=checkbox[name='{server.url('/old.pdf', 'localhost')}']")
    page.keyboard.press("Space")
    page.focus("text=Take over where")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 record changes")
    check(page)
    screenshot(page, "links-take-over")
    page.click("text=Take them over")
    assert "1 record has a new address." in page.inner_text(".messagelist")

    page.click("text=Replace addresses by rule")
    check(page)
    page.fill("#id_old", f"http://127.0.0.1:{server.port}/")
    page.fill("#id_new", "https://reports.example.org/")
    page.click("text=Show what would change")
    assert "2 records change" in page.inner_text(".preview")
    check(page)
    screenshot(page, "links-replace")
    page.click("text=Replace them")
    page.click("text=What it changed, and how to undo it")
    page.click("text=Undo this")
    page.click("text=Undo it")
    assert "Records put back: 2" in page.inner_text(".messagelist")

    page.goto("/desk/links/?state=dead")
    page.click("text=History")
    assert "gone for good" in page.inner_text("#content")
    check(page)
    screenshot(page, "links-one")
    page.click("#content .plain a")
    assert page.inner_text("#link-state").startswith("Dead 410")
    check(page)
    screenshot(page, "links-record")
    page.click("text=View in the public catalogue")
    assert "This address did not answer when last checked on" in page.inner_text(".card")
    check(page)
    screenshot(page, "links-public")
