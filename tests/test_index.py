"""The index follows the database: whatever writes, whenever a process dies, in whatever order transactions commit."""

import random
import shutil
import signal
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from catalogue import changes, codes
from catalogue.jobs import tasks
from catalogue.models import Author, Country, CountryVariant, Keyword, Record, Touch
from search import index, indexing, keeping, query
from search.engine.base import Request
from search.generations import Generations
from search.index import Catalogue
from tests.processes import database_url, run_python, start_python
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db(transaction=True)


def found(text: str) -> list[str]:
    """Return the titles that a search finds."""
    numbers = index.find(Request(query.parse(text).tree, limit=1000)).answer.numbers
    titles = dict(Record.objects.filter(pk__in=numbers).values_list("pk", "title"))
    return [titles[number] for number in numbers]


def differences() -> int:
    return index.catalogue().check().differences


def other_session() -> psycopg.Connection:
    return psycopg.connect(database_url())


def test_a_saved_record_is_in_the_next_search():
    make_record("Peer support in prisons")
    assert found("peer") == ["Peer support in prisons"]


def test_a_changed_record_is_found_by_its_new_words_only():
    record = make_record("Peer support")
    changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(make_draft("Drug markets"), record.pk)])
    assert found("drug") == ["Drug markets"]
    assert found("peer") == []


def test_a_deleted_record_is_not_found():
    record = make_record("Peer support")
    assert found("peer")
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    assert found("peer") == []


def test_an_update_in_raw_sql_is_in_the_next_search():
    record = make_record("Peer support")
    assert found("peer")
    with other_session() as session:
        session.execute("UPDATE catalogue_record SET title = 'Gang violence' WHERE id = %s", [record.pk])
    assert found("gang") == ["Gang violence"]
    assert found("peer") == []


def test_records_that_raw_sql_adds_and_deletes_are_followed():
    record = make_record("Peer support")
    assert found("peer")
    with other_session() as session:
        session.execute("INSERT INTO catalogue_record (title) VALUES ('Knife crime')")
        session.execute("DELETE FROM catalogue_record WHERE id = %s", [record.pk])
    assert found("knife") == ["Knife crime"]
    assert found("peer") == []


def test_a_truncated_table_leaves_nothing_to_find():
    make_record("Peer support")
    assert found("peer")
    with other_session() as session:
        session.execute("TRUNCATE catalogue_record CASCADE")
    assert found("peer") == []
    assert differences() == 0


def test_renamed_headings_are_followed():
    make_record("One", authors=("Fletcher, Del Roy",), keywords=("Peer Support",), country="Chile")
    assert found("chile fletcher")
    Author.objects.update(heading="Batty, Elaine")
    Keyword.objects.update(heading="Mentoring")
    Country.objects.update(heading="Peru")
    assert found("batty mentoring peru") == ["One"]
    assert found("chile") == []
    assert differences() == 0


def test_a_new_variant_finds_the_records_of_its_heading():
    make_record("One", country="United Kingdom")
    assert found("britain") == []
    CountryVariant.objects.create(form="Great Britain", authority=Country.objects.get())
    assert found("britain") == ["One"]


def test_a_long_transaction_that_began_before_a_short_edit_loses_nothing():
    make_record("Ground")
    assert found("ground")
    with other_session() as long:
        long.execute("INSERT INTO catalogue_record (title) VALUES ('Long import')")
        make_record("Short edit")
        assert found("short") == ["Short edit"]
        assert found("long") == []
        make_record("Another edit")
        assert found("another") == ["Another edit"]
    assert found("long") == ["Long import"]
    assert differences() == 0


def test_many_transactions_that_commit_in_any_order_are_all_found():
    order = random.Random(7)
    sessions = [other_session() for _ in range(8)]
    for number, session in enumerate(sessions):
        session.execute("INSERT INTO catalogue_record (title) VALUES (%s)", [f"Import {number}"])
    order.shuffle(sessions)
    for session in sessions:
        session.commit()
        session.close()
        make_record("Edit between")
        found("edit")
    assert len(found("import")) == 8
    assert differences() == 0


def test_an_aborted_transaction_is_not_found_and_holds_nothing_up():
    with other_session() as session:
        session.execute("INSERT INTO catalogue_record (title) VALUES ('Never')")
        session.rollback()
    make_record("After")
    assert found("after") == ["After"]
    assert found("never") == []


SAVE_AND_DIE = """
import os
from catalogue.changes import records_changed
from tests.records import make_record
records_changed.disconnect(dispatch_uid="search.index")
records_changed.connect(lambda **signal: os.kill(os.getpid(), 9), weak=False)
make_record("Saved before the end")
"""


def test_a_process_killed_between_commit_and_index_leaves_its_record_to_be_found():
    found("anything")
    process = start_python(SAVE_AND_DIE)
    process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert Record.objects.count() == 1
    assert found("saved") == ["Saved before the end"]


SAVE_FOREVER = """
from tests.records import make_record
print("ready", flush=True)
for number in range(100000):
    make_record(f"Report {number}")
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_writer_killed_at_any_moment_leaves_an_index_that_catches_up(seed):
    process = start_python(SAVE_FOREVER)
    assert process.stdout.readline() == "ready\n"
    while Record.objects.count() < 3:
        time.sleep(0.01)
    time.sleep(random.Random(seed).random() * 0.3)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert len(found("report")) == Record.objects.count()
    assert differences() == 0


SAVE_MANY = """
import sys
from tests.records import make_record
for number in range(15):
    make_record(f"Report {number} of {sys.argv[-1]}")
"""


def test_two_processes_that_save_at_once_are_both_found():
    writers = [start_python(SAVE_MANY) for _ in range(2)]
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0, output
    assert len(found("report")) == 30
    assert differences() == 0


def test_another_process_of_this_machine_sees_what_this_one_saved():
    make_record("Seen by both")
    assert found("both")
    code = "from search import index, query\nfrom search.engine.base import Request\n"
    code += "print(index.find(Request(query.parse('both').tree)).answer.count)"
    assert run_python(code).strip() == "1"


def test_a_second_machine_with_an_index_of_its_own_follows(tmp_path):
    elsewhere = Catalogue(tmp_path / "elsewhere")
    request = Request(query.parse("peer").tree)
    assert elsewhere.find(request).answer.count == 0
    make_record("Peer support")
    assert elsewhere.find(request).answer.count == 1
    Record.objects.update(title="Gangs")
    assert elsewhere.find(request).answer.count == 0


def damage_by_deleting(folder: Path) -> None:
    shutil.rmtree(folder)


def damage_state(folder: Path) -> None:
    (folder / "state.json").write_text('{"format": 1, "generat')


def damage_segments(folder: Path) -> None:
    """Half of each file in its place; a mapped file that is cut short where it lies would end its reader by SIGBUS."""
    for path in list(folder.glob("*/*.term")):
        half = path.with_suffix(".half")
        half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        half.replace(path)


def damage_meta(folder: Path) -> None:
    for path in folder.glob("*/meta.json"):
        path.write_text("{}")


def delete_generation(folder: Path) -> None:
    for path in folder.glob("*/"):
        shutil.rmtree(path)


@pytest.mark.parametrize(
    "damage",
    [damage_by_deleting, damage_state, damage_segments, damage_meta, delete_generation],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("restarted", [True, False])
def test_a_damaged_index_folder_is_made_anew_by_the_next_search(index_dir, damage, restarted):
    make_records([make_draft(f"Report {number}") for number in range(20)])
    assert len(found("report")) == 20
    damage(index_dir)
    if restarted:
        index._catalogues.clear()
    make_record("Report after the damage")
    assert len(found("report")) == 21
    assert differences() == 0


def test_an_index_of_another_database_is_not_trusted(index_dir, tmp_path):
    make_record("Ours")
    assert found("ours")
    state = (index_dir / "state.json").read_text()
    identity = keeping._identity()
    assert identity in state
    (index_dir / "state.json").write_text(state.replace(identity, "1234567890/5"))
    Touch.objects.all().delete()
    assert found("ours") == ["Ours"]
    assert identity in (index_dir / "state.json").read_text()


def test_an_index_from_after_a_backup_was_taken_is_not_trusted():
    make_record("In the backup")
    kept = list(Touch.objects.values_list("id", flat=True))
    make_record("After the backup")
    assert found("after")
    with other_session() as session:  # what restoring the backup leaves: neither the record nor its notes
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM catalogue_record WHERE title = 'After the backup'")
        session.execute("DELETE FROM catalogue_touch WHERE NOT id = ANY(%s)", [kept])
    assert found("after") == []
    assert found("backup") == ["In the backup"]


def test_a_backup_restored_into_a_new_catalogue_is_found():
    assert found("restored") == []  # an index of the empty catalogue, which remembers no note
    with other_session() as session:  # what restoring a dump leaves: records, and notes of transactions long ago
        session.execute("SET session_replication_role = replica")
        session.execute("INSERT INTO catalogue_record (title) VALUES ('Restored')")
        session.execute(
            "INSERT INTO catalogue_touch (what, numbers, transaction, mark) "
            "VALUES ('record', ARRAY(SELECT id FROM catalogue_record), 5, gen_random_uuid())"
        )
    assert found("restored") == ["Restored"]
    assert differences() == 0


def test_searches_answer_and_saves_arrive_while_the_index_is_rebuilt(index_dir):
    make_records([make_draft(f"Report {number}") for number in range(300)])
    assert len(found("report")) == 300
    before = index.catalogue().generations.read_state().generation
    steps: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        steps.append(len(found("report")))
        thread = threading.Thread(target=lambda: (make_record("Report meanwhile"), connection.close()))
        thread.start()
        thread.join()

    index.catalogue().rebuild(meanwhile)
    assert steps == [300]
    assert len(found("report")) == 301
    assert index.catalogue().generations.read_state().generation != before
    assert differences() == 0


def test_reindex_check_counts_each_kind_of_difference(capsys):
    records = make_records([make_draft(f"Report {number}") for number in range(5)])
    found("report")
    with other_session() as session:  # behind the back of the triggers
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE catalogue_record SET title = 'Changed' WHERE id = %s", [records[0].pk])
        session.execute("DELETE FROM catalogue_record WHERE id = %s", [records[1].pk])
        session.execute("INSERT INTO catalogue_record (title) VALUES ('New'), ('Newer')")
    with pytest.raises(CommandError) as error:
        call_command("reindex", "--check")
    assert error.value.returncode == 1
    assert "3 records as in the database, 2 missing, 1 different, 1 too many" in capsys.readouterr().out
    call_command("reindex")
    assert "6 records indexed." in capsys.readouterr().out
    call_command("reindex", "--check")
    assert "6 records as in the database, 0 missing, 0 different, 0 too many" in capsys.readouterr().out


@pytest.fixture
def tiny_disk(index_dir):
    """The index folder on a file system of one megabyte and a half."""
    index_dir.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(index_dir)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield index_dir
    index._catalogues.clear()
    subprocess.run(["umount", "--lazy", str(index_dir)], check=True)


def test_a_full_disk_is_said_and_mends_itself(tiny_disk):
    make_record("Before the disk was full")
    assert found("before")
    filler = tiny_disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 4096)
    make_record("While the disk was full")
    answer = index.find(Request(query.parse("disk").tree))
    assert answer.answer.count == 1
    assert "cannot be searched" in answer.behind
    filler.unlink()
    assert sorted(found("disk")) == ["Before the disk was full", "While the disk was full"]
    assert index.find(Request()).behind == ""
    assert differences() == 0


def test_many_changes_at_once_are_said_and_found_soon(monkeypatch):
    monkeypatch.setattr(keeping, "MOST_INLINE", 5)
    make_record("Ground")
    assert found("ground")
    with other_session() as session:
        session.execute("INSERT INTO catalogue_record (title) SELECT 'Report ' || n FROM generate_series(1, 50) n")
    answer = index.find(Request(query.parse("report").tree))
    assert answer.behind
    deadline = time.monotonic() + 20
    while len(found("report")) < 50 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(found("report")) == 50
    assert index.find(Request()).behind == ""


@pytest.mark.django_db(transaction=True)
def test_what_a_process_wrote_that_was_killed_before_it_noted_so_is_not_written_twice(index_dir, monkeypatch):
    first, second = Catalogue(index_dir), Catalogue(index_dir)
    make_record("One")
    first.finish()
    second.use()

    class Killed(BaseException):
        """What no handler stops."""

    def killed(state: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(first.generations, "write_state", killed)
        Record(title="Two").save()
        with pytest.raises(Killed):
            first.catch_up()
    second.catch_up()
    assert (second.opened().size, second.check().differences) == (2, 0)


def test_many_changes_are_committed_together_unless_another_process_wants_to_write(monkeypatch):
    monkeypatch.setattr(indexing, "MOST_AT_ONCE", 1)
    make_record("Ground")
    found("ground")
    catalogue = index.catalogue()
    for number in range(3):
        with other_session() as session:
            session.execute("INSERT INTO catalogue_record (title) VALUES (%s)", [f"Report {number}"])
    state, opened = catalogue._open()
    with catalogue.generations.locked("writing"):
        unread = indexing.read_some(opened, state, lambda: True)
        assert (len(unread.state.seen) - len(state.seen), unread.complete) == (1, False)
        catalogue.generations.write_state(unread.state)
        assert indexing.read_some(opened, unread.state, lambda: catalogue.generations.wanted("writing")).complete
    assert len(found("report")) == 3
    assert differences() == 0


def test_old_notes_are_pruned_on_schedule_and_the_index_goes_on():
    for title in ("One", "Two", "Three"):
        make_record(title)
    assert len(found("one OR two OR three")) == 3
    Touch.objects.update(made=timezone.now() - timedelta(days=31))
    fresh = Touch.objects.order_by("-pk").values_list("pk", flat=True)
    newest = fresh[0]
    tasks.prune_notes(0)
    assert list(fresh) == [newest]
    make_record("Four")
    tasks.prune_notes(0)
    assert found("four") == ["Four"]
    assert differences() == 0


def test_who_waits_for_the_index_is_seen_by_who_writes_it():
    generations = index.catalogue().generations
    waiting = threading.Thread(target=lambda: _take(generations))
    with generations.locked("writing"):
        assert not generations.wanted("writing")
        waiting.start()
        deadline = time.monotonic() + 20
        while not generations.wanted("writing") and time.monotonic() < deadline:
            time.sleep(0.005)
        assert generations.wanted("writing")
    waiting.join()
    assert not generations.wanted("writing")


def _take(generations: Generations) -> None:
    with generations.locked("writing"):
        pass


def test_who_saves_waits_for_a_part_of_a_large_change_and_a_thread_does_the_rest(monkeypatch):
    monkeypatch.setattr(indexing, "MOST_AT_ONCE", 1)
    make_record("Ground")
    found("ground")
    catalogue = index.catalogue()
    left: list[object] = []
    monkeypatch.setattr(catalogue, "_work", left.append)
    for number in range(3):
        with other_session() as session:
            session.execute("INSERT INTO catalogue_record (title) VALUES (%s)", [f"Report {number}"])
    catalogue.follow()
    assert catalogue.opened().size == 2
    assert left == [catalogue._catch_up_alone]
    catalogue.finish()
    assert catalogue.opened().size == 4


@pytest.mark.django_db(transaction=True)
def test_a_heading_that_was_noted_twice_has_its_records_indexed_once(monkeypatch):
    make_records([make_draft(f"Report {n}", keywords=("Gaols",)) for n in range(3)])
    index.catalogue().finish()
    monkeypatch.setattr(indexing, "MOST_AT_ONCE", 2)
    written = []
    put = indexing._put
    monkeypatch.setattr(indexing, "_put", lambda *arguments: (written.append(arguments[1]), put(*arguments)))
    for heading in ("Prison", "Prisons"):
        Keyword.objects.update(heading=heading)
    index.catalogue().finish()
    assert [len(numbers) for numbers in written] == [3]
    found = index.find(Request(query.parse("prisons", field="keyword").tree))
    assert found.answer.count == 3
