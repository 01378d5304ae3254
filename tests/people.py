"""What tests of people share: accounts with a password, browsers that sign in, and the codes of an app."""

import time
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue.groups import CATALOGUER

PASSWORD = "a lighthouse keeper's lending"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def make_account(name: str = "ada", group: str = CATALOGUER, **facts: Any) -> User:
    account = User.objects.create_user(name, password=PASSWORD, is_staff=True, **facts)
    account.groups.set(Group.objects.filter(name=group))
    return account


def without_rights() -> Group:
    return Group.objects.get_or_create(name="Without rights")[0]


def make_member(name: str) -> User:
    """Make an account that may be at the desk, and has no right there."""
    account = User.objects.create_user(name)
    account.groups.add(without_rights())
    return account


def sign_in(account: User | str, password: str = PASSWORD, client: Client | None = None, **sent: Any) -> Client:
    """Sign in as a browser does; the answer is kept as `answer`."""
    client = client or Client()
    client.answer = client.post("/desk/login/", {"username": str(account), "password": password}, **sent)  # type: ignore[attr-defined]
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/desk/account/").status_code == 200


def make_app(account: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user=account, name="app", confirmed=True)


def code_of(app: TOTPDevice, later: int = 0) -> str:
    """Return the code that an app shows, or will show so many steps later."""
    totp = TOTP(app.bin_key, app.step, app.t0, app.digits)
    totp.time = time.time() + later * app.step
    return f"{totp.token():06}"
