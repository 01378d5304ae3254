"""The import run: one transaction, one at a time, a report of everything, undone and redone, killed at any moment."""

import csv
import io
import json
import random
import signal
import subprocess
import sys
import time
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from catalogue import changes, import_reading, importing
from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FormatError, ReadOptions, Row, get_format
from catalogue.importing import Report, Run, import_file, import_rows
from catalogue.matching import CREATE, FILL, OVERWRITE, SKIP, Matching
from catalogue.models import Author, AuthorVariant, Change, ChangeSet, Country, Keyword, KeywordVariant, Record, Touch
from catalogue.people import rights
from search import index, query
from search.engine.base import Request
from tests.environment import ROOT
from tests.imports import warnings_of
from tests.people import make_account
from tests.processes import database_url, environment, start_python
from tests.records import make_draft, make_record


def rows(*drafts: Draft) -> list[Row]:
    return [Row(number, draft) for number, draft in enumerate(drafts, start=1)]


def table(count: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["title", "authors", "year", "keywords", "summary"])
    for number in range(count):
        words = f"about {number * 7919} and {number}"
        writer.writerow([f"Report {words}", f"Author {number % 97}", 2012, f"Keyword {number % 89}", f"{words} " * 20])
    return text.getvalue().encode()


def bring(file: io.BytesIO | io.BufferedReader, **how) -> Report:
    return import_file(file, get_format("csv"), ReadOptions(), Run(**how))


def contents() -> dict[str, int]:
    models = (Record, Author, Keyword, Country, ChangeSet, Change, Touch)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.django_db
def test_a_report_counts_and_shows_what_happened_to_each_row():
    make_record("Known", shelf_number="1", summary="Old")
    make_record("Same", shelf_number="2", year=2012)
    good = [
        make_draft("Known", shelf_number="1", summary="New", year=2012, keywords=("Gangs",)),
        make_draft("Same", shelf_number="2", year=2012),
        make_draft("New", year=2012, authors=("Fletcher",), country="Chile"),
    ]
    report = import_rows(rows(*good, make_draft("", year=9)), Run(skip_bad=True, dry=True))
    assert (report.created, report.updated, report.unchanged, report.rejected, report.read) == (1, 1, 1, 1, 4)
    assert report.matched == {"shelf_number": 2}
    assert report.fields == {"year": 1, "keywords": 1}
    assert report.new_headings == {"authors": ["Fletcher"], "keywords": ["Gangs"], "countries": ["Chile"]}
    [updated] = report.examples["updated"]
    assert (updated.before.year, updated.after.year, updated.fields) == (None, 2012, ("year", "keywords"))
    assert updated.after.summary == "Old"
    assert [example.after.title for example in report.examples["created"]] == ["New"]
    assert [example.row for example in report.examples["rejected"]] == [4]
    told = json.loads(json.dumps(report.to_dict()))
    assert told["examples"]["updated"][0]["before"] == {
        "title": "Known",
        "shelf_number": "1",
        "summary": "Old",
        "status": "published",
    }
    assert told["rejected_rows"][0]["problems"][0]["field"] == "title"
    assert (told["created"], told["matched"], told["change_set"]) == (1, {"shelf_number": 2}, None)


@pytest.mark.django_db
def test_a_report_stays_small_however_large_the_file():
    many = [make_draft(f"Report number {number} of many", year=2012) for number in range(1500)]
    report = import_rows(
        [*rows(*many), *(Row(n, make_draft(""), warnings=("Look" + "!" * n,)) for n in range(1500))],
        Run(True, True),
    )
    assert (report.created, report.rejected, report.warned) == (1500, 1500, 1500)
    assert {sort: len(shown) for sort, shown in report.examples.items()} == {"created": 50, "rejected": 50}
    assert (len(report.rejected_rows), len(report.remarks), len(warnings_of(report))) == (1000, 51, 70)


@pytest.mark.django_db
def test_headings_meet_the_authority_file_and_those_made_are_counted():
    KeywordVariant.objects.create(form="Jails", authority=Keyword.objects.create(heading="Prisons"))
    AuthorVariant.objects.create(
        form="MoJ", authority=Author.objects.create(heading="Ministry of Justice", kind="body")
    )
    drafts = [
        make_draft(f"Report {n}", authors=("moj", "Batty"), keywords=("JAILS", "prisons", "New")) for n in range(3)
    ]
    report = import_rows(rows(*drafts), Run())
    assert report.headings == {"authors": 1, "keywords": 1}
    assert set(Keyword.objects.values_list("heading", flat=True)) == {"Prisons", "New"}
    change = Change.objects.first()
    assert change.after["keywords"] == ["Prisons", "New"]
    assert change.after["authors"][0] == {"heading": "Ministry of Justice", "kind": "body"}
    assert import_rows(rows(*drafts), Run()).unchanged == 3


@pytest.mark.django_db
def test_a_name_that_may_be_another_form_of_a_known_one_is_proposed_and_not_merged():
    for heading in ("Fletcher, Del Roy", "Smith, John", "Batty, Elaine", "Fletcher and Sons"):
        Author.objects.create(heading=heading)
    names = ("Fletcher, D. R.", "Fletcher, Anne", "Smith, J", "Batty, Eve", "Jones, K.", "Jones, Kim")
    report = import_rows(rows(make_draft("One", authors=names)), Run())
    proposed = {(one.new, one.present) for one in report.proposed_headings}
    assert proposed == {
        ("Fletcher, D. R.", "Fletcher, Del Roy"),
        ("Smith, J", "Smith, John"),
        ("Jones, Kim", "Jones, K."),
    }
    assert Author.objects.count() == 10
    assert import_rows(rows(make_draft("Two", authors=names)), Run()).proposed_headings == []


@pytest.mark.django_db
def test_names_that_claim_one_orcid_are_told_apart_as_far_as_they_can_be():
    first, second = "0000-0002-1825-0097", "0000-0001-5109-3700"
    claims = [Name("Smith, Ann", orcid=first), Name("Smith, Ann", orcid=second), Name("Smyth, A.", orcid=second)]
    import_rows(rows(*(Draft(f"Report {n}", (name,)) for n, name in enumerate(claims))), Run())
    assert dict(Author.objects.values_list("heading", "orcid")) == {"Smith, Ann": first, "Smyth, A.": second}
    led = Record.objects.order_by("title").values_list("authors__heading", flat=True)
    assert list(led) == ["Smith, Ann", "Smyth, A.", "Smyth, A."]


@pytest.mark.django_db
def test_who_may_not_publish_finds_what_is_published_again():
    leaflet = make_draft("An undated leaflet on peers", summary="Words.")
    import_rows(rows(leaflet), Run(unpublished=True))
    Record.objects.update(status="published")
    again = import_rows(rows(leaflet), Run(unpublished=True))
    assert (again.created, again.unchanged) == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["published", "draft", "withdrawn"])
@pytest.mark.parametrize("on_match", [FILL, OVERWRITE])
@pytest.mark.parametrize("fields", [(), ("status",), ("withdrawn_reason", "replaced_by")])
def test_who_may_not_publish_says_nothing_of_why_a_record_is_withdrawn(status, on_match, fields):
    other, known = make_record("Other"), make_record("Known", shelf_number="1", summary="Kept.")
    row = make_draft(
        "Known", shelf_number="1", status=status, withdrawn_reason="bad", replaced_by=other.pk, summary="New."
    )
    import_rows(rows(row), Run(unpublished=True, matching=Matching(on_match=on_match, overwrite=fields)))
    known.refresh_from_db()
    assert (known.status, known.withdrawn_reason, known.replaced_by) == ("published", "", None)
    assert known.summary == ("New." if on_match == OVERWRITE and not fields else "Kept.")
    assert Record.objects.count() == 2


@pytest.mark.django_db
def test_an_import_into_review_is_taken_back_by_who_may_not_publish():
    cataloguer = make_account("ann")
    cataloguer.groups.get().permissions.remove(Permission.objects.get(codename="publish_record"))
    cataloguer = User.objects.get(pk=cataloguer.pk)
    sets = [
        import_rows(rows(make_draft(title)), Run(unpublished=unpublished, user=cataloguer)).change_set
        for title, unpublished in (("One", True), ("Two", False))
    ]
    assert [rights.may_undo(cataloguer, ChangeSet.objects.get(pk=one)) for one in sets] == [True, False]


@pytest.mark.django_db
def test_the_dry_run_says_what_the_run_says():
    make_record("Known", shelf_number="1")
    drafts = [make_draft("Known", shelf_number="1", year=2012), make_draft("Other", authors=("Fletcher",))]
    before = contents()
    dry = import_rows(rows(*drafts), Run(dry=True)).to_dict()
    assert contents() == before
    real = import_rows(rows(*drafts), Run()).to_dict()
    for told in (dry, real):
        told["seconds"] = told["change_set"] = 0
        for example in told["examples"]["created"]:
            example["record"] = 0
    assert dry == real


@pytest.mark.django_db
def test_a_dry_run_uses_no_number_up_and_names_none_that_no_record_will_have(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    first = make_record("Known").pk
    drafts = [make_draft("A report of prisons and peers"), make_draft("A report of prisons and peer")]
    for on_near in (CREATE, SKIP):
        report = import_rows(rows(*drafts), Run(dry=True, matching=Matching(on_near=on_near)))
        assert [near.record for near in report.near_rows] == [None]
        assert not any(str(2**62)[:6] in sentence for _row, sentence in warnings_of(report))
    assert make_record("Next").pk == first + 1
    assert import_rows(rows(*drafts), Run()).near_rows[0].record == first + 2


@pytest.mark.django_db
def test_a_dry_run_names_no_number_of_a_withdrawn_record_that_it_takes_back(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    row = make_draft("Gone", shelf_number="1", status="withdrawn", withdrawn_reason="Why not")
    report = import_rows(rows(row, row), Run(dry=True))
    ((_number, sentence),) = warnings_of(report)
    assert sentence == "This is about a record of the same file, which is withdrawn and stays so: “Why not”"


def test_what_another_process_reads_is_what_this_one_would_read(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    line = '"Ü ""x""; 1",2012,"Fletcher, Del Roy (0000-0002-1825-0097); RAND",Peer;Gangs,10.1/1,http://a.org,https://a.org\n'
    path.write_text(
        "title,year,authors,keywords,doi,url,own\n" + line * 450 + ",2012\n" + "x" * 10 + ",nonsense\n", "utf-8"
    )

    def read() -> list[Row]:
        with path.open("rb") as file:
            assert file.read(3) == b"tit"
            file.seek(0)
            return list(import_reading.read(file, get_format("csv"), ReadOptions(), positions.append, True))

    positions: list[int] = []
    here = read()
    monkeypatch.setattr(import_reading, "SMALLEST", 1)
    elsewhere = read()
    assert elsewhere == here
    assert len(here) == 452
    assert [(len(row.problems), len(row.warnings)) for row in here[-2:]] == [(1, 0), (0, 1)]
    assert positions[-1] == path.stat().st_size


def test_a_file_that_cannot_be_read_is_refused_by_the_other_process_too(tmp_path, monkeypatch):
    monkeypatch.setattr(import_reading, "SMALLEST", 1)
    path = tmp_path / "a.csv"
    path.write_text('title,year\n"One,2012\n' + "x,y\n" * 100, "utf-8")
    with path.open("rb") as file, pytest.raises(FormatError, match="never closed"):
        list(import_reading.read(file, get_format("csv"), ReadOptions(), lambda position: None, False))


@pytest.mark.django_db
def test_a_reading_process_that_dies_stops_the_import_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(import_reading, "SMALLEST", 1)
    real = subprocess.Popen

    def killed(*arguments, **options) -> subprocess.Popen:
        process = real(*arguments, **options)
        process.send_signal(signal.SIGKILL)
        return process

    monkeypatch.setattr(import_reading.subprocess, "Popen", killed)
    path = tmp_path / "a.csv"
    path.write_bytes(table(3000))
    with path.open("rb") as file, pytest.raises(FormatError, match="could not be read to its end"):
        bring(file)
    assert Record.objects.count() == 0


@pytest.mark.django_db
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    path = tmp_path / "a.csv"
    path.write_bytes(table(50))

    def change(report: Report) -> None:
        with path.open("ab") as file:
            file.write(b"One more,,,,\n")

    with path.open("rb") as file, pytest.raises(FormatError, match="changed while it was read"):
        import_file(file, get_format("csv"), ReadOptions(), Run(), change)
    assert Record.objects.count() == 0


@pytest.mark.django_db
def test_a_database_error_is_a_sentence_and_nothing_is_written(tmp_path, monkeypatch):
    real = importing.Importer.take

    def refused(self, batch) -> None:
        real(self, batch)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO catalogue_record (title) VALUES ('')")

    monkeypatch.setattr(importing.Importer, "take", refused)
    path = tmp_path / "a.csv"
    path.write_bytes(table(3))
    with pytest.raises(CommandError, match="Nothing was imported: .*record_title_not_empty") as error:
        call_command("import_records", path)
    assert ("\n" in str(error.value), error.value.returncode) == (False, 2)
    assert (Record.objects.count(), Keyword.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_what_the_database_refuses_while_rows_are_copied_is_an_error_like_any_other():
    draft = make_draft(identifiers=(Identifier("source", "5"),))
    with pytest.raises(IntegrityError, match="recordidentifier_valid"):
        import_rows(rows(draft), Run(source="No name"))


@pytest.mark.django_db
def test_a_report_that_cannot_be_written_stops_the_import_in_a_sentence(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,year\nGood,2012\n,2012\n", "utf-8")
    with pytest.raises(CommandError, match="Nothing was imported: .*No such file or directory") as error:
        call_command("import_records", path, "--skip-bad", "--report", str(tmp_path / "nowhere" / "bad.csv"))
    assert error.value.returncode == 2
    assert Record.objects.count() == 0


HOLDING = """
import sys
from catalogue import importing
from catalogue.formats import Row
from tests.records import make_draft
def rows():
    for number in range(importing.BATCH + 1):
        yield Row(number, make_draft(f"Held {number * 7919}", keywords=("New",)))
    print("written", flush=True)
    sys.stdin.readline()
importing.import_rows(rows(), importing.Run())
"""


@pytest.fixture
def holding():
    """An import in another process that has written a batch and goes on when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + HOLDING],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.django_db(transaction=True)
def test_a_second_import_waits_for_the_first_and_says_so(holding):
    heard = []

    def waiting() -> None:
        heard.append(Record.objects.count())
        holding.communicate("go on\n", timeout=60)

    report = import_rows(rows(make_draft("Second")), Run(waiting=waiting))
    assert (heard, report.created) == ([0], 1)
    assert Record.objects.count() == importing.BATCH + 2


@pytest.mark.django_db(transaction=True)
def test_readers_searches_and_cataloguers_do_not_wait_for_an_import(holding):
    Keyword.objects.create(heading="Old")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    record = make_record("Edited meanwhile", keywords=("Old", "Of my own"))
    assert index.find(Request(query.parse("edited").tree)).answer.numbers == [record.pk]
    changes.apply(changes.open_change_set("edit"), [changes.Wish(make_draft("Edited again"), record.pk)])
    assert [one.title for one in Record.objects.all()] == ["Edited again"]
    holding.communicate("go on\n", timeout=60)
    index.finish()
    assert index.find(Request(query.parse("held").tree)).answer.count == importing.BATCH + 1
    assert index.catalogue().check().differences == 0
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(2))
def test_an_import_killed_at_a_random_moment_leaves_the_database_as_it_was(tmp_path, seed):
    make_record("Before", keywords=("Keyword 1",))
    before = contents()
    path = tmp_path / "a.csv"
    path.write_bytes(table(40_000))
    process = start_python(
        f"from django.core.management import call_command\ncall_command('import_records', {str(path)!r})"
    )
    time.sleep(1.5 + random.Random(seed).random() * 2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    with psycopg.connect(database_url()) as session:  # the server ends the dead session's transaction before this
        session.execute("LOCK TABLE catalogue_record, catalogue_touch IN ACCESS EXCLUSIVE MODE")
    assert process.returncode == -signal.SIGKILL
    assert contents() == before


@pytest.mark.django_db
def test_a_whole_import_is_undone_and_the_undo_undone():
    old = [make_record(f"Known report {n}", shelf_number=str(n), keywords=("Old",)) for n in range(3)]
    drafts = [make_draft(f"Known report {n}", shelf_number=str(n), year=2012, keywords=("New",)) for n in range(3)]
    new = [make_draft(f"New report {n * 7919}", year=2012, authors=("Fletcher",)) for n in range(2500)]
    run = Run(matching=importing.Matching(on_match="overwrite"))
    report = import_rows(rows(*drafts, *new), run)
    assert (report.created, report.updated) == (2500, 3)
    first = Record.objects.filter(title__startswith="New").order_by("id")[0]
    for record in (old[0], first):
        changes.apply(changes.open_change_set("edit"), [changes.Wish(make_draft("Edited since"), record.pk)])
    undone = changes.undo(ChangeSet.objects.get(pk=report.change_set))
    assert (len(undone.restored), set(undone.changed_since)) == (2501, {old[0].pk, first.pk})
    assert Record.objects.filter(status="withdrawn").count() == 2499
    assert importing_titles("published") == {"Edited since", "Known report 1", "Known report 2"}
    assert list(Record.objects.get(pk=old[1].pk).keywords.values_list("heading", flat=True)) == ["Old"]
    again = changes.undo(undone.change_set)
    assert (len(again.restored), again.changed_since) == (2501, ())
    assert Record.objects.filter(status="published", year=2012).count() == 2501
    assert list(Record.objects.get(pk=old[1].pk).keywords.values_list("heading", flat=True)) == ["New"]


@pytest.mark.django_db
def test_an_undo_takes_an_orcid_that_an_author_learnt_since_for_no_change_of_a_record(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    with_orcid = (Name("Carberry, Josiah", orcid="0000-0002-1825-0097"),)
    drafts = make_draft("First report", authors=("Carberry, Josiah",)), Draft(title="Second one", authors=with_orcid)
    report = import_rows(rows(*drafts), Run())
    undone = changes.undo(ChangeSet.objects.get(pk=report.change_set))
    assert (len(undone.restored), undone.changed_since) == (2, ())


def importing_titles(status: str) -> set[str]:
    return set(Record.objects.filter(status=status).values_list("title", flat=True))


@pytest.mark.django_db(transaction=True)
def test_an_import_writes_one_note_a_batch_for_the_index(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    import_rows(
        rows(*(make_draft(f"Report {n * 7919}", keywords=("A", "B"), authors=("C",)) for n in range(30))), Run()
    )
    assert [len(note.numbers) for note in Touch.objects.filter(what="record")] == [10, 10, 10]
    assert index.catalogue().check().differences == 0
    with psycopg.connect(database_url()) as session:
        session.execute("DELETE FROM catalogue_recordkeyword")
    assert Touch.objects.filter(what="record").count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_command_says_all_in_one_object_on_its_last_line(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_bytes(table(20))
    call_command("import_records", path, "--json")
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said.pop("seconds") > 0
    counts = {"created": 20, "updated": 0, "unchanged": 0, "near": 0, "set_aside": 0, "rejected": 0}
    [file] = said.pop("files")
    assert file == {**counts, "file": str(path), "matched": 0, "problem": ""}
    assert said == {**counts, "matched": 0, "rules": {}, "imported": True, "problem": ""}
    call_command("import_records", path, "--json", "--match", "title")
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["unchanged"], said["rules"]) == (20, {"title": 20})
    assert index.find(Request(query.parse("report").tree)).behind == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--match", "title,nonsense"], "--match cannot be “nonsense”; choose among source, shelf_number"),
        (["--on-match", "overwrite", "--overwrite", "nonsense"], "--overwrite cannot be “nonsense”"),
        (["--overwrite", "title"], "give both"),
    ],
)
def test_a_rule_or_field_that_is_not_known_is_refused(tmp_path, options, sentence):
    path = tmp_path / "a.csv"
    path.write_bytes(table(1))
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_records", path, *options)
    assert error.value.returncode == 2


@pytest.mark.django_db
def test_the_command_overwrites_the_fields_that_are_named(tmp_path, capsys):
    make_record("One", shelf_number="7", year=2010, summary="Old")
    path = tmp_path / "a.csv"
    path.write_text("title,shelf number,year,summary\nOne,7,2012,New\nOnee,8,2012,\n", "utf-8")
    call_command("import_records", path, "--on-match", "overwrite", "--overwrite", "year")
    record = Record.objects.get(shelf_number="7")
    assert (record.year, record.summary) == (2012, "Old")


@pytest.mark.django_db
def test_the_command_lists_near_rows_and_proposed_headings(tmp_path, capsys):
    record = make_record("Peer interventions with offenders", year=2012, authors=("Fletcher, Del Roy",))
    path = tmp_path / "a.csv"
    path.write_text('title,year,authors\nPeer intervenitons with offenders,2012,"Fletcher, D. R."\n', "utf-8")
    call_command("import_records", path)
    said = capsys.readouterr().out
    assert f"row 2: “Peer intervenitons with offenders” is near record {record.pk}, “{record.title}”" in said
    assert "“Fletcher, D. R.” may be “Fletcher, Del Roy”" in said
    path.write_text("title,year\nPeer interventinos with offenders,2012\n", "utf-8")
    call_command("import_records", path, "--on-near", "skip")
    assert "0 rejected, 1 set aside." in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_records_from_before_the_upgrade_are_found_near_and_the_index_stays():
    record = make_record("Peer interventions with offenders", year=2012)
    Record.objects.update(near_start=None, near_end=None)
    notes = Touch.objects.count()
    migration = import_module("catalogue.migrations.0003_bulk_import")
    with connection.schema_editor() as editor:
        migration.fill_near_keys(apps, editor)
    assert Touch.objects.count() == notes
    report = import_rows(rows(make_draft("Peer interventinos with offenders", year=2012)), Run())
    assert [near.record for near in report.near_rows] == [record.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("matched", [{"shelf_number": "1"}, {}])
def test_what_an_undo_withdrew_comes_back_when_it_is_imported_again(matched):
    brought = make_draft("A report", summary="Once", **matched)
    first = import_rows(rows(brought), Run())
    changes.undo(ChangeSet.objects.get(pk=first.change_set))
    again = import_rows(rows(brought), Run())
    assert (again.created, again.updated) == (0, 1)
    record = Record.objects.get()
    assert (record.status, record.withdrawn_reason) == ("published", "")
    assert import_rows(rows(brought), Run()).unchanged == 1


@pytest.mark.django_db
def test_what_a_librarian_withdrew_stays_withdrawn_and_the_report_says_so():
    record = make_record("A report", shelf_number="1", status="withdrawn", withdrawn_reason="A hoax.")
    report = import_rows(rows(make_draft("A report", shelf_number="1", summary="More")), Run())
    assert (report.created, report.updated) == (0, 1)
    assert warnings_of(report) == [(1, f"This is record {record.pk}, which was withdrawn and stays so: “A hoax.”")]
    record.refresh_from_db()
    assert record.status == "withdrawn"


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "review", "published"])
def test_new_records_have_the_status_that_was_chosen_and_known_ones_keep_theirs(status):
    known = make_record("Known", shelf_number="1")
    files = [
        make_draft("Known", shelf_number="1", summary="More"),
        make_draft("New"),
        make_draft("Gone", status="withdrawn"),
    ]
    import_rows(rows(*files), Run(status=status, matching=Matching(on_match=OVERWRITE)))
    known.refresh_from_db()
    assert (known.status, known.summary) == ("published", "More")
    assert Record.objects.get(title="New").status == status
    assert Record.objects.get(title="Gone").status == "withdrawn"
    assert import_rows(rows(*files), Run(status=status)).unchanged == 3


@pytest.mark.django_db
def test_a_file_that_says_the_status_itself_is_believed():
    report = bring(io.BytesIO(b"title,status\nOne,published\nTwo,draft\nThree,\n"), status="review")
    assert report.created == 3
    assert set(Record.objects.values_list("title", "status")) >= {("One", "published"), ("Two", "draft")}


@pytest.mark.django_db
def test_who_may_not_publish_gets_new_records_in_review_whatever_was_chosen():
    import_rows(rows(make_draft("New")), Run(status="published", unpublished=True))
    import_rows(rows(make_draft("Newer")), Run(status="draft", unpublished=True))
    assert set(Record.objects.values_list("status", flat=True)) == {"review"}
