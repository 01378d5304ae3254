"""What is typed into the form of a record and not saved: kept for the one who typed it, offered, and forgotten."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue import unsaved
from catalogue.models import Record, UnsavedForm
from tests.people import make_member
from tests.records import make_record
from tests.test_admin_records import ADD, change_page, filled, resent

pytestmark = pytest.mark.django_db
NEW = "/desk/typed/new/"


def typing(**values):
    return {**filled(**values), "token": str(uuid.uuid4())}


def test_what_was_typed_is_offered_and_fills_the_form_again_right_or_wrong(desk):
    authors = [{"heading": "Second", "ORDER": "2"}, {"heading": "First", "ORDER": "1"}, {"heading": ""}]
    data = typing(title="Half a title", year="soon", keywords="A\r\nB", authors=authors)
    address = desk.post(NEW, data).json()["url"]
    assert "Half a title" in desk.get(ADD).content.decode()
    page = desk.get(address)
    forms = page.context["forms"]
    assert [forms.main[name].value() for name in ("title", "year", "keywords")] == ["Half a title", "soon", "A\r\nB"]
    assert [row["heading"].value() for row in forms.authors][:2] == ["First", "Second"]
    assert "errorlist" not in page.content.decode()
    assert forms.main["token"].value() == data["token"]
    assert not Record.objects.exists()


def test_saving_forgets_what_was_typed_and_what_comes_later_from_the_same_form(desk):
    data = typing(title="Saved")
    desk.post(NEW, data)
    desk.post(ADD, data)
    desk.post(NEW, data)
    assert "Typed and not saved" not in desk.get(ADD).content.decode()
    assert [form.data for form in UnsavedForm.objects.all()] == [""]


def test_what_was_typed_into_a_record_is_saved_against_the_version_it_was_typed_on(desk):
    record = make_record("First")
    mine = {**resent(desk, record, title="Mine"), "token": str(uuid.uuid4())}
    address = desk.post(f"/desk/typed/{record.pk}/", mine).json()["url"]
    desk.post(change_page(record), resent(desk, record, summary="Added meanwhile"))
    forms = desk.get(address).context["forms"]
    assert forms.main["modified"].value() == mine["modified"]
    assert desk.post(change_page(record), mine).status_code == 409


def test_two_new_records_begun_at_once_are_both_kept_and_one_can_be_discarded(desk):
    one, two = typing(title="One"), typing(title="Two")
    for data in (one, two):
        desk.post(NEW, data)
    desk.post(NEW + "discard/", {"token": one["token"]})
    assert [form.title for form in desk.get(ADD).context["offered"]] == ["Two"]


def test_nobody_sees_or_overwrites_what_another_account_typed(desk, django_user_model):
    data = typing(title="Ann's")
    desk.post(NEW, data)
    bob = django_user_model.objects.create_superuser("bob")
    desk.force_login(bob)
    assert "Ann" not in desk.get(ADD).content.decode()
    desk.post(NEW, {**data, "title": "Bob's"})
    desk.post(NEW + "discard/", {"token": data["token"]})
    assert desk.get(f"{ADD}?typed={data['token']}").context["form"]["title"].value() == ""
    assert UnsavedForm.objects.get().title == "Ann's"


def test_only_so_many_and_for_so_long_are_forms_kept(desk, monkeypatch):
    monkeypatch.setattr(unsaved, "MOST", 3)
    desk.post(NEW, typing(title="Old"))
    UnsavedForm.objects.update(touched=timezone.now() - unsaved.KEPT - timedelta(minutes=1))
    assert desk.get(ADD).context["offered"] == []
    for number in range(5):
        desk.post(NEW, typing(title=str(number)))
    assert [form.title for form in desk.get(ADD).context["offered"]] == ["4", "3", "2"]


def test_what_is_too_long_is_said_and_not_kept(desk):
    answer = desk.post(NEW, typing(summary="x" * unsaved.LONGEST))
    assert answer.status_code == 413
    assert "too long" in answer.json()["problem"]
    assert not UnsavedForm.objects.exists()


@pytest.mark.parametrize("name", ["other", "0x1", "9" * 30, "²"])
def test_an_address_that_makes_no_sense_keeps_nothing(desk, name):
    assert desk.post(f"/desk/typed/{name}/", typing()).status_code == 404


@pytest.mark.parametrize("junk", ["", "x", "nul\0"])
def test_a_token_that_is_none_keeps_and_finds_nothing(desk, junk):
    assert desk.post(NEW, {**typing(), "token": junk}).status_code == 404
    assert desk.get(ADD, {"typed": junk, "copy": junk}).status_code == 200


def test_only_those_who_could_save_a_record_have_anything_kept(client, django_user_model):
    assert client.post(NEW, typing()).status_code == 302
    client.force_login(make_member("reader"))
    for address in (NEW, NEW + "discard/", "/desk/typed/1/"):
        assert client.post(address, typing()).status_code == 403
    assert not UnsavedForm.objects.exists()
