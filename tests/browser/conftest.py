"""What the browser tests share: one site with the sample catalogue, one Chromium, and pages that report every fault."""

import contextlib
import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from tests.browser import chromium
from tests.browser.site import Site
from tests.environment import ROOT

HERE = Path(__file__).parent
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

# How long a page may take, in milliseconds: a slow machine is no fault of the page.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
PRESSURE = Path("/proc/pressure")

WITHDRAW = """
from catalogue import changes, codes
from catalogue.draft import Draft
from catalogue.models import Record
outcome = changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(Draft(title="Withdrawn in a test"))])
number = outcome.numbers[0]
Record.objects.filter(pk=number).update(status=codes.WITHDRAWN, withdrawn_reason="Its publisher asked for it.")
print("number", number)
"""

PageMaker = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder. One process does all of them (see tests/conftest.py)."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if not chromium.find() and not chromium.required():
                item.add_marker(pytest.mark.skip(reason=chromium.MISSING))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with each failure what the site printed, and what its machine waited for meanwhile (Linux)."""
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if report.failed and site:
        report.sections.append(("what the site printed", site.output[-3_000:]))
        with contextlib.suppress(OSError):  # a kernel may have the files, and not count
            waits = [f"{path.name}: {path.read_text().splitlines()[0]}" for path in sorted(PRESSURE.glob("*"))]
            report.sections.append(("what the machine waited for", "\n".join(waits)))
    return report


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    started = Site()
    try:
        started.start()
        yield started
        started.stop()
    finally:
        started.remove()


@pytest.fixture(scope="package")
def live_site(site: Site) -> str:
    """The address of the running site, without a slash at its end."""
    return site.url


@pytest.fixture(scope="package")
def admin_account(site: Site) -> tuple[str, str]:
    """Name and password as the first start printed them."""
    return "admin", site.password


@pytest.fixture(scope="package")
def withdrawn(site: Site) -> str:
    """The path of a record that was withdrawn."""
    done = site.run("shell", "-c", WITHDRAW)
    found = re.search(r"number (\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    return f"/records/{found[1]}"


# Not for the whole session: while Playwright runs, Django refuses its database to all tests of the same process.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path, chromium.MISSING
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


class Faults:
    """What went wrong while a page was used: errors, policy violations, requests to anyone else."""

    def __init__(self, page: Page, own_address: str) -> None:
        self.own_address = own_address
        self.found: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A page that could not be loaded is the test's own affair (404, 410); a part of one is seen by _response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.found.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.own_address + "/", "data:", "blob:", "about:")):
            self.found.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.found.append(f"{response.status} for {response.url}")


@pytest.fixture
def open_page(browser: Browser, live_site: str) -> Iterator[PageMaker]:
    """Make pages with options of Playwright's `new_context`; afterwards no page may have had a fault."""
    contexts, watched = [], []

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": live_site, **DESKTOP, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watched.append(Faults(page, live_site))
        return page

    yield make
    for context in contexts:
        context.close()
    assert [fault for faults in watched for fault in faults.found] == []


@pytest.fixture
def page(open_page: PageMaker) -> Page:
    return open_page()


@pytest.fixture
def phone(open_page: PageMaker) -> Page:
    return open_page(**PHONE)


def enter_desk(page: Page, password: str, name: str = "admin") -> Page:
    """Sign in at the desk, and return the page."""
    page.goto("/desk/")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(re.compile(r"^[^?]*/desk/$"))  # and not the address of the form, which ends with the same
    return page


@pytest.fixture
def sign_in(site: Site) -> Callable[[Page], Page]:
    return lambda page: enter_desk(page, site.password)


@pytest.fixture
def desk(page: Page, sign_in: Callable[[Page], Page]) -> Page:
    """A page whose reader has signed in."""
    return sign_in(page)


@contextlib.contextmanager
def desk_of(browser: Browser, site: Site) -> Iterator[Page]:
    """Open a page of a test's own site whose reader has signed in; afterwards it may have had no fault."""
    context = browser.new_context(base_url=site.url, **DESKTOP)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults = Faults(page, site.url)
    yield enter_desk(page, site.password)
    context.close()
    assert faults.found == []


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Save a picture of a page in var/screenshots, if SCREENSHOTS=1 asks for pictures."""
    folder = ROOT / "var" / "screenshots"

    def save(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS") == "1":
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return save
