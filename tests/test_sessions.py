"""Where somebody is signed in: what is kept of it, what is shown, and how it ends."""

import io
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue.groups import ADMINISTRATOR
from catalogue.people import forgetting, sessions
from catalogue.people.models import Session
from tests.people import FIREFOX, IPHONE, PASSWORD, is_signed_in, make_account, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/account/sessions/"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17 Safari/605", "Safari, Mac"),
        ("curl/8.0", ""),
        ("", ""),
        ("x" * 100_000 + "Firefox", ""),
        ("<script>Firefox</script>", "Firefox"),
    ],
)
def test_a_browser_is_named_in_words(user_agent, words):
    assert sessions.browser_in_words(user_agent) == words


def test_one_sees_where_one_is_signed_in_and_which_is_this_one():
    account = make_account()
    sign_in(account, HTTP_USER_AGENT=IPHONE)
    sign_in(make_account("ben"), HTTP_USER_AGENT="Mozilla/5.0 (Windows) Chrome/130")
    client = sign_in(account, HTTP_USER_AGENT=FIREFOX)
    shown = client.get(PAGE).context["sessions"]
    assert [(one.browser, one.is_this) for one in shown] == [("Firefox, Linux", True), ("Safari, iPhone", False)]
    page = client.get(PAGE).content.decode()
    assert not any(session.session_key in page for session in Session.objects.all())


def test_of_a_session_nothing_is_kept_but_account_browser_and_hour():
    sign_in(make_account(), HTTP_USER_AGENT=FIREFOX)
    kept = Session.objects.get()
    assert (kept.browser, kept.account.username) == ("Firefox, Linux", "ada")
    assert (kept.last_used.minute, kept.last_used.second, kept.last_used.microsecond) == (0, 0, 0)
    assert {field.name for field in Session._meta.fields} == {
        *("session_key", "session_data", "expire_date"),
        *("account", "browser", "last_used"),
    }
    assert "127.0.0.1" not in str(kept.get_decoded())


def test_the_last_use_is_noted_once_an_hour():
    account = make_account()
    client = sign_in(account)
    Session.objects.update(last_used=timezone.now() - timedelta(hours=3))
    client.get(PAGE)
    now = Session.objects.get().last_used
    assert timezone.now() - now < timedelta(hours=1)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    assert not [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_one_ends_another_session_or_all_others_but_not_somebody_else_s():
    account = make_account()
    here, there, further = sign_in(account), sign_in(account), sign_in(account)
    stranger = sign_in(make_account("ben"))
    key_of_stranger = stranger.get(PAGE).context["sessions"][0].key
    here.post(PAGE, {"session": key_of_stranger})
    assert is_signed_in(stranger)
    here.post(PAGE, {"session": there.get(PAGE).context["sessions"][0].key})
    assert [is_signed_in(client) for client in (here, there, further)] == [True, False, True]
    here.post(PAGE, {"others": "1"})
    assert [is_signed_in(client) for client in (here, further, stranger)] == [True, False, True]
    for nonsense in ("", "x", "\0", "a" * 10_000):
        assert here.post(PAGE, {"session": nonsense}).status_code == 302


def test_changing_the_password_ends_all_others():
    account = make_account()
    here, there = sign_in(account), sign_in(account)
    changed = {"old_password": PASSWORD, "new_password1": "quite another lighthouse"}
    here.post("/desk/password_change/", {**changed, "new_password2": "quite another lighthouse"})
    assert [is_signed_in(client) for client in (here, there)] == [True, False]
    assert Session.objects.filter(account=account).count() == 1
    assert LogEntry.objects.get().change_message == "Own password changed."


def test_a_password_that_an_administrator_or_the_command_sets_ends_all(monkeypatch):
    account = make_account()
    chief = sign_in(make_account("chief", ADMINISTRATOR))
    client = sign_in(account)
    new = {"password1": "quite another lighthouse", "password2": "quite another lighthouse", "usable_password": "true"}
    chief.post(f"/desk/auth/user/{account.pk}/password/", new)
    assert not Session.objects.filter(account=account).exists()
    client = sign_in(account, "quite another lighthouse")
    assert is_signed_in(client)
    monkeypatch.setattr("getpass.getpass", lambda **prompt: "a third lighthouse of many")
    call_command("changepassword", "ada", stdout=io.StringIO())
    assert not is_signed_in(client)
    assert is_signed_in(chief)


def test_a_closed_account_is_signed_out_and_stays_so_when_it_is_opened_again():
    account = make_account()
    client = sign_in(account)
    account.is_active = False
    account.save()
    assert not is_signed_in(client)
    assert not Session.objects.filter(account=account).exists()
    account.is_active = True
    account.save()
    assert not is_signed_in(client)
    assert is_signed_in(sign_in(account))


def test_an_administrator_ends_all_of_an_account_and_it_is_written_down():
    account = make_account()
    clients = [sign_in(account), sign_in(account)]
    chief = sign_in(make_account("chief", ADMINISTRATOR))
    page = f"/desk/auth/user/{account.pk}/access/"
    assert "in 2 browsers" in chief.get(page).content.decode()
    chief.post(page, {"action": "sessions"})
    assert not any(is_signed_in(client) for client in clients)
    assert is_signed_in(chief)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr, entry.change_message) == ("chief", "ada", "Sign-ins ended: 2.")
    assert "Sign-ins ended: 2." in chief.get("/desk/people/log/").content.decode()


def test_an_administrator_does_nothing_to_a_superuser():
    root = User.objects.create_superuser("root", password=PASSWORD)
    client = sign_in(root)
    chief = sign_in(make_account("chief", ADMINISTRATOR))
    for action in ("sessions", "link", "factor", "lift"):
        assert chief.post(f"/desk/auth/user/{root.pk}/access/", {"action": action}).status_code == 404
    assert is_signed_in(client)
    assert not LogEntry.objects.exists()


def test_signing_out_and_running_out_leave_nothing():
    account = make_account()
    client = sign_in(account)
    client.post("/desk/logout/")
    assert not Session.objects.filter(account=account).exists()
    client = sign_in(account)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(client)
    assert client.get("/desk/account/").status_code == 302
    forgetting.forget_old()
    assert not Session.objects.filter(expire_date__lt=timezone.now()).exists()


def test_to_read_the_public_catalogue_makes_no_session():
    for page in ("/help", "/robots.txt", "/records/1"):
        Client().get(page)
    assert not Session.objects.exists()


def test_pages_of_accounts_ask_the_database_as_often_for_many_as_for_one(django_assert_max_num_queries):
    account = make_account()
    chief = sign_in(make_account("chief", ADMINISTRATOR))
    client = sign_in(account)
    pages = [(client, PAGE), (chief, "/desk/people/log/"), (chief, "/desk/people/invitations/")]

    def counts() -> list[int]:
        found = []
        for who, page in pages:
            with django_assert_max_num_queries(40) as asked:
                assert who.get(page).status_code == 200
            found.append(len(asked))
        return found

    def invite(name: str) -> None:
        sent = {"last_name": name, "email": f"{name}@example.org", "group": account.groups.get().pk}
        chief.post("/desk/people/invitations/", sent)

    invite("first")
    counts()  # Django looks up the kinds of what is written down once
    before = counts()
    for number in range(8):
        sign_in(account)
        invite(f"n{number}")
    assert counts() == before
