"""Invited, signed in with a second factor, signed out elsewhere: in a real browser, by keyboard, without a script."""

import base64
import re
import time

import pytest
from django_otp.oath import TOTP

from tests.browser.accessibility import assert_accessible

pytestmark = pytest.mark.browser
PASSWORD = "a lighthouse keeper's lending"
ACCOUNT = "/desk/account/"
DESK = re.compile("^http://[^/]+/desk/$")


def sign_in(page, name: str, password: str) -> None:
    page.goto("/desk/")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.keyboard.press("Enter")


def fits(page) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def looked_at(page, screenshot, name: str) -> None:
    assert_accessible(page)
    fits(page)
    screenshot(page, name)


def invite(page, email: str) -> str:
    page.goto("/desk/people/invitations/")
    page.fill("#id_first_name", "Grace")
    page.fill("#id_last_name", "Hopper")
    page.fill("#id_email", email)
    page.select_option("#id_group", label="Editor")
    page.keyboard.press("Enter")
    return page.input_value("#made-link")


def code(secret: str, later: int = 0) -> str:
    totp = TOTP(base64.b32decode(secret.replace(" ", "")))
    totp.time = time.time() + 30 * later
    return f"{totp.token():06}"


def test_somebody_is_invited_and_signs_in_with_a_second_factor(admin_account, page, open_page, screenshot):
    sign_in(page, *admin_account)
    page.wait_for_url(DESK)
    link = invite(page, "grace@example.org")
    looked_at(page, screenshot, "people-invitations")

    page.goto("/desk/auth/group/")
    page.get_by_role("link", name="Cataloguer").click()
    page.get_by_label("Publish and withdraw records").wait_for()
    looked_at(page, screenshot, "people-group")

    guest = open_page()
    asked: list[str] = []
    guest.on("request", lambda request: asked.append(request.url + str(request.headers)))
    guest.goto(link)
    secret = link.partition("#")[2]
    guest.wait_for_url(lambda url: "#" not in url)
    assert guest.input_value("#id_link") == secret
    looked_at(guest, screenshot, "people-link")
    guest.click("text=Continue")
    guest.wait_for_url("**/desk/access/open/#content")
    looked_at(guest, screenshot, "people-join")
    guest.fill("#id_username", "grace")
    guest.fill("#id_password1", PASSWORD)
    guest.fill("#id_password2", PASSWORD)
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/desk/login/#content")
    guest.wait_for_selector(".messagelist")
    assert not [one for one in asked if secret in one]
    looked_at(guest, screenshot, "people-sign-in")

    sign_in(guest, "grace", PASSWORD)
    guest.wait_for_url(DESK)
    guest.goto(f"{ACCOUNT}second-factor/")
    guest.fill("#id_password", PASSWORD)
    guest.click("text=Set it up")
    guest.wait_for_selector(".picture svg")
    looked_at(guest, screenshot, "people-set-up")
    app = guest.inner_text(".setting-up code")
    guest.fill("#id_code", code(app))
    guest.keyboard.press("Enter")
    guest.wait_for_selector(".codes-shown")
    looked_at(guest, screenshot, "people-recovery-codes")
    recovery = guest.locator(".codes-shown code").all_inner_texts()
    guest.goto(ACCOUNT)
    assert "10 recovery codes left" in guest.inner_text("#content")
    looked_at(guest, screenshot, "people-account")
    guest.click("text=Change password")
    guest.wait_for_selector("#id_new_password2")
    looked_at(guest, screenshot, "people-password")

    guest.click("text=Log out")
    guest.wait_for_url("**/desk/logout/")
    sign_in(guest, "grace", PASSWORD)
    guest.wait_for_url("**/desk/login/code/")
    guest.fill("#id_code", "no code")
    guest.keyboard.press("Enter")
    guest.wait_for_selector(".errorlist")
    looked_at(guest, screenshot, "people-code")
    guest.fill("#id_code", recovery[0])
    guest.keyboard.press("Enter")
    guest.wait_for_url(DESK)

    elsewhere = open_page(java_script_enabled=False)
    sign_in(elsewhere, "grace", PASSWORD)
    elsewhere.wait_for_url("**/desk/login/code/")
    elsewhere.fill("#id_code", code(app, later=1))
    elsewhere.keyboard.press("Enter")
    elsewhere.wait_for_url(DESK)
    guest.goto(f"{ACCOUNT}sessions/")
    looked_at(guest, screenshot, "people-sessions")
    guest.click("text=End all others")
    guest.wait_for_selector(".messagelist")
    elsewhere.goto(ACCOUNT)
    assert "/desk/login/" in elsewhere.url

    page.goto("/desk/auth/user/")
    page.click("th a:has-text('grace')")
    page.click("text=Access: password")
    looked_at(page, screenshot, "people-access")
    page.click("text=Remove the lost one")
    page.wait_for_selector(".messagelist")
    page.goto("/desk/people/log/")
    assert "Second factor removed" in page.inner_text("table")
    looked_at(page, screenshot, "people-log")


def test_without_a_script_the_link_is_pasted(admin_account, page, open_page):
    sign_in(page, *admin_account)
    page.wait_for_url(DESK)
    link = invite(page, "ada@example.org")
    guest = open_page(java_script_enabled=False)
    guest.goto(link)
    guest.fill("#id_link", link)
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/desk/access/open/#content")
    assert "Grace Hopper" in guest.inner_text("#content")
    page.click("button:has-text('Withdraw'):right-of(:text('ada@example.org')) >> nth=0")
    page.wait_for_selector(".messagelist")
    assert guest.goto("/desk/access/open/").status == 410
    assert_accessible(page)
