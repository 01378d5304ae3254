"""An undo of many records: asked for at the desk, done by the worker, told how far it is, done once or not at all."""

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue import changes, codes
from catalogue.admin import large_undoing
from catalogue.changes import Wish
from catalogue.jobs import undos
from catalogue.jobs.models import LargeUndo
from catalogue.jobs.pulse import Interrupted
from catalogue.models import ChangeSet, Record
from tests.people import make_member
from tests.records import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def large(monkeypatch):
    monkeypatch.setattr(large_undoing, "AT_ONCE", 2)
    monkeypatch.setattr(changes._batches, "__defaults__", (2,))


@pytest.fixture
def change_set() -> ChangeSet:
    made = changes.open_change_set(codes.BATCH)
    changes.apply(made, [Wish(make_draft(f"Record {number}")) for number in range(5)])
    return made


def address(change_set: ChangeSet, rest: str = "") -> str:
    return f"/desk/catalogue/changeset/{change_set.pk}/undo/{rest}"


def asked(desk, change_set: ChangeSet) -> LargeUndo:
    answer = desk.post(address(change_set), {"reason": "A mistake"})
    assert (answer.status_code, answer["Location"]) == (302, address(change_set))
    return LargeUndo.objects.get()


def withdrawn() -> int:
    return Record.objects.filter(status="withdrawn").count()


def test_a_large_undo_is_left_to_the_worker_and_its_page_shows_how_far_it_is(desk, change_set):
    item = asked(desk, change_set)
    assert ProcrastinateJob.objects.filter(task_name="undo", args={"number": item.pk}).count() == 1
    assert withdrawn() == 0
    LargeUndo.objects.update(done=4)
    page = desk.get(address(change_set)).content.decode()
    assert "4 of 5 records." in page
    assert "80 %" in page
    told = desk.get(address(change_set, "progress/")).json()
    assert (told["is_busy"], told["percent"], told["sentence"]) == (True, 80, "4 of 5 records.")


def test_it_says_so_where_no_worker_runs(desk, change_set):
    asked(desk, change_set)
    assert "No worker is running." in desk.get(address(change_set)).content.decode()


def test_the_worker_undoes_it_once_and_the_page_leads_to_what_was_done(desk, change_set):
    item = asked(desk, change_set)
    undos.do(item.pk, lambda: False)
    undos.do(item.pk, lambda: False)
    made = ChangeSet.objects.get(undoes=change_set)
    assert (withdrawn(), made.user_name, made.reason) == (5, "ann", "A mistake")
    page = desk.get(address(change_set), follow=True)
    assert page.redirect_chain == [(f"/desk/catalogue/changeset/{made.pk}/change/", 302)]
    assert "Undone. Records put back: 5; headings: 0." in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_how_far_it_is_is_seen_from_outside_before_it_is_done(desk, change_set, monkeypatch):
    item = asked(desk, change_set)
    seen: list[int] = []
    note = undos._note

    def noted(number: int, done: int) -> None:
        note(number, done)
        seen.append(LargeUndo.objects.get(pk=number).done)

    monkeypatch.setattr(undos, "_note", noted)
    undos.do(item.pk, lambda: False)
    assert seen == [2, 4, 5]
    assert LargeUndo.objects.get().percent == 100


def test_a_worker_that_is_stopped_leaves_nothing_half_done(desk, change_set):
    item = asked(desk, change_set)
    with pytest.raises(Interrupted):
        undos.do(item.pk, lambda: True)
    assert (withdrawn(), ChangeSet.objects.filter(kind="undo").exists()) == (0, False)
    assert LargeUndo.objects.get().is_busy
    undos.do(item.pk, lambda: False)
    assert withdrawn() == 5


def test_what_went_wrong_is_said_at_the_desk_and_it_can_be_asked_for_again(desk, change_set, monkeypatch):
    item = asked(desk, change_set)
    with monkeypatch.context() as broken:
        broken.setattr(changes, "undo", lambda *_: 1 / 0)
        undos.do(item.pk, lambda: False)
    assert "The program failed at this (ZeroDivisionError)." in desk.get(address(change_set)).content.decode()
    undos.do(asked(desk, change_set).pk, lambda: False)
    assert withdrawn() == 5


def test_who_asks_twice_has_it_done_once(desk, change_set):
    asked(desk, change_set)
    asked(desk, change_set)
    assert ProcrastinateJob.objects.filter(task_name="undo").count() == 1


def test_progress_is_shown_to_those_who_may_undo(desk, change_set, client, django_user_model):
    asked(desk, change_set)
    client.force_login(make_member("other"))
    assert client.get(address(change_set, "progress/")).status_code == 403
    assert client.get(address(change_set)).status_code == 403


def test_a_full_disk_is_told_and_nothing_is_begun_again(desk, change_set):
    item = asked(desk, change_set)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END$$;
            CREATE TRIGGER full_disk BEFORE UPDATE ON catalogue_record EXECUTE FUNCTION pg_temp.refuse()
        """)
    undos.do(item.pk, lambda: False)
    item.refresh_from_db()
    assert (item.is_busy, withdrawn()) == (False, 0)
    assert "The disk of the database is full." in item.problem
