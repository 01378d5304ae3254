"""Batch edits done: one change set, computed freshly, all or nothing, found at once, undone as a whole."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue import changes, codes, importing, records
from catalogue.batch import running, selecting
from catalogue.batch.models import Batch
from catalogue.batch.replacing import FindAndReplace
from catalogue.batch.steps import GiveStatus, KeywordStep, SetField
from catalogue.jobs import tasks
from catalogue.jobs.pulse import Pulse
from catalogue.models import ChangeSet, Country, Keyword, KeywordVariant, Record
from search import desk_selection
from search.filters import QueryDict
from tests.batches import do_all, do_what_waits, do_work, make_batch
from tests.processes import database_url, start_python
from tests.records import make_draft, make_record, make_records


@pytest.fixture
def ann(django_user_model):
    return django_user_model.objects.create_superuser("ann")


def drafts(*made: Record):
    return list(records.read_drafts([record.pk for record in made]).values())


@pytest.mark.django_db
def test_a_batch_edit_is_one_change_set_with_who_when_why_and_through_what(ann):
    made = make_records([make_draft("One", keywords=("A",)), make_draft("Two"), make_draft("Three", keywords=("N",))])
    item = do_all(make_batch(ann, KeywordStep("add", "N")), "A new series")
    assert (item.state, item.report["changed"], item.report["unchanged"]) == ("done", 2, 1)
    assert item.report["reasons"] == [["It has the keyword “N” already.", 1]]
    change_set = item.change_set
    assert (change_set.kind, change_set.user_name, change_set.reason) == (codes.BATCH, "ann", "A new series")
    assert change_set.made
    assert change_set.changes.count() == 2
    assert [draft.keywords for draft in drafts(*made)] == [("A", "N"), ("N",), ("N",)]


@pytest.mark.django_db
def test_a_preview_counts_and_changes_nothing(ann):
    make_records([make_draft("One", url="http://a.org"), make_draft("Two", year=2001), make_draft("Three")])
    item = do_work(make_batch(ann, FindAndReplace("url", "http://", "x"), SetField("year", 2001)), "preview")
    assert item.state == "previewed"
    assert (item.report["changed"], item.report["unchanged"], item.report["refused"]) == (1, 1, 1)
    assert [row[1] for row in item.report["refused_first"]] == ["One"]
    assert ChangeSet.objects.count() == 1
    assert Record.objects.filter(year=2001).count() == 1


@pytest.mark.django_db
def test_a_variant_leads_to_its_heading_and_a_new_heading_is_named_and_made(ann):
    KeywordVariant.objects.create(form="Gaols", authority=Keyword.objects.create(heading="Prisons"))
    record = make_record()
    item = do_work(make_batch(ann, KeywordStep("add", "Gaols"), KeywordStep("add", "Brand New")), "preview")
    assert item.report["new"]["keywords"] == ["Brand New"]
    assert not Keyword.objects.filter(heading="Brand New").exists()
    do_work(item, "do")
    assert drafts(record)[0].keywords == ("Prisons", "Brand New")


@pytest.mark.django_db
def test_a_heading_that_was_renamed_or_merged_since_the_preview_is_the_same_heading(ann):
    record = make_record(keywords=("Old", "Other"), country="Burma")
    item = make_batch(ann, KeywordStep("replace", "Old", "Other"), SetField("country", "Burma"))
    do_work(item, "preview")
    for model, old, new in ((Keyword, "Old", "Newer"), (Country, "Burma", "Myanmar")):
        heading = model.objects.get(heading=old)
        heading.heading = new
        heading.save()
        heading.variants.create(form=old)
    do_work(item, "do")
    assert (drafts(record)[0].keywords, drafts(record)[0].country) == (("Other",), "Myanmar")


@pytest.mark.django_db(transaction=True)
def test_what_was_edited_since_the_preview_is_not_overwritten_and_is_named(ann):
    first, second, third = make_records([make_draft("A cat"), make_draft("A cat"), make_draft("A cat")])
    item = do_work(make_batch(ann, FindAndReplace("title", "cat", "dog")), "preview")
    edit = changes.open_change_set(codes.EDIT)
    changes.apply(edit, [changes.Wish(make_draft("A black cat", summary="New"), first.pk)])
    changes.apply(edit, [changes.Wish(make_draft("A horse"), second.pk)])
    do_work(item, "do")
    assert [draft.title for draft in drafts(first, second, third)] == ["A black dog", "A horse", "A dog"]
    assert drafts(first)[0].summary == "New"
    assert item.report["edited"] == [first.pk, second.pk]
    assert (item.report["promised"], item.report["changed"]) == (3, 2)


@pytest.mark.django_db
def test_a_record_that_was_deleted_since_is_passed_over_and_counted(ann):
    first, second = make_records([make_draft("One"), make_draft("Two")])
    item = do_work(make_batch(ann, SetField("year", 2001)), "preview")
    changes.delete(changes.open_change_set(codes.EDIT), [first.pk])
    do_work(item, "do")
    assert (item.report["changed"], item.report["gone"], item.report["edited"]) == (1, [first.pk], [])
    assert drafts(second)[0].year == 2001


@pytest.mark.django_db
def test_a_batch_edit_that_changes_nothing_leaves_no_change_set(ann):
    make_record(year=2001)
    item = do_all(make_batch(ann, SetField("year", 2001)))
    assert (item.state, item.change_set) == ("done", None)
    assert ChangeSet.objects.count() == 1


@pytest.mark.django_db
def test_a_batch_edit_is_undone_by_its_change_set_but_for_what_has_changed_since(ann):
    facts = {"keywords": ("A", "B"), "country": "Chile", "year": 2001, "summary": "A cat."}
    first, second = make_records([make_draft("One", **facts), make_draft("Two", **facts)])
    before = drafts(first, second)
    steps = [
        KeywordStep("remove", "A"),
        KeywordStep("add", "C"),
        SetField("country", "Peru"),
        SetField("year", None),
        GiveStatus("withdrawn", "Gone"),
        FindAndReplace("summary", "cat", "dog"),
    ]
    item = do_all(make_batch(ann, *steps))
    assert drafts(first)[0].keywords == ("B", "C")
    changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(make_draft("Edited"), second.pk)])
    undone = changes.undo(item.change_set, ann)
    assert undone.changed_since == (second.pk,)
    assert drafts(first)[0] == before[0]


@pytest.mark.django_db
def test_a_failure_in_the_middle_leaves_all_as_it_was(ann, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 2)
    make_records([make_draft(f"Record {n}") for n in range(6)])
    item = do_work(make_batch(ann, KeywordStep("add", "New")), "preview")
    written = changes.write
    calls = []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return written(*arguments)

    monkeypatch.setattr(changes, "write", failing)
    do_work(item, "do")
    assert item.state == "previewed"
    assert "No space left" in item.problem
    assert not Keyword.objects.exists()
    assert ChangeSet.objects.count() == 1


@pytest.mark.django_db
def test_a_thousand_records_cost_as_many_queries_as_two_hundred(ann):
    make_records([make_draft(f"Record {n}", authors=(f"A{n}",), keywords=(f"K{n % 7}",)) for n in range(1_000)])
    few = do_work(make_batch(ann, KeywordStep("add", "X"), records=list(Record.objects.all()[:200])), "preview")
    many = do_work(make_batch(ann, KeywordStep("add", "Y")), "preview")
    with CaptureQueriesContext(connection) as of_few:
        do_work(few, "do")
    with CaptureQueriesContext(connection) as of_many:
        do_work(many, "do")
    assert many.report["changed"] == 1_000
    assert len(of_many) <= len(of_few)


@contextmanager
def importing_elsewhere():
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [importing.LOCK])
        yield


@pytest.mark.django_db(transaction=True)
def test_beside_an_import_that_writes_it_is_left_to_the_queue_and_waits_there(ann):
    make_record()
    item = do_work(make_batch(ann, SetField("year", 2001)), "preview")
    with importing_elsewhere():
        do_work(item, "do")
        assert item.state == "waiting"
        worker = threading.Thread(target=_do_and_close)
        worker.start()
        while not Batch.objects.get().is_waiting:
            worker.join(0.02)
        assert not Record.objects.filter(year=2001).exists()
    worker.join()
    assert Batch.objects.get().state == "done"
    assert Record.objects.filter(year=2001).exists()


def _do_and_close():
    do_what_waits()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_batch_edit_whose_worker_was_killed_is_done_once_by_the_next(ann):
    make_record("A cat")
    item = do_work(make_batch(ann, FindAndReplace("title", "cat", "cat cat")), "preview")
    tasks.ask(item, "do")
    Batch.objects.update(state="running", run=item.run + 1)  # begun, and its worker is gone
    running.do(str(item.pk), lambda: False)
    running.do(str(item.pk), lambda: False)  # a second job finds nothing to do
    item.refresh_from_db()
    assert (item.state, Record.objects.get().title) == ("done", "A cat cat")


DO = """
from catalogue.batch import running
print("begun", flush=True)
running.do("{number}", lambda: False)
"""


@pytest.mark.django_db(transaction=True)
def test_a_batch_edit_that_is_killed_midway_leaves_all_as_it_was(ann):
    make_records([make_draft("One"), make_draft("Two")])
    item = do_work(make_batch(ann, KeywordStep("add", "Brand New")), "preview")
    tasks.ask(item, "do")
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE catalogue_change IN SHARE MODE")  # records are written by then, their history is not
        process = start_python(DO.format(number=item.pk))
        while not _is_waited_for("catalogue_change"):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.02)
        process.kill()
        process.communicate()
    assert not Keyword.objects.exists()
    assert ChangeSet.objects.count() == 1
    do_what_waits()  # the next worker takes it up
    item.refresh_from_db()
    assert (item.state, item.kills, Keyword.objects.count()) == ("done", 0, 1)


def _is_waited_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass)", [table])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_writes_nothing(ann, monkeypatch):
    make_record("A cat")
    item = do_work(make_batch(ann, FindAndReplace("title", "cat", "dog")), "preview")
    conclude = running.conclude

    def overtaken(item, *arguments, **values):
        Batch.objects.update(run=99)
        conclude(item, *arguments, **values)

    monkeypatch.setattr(running, "conclude", overtaken)
    tasks.ask_at_once(item, "do")
    assert Record.objects.get().title == "A cat"


@pytest.mark.django_db
def test_what_is_done_while_somebody_waits_is_taken_up_by_a_worker_only_after_a_long_silence(ann, monkeypatch):
    make_record("A cat")
    item = do_work(make_batch(ann, FindAndReplace("title", "cat", "dog")), "preview")
    jobs = ProcrastinateJob.objects.filter(task_name="batch")
    compute = running.compute

    def computed_when_the_minute_turns(*arguments):
        tasks.take_up_again()
        assert not jobs.exists()
        return compute(*arguments)

    monkeypatch.setattr(running, "compute", computed_when_the_minute_turns)
    assert do_work(item, "do").state == "done"
    Batch.objects.update(state="running", touched=timezone.now() - timedelta(minutes=5), alive=None)
    tasks.take_up_again()
    assert jobs.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stop_leaves_all_as_it_was(ann, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 1)
    make_records([make_draft("One"), make_draft("Two")])
    item = do_work(make_batch(ann, SetField("year", 2001)), "preview")
    tasks.ask(item, "do")
    step = Pulse.step

    def stopped_after_one(pulse, progress):
        button = threading.Thread(target=_stop_and_close, args=(item,))
        button.start()
        while not pulse.is_to_stop:  # as it will notice by itself
            button.join(0.02)
        step(pulse, progress)

    monkeypatch.setattr(Pulse, "step", stopped_after_one)
    do_what_waits()
    item.refresh_from_db()
    assert (item.state, item.problem) == ("previewed", "It was stopped. Nothing was changed.")
    assert not Record.objects.filter(year=2001).exists()


def _stop_and_close(item):
    tasks.stop(item)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_was_changed_is_found_at_once_and_a_search_is_selected_with_drafts_and_facets(ann):
    made = make_records(
        [make_draft(f"Prison {status}", status=status, country="Chile") for status in codes.STATUSES]
        + [make_draft("Prison elsewhere", country="Peru"), make_draft("Something else", country="Chile")]
    )
    item = selecting.of_search(ann, QueryDict("q=prisons&in_country=Chile"))
    assert item.numbers == [record.pk for record in made[:4]]
    assert item.name == "prisons; Country: Chile"
    published = selecting.of_search(ann, QueryDict("q=prisons&status=published&status=draft"))
    assert published.count == 3
    item.steps = [{"kind": "keyword", "action": "add", "keyword": "Jailhouse", "put": ""}]
    item.save()
    do_all(item)
    found = desk_selection.found(QueryDict("keyword=jailhouse"))
    assert sorted(found.numbers) == item.numbers


@pytest.mark.django_db
def test_nothing_and_too_much_are_refused_in_words(ann, monkeypatch):
    with pytest.raises(selecting.NothingSelected, match="no records to change"):
        selecting.of_numbers(ann, [])
    monkeypatch.setattr(selecting, "MOST_RECORDS", 1)
    with pytest.raises(selecting.NothingSelected, match="at most 1"):
        selecting.of_numbers(ann, [1, 2])


@pytest.mark.django_db
def test_old_batch_edits_are_forgotten_and_their_change_sets_stay(ann):
    make_record()
    item = do_all(make_batch(ann, SetField("year", 2001)))
    running.remove_old()
    assert Batch.objects.exists()
    Batch.objects.update(touched=item.touched - running.KEPT * 2)
    running.remove_old()
    assert not Batch.objects.exists()
    assert ChangeSet.objects.filter(kind=codes.BATCH).exists()
