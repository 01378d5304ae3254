"""From draft to tombstone: what the public sees of a record in each status, and of one that was deleted."""

from importlib import import_module

import pytest
from django.db import connection

from catalogue import changes, codes
from catalogue.models import Record, Tombstone
from tests.records import make_draft, make_record, make_records
from tests.test_admin_records import ADD, change_page, filled, resent

pytestmark = pytest.mark.django_db
LIST = "/desk/catalogue/record/"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", codes.UNPUBLISHED)
def test_of_what_is_not_published_yet_the_public_learns_nothing(client, status):
    record = make_record("Secret plan", status=status, shelf_number="7")
    for ending in ("", ".ris", ".csv"):
        assert client.get(f"/records/{record.pk}{ending}").status_code == 404
    for address in ("/", "/browse/titles/", "/feed?q=secret"):
        assert "Secret plan" not in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_record_in_review_is_found_at_the_desk_alone(desk):
    make_record("Secret plan", status="review")
    assert "Secret plan" not in desk.get("/search?q=secret").content.decode()
    assert "Secret plan" in desk.get(LIST, {"q": "secret"}).content.decode()
    assert "Secret plan" in desk.get(LIST, {"status__exact": "review"}).content.decode()


def test_chosen_records_are_put_in_review_in_one_step(desk):
    records = make_records([make_draft("One", status="draft"), make_draft("Two", status="draft")])
    desk.post(LIST, {"action": "review", "_selected_action": [record.pk for record in records], "reason": ""})
    assert set(Record.objects.values_list("status", flat=True)) == {"review"}


def test_nothing_is_withdrawn_without_a_word(desk):
    record = make_record("One")
    page = desk.post(change_page(record), resent(desk, record, status="withdrawn"))
    assert "Say why it is withdrawn" in page.content.decode()
    chosen = {"action": "withdraw", "_selected_action": [record.pk], "reason": " "}
    assert "Give a reason" in desk.post(LIST, chosen, follow=True).content.decode()
    assert Record.objects.get().status == "published"
    other = make_record("Two")
    desk.post(change_page(record), resent(desk, record, status="withdrawn", replaced_by=other.pk))
    assert desk.get(f"/records/{record.pk}").url == f"/records/{other.pk}"


def test_a_deleted_record_answers_410_for_ever_with_the_reason(desk):
    record = make_record("Gone <for> good")
    address = f"{LIST}{record.pk}/delete/"
    assert "is deleted for good" in desk.get(address).content.decode()
    desk.post(address, {"post": "yes", "reason": "Asked <by> the author"})
    for ending in ("", ".ris", ".jsonl"):
        answer = desk.get(f"/records/{record.pk}{ending}")
        assert answer.status_code == 410
    page = answer.content.decode()
    assert "Asked &lt;by&gt; the author" in page
    assert "This record was deleted" in page
    assert "Gone" not in page


def test_the_tombstone_of_a_replaced_record_names_what_replaces_it(desk):
    successor = make_record("Better")
    gone = make_record("Worse", status="withdrawn", replaced_by=successor.pk)
    desk.post(f"{LIST}{gone.pk}/delete/", {"post": "yes"})
    assert f"/records/{successor.pk}" in desk.get(f"/records/{gone.pk}").content.decode()
    desk.post(f"{LIST}{successor.pk}/delete/", {"post": "yes"})
    assert desk.get(f"/records/{gone.pk}").status_code == 410


def test_records_deleted_together_leave_a_tombstone_each_and_may_replace_each_other(desk):
    one = make_record("One")
    two = make_record("Two", status="withdrawn", withdrawn_reason="Old", replaced_by=one.pk)
    chosen = {"action": "delete_selected", "_selected_action": [one.pk, two.pk]}
    assert "deleted for good" in desk.post(LIST, chosen).content.decode()
    desk.post(LIST, {**chosen, "post": "yes", "reason": ""})
    assert [(stone.number, stone.reason, stone.replaced_by) for stone in Tombstone.objects.all()] == [
        (one.pk, "", None),
        (two.pk, "Old", None),
    ]


def test_a_new_record_never_takes_the_number_of_a_deleted_one(desk):
    gone = make_record("Gone")
    changes.delete(changes.open_change_set(codes.EDIT), [gone.pk])
    desk.post(ADD, filled())
    assert Record.objects.get().pk > gone.pk


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
def test_an_address_that_never_was_a_record_answers_404(client, number):
    assert client.get(f"/records/{number}").status_code == 404


def test_records_that_were_deleted_before_there_were_tombstones_have_one_after_the_upgrade(client):
    gone, kept = make_records([make_draft("Gone"), make_draft("Kept")])
    changes.delete(changes.open_change_set(codes.EDIT), [gone.pk])
    Tombstone.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("catalogue.migrations.0005_desk").BURY)
    assert [stone.number for stone in Tombstone.objects.all()] == [gone.pk]
    assert client.get(f"/records/{gone.pk}").status_code == 410


@pytest.mark.django_db(transaction=True)
def test_browsers_ask_again_for_what_was_gone_or_had_moved(client):
    one, two = make_records([make_draft("One"), make_draft("Two", status="withdrawn", withdrawn_reason="Wrong")])
    for path in (f"/records/{one.pk}", f"/records/{two.pk}", "/", "/search?q=one", "/browse/authors"):
        assert client.get(path)["Cache-Control"] == "no-cache", path
    Record.objects.filter(pk=two.pk).update(withdrawn_reason="", replaced_by=one)
    answer = client.get(f"/records/{two.pk}")
    assert (answer.status_code, answer["Cache-Control"]) == (301, "no-cache")
