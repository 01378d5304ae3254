"""Signing in: the lock after failed attempts, the second step with a code, and who must have one."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.people import forgetting, second_factor
from catalogue.people.models import GroupDemand, RecoveryCode
from tests.people import PASSWORD, code_of, is_signed_in, make_account, make_app, sign_in

pytestmark = pytest.mark.django_db


def fail(name: str = "ada", times: int = 10, **sent: str) -> Client:
    client = Client()
    for _number in range(times):
        sign_in(name, "wrong", client, **sent)
    return client


def said(client: Client) -> str:
    return client.answer.content.decode()


def test_the_right_password_leads_to_the_desk_with_a_new_session():
    account = make_account()
    client = Client()
    client.get("/desk/access/open/")
    client.session.save()
    before = client.session.session_key
    sign_in(account, client=client)
    assert client.answer.headers["Location"] == "/desk/"
    assert is_signed_in(client)
    assert client.session.session_key != before


def test_after_signing_in_one_is_where_one_wanted_to_be_and_nowhere_else():
    make_account()
    for wanted, reached in (("/desk/account/", "/desk/account/"), ("https://evil.example/", "/desk/")):
        answer = Client().post("/desk/login/", {"username": "ada", "password": PASSWORD, "next": wanted})
        assert answer.headers["Location"] == reached


def test_ten_failures_lock_a_name_from_one_address_and_the_page_says_how_long():
    make_account()
    client = fail(times=9)
    assert "too many" not in said(client)
    sign_in("ada", "wrong", client)
    assert client.answer.status_code == 429
    assert "Wait 15 minutes" in said(client)
    sign_in("ada", client=client)
    assert client.answer.status_code == 429
    assert not is_signed_in(client)


def test_a_name_that_nobody_has_is_locked_alike():
    assert fail("nobody").answer.status_code == 429


def test_from_elsewhere_and_under_other_names_one_signs_in_all_the_same():
    make_account()
    make_account("ben")
    fail()
    assert is_signed_in(sign_in("ada", REMOTE_ADDR="192.0.2.9"))
    assert is_signed_in(sign_in("ben"))


def test_behind_a_proxy_it_is_the_client_that_is_locked_and_what_it_writes_itself_does_not_count():
    make_account()
    for number in range(10):
        client = sign_in("ada", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.1")
    assert client.answer.status_code == 429
    assert sign_in("ada", HTTP_X_FORWARDED_FOR="198.51.100.2").answer.status_code == 302


def age(**passed: int) -> None:
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - timedelta(**passed))


def test_a_lock_ends_in_its_time_however_often_somebody_knocks_meanwhile():
    make_account()
    client = fail()
    age(minutes=10)
    sign_in("ada", "wrong", client)
    assert "Wait 5 minutes" in said(client)
    age(minutes=5)
    assert is_signed_in(sign_in("ada", client=client))
    assert not AccessAttempt.objects.exists()


def test_of_a_failed_attempt_nothing_is_kept_but_name_address_and_time_and_that_not_long():
    sign_in("ada", "wrong", HTTP_USER_AGENT="Spy/1.0", HTTP_ACCEPT="text/secret")
    kept = AccessAttempt.objects.get()
    assert (kept.user_agent, kept.http_accept, kept.path_info, kept.get_data, kept.post_data) == ("", "", "", "", "")
    forgetting.forget_old()
    assert AccessAttempt.objects.exists()
    age(minutes=15)
    forgetting.forget_old()
    assert not AccessAttempt.objects.exists()


def test_browsers_of_one_address_do_not_count_apart():
    make_account()
    for number in range(10):
        client = sign_in("ada", "wrong", HTTP_USER_AGENT=f"Browser {number}")
    assert client.answer.status_code == 429


def test_an_administrator_lifts_a_lock_and_so_does_the_command(capsys):
    account, chief = make_account(), make_account("chief", ADMINISTRATOR)
    fail()
    desk = sign_in(chief)
    page = f"/desk/auth/user/{account.pk}/access/"
    assert "Lift the lock" in desk.get(page).content.decode()
    desk.post(page, {"action": "lift"})
    assert is_signed_in(sign_in("ada"))
    assert "Lock" in LogEntry.objects.get(object_id=account.pk).change_message
    fail()
    call_command("unlock", "ada")
    assert "ada" in capsys.readouterr().out
    assert is_signed_in(sign_in("ada"))
    with pytest.raises(CommandError, match="no account"):
        call_command("unlock", "nobody")


@pytest.mark.parametrize(
    ("password", "problem"),
    [("short1!", "12"), ("123456789012", "numeric"), ("passwordpassword", ""), ("ada.lovelace.1815", "similar")],
)
def test_weak_passwords_are_refused(password, problem):
    from django.contrib.auth.password_validation import validate_password

    account = User(username="ada.lovelace.1815", email="ada@example.org")
    if not problem:
        validate_password(password, account)
        return
    with pytest.raises(ValidationError, match=problem):
        validate_password(password, account)


# The second step


def with_app() -> tuple[User, TOTPDevice, Client]:
    account = make_account()
    return account, make_app(account), sign_in(account)


def test_with_a_second_factor_the_password_alone_signs_nobody_in():
    _account, app, client = with_app()
    assert client.answer.headers["Location"] == "/desk/login/code/"
    assert not is_signed_in(client)
    before = client.session.session_key
    code = code_of(app)
    answer = client.post("/desk/login/code/", {"code": f" {code[:3]} {code[3:]}"})
    assert answer.headers["Location"] == "/desk/"
    assert is_signed_in(client)
    assert client.session.session_key != before


def test_a_code_counts_once():
    account, app, client = with_app()
    code = code_of(app)
    client.post("/desk/login/code/", {"code": code})
    other = sign_in(account)
    assert "used before" in other.post("/desk/login/code/", {"code": code}).content.decode()
    assert not is_signed_in(other)


def test_a_recovery_code_signs_in_once():
    account, _app, client = with_app()
    first, second, *_rest = second_factor.make_codes(account)
    assert first.replace("-", "") not in str(list(RecoveryCode.objects.values()))
    client.post("/desk/login/code/", {"code": first.upper()})
    assert is_signed_in(client)
    other = sign_in(account)
    other.post("/desk/login/code/", {"code": first})
    assert not is_signed_in(other)
    other.post("/desk/login/code/", {"code": second})
    assert is_signed_in(other)
    assert account.recovery_codes.count() == 8


def test_wrong_codes_make_one_wait_longer_and_longer_but_never_for_good():
    account, app, client = with_app()
    wrong = f"{(int(code_of(app)) + 1) % 1_000_000:06}"
    client.post("/desk/login/code/", {"code": wrong})
    assert "Wait" in client.post("/desk/login/code/", {"code": code_of(app)}).content.decode()
    assert not is_signed_in(client)
    past = timezone.now() - timedelta(seconds=513)
    TOTPDevice.objects.update(throttling_failure_count=10, throttling_failure_timestamp=past)
    assert second_factor.is_slowed(account)
    assert not second_factor.check(account, wrong)
    assert 500 < second_factor.seconds_to_wait(account, wrong) <= 513
    TOTPDevice.objects.update(throttling_failure_timestamp=past)
    client.post("/desk/login/code/", {"code": code_of(app)})
    assert is_signed_in(client)


def test_wrong_codes_count_as_wrong_passwords_do():
    _account, _app, client = with_app()
    for _number in range(10):
        answer = client.post("/desk/login/code/", {"code": "not-a-code"})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert sign_in("ada").answer.status_code == 429


def test_the_second_step_is_over_after_ten_minutes_and_with_another_password(monkeypatch):
    account, app, client = with_app()
    account.set_password("quite another lighthouse")
    account.save()
    assert client.post("/desk/login/code/", {"code": code_of(app)}).headers["Location"] == "/desk/login/"
    client = sign_in(account, "quite another lighthouse")
    monkeypatch.setattr("catalogue.admin.accounts.sign_in.time.time", lambda: timezone.now().timestamp() + 601)
    assert client.post("/desk/login/code/", {"code": code_of(app)}).headers["Location"] == "/desk/login/"
    assert not is_signed_in(client)


def test_a_closed_account_does_not_pass_the_second_step():
    account, app, client = with_app()
    User.objects.filter(pk=account.pk).update(is_active=False)
    client.post("/desk/login/code/", {"code": code_of(app)})
    assert not is_signed_in(client)


def test_a_second_factor_is_set_up_with_the_password_and_a_first_code():
    account = make_account()
    client, elsewhere = sign_in(account), sign_in(account)
    page = "/desk/account/second-factor/"
    assert client.post(page, {"action": "begin", "password": "wrong"}).status_code == 422
    assert not TOTPDevice.objects.exists()
    client.post(page, {"action": "begin", "password": PASSWORD})
    shown = client.get(page).content.decode()
    app = TOTPDevice.objects.get()
    assert second_factor.secret(app) in shown
    assert "<svg" in shown
    assert " style=" not in shown
    assert client.post(page, {"action": "confirm", "code": "000 00"}).status_code == 422
    answer = client.post(page, {"action": "confirm", "code": code_of(app)})
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", answer.content.decode())
    assert len(set(codes)) == 10
    assert not any(code in client.get(page).content.decode() for code in codes)
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    other = sign_in(account)
    other.post("/desk/login/code/", {"code": codes[3]})
    assert is_signed_in(other)
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Second factor set up."]


def test_while_it_is_not_confirmed_the_password_alone_signs_in():
    account = make_account()
    second_factor.begin(account)
    assert is_signed_in(sign_in(account))


def test_it_is_removed_with_the_password_and_recovery_codes_are_renewed_with_it():
    account, app, client = with_app()
    old = second_factor.make_codes(account)
    client.post("/desk/login/code/", {"code": code_of(app)})
    page = "/desk/account/second-factor/"
    client.post(page, {"action": "codes", "password": PASSWORD})
    assert not second_factor.check(account, old[0])
    assert account.recovery_codes.count() == 10
    client.post(page, {"action": "remove", "password": "wrong"})
    assert second_factor.app(account)
    client.post(page, {"action": "remove", "password": PASSWORD})
    assert not second_factor.app(account)
    assert not account.recovery_codes.exists()
    assert is_signed_in(sign_in(account))


def test_guessing_the_password_at_a_desk_left_alone_is_counted_too():
    client = sign_in(make_account())
    for _number in range(10):
        answer = client.post("/desk/account/second-factor/", {"action": "begin", "password": "wrong"})
    assert "Wait 15 minutes" in answer.content.decode()
    client.post("/desk/account/second-factor/", {"action": "begin", "password": PASSWORD})
    assert not TOTPDevice.objects.exists()


def test_guessing_the_old_password_at_a_desk_left_alone_is_counted_too():
    client = sign_in(make_account())
    new = {"new_password1": "quite another lighthouse", "new_password2": "quite another lighthouse"}
    for _number in range(10):
        client.post("/desk/password_change/", {"old_password": "wrong", **new})
    client.post("/desk/password_change/", {"old_password": PASSWORD, **new})
    assert "Wait 15 minutes" in client.get("/desk/account/").content.decode()
    AccessAttempt.objects.all().delete()
    assert is_signed_in(sign_in("ada"))


def test_whose_group_demands_it_sets_it_up_before_all_else():
    account = make_account()
    client = sign_in(account)
    GroupDemand.objects.create(group=Group.objects.get(name=CATALOGUER), second_factor=True)
    for page in ("", "catalogue/record/", "import/", "typed/new/"):
        assert client.get(f"/desk/{page}").headers["Location"] == "/desk/account/second-factor/"
    page = "/desk/account/second-factor/"
    client.post(page, {"action": "begin", "password": PASSWORD})
    client.post(page, {"action": "confirm", "code": code_of(TOTPDevice.objects.get())})
    assert client.get("/desk/catalogue/record/").status_code == 200
    client.post(page, {"action": "remove", "password": PASSWORD})
    assert second_factor.app(account)


def test_an_administrator_demands_it_of_a_group_and_removes_a_lost_one():
    account, app, _client = with_app()
    chief = sign_in(make_account("chief", ADMINISTRATOR))
    group = Group.objects.get(name=CATALOGUER)
    page = f"/desk/auth/group/{group.pk}/change/"
    kept = list(group.permissions.values_list("pk", flat=True))
    chief.post(page, {"name": group.name, "second_factor": "on", "permissions": kept})
    assert second_factor.is_demanded(account)
    assert 'name="second_factor" ' in chief.get(page).content.decode()
    assert "checked" in chief.get(page).content.decode().partition('name="second_factor"')[2][:120]
    client = sign_in(account)
    client.post("/desk/login/code/", {"code": code_of(app)})
    chief.post(f"/desk/auth/user/{account.pk}/access/", {"action": "factor"})
    assert not second_factor.app(account)
    assert not is_signed_in(client)
    chief.post(page, {"name": group.name, "permissions": kept})
    assert not second_factor.is_demanded(account)
    notes = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert "Demands a second factor." in notes
    assert "Second factor removed, and all sign-ins ended." in notes
