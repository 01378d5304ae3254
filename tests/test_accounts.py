"""Accounts at the desk: who cannot be shut out, who gets in, and what their pages say."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from catalogue.groups import ADMINISTRATOR, CATALOGUER
from tests.people import PASSWORD, is_signed_in, make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief() -> Client:
    """Return the browser of the only superuser."""
    client = Client()
    client.user = User.objects.create_superuser("chief")  # type: ignore[attr-defined]
    client.force_login(client.user)  # type: ignore[attr-defined]
    return client


def save(client: Client, account: User, **facts) -> str:
    sent = {
        "username": account.username,
        "is_active": "on",
        "is_superuser": "on" if account.is_superuser else "",
        **facts,
    }
    page = client.post(f"/desk/auth/user/{account.pk}/change/", {k: v for k, v in sent.items() if v}, follow=True)
    account.refresh_from_db()
    return page.text


def test_nobody_switches_the_own_account_off(chief):
    User.objects.create_superuser("other")
    page = save(chief, chief.user, is_active="")
    assert "You cannot switch your own account off. Another administrator can." in page
    assert chief.user.is_active


def test_the_last_administrator_stays_one(chief):
    assert "The catalogue would have no administrator any more." in save(chief, chief.user, is_superuser="")
    assert chief.user.is_superuser
    make_account("ada", ADMINISTRATOR)
    save(chief, chief.user, is_superuser="")
    assert not chief.user.is_superuser


def test_the_last_administrator_stays_in_the_group(chief):
    group = Group.objects.get(name=ADMINISTRATOR)
    chief.user.groups.add(group)
    User.objects.update(is_superuser=False)
    chief.user.refresh_from_db()
    assert "The catalogue would have no administrator any more." in save(chief, chief.user)
    assert chief.user.groups.get() == group
    User.objects.create_superuser("other", is_active=False)
    assert "The catalogue would have no administrator any more." in save(chief, chief.user)
    assert "was changed successfully" in save(chief, chief.user, groups=group.pk)


def test_an_account_that_was_ever_used_is_switched_off_and_never_deleted(chief):
    used, unused = make_account("used"), make_account("unused")
    sign_in(used)
    for account in (chief.user, used):
        page = chief.post(f"/desk/auth/user/{account.pk}/delete/", {"post": "yes"}, follow=True).text
        assert "was signed in, and stays in the history" in page
    chief.post(f"/desk/auth/user/{unused.pk}/delete/", {"post": "yes"})
    assert set(User.objects.values_list("username", flat=True)) == {"chief", "used"}


def test_many_accounts_are_not_deleted_in_one_go(chief):
    make_account("unused")
    assert "Delete selected" not in chief.get("/desk/auth/user/").text
    sent = {"action": "delete_selected", "_selected_action": [one.pk for one in User.objects.all()], "post": "yes"}
    chief.post("/desk/auth/user/", sent)
    assert User.objects.count() == 2


def test_the_last_administrator_who_never_signed_in_is_not_deleted_either():
    client = Client()
    ada = make_account("ada", ADMINISTRATOR)
    client.force_login(ada)
    User.objects.filter(pk=ada.pk).update(last_login=None)
    client.post(f"/desk/auth/user/{ada.pk}/delete/", {"post": "yes"})
    assert User.objects.exists()


def test_unlocking_says_that_an_account_is_switched_off_and_can_switch_it_on(capsys):
    account = make_account("ada", is_active=False)
    call_command("unlock", "ada")
    said = capsys.readouterr().out
    assert "can sign in again" not in said
    assert "switched off" in said
    assert "--activate" in said
    assert not is_signed_in(sign_in(account))
    call_command("unlock", "ada", "--activate")
    assert "ada can sign in again." in capsys.readouterr().out
    assert is_signed_in(sign_in(account))
    assert CATALOGUER in account.groups.values_list("name", flat=True)


def test_membership_of_a_group_is_enough_to_sign_in(chief):
    account = User.objects.create_user("bob", password=PASSWORD)
    assert not is_signed_in(sign_in(account))
    page = chief.get(f"/desk/auth/user/{account.pk}/change/").text
    assert "is_staff" not in page
    save(chief, account, groups=Group.objects.get(name=CATALOGUER).pk)
    client = sign_in(account)
    assert client.get("/desk/catalogue/record/add/").status_code == 200
    save(chief, account)
    assert not is_signed_in(client)
    assert not is_signed_in(sign_in(account))


def test_who_is_in_no_group_cannot_sign_in():
    account = make_account("bob", "")
    account.user_permissions.add(Permission.objects.get(codename="add_record"))
    assert account.is_staff
    assert not is_signed_in(sign_in(account))


def test_who_was_kept_out_before_is_not_let_in_by_an_update():
    migration = import_module("catalogue.migrations.0016_shut_out")
    out, staff = make_account("out"), make_account("staff")
    chief, none = User.objects.create_superuser("chief"), make_account("none", "")
    chief.groups.set(out.groups.all())
    User.objects.filter(pk__in=[out.pk, none.pk, chief.pk]).update(is_staff=False)
    migration.switch_off(apps, None)
    active = User.objects.filter(is_active=True).values_list("username", flat=True)
    assert set(active) == {staff.username, chief.username, none.username}


def test_a_superuser_needs_no_group():
    assert is_signed_in(sign_in(User.objects.create_superuser("root", password=PASSWORD)))


def test_pages_of_accounts_speak_of_a_library_s_people(chief):
    ada = make_account()
    pages = {
        name: chief.get(f"/desk/auth/user/{name}/").text for name in ("add", f"{ada.pk}/change", f"{ada.pk}/password")
    }
    for page in pages.values():
        for word in (
            "algorithm",
            "salt",
            "Designates",
            "Single Sign-On",
            "explicitly",
            "authentication",
            "signs you out",
        ):
            assert word not in page
    assert "at least 12 characters" in pages["add"]
    assert "May do everything, whatever the groups allow." in pages[f"{ada.pk}/change"]
    assert f"/desk/auth/user/{ada.pk}/password/" in pages[f"{ada.pk}/change"]
    assert "A new password ends all sign-ins with the old one." in chief.get("/desk/password_change/").text


def test_an_account_is_made_and_given_a_password(chief):
    sent = {"username": "bob", "password1": PASSWORD, "password2": PASSWORD}
    chief.post("/desk/auth/user/add/", sent)
    bob = User.objects.get(username="bob")
    other = "a second lighthouse keeper"
    chief.post(f"/desk/auth/user/{bob.pk}/password/", {"password1": other, "password2": other})
    bob.refresh_from_db()
    assert bob.check_password(other)
    assert "required" in chief.post(f"/desk/auth/user/{bob.pk}/password/", {}).text


def test_what_goes_with_a_group_or_an_account_is_said_in_words(chief):
    group = Group.objects.create(name="Interns")
    unused = make_account("unused", "Interns")
    page = chief.get(f"/desk/auth/group/{group.pk}/delete/").text
    assert "User_groups" not in page
    assert "Interns, with 1 member" in page
    page = chief.get(f"/desk/auth/user/{unused.pk}/delete/").text
    assert "User_groups" not in page
    sent = {"action": "delete_selected", "_selected_action": [group.pk]}
    page = chief.post("/desk/auth/group/", sent).text
    assert "Delete multiple objects" not in page
    assert "User_groups" not in page
    assert "<h1>Delete several groups</h1>" in page
    chief.post("/desk/auth/group/", {**sent, "post": "yes"})
    assert not Group.objects.filter(name="Interns").exists()


def test_no_change_of_a_group_leaves_the_catalogue_without_an_administrator():
    group = Group.objects.get(name=ADMINISTRATOR)
    client = sign_in(make_account("ada", ADMINISTRATOR))
    User.objects.create_superuser("off", is_active=False)
    page = f"/desk/auth/group/{group.pk}/"
    chosen = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    asked = [
        (page + "delete/", {"post": "yes"}),
        (page + "change/", {"name": ADMINISTRATOR, "duties": ["see"]}),
        ("/desk/auth/group/", chosen),
    ]
    held = set(group.permissions.all())
    for address, sent in asked:
        said = client.post(address, sent, follow=True).text
        assert "The catalogue would have no administrator any more. Make somebody else one first." in said
        assert "successfully" not in said.lower()
        assert set(Group.objects.get(pk=group.pk).permissions.all()) == held
    make_account("bea", "").user_permissions.add(Permission.objects.get(codename="change_user"))
    assert "no administrator any more" in client.post(page + "delete/", {"post": "yes"}, follow=True).text
    User.objects.create_superuser("other")
    client.post(page + "delete/", {"post": "yes"})
    assert not Group.objects.filter(pk=group.pk).exists()
