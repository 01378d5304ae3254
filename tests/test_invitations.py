"""Links by which somebody joins or chooses a new password: made, sent, looked at, used once, withdrawn, and run out."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from catalogue.groups import ADMINISTRATOR, CATALOGUER, EDITOR, READER
from catalogue.people import forgetting, links
from catalogue.people.models import AccessLink
from tests.people import PASSWORD, is_signed_in, make_account, make_app, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/people/invitations/"


@pytest.fixture
def chief():
    return sign_in(make_account("chief", ADMINISTRATOR))


def invite(chief: Client, email: str = "grace@example.org", group: str = EDITOR) -> str:
    """Invite somebody and return the link as the page shows it."""
    names = {"first_name": "Grace", "last_name": "Hopper", "email": email}
    answer = chief.post(PAGE, {**names, "group": Group.objects.get(name=group).pk})
    assert answer.context["made"], answer.context["form"].errors
    return answer.context["made"]["link"]


def open_link(link: str) -> Client:
    client = Client()
    client.answer = client.post("/desk/access/", {"link": link})
    return client


def join(client: Client, name: str = "grace", password: str = PASSWORD):
    return client.post("/desk/access/open/", {"username": name, "password1": password, "password2": password})


def test_who_was_invited_chooses_name_and_password_and_is_in_the_group(chief):
    link = invite(chief)
    assert link.startswith("http://testserver/desk/access/#")
    client = open_link(link)
    assert client.answer.headers["Location"] == "/desk/access/open/#content"
    page = client.get("/desk/access/open/").content.decode()
    assert "Grace Hopper" in page
    assert "at least 12 characters" in page
    assert join(client).headers["Location"] == "/desk/login/"
    account = User.objects.get(username="grace")
    assert (account.first_name, account.last_name, account.email) == ("Grace", "Hopper", "grace@example.org")
    assert [group.name for group in account.groups.all()] == [EDITOR]
    assert (account.is_staff, account.is_superuser) == (True, False)
    assert is_signed_in(sign_in("grace"))
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Invited to the group Editor.",
        "Joined the group Editor.",
    ]


def test_a_link_is_used_once_even_by_two_browsers_that_opened_it_both(chief):
    link = invite(chief)
    first, second = open_link(link), open_link(link)
    join(first)
    assert join(second, "second").status_code == 410
    assert open_link(link).answer.status_code == 410
    assert not User.objects.filter(username="second").exists()


def test_of_two_who_have_found_a_link_at_the_same_moment_one_is_too_late(chief):
    invite(chief)
    first, second = (links.still_open(AccessLink.objects.get().pk) for _number in range(2))
    links.use(first, lambda: make_account("grace"))
    with pytest.raises(links.Gone):
        links.use(second, lambda: make_account("grace-again"))
    assert not User.objects.filter(username="grace-again").exists()


def test_to_look_at_a_link_changes_nothing_and_shows_nothing(chief):
    link = invite(chief)
    for _number in range(3):
        page = Client().get(link.partition("#")[0])
        assert page.status_code == 200
        assert "Grace" not in page.content.decode()
    assert not AccessLink.objects.get().ended
    assert Client().get("/desk/access/open/").status_code == 410
    assert join(open_link(link)).status_code == 302


def test_the_secret_is_kept_nowhere_and_stands_in_no_address_that_is_sent(chief):
    link = invite(chief)
    secret = link.partition("#")[2]
    token = secret.rpartition(":")[0]
    assert len(token) >= 43
    kept = AccessLink.objects.get()
    assert kept.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(AccessLink.objects.values()) + str(LogEntry.objects.values())
    client = open_link(link)
    assert token not in str(dict(client.session))
    assert token not in client.answer.headers["Location"]
    page = client.get("/desk/access/open/")
    assert token not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert "no-store" in chief.get(PAGE).headers["Cache-Control"]
    assert token not in chief.get(PAGE).content.decode()


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + "x", lambda text: text[::-1]])
def test_a_link_that_was_not_copied_as_a_whole_leads_nowhere(chief, change):
    assert open_link(change(invite(chief))).answer.status_code == 410


@pytest.mark.parametrize("text", ["x", "#", "http://testserver/desk/access/", "\x00", "a:b", "ä" * 1_000, "#" * 1_999])
def test_what_is_no_link_leads_nowhere(text):
    assert open_link(text).answer.status_code in (200, 410)


def test_without_the_key_of_this_catalogue_nobody_makes_a_link_even_with_its_database(chief, settings):
    invite(chief)
    AccessLink.objects.update(digest=hashlib.sha256(b"mine").hexdigest())
    assert open_link("mine:c2lnbmVk").answer.status_code == 410


def test_a_link_may_be_pasted_as_a_whole_with_blanks_around_it(chief):
    assert open_link(f"  {invite(chief)}\n").answer.status_code == 302


def test_a_link_runs_out_after_seven_days_also_while_it_is_open(chief):
    link = invite(chief)
    client = open_link(link)
    AccessLink.objects.update(expires=AccessLink.objects.get().expires - timedelta(days=7))
    assert join(client).status_code == 410
    assert open_link(link).answer.status_code == 410
    assert "run out" in chief.get(PAGE).content.decode()
    assert timedelta(days=-1) < AccessLink.objects.get().expires - timezone.now() <= timedelta(0)


def test_an_invitation_is_withdrawn(chief):
    link = invite(chief)
    client = open_link(link)
    chief.post(PAGE, {"withdraw": str(AccessLink.objects.get().pk)})
    assert join(client).status_code == 410
    assert open_link(link).answer.status_code == 410
    assert "used or withdrawn" in chief.get(PAGE).content.decode()
    for nonsense in ("", "x", "9" * 30, "-1"):
        assert chief.post(PAGE, {"withdraw": nonsense}).status_code == 302


def test_a_second_invitation_takes_the_place_of_the_first(chief):
    first, second = invite(chief), invite(chief, "GRACE@example.org")
    assert open_link(first).answer.status_code == 410
    assert open_link(second).answer.status_code == 302


def test_what_a_closed_account_made_leads_nowhere(chief):
    link = invite(chief)
    User.objects.filter(username="chief").update(is_active=False)
    assert open_link(link).answer.status_code == 410


def test_nobody_is_invited_twice_or_without_an_address(chief):
    make_account("ada", email="ada@example.org")
    group = Group.objects.get(name=CATALOGUER).pk
    for email in ("Ada@example.org", "", "nonsense"):
        answer = chief.post(PAGE, {"last_name": "Lovelace", "email": email, "group": group})
        assert answer.context["form"].errors["email"]
    assert not AccessLink.objects.exists()


def test_a_weak_password_or_a_name_that_is_taken_uses_nothing_up(chief):
    client = open_link(invite(chief))
    assert "too short" in join(client, password="short").content.decode()
    assert "similar" in join(client, password="grace@example.org").content.decode()
    assert "already exists" in join(client, "CHIEF").content.decode()
    assert join(client).status_code == 302


@pytest.mark.parametrize("group", [READER, CATALOGUER, EDITOR])
def test_only_administrators_invite_and_reset(group):
    account = make_account("ada", group)
    other = make_account("ben")
    client = sign_in(account)
    names = {"last_name": "Hopper", "email": "grace@example.org", "group": Group.objects.get(name=ADMINISTRATOR).pk}
    assert client.post(PAGE, names).status_code == 403
    assert client.post(f"/desk/auth/user/{other.pk}/access/", {"action": "link"}).status_code == 403
    assert not AccessLink.objects.exists()


def reset(chief: Client, account: User) -> str:
    return chief.post(f"/desk/auth/user/{account.pk}/access/", {"action": "link"}).context["link"]


def test_who_forgot_the_password_chooses_a_new_one_and_is_signed_out_elsewhere(chief):
    account = make_account()
    elsewhere = sign_in(account)
    for _number in range(10):
        sign_in(account, "wrong")
    client = open_link(reset(chief, account))
    new = {"new_password1": "quite another lighthouse", "new_password2": "quite another lighthouse"}
    assert "ada" in client.get("/desk/access/open/").content.decode()
    assert client.post("/desk/access/open/", new).status_code == 302
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(client)
    assert is_signed_in(sign_in(account, "quite another lighthouse"))
    assert client.post("/desk/access/open/", new).status_code == 410


def test_a_new_password_does_not_replace_the_second_factor(chief):
    account = make_account()
    make_app(account)
    client = open_link(reset(chief, account))
    client.post("/desk/access/open/", {"new_password1": PASSWORD + "!", "new_password2": PASSWORD + "!"})
    assert not is_signed_in(sign_in(account, PASSWORD + "!"))


def test_a_second_link_to_a_new_password_takes_the_place_of_the_first_and_a_closed_account_gets_none(chief):
    account = make_account()
    first, second = reset(chief, account), reset(chief, account)
    assert open_link(first).answer.status_code == 410
    client = open_link(second)
    account.is_active = False
    account.save()
    assert client.get("/desk/access/open/").status_code == 410
    assert chief.post(f"/desk/auth/user/{account.pk}/access/", {"action": "link"}).status_code == 302


def test_old_links_are_forgotten_after_thirty_days(chief):
    invite(chief)
    forgetting.forget_old()
    assert AccessLink.objects.exists()
    AccessLink.objects.update(expires=timezone.now() - timedelta(days=31))
    forgetting.forget_old()
    assert not AccessLink.objects.exists()


def test_a_changed_group_is_written_down_by_its_names(chief):
    account = make_account()
    sent = {"username": "ada", "is_active": "on", "groups": [Group.objects.get(name=EDITOR).pk]}
    chief.post(f"/desk/auth/user/{account.pk}/change/", sent)
    page = chief.get("/desk/people/log/").content.decode()
    assert "Groups: Cataloguer, now Editor." in page


def test_the_link_names_the_public_address_of_the_site(chief, settings):
    settings.SITE_URL = "https://catalogue.example.org"
    assert invite(chief).startswith("https://catalogue.example.org/desk/access/#")
