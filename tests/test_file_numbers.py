"""JSON lines as a backup: the numbers of records, kept by an empty catalogue and followed in any other."""

import io
import json
import random
import time
import tracemalloc

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalogue import changes, codes
from catalogue.changes import Wish
from catalogue.draft import Draft, Identifier
from catalogue.exporting import all_records
from catalogue.file_numbers import HIGHEST_KEPT, Numbers
from catalogue.formats import ReadOptions, get_format
from catalogue.formats.jsonlines import HIGHEST
from catalogue.importing import ImportRejected, Report, Run, import_file
from catalogue.matching import OVERWRITE, Matching
from catalogue.models import Change, Record, Tombstone
from tests.imports import warnings_of
from tests.processes import start_python
from tests.records import make_draft, make_record, make_records

ALIKE = {"title": "Peers as mentors", "year": 2012, "authors": ("Fletcher, Del Roy",)}


def exported() -> bytes:
    out = io.BytesIO()
    get_format("jsonl").write_records(all_records(), out)
    return out.getvalue()


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE catalogue_record, catalogue_changeset, catalogue_author, catalogue_keyword CASCADE")


def bring(data: bytes | list[dict], **how) -> Report:
    if isinstance(data, list):
        data = b"".join(json.dumps(line).encode() + b"\n" for line in data)
    return import_file(io.BytesIO(data), get_format("jsonl"), ReadOptions(), Run(**how))


def merged(number: int, into: int) -> None:
    draft = make_draft(**ALIKE, status="withdrawn", replaced_by=into)
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(draft, number)])


def a_catalogue() -> dict[str, int]:
    """Make records with gaps between their numbers, two of them merged, one into a later record; return who is who."""
    make_records([make_draft(f"Report {number}") for number in range(5)])
    older, kept, newer = make_records([make_draft(**ALIKE, summary=text) for text in ("", "Words.", "")])
    twin = make_record(**ALIKE, shelf_number="7")
    gone = make_record("Withdrawn", status="withdrawn", withdrawn_reason="Wrong")
    draft = make_record("A draft", status="draft", identifiers=(Identifier("doi", "10.1000/x"),))
    merged(older.pk, kept.pk)
    merged(newer.pk, kept.pk)
    Record.objects.filter(title__startswith="Report", pk__lt=older.pk - 2).delete()
    pairs = {"older": older, "kept": kept, "newer": newer, "twin": twin, "gone": gone, "draft": draft}
    return {name: record.pk for name, record in pairs.items()}


@pytest.mark.django_db
def test_an_empty_catalogue_is_restored_with_its_numbers(client: Client):
    numbers, backup = a_catalogue(), exported()
    before = dict(all_records())
    empty()
    report = bring(backup)
    assert (report.created, report.updated, report.unchanged, report.warned) == (8, 0, 0, 0)
    assert dict(all_records()) == before
    assert exported() == backup
    for name in ("older", "newer"):
        answer = client.get(f"/records/{numbers[name]}")
        assert (answer.status_code, answer["Location"]) == (301, f"/records/{numbers['kept']}")
    assert client.get(f"/records/{numbers['gone']}").status_code == 410
    assert make_record("The next").pk == max(before) + 1
    assert Change.objects.get(record_number=numbers["older"]).after["replaced_by"] == numbers["kept"]


@pytest.mark.django_db
@pytest.mark.parametrize("matching", [Matching(), Matching(on_match=OVERWRITE)])
def test_a_backup_that_is_imported_again_changes_nothing(matching):
    a_catalogue()
    backup = exported()
    report = bring(backup, matching=matching)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 8)
    assert exported() == backup


@pytest.mark.django_db
def test_in_another_catalogue_numbers_mean_nothing_but_records_lead_where_they_led():
    numbers, backup = a_catalogue(), exported()
    names = {number: name for name, number in numbers.items()}
    empty()
    make_record("Another catalogue")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('catalogue_record', 'id'), 9000)")
    report = bring(backup, matching=Matching(on_match="add"))
    assert (report.created, report.updated) == (8, 0)
    assert min(number for number, draft in all_records() if draft.title != "Another catalogue") > 9000
    lines = [json.loads(line) for line in backup.splitlines()]
    here = dict(zip([line["number"] for line in lines], list(dict(all_records()))[1:], strict=True))
    led = {there: Record.objects.get(pk=here[there]).replaced_by_id for there in names}
    assert {names[there]: to for there, to in led.items() if to} == dict.fromkeys(
        ("older", "newer"), here[numbers["kept"]]
    )


@pytest.mark.django_db
def test_a_known_record_that_learns_where_it_leads_is_counted_as_changed():
    known = make_record("Known", shelf_number="1", status="withdrawn")
    lines = [
        {"number": 5, "title": "Known", "shelf_number": "1", "status": "withdrawn", "replaced_by": 6},
        {"number": 6, "title": "Later in the file"},
    ]
    report = bring(lines)
    assert (report.created, report.updated, report.unchanged, report.fields) == (1, 1, 0, {"replaced_by": 1})
    known.refresh_from_db()
    assert known.replaced_by.title == "Later in the file"
    assert bring(lines).unchanged == 2
    changes.undo(Change.objects.latest("id").change_set)
    known.refresh_from_db()
    assert known.replaced_by is None


@pytest.mark.django_db
def test_a_record_that_leads_nowhere_is_withdrawn_with_a_word():
    report = bring([{"number": 5, "title": "One", "status": "withdrawn", "replaced_by": 6}])
    assert warnings_of(report) == [
        (1, "Record 6, which replaces this one, is not in the file, or was not taken from it.")
    ]
    record = Record.objects.get(pk=5)
    assert (record.status, record.withdrawn_reason) == ("withdrawn", "Record 6, to which it led, was deleted.")


@pytest.mark.django_db
def test_in_another_catalogue_a_record_never_leads_to_one_that_was_there():
    there = make_record("Nothing to do with it").pk
    report = bring([{"number": there + 1, "title": "One", "status": "withdrawn", "replaced_by": there}])
    said = f"Record {there}, which replaces this one, is not in the file, or was not taken from it."
    assert warnings_of(report) == [(1, said)]
    record = Record.objects.get(title="One")
    assert (record.replaced_by, record.withdrawn_reason) == (None, "The record that replaces it is not here.")


def test_a_set_of_numbers_knows_what_it_holds_and_takes_little_memory():
    numbers = Numbers()
    held = {-3, 0, 1, 255, 256, 65_536, HIGHEST, *range(1_000, 3_000, 3)}
    for number in held:
        numbers.add(number)
    assert {
        number for number in (*range(-10, 4_000), 65_536, 65_537, HIGHEST, HIGHEST - 1) if number in numbers
    } == held
    tracemalloc.start()
    try:
        for number in range(0, 10_000 * 65_537, 65_537):
            numbers.add(number)
        assert tracemalloc.get_traced_memory()[0] < 10_000 * 300
    finally:
        tracemalloc.stop()


@pytest.mark.django_db
def test_records_that_lead_in_a_ring_come_back():
    ring = [{"number": n, "title": f"Report {n}", "status": "withdrawn", "replaced_by": 3 - n} for n in (1, 2)]
    bring(ring)
    assert dict(Record.objects.values_list("pk", "replaced_by")) == {1: 2, 2: 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"number": 2**62}, "The number of a record is a whole number from 1 to 999999999999."),
        ({"number": 0}, "The number of a record is a whole number from 1 to 999999999999."),
        ({"number": True}, "The number of a record is a whole number from 1 to 999999999999."),
        ({"number": "7"}, "The number of a record is a whole number from 1 to 999999999999."),
        ({"number": 1}, "A record of this file has this number already."),
        ({"number": 10**9}, "A record keeps its number up to 999999999."),
        ({}, "The other records of this file have numbers, and this one has none."),
        ({"number": 2, "replaced_by": 10**20}, "The catalogue has no record of this number."),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_a_sentence(line, said):
    lines = [{"number": 1, "title": "One"}, {"title": "Two", **line}]
    with pytest.raises(ImportRejected) as refused:
        bring(lines)
    [row] = refused.value.report.rejected_rows
    assert said in row.problems[0].reason
    assert not Record.objects.exists()
    assert bring(lines, skip_bad=True).created == 1


@pytest.mark.django_db
def test_what_follows_the_highest_number_that_is_kept_can_be_read_again():
    last = make_record().pk
    empty()
    try:
        bring([{"number": HIGHEST_KEPT, "title": "Last"}])
        make_record("After it")
        assert bring(exported()).unchanged == 2
    finally:  # a transaction that is rolled back leaves the sequence where it is
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('catalogue_record', 'id'), %s)", [last])


@pytest.mark.django_db
def test_where_a_record_was_deleted_for_good_nothing_is_restored():
    Tombstone.objects.create(number=5, made=timezone.now())
    bring([{"number": 5_000_000, "title": "One"}])
    assert Record.objects.get().pk < 5_000_000


@pytest.mark.django_db
def test_a_trial_of_a_restore_uses_no_number_up(tmp_path, capsys):
    path = tmp_path / "all.jsonl"
    path.write_text('{"number": 5000, "title": "One"}\n')
    call_command("import_records", "--dry-run", str(path))
    bring(path.read_bytes(), dry=True)
    assert make_record("First").pk < 5000


@pytest.mark.django_db
def test_lines_without_numbers_are_imported_as_ever():
    lines = [{"title": "One", "year": 2012}, {"title": "One", "year": 2012, "summary": "More"}]
    report = bring(lines)
    assert (report.created, report.updated) == (1, 1)
    with pytest.raises(ImportRejected):
        bring([{"title": "Two", "status": "withdrawn", "replaced_by": 999_999}])


RESTORING = """
import os
from django.core.management import call_command
call_command("import_records", os.environ["BACKUP"])
"""


@pytest.mark.django_db(transaction=True)
def test_a_restore_that_is_killed_leaves_nothing_and_can_be_begun_again(tmp_path):
    path = tmp_path / "all.jsonl"
    count = 9_000
    with path.open("w") as file:
        for number in range(1, count + 1):
            lead = {"status": "withdrawn", "replaced_by": count + 1 - number} if number % 3 == 1 else {}
            file.write(json.dumps({"number": number, "title": f"Report {number * 7919}", **lead}) + "\n")
    process = start_python(RESTORING, BACKUP=str(path))
    time.sleep(random.uniform(1.0, 3.0))
    process.kill()
    process.communicate()
    assert Record.objects.count() in (0, count)
    if not Record.objects.exists():
        call_command("import_records", str(path))
    found = dict(Record.objects.exclude(replaced_by=None).values_list("pk", "replaced_by"))
    assert found == {number: count + 1 - number for number in range(1, count + 1) if number % 3 == 1}


def test_other_formats_have_no_place_for_numbers():
    out, plain = io.BytesIO(), io.BytesIO()
    get_format("csv").write_records([(7, Draft("One"))], out)
    get_format("csv").write([Draft("One")], plain)
    assert out.getvalue() == plain.getvalue()
