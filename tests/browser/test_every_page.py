"""Every public page, none left out: read by axe, at every width, without JavaScript, and with the Tab key alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from search.urls import urlpatterns
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import PHONE, PageMaker
from tests.browser.site import Site

ASKED = "?q=crime"
# The pages behind each name of an address in search/urls.py.
PAGES = {
    "form": ["/", "/?q=crime&keyword=peer+support&year=2010-2015"],
    "results": [
        "/search?keyword=peer+mentoring+%28u.k.%29",
        "/search?q=crime&in_country=United+States&not_keyword=Gangs&missing=kind&year_from=2000&sort=newest&page=2",
        "/search?q=zzyzx+qwertyuiop",
        "/search?q=mentoring+prisonners",
        "/search?q=a*+OR+%28peer+AND+%22" + "+".join(["word"] * 300),
    ],
    "print": ["/search/print?keyword=peer+mentoring+%28u.k.%29"],
    "facet": [f"/search/facet/keyword{ASKED}", "/search/facet/year?q=crime&order=name&starts=19"],
    # The second has a long word in its title, and so has a related one.
    "record": ["/records/1", "/records/33", "/records/999999"],
    "ticked-print": ["/records/print?n=1&n=2"],
    "keep": [f"/searches/keep{ASKED}"],
    "complete": ["/complete/keyword?typed=peer", "/complete/author?typed=zzz"],
    "browse": ["/browse"],
    "browse_list": ["/browse/authors", "/browse/keywords?at=P", "/browse/countries", "/browse/years"],
    "help": ["/help"],
}
# Pages that somebody must first have made: see the fixture.
MADE = {"kept", "history"}
FILES = ("ris", "bib", "csv", "jsonl", "mrc", "marcxml", "mods", "dc", "csl.json")
# Answers that are no pages: files, feeds, and what leads on to a page.
NO_PAGES = {
    *(f"{what}-{ending}" for what in ("export", "record", "ticked") for ending in FILES),
    *("feed", "kept-feed", "kept-changes", "kept-report", "history-log", "history-combine", "document", "robots"),
    *("sitemaps", "sitemap", "favicon"),
}
# What a browser can only do when it is asked by a script, as lines of a page.
ONLY_WITH_SCRIPT = {"Print", "Copy", "Copy Print"}
NARROW = {**PHONE, "viewport": {"width": 320, "height": 640}}

# Where the focus is, whether it can be seen there, and whether something lies over it.
FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const stop = `${element.outerHTML.slice(0, 150)}`;
    return {stop, seen: outlined && inside && box.width > 0 && box.height > 0};
}"""
STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && one.checkVisibility()).length"""


@pytest.fixture
def paths(site: Site, open_page: PageMaker, withdrawn: str) -> list[str]:
    """The addresses of all pages; a search is kept for them, once a site."""
    if not hasattr(site, "kept_path"):
        page = open_page()
        page.goto(f"/searches/keep{ASKED}")
        page.get_by_role("button", name="Keep this search").click()
        expect(page).to_have_url(re.compile(r"/searches/\w+$"))
        site.kept_path = page.url.removeprefix(site.url)
    return [path for some in PAGES.values() for path in some] + [site.kept_path, withdrawn, "/history"]


def lines_of(page: Page) -> Iterator[str]:
    """Yield what a page says, but for the time of day."""
    for line in page.get_by_role("main").inner_text().splitlines():
        if line.strip() and not re.search(r"\d:\d\d", line):
            yield line.strip()


def listing(page: Page) -> None:
    """Switch the list of searches on, and make two."""
    page.goto("/history")
    page.get_by_role("button", name="Keep a list of my searches in this browser").click()
    for asked in ("peer", "crime prevention"):
        page.goto(f"/search?q={asked}")


def test_every_address_of_the_public_site_is_visited_here_or_is_no_page():
    assert {pattern.name for pattern in urlpatterns} == PAGES.keys() | MADE | NO_PAGES


@pytest.mark.parametrize(("device", "scheme"), [({}, "dark"), (NARROW, "light")], ids=["desktop", "400 % zoom"])
def test_every_page_is_for_everybody_and_no_wider_than_its_window(open_page, paths, device, scheme, screenshot):
    page = open_page(**device, color_scheme=scheme)
    listing(page)
    for place, path in enumerate(paths):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        name = re.sub(r"\W+", "-", path)[:40]
        screenshot(page, f"every-{place:02}-{name}-{'phone' if device else 'desktop'}-{scheme}")
        page.evaluate("for (const closed of document.querySelectorAll('main details')) closed.open = true")
        assert_accessible(page)
        own = page.viewport_size
        for width in (own["width"], 390, 768):
            page.set_viewport_size({**own, "width": width})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        page.set_viewport_size(own)


def test_every_page_is_whole_without_javascript(open_page, paths):
    with_script, without = open_page(), open_page(java_script_enabled=False)
    for path in paths:
        with_script.goto(path)
        without.goto(path)
        for page in (with_script, without):
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
        more, plain = (set(lines_of(page)) for page in (with_script, without))
        assert more - plain <= ONLY_WITH_SCRIPT, path
        assert plain <= more, path


def test_the_tab_key_stops_at_everything_on_every_page_and_shows_where(open_page, paths):
    page = open_page(viewport={"width": 320, "height": 640})
    listing(page)
    for path in paths:
        page.goto(path)
        expected = page.evaluate(STOPS)
        stops = []
        for _ in range(expected + 3):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused is None or focused["stop"] in stops[:1]:
                break  # through, or round to the skip link
            assert focused["seen"], (path, focused)
            stops.append(focused["stop"])
        assert len(stops) == expected, (path, "\n".join(stops))
