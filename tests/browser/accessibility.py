"""Checks a page with axe, the accessibility checker that browsers' own tools use."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Everything but the experimental rules. Without preloading: where a style sheet imports another (the admin's do),
# axe would copy it into an inline style, which our security policy blocks and the tests take for a fault of the page.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}


def assert_accessible(page: Page) -> None:
    """Fail with one paragraph a violation: the rule, why it matters, and the elements that break it."""
    violations = Axe().run(page, options=RULES).response["violations"]
    assert not violations, "\n\n".join(_paragraph(violation, page.url) for violation in violations)


def check(page: Page) -> None:
    """Look at a page at three widths, in the light and in the dark."""
    for width in (375, 820, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} at {width}"
    for scheme in ("dark", "light"):
        # Without movement, lest a colour be measured half-way to another.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert_accessible(page)


def _paragraph(violation: dict, url: str) -> str:
    elements = "".join(f"\n    {node['html']}\n      {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}) on {url}: {violation['help']}{elements}"
