"""What all tests share: an index folder of each test's own, and static files without a manifest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import Client, TransactionTestCase
from django.urls import get_resolver
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from catalogue.groups import CATALOGUER
from tests import emptying
from tests.people import make_account, without_rights

hypothesis_settings.register_profile("suite", deadline=None, derandomize=True, max_examples=100)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        if emptying.is_possible():
            empty = emptying.Emptying()
            TransactionTestCase._fixture_teardown = lambda self: empty()  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def pages() -> None:
    """Load the modules of all pages: one that is loaded by the test that asks first keeps what that has replaced."""
    assert get_resolver().url_patterns


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def index_dir(settings, tmp_path: Path) -> Path:
    settings.INDEX_DIR = tmp_path / "index"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return settings.INDEX_DIR


@pytest.fixture
def seat(client: Client) -> Callable[..., Client]:
    """Seat somebody of a group, or without rights (""), at the desk; the account is `user` of the client."""

    def sit(group: str, name: str = "ann") -> Client:
        client.logout()
        client.user = User.objects.filter(username=name).first() or make_account(name)  # type: ignore[attr-defined]
        client.user.groups.set(Group.objects.filter(name=group) or [without_rights()])  # type: ignore[attr-defined]
        client.force_login(client.user)  # type: ignore[attr-defined]
        return client

    return sit


@pytest.fixture
def desk(seat: Callable[..., Client]) -> Client:
    """Return the browser of Ann, a cataloguer."""
    return seat(CATALOGUER)


class BrowserTogether(LoadScopeScheduling):
    """Shares tests out one by one, but those of the browser together: one site and one Chromium serve them all."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return BrowserTogether(config, log)
