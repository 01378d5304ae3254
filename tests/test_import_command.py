"""`import_records` and `export_records` as they are run: what they write, what they say, how they end."""

import contextlib
import copy
import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalogue import importing
from catalogue.draft import Draft, Identifier, Name
from catalogue.exporting import all_records
from catalogue.formats import Row
from catalogue.importing import Run, import_rows
from catalogue.models import ChangeSet, Country, CountryVariant, Keyword, Record
from catalogue.records import read_drafts
from tests.environment import ROOT
from tests.processes import database_url, environment
from tests.records import make_draft, make_record, make_records

SEED = ROOT / "fixtures" / "samples" / "labelled" / "rutgers-peer-mentoring.txt"
JUSTICE = ROOT / "fixtures" / "sample" / "justice.csv"


def manage(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, on the database of this test."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False, **options
    )


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def titles() -> list[str]:
    return list(Record.objects.order_by("id").values_list("title", flat=True))


@pytest.mark.django_db
def test_the_original_page_gives_its_one_record_with_every_field(capsys):
    call_command("import_records", SEED)
    [record] = Record.objects.all()
    draft = read_drafts([record.pk])[record.pk]
    url = "http://www.shu.ac.uk/_assets/pdf/cresr-using-offender-KEP-report.pdf"
    summary = next(line for line in SEED.read_text("utf-8").split("\n") if line.startswith("Summary: "))
    assert draft == Draft(
        title="Offender Peer Interventions: What Do We Know?",
        authors=(Name("Fletcher, Del Roy"),),
        summary=summary.removeprefix("Summary: "),
        details="Sheffield, UK: Sheffield Hallam University, Centre for Regional Economic and Social Research, "
        "2012. 26p.",
        source=f"Internet Resource: Accessed January 29, 2013 at: {url}",
        year=2012,
        country="International",
        url=url,
        shelf_number="127419",
        keywords=("Delinquency Prevention", "Offender Rehabilitation", "Peer Mentoring (U.K.)", "Peer Support"),
    )
    assert "1 created, 0 updated, 0 unchanged, 0 rejected." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_file_imported_twice_changes_nothing_and_says_so(capsys):
    call_command("import_records", SEED)
    before = list(Record.objects.values())
    capsys.readouterr()
    call_command("import_records", SEED)
    assert "The catalogue has all of these records already; nothing was changed." in capsys.readouterr().out
    assert list(Record.objects.values()) == before
    assert ChangeSet.objects.count() == 1


@pytest.mark.django_db
def test_the_justice_sample_is_imported_whole_and_only_once(capsys):
    call_command("import_records", JUSTICE)
    assert "1,680 created, 0 updated, 0 unchanged, 0 rejected." in capsys.readouterr().out
    call_command("import_records", JUSTICE)
    assert "0 created, 0 updated, 1,680 unchanged, 0 rejected." in capsys.readouterr().out
    assert Record.objects.count() == 1680


@pytest.mark.django_db(transaction=True)
def test_a_bad_row_stops_the_import_and_is_told_with_its_value(tmp_path):
    file = write(tmp_path / "a.csv", "title,year,status", "Good,2012,", "Bad,2012,gone", ",2013,")
    done = manage("import_records", file)
    assert done.returncode == 1
    assert "row 3, status “gone”: A record is a draft, in review" in done.stderr
    assert "row 4, title: A record needs a title." in done.stderr
    assert "Nothing was imported." in done.stderr
    assert "1 would be created, 0 would be updated, 0 unchanged, 2 rejected." in done.stdout
    assert "Traceback" not in done.stderr
    assert (Record.objects.count(), ChangeSet.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_skip_bad_imports_the_other_rows(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        call_command("import_records", write(tmp_path / "a.csv", "title,year", "Good,2012", ",2013"), "--skip-bad")
    assert end.value.code == 1
    assert titles() == ["Good"]
    output = capsys.readouterr()
    assert "1 created, 0 updated, 0 unchanged, 1 rejected." in output.out
    assert "row 3, title" in output.err


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_counts_as_the_real_run(tmp_path, capsys):
    make_record("Known", year=2012, shelf_number="1")
    make_record("Same", year=2012)
    sets = ChangeSet.objects.count()
    file = write(
        tmp_path / "a.csv",
        "title,year,shelf number,country",
        "Known,2012,1,Chile",
        "Same,2012,,",
        "New,2012,7,",
        "New,2012,7,",
    )
    call_command("import_records", file, "--dry-run")
    dry = capsys.readouterr().out
    assert (titles(), ChangeSet.objects.count(), Country.objects.count()) == (["Known", "Same"], sets, 0)
    assert "This was a dry run: nothing was changed." in dry
    call_command("import_records", file)
    real = capsys.readouterr().out
    assert "1 created, 1 updated, 2 unchanged, 0 rejected." in real
    assert "1 would be created, 1 would be updated, 2 unchanged, 0 rejected." in dry
    assert titles() == ["Known", "Same", "New"]


@pytest.mark.django_db
def test_a_dry_run_without_the_command_writes_nothing_either():
    report = import_rows([Row(1, make_draft("One", country="Chile"))], Run(dry=True))
    assert (report.created, report.change_set) == (1, None)
    assert (titles(), Country.objects.count(), ChangeSet.objects.count()) == ([], 0, 0)


@pytest.mark.django_db
def test_a_column_can_be_named(tmp_path, capsys):
    file = write(tmp_path / "a.csv", "Headline,title,year", "Wanted,Unwanted,2012")
    call_command("import_records", file, "--map", "title=Headline")
    assert titles() == ["Wanted"]
    assert "Headline → title" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize("pair", ["title", "nonsense=Headline", "=Headline"])
def test_a_mapping_that_names_no_field_is_refused(tmp_path, pair):
    with pytest.raises(CommandError, match="--map FIELD=HEADER"):
        call_command("import_records", write(tmp_path / "a.csv", "Headline", "One"), "--map", pair)


@pytest.mark.django_db
def test_a_column_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="Headline"):
        call_command("import_records", write(tmp_path / "a.csv", "title,year", "One,2012"), "--map", "title=Headline")
    assert titles() == []


@pytest.mark.django_db
def test_a_report_holds_every_bad_row_as_it_was_and_can_be_imported_once_it_is_corrected(tmp_path):
    lines = [f'Report {number},2012,"=cmd()",Mine {number}' for number in range(1100)]
    file = write(tmp_path / "a.csv", "title,year,status,Own column", *lines, "Good,2012,,", "Long,2012,,,,over")
    report = tmp_path / "report.csv"
    with pytest.raises(CommandError) as error:
        call_command("import_records", file, "--report", str(report))
    assert error.value.returncode == 1
    with report.open(encoding="utf-8-sig", newline="") as written:
        rows = list(csv.reader(written))
    assert rows[0] == ["error", "title", "year", "status", "Own column"]
    assert len(rows) == 1102
    assert rows[1] == [rows[1][0], "Report 0", "2012", "'=cmd()", "Mine 0"]
    assert rows[1][0].startswith("status “=cmd()”: A record is a draft")
    assert rows[-1][1:] == ["Long", "2012", "", "", "", "over"]
    with (tmp_path / "corrected.csv").open("w", encoding="utf-8", newline="") as corrected:
        csv.writer(corrected).writerows(
            [*cells[:3], "", *cells[4:5]] if place else cells for place, cells in enumerate(rows)
        )
    call_command("import_records", tmp_path / "corrected.csv")
    assert Record.objects.count() == 1101


@pytest.mark.django_db(transaction=True)
def test_who_reads_only_the_first_lines_stops_nothing(tmp_path):
    rows = [f"Report {number},about {number}" for number in range(2000)]
    file = write(tmp_path / "a.csv", "title,year", *rows)
    command = [sys.executable, "manage.py", "import_records", str(file)]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), cwd=ROOT, **pipe) as process:
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said and "Broken pipe" not in said
    assert Record.objects.count() == 2000


@pytest.mark.django_db
def test_a_report_of_json_lines_has_the_records_with_what_is_wrong(tmp_path):
    file = write(tmp_path / "a.jsonl", '{"title": "One", "url": "nowhere"}', '{"title": ', '{"title": "Good"}')
    report = tmp_path / "report.jsonl"
    with pytest.raises(SystemExit):
        call_command("import_records", file, "--skip-bad", "--report", str(report))
    first, second = map(json.loads, report.read_text(encoding="utf-8").splitlines())
    assert (first["row"], first["title"], first["url"]) == (1, "One", "nowhere")
    assert first["error"].startswith("url “nowhere”: An address must begin")
    assert (second["row"], second["error"].startswith('“{"title":')) == (2, True)
    report.write_text(json.dumps({**first, "url": "https://example.org"}), encoding="utf-8")
    call_command("import_records", report)
    assert titles() == ["Good", "One"]


@pytest.mark.django_db
def test_several_files_have_a_report_each_and_what_is_good_has_none(tmp_path):
    (tmp_path / "report-1.csv").write_text("of yesterday")
    good, bad = write(tmp_path / "a.csv", "title", "Good"), write(tmp_path / "b.csv", "title,year", ",2012")
    with pytest.raises(CommandError):
        call_command("import_records", good, bad, "--report", str(tmp_path / "report.csv"))
    assert sorted(path.name for path in tmp_path.glob("report*")) == ["report-2.csv"]


@pytest.mark.django_db
def test_a_report_never_writes_over_what_is_to_be_imported(tmp_path):
    bad = write(tmp_path / "bad.csv", "title,year", ",2012")
    with pytest.raises(CommandError, match="write over"):
        call_command("import_records", bad, "--report", str(tmp_path / "." / "bad.csv"))
    assert bad.read_text() == "title,year\n,2012\n"


@pytest.mark.django_db
def test_a_dry_run_of_several_files_says_what_the_run_says(tmp_path, capsys):
    files = [write(tmp_path / f"{name}.csv", "title,year", "One report,2012") for name in "ab"]
    call_command("import_records", "--dry-run", *files)
    tried = capsys.readouterr().out
    assert "b.csv: 0 would be created, 0 would be updated, 1 unchanged" in tried
    assert titles() == []
    call_command("import_records", *files)
    assert "b.csv: 0 created, 0 updated, 1 unchanged" in capsys.readouterr().out


@pytest.mark.django_db
def test_several_columns_can_be_named_for_a_field_that_takes_several(tmp_path, capsys):
    file = write(tmp_path / "a.csv", "title,Wer,Wer noch,Was", 'One,"Lee, Cy","Roe, Di",x')
    both = ("--map", "authors=Wer", "--map", "authors=Wer noch")
    call_command("import_records", file, *both)
    assert "Wer, Wer noch → authors" in capsys.readouterr().out
    [draft] = read_drafts(Record.objects.values_list("pk", flat=True)).values()
    assert draft.authors == (Name("Lee, Cy"), Name("Roe, Di"))
    with pytest.raises(CommandError, match="two columns for “year”, “Wer” and “Was”; it takes one"):
        call_command("import_records", file, "--map", "year=Wer", "--map", "year=Was")


@pytest.mark.django_db
def test_a_table_whose_columns_are_not_known_is_read_as_its_mapping_says(tmp_path):
    file = write(tmp_path / "list.txt", "Naam", "Een rapport")
    call_command("import_records", file, "--map", "title=Naam")
    assert titles() == ["Een rapport"]
    with pytest.raises(CommandError, match="No column seems to hold the titles"):
        call_command("import_records", write(tmp_path / "list.csv", "Naam", "Een rapport"))


@pytest.mark.django_db
def test_a_field_has_a_separator_of_its_own(tmp_path, capsys):
    file = write(tmp_path / "a.csv", "title,authors,keywords", 'One,"Lee, Cy|Roe, Di","a, b"', 'Two,Plato,"b, c"')
    call_command("import_records", file, "--dry-run")
    assert "--separator keywords=," in capsys.readouterr().out
    call_command("import_records", file, "--separator", "|", "--separator", "keywords=,")
    assert set(Keyword.objects.values_list("heading", flat=True)) == {"a", "b", "c"}
    with pytest.raises(CommandError, match="“keyword=,” names no field; the fields are"):
        call_command("import_records", file, "--separator", "keyword=,")


@pytest.mark.django_db
def test_a_name_that_no_source_can_have_is_refused(tmp_path):
    with pytest.raises(CommandError, match="--source takes small letters"):
        call_command("import_records", write(tmp_path / "a.csv", "title"), "--source", "My Library")


@pytest.mark.django_db
def test_several_files_are_one_step(tmp_path):
    good = write(tmp_path / "good.csv", "title,year", "Good,2012")
    bad = write(tmp_path / "bad.csv", "title,year", "Fine,2012", ",2012")
    for order in ((good, bad), (bad, good)):
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_records", *order)
        assert (titles(), ChangeSet.objects.count()) == ([], 0)
    with pytest.raises(CommandError, match="no file"):
        call_command("import_records", good, tmp_path / "missing.csv")
    assert titles() == []


@pytest.mark.django_db
def test_a_record_that_names_a_replacement_which_is_not_there_is_a_bad_row(tmp_path, capsys):
    file = write(tmp_path / "a.jsonl", '{"title": "One", "status": "withdrawn", "replaced_by": 999999}')
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_records", file)
    assert "row 1, replaced_by “999999”" in capsys.readouterr().err
    file = write(tmp_path / "b.jsonl", '{"title": "One", "replaced_by": 100000000000000000000}')
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_records", file)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("records.csv", "title\nOne\n")
    return file.getvalue()


UNREADABLE = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "This is a PDF document."),
    "rar": (b"Rar!\x1a\x07\x01\x00", "archive of a kind that is not read here"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(100), "This is a program"),
    "empty": (b"", "The file is empty."),
    "nul": (b"title,year\nOne\0Two,2012\n", ""),
    "noise": (bytes(range(256)) * 20, "not a text file"),
}


@pytest.mark.django_db(transaction=True)
def test_what_is_no_file_of_records_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "folder").mkdir()
    wrong = {"folder": "is a folder", "missing.csv": "There is no file"}
    for name, (content, sentence) in UNREADABLE.items():
        if sentence:
            (tmp_path / name).write_bytes(content)
            wrong[name] = sentence
    if os.geteuid() != 0:
        write(tmp_path / "secret.csv", "title", "One").chmod(0)
        wrong["secret.csv"] = "cannot be read"
    for name, sentence in wrong.items():
        with pytest.raises(CommandError, match=sentence) as error:
            call_command("import_records", tmp_path / name)
        assert name in str(error.value), "it says which of several files it is"
        assert "\n" not in str(error.value)
    done = manage("import_records", tmp_path / "pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "This is a PDF document." in done.stderr


@pytest.mark.django_db
def test_a_zip_archive_is_imported_as_it_is(tmp_path, capsys):
    (tmp_path / "any.name").write_bytes(zipped())
    call_command("import_records", tmp_path / "any.name")
    assert titles() == ["One"]
    assert "1 created" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no format called “marc22”. Known are: .*jsonl"):
        call_command("import_records", write(tmp_path / "a.csv", "title", "One"), "--format", "marc22")


@pytest.mark.django_db
def test_an_encoding_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no encoding called “klingon”"):
        call_command("import_records", write(tmp_path / "a.csv", "title", "One"), "--encoding", "klingon")


@pytest.mark.django_db
def test_a_nul_byte_is_told_where_it_stands(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_bytes(UNREADABLE["nul"][0])
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_records", path)
    assert "  row 2, “One Two”: This row holds a zero byte" in capsys.readouterr().err
    with pytest.raises(CommandError, match="cannot be the name of a file"):
        call_command("import_records", "a\0b")


# The peak of this process alone: that of getrusage counts the process which started it too.
MEASURED = """
import re, sys
from pathlib import Path
from catalogue.commandline import run
try:
    status = run(["manage.py", "import_records", *sys.argv[1:]])
except SystemExit as end:
    status = end.code
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print("status", status, "megabytes", int(peak[1]) // 1024)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "labelled"])
def test_a_line_of_200_megabytes_is_refused_in_little_memory(tmp_path, file_format):
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(b"title,year\nOne,2012\n")
        for _ in range(4):
            file.write(b"x" * 1_000_000)
        file.truncate(200_000_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), "--format", file_format],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    words = done.stdout.split()
    assert words[words.index("status") + 1] == "2", done.stdout + done.stderr
    assert "longer than 4000000 characters" in done.stderr or "longer than 4,000,000 characters" in done.stderr
    assert int(words[-1]) < 250
    assert titles() == []


KILLED = """
import os, sys
from catalogue import importing
from catalogue.commandline import run
importing.BATCH = 500
real, batches = importing.Importer.take, []
def take(*arguments):
    real(*arguments)
    batches.append(1)
    if len(batches) == 3:
        os.kill(os.getpid(), 9)
importing.Importer.take = take
run(["manage.py", "import_records", *sys.argv[1:]])
"""


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_leaves_nothing_behind():
    make_record("Before")
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + KILLED, str(JUSTICE)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with psycopg.connect(database_url()) as session:  # the server ends the dead session's transaction before this
        session.execute("LOCK TABLE catalogue_record IN ACCESS EXCLUSIVE MODE")
        assert session.execute("SELECT title FROM catalogue_record").fetchall() == [("Before",)]
    assert (ChangeSet.objects.count(), Keyword.objects.count()) == (1, 0)


def exported() -> list[dict]:
    output = manage("export_records")
    assert output.returncode == 0, output.stderr
    return [json.loads(line) for line in output.stdout.splitlines()]


@pytest.mark.django_db(transaction=True)
def test_an_export_imported_into_an_empty_catalogue_is_exported_again_the_same(tmp_path):
    kingdom = Country.objects.create(heading="United Kingdom")
    CountryVariant.objects.create(form="UK", authority=kingdom)
    make_records(
        [
            Draft(
                title="Ünïcode “quoted”\t, comma",
                authors=(Name("Zoë, A", "person", "0000-0002-1825-0097"), Name("Body", "body")),
                summary="One.\n\nTwo, \"three\"; 'four' 🦉",
                year=2012,
                country="UK",
                keywords=("B", "A"),
                identifiers=(Identifier("doi", "10/1"), Identifier("isbn", "9")),
                url="http://a.org/?a=b&c=d",
            ),
            make_draft("A draft", status="draft"),
            make_draft("Withdrawn", status="withdrawn", withdrawn_reason="Wrong"),
            make_draft("Double", shelf_number="1"),
            make_draft("Double", shelf_number="2"),
        ]
    )
    first = exported()
    assert [(line.pop("number"), Draft.from_dict(line)) for line in copy.deepcopy(first)] == list(all_records())
    assert len(first) == 5
    file = write(tmp_path / "all.jsonl", *(json.dumps(line, ensure_ascii=False) for line in first))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalogue_record, catalogue_author, catalogue_keyword, catalogue_country CASCADE")
    done = manage("import_records", file)
    assert "5 created" in done.stdout, done.stderr
    assert exported() == first


@pytest.mark.django_db
def test_an_export_is_written_to_the_file_that_is_named(tmp_path):
    make_record("One")
    call_command("export_records", "--output", str(tmp_path / "out.jsonl"))
    assert json.loads((tmp_path / "out.jsonl").read_text())["title"] == "One"
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_records", "--output", str(tmp_path / "none" / "out.jsonl"))
    with pytest.raises(CommandError, match="There is no format called"):
        call_command("export_records", "--format", "xyz")


@pytest.mark.django_db
def test_more_records_than_an_export_reads_at_once_are_all_there_in_order(tmp_path):
    make_records([make_draft(f"Report {number}") for number in range(2100)])
    call_command("export_records", "--output", str(tmp_path / "out.jsonl"))
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["title"] for line in lines] == [f"Report {number}" for number in range(2100)]


@pytest.mark.django_db
def test_two_rows_that_are_one_record_are_written_once(tmp_path, capsys):
    file = write(tmp_path / "a.csv", "title,year,shelf number,summary", "One,2012,7,", "ONE,2012,7,More")
    call_command("import_records", file)
    assert "1 created, 1 updated, 0 unchanged, 0 rejected." in capsys.readouterr().out
    [record] = Record.objects.all()
    assert record.summary == "More"


@pytest.mark.django_db
def test_headings_in_a_file_lead_to_what_the_catalogue_has(tmp_path):
    CountryVariant.objects.create(form="UK", authority=Country.objects.create(heading="United Kingdom"))
    Keyword.objects.create(heading="Peer Support")
    call_command("import_records", write(tmp_path / "a.csv", "title,country,keywords", "One,uk,PEER SUPPÓRT;New"))
    assert Record.objects.get().country.heading == "United Kingdom"
    assert set(Keyword.objects.values_list("heading", flat=True)) == {"Peer Support", "New"}
    assert Country.objects.count() == 1


@pytest.mark.django_db
def test_what_describes_no_document_is_set_aside_counted_and_refuses_nothing(capsys):
    call_command("import_records", ROOT / "fixtures/samples/marc/folio_data_import/authorities-first-3-of-2500.mrc")
    output = capsys.readouterr().out
    assert "3 set aside" in output
    assert "0 created" in output
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_every_field_that_the_wizard_offers_can_be_named(tmp_path):
    file = write(tmp_path / "a.csv", "title,Kennung,Nummer,Buch", "One,10.1000/1,R 7,9780306406157")
    call_command("import_records", file, "--map", "doi=Kennung", "--map", "report=Nummer", "--map", "isbn=Buch")
    assert set(read_drafts([Record.objects.get().pk]).popitem()[1].identifiers) == {
        Identifier("doi", "10.1000/1"),
        Identifier("report", "R 7"),
        Identifier("isbn", "9780306406157"),
    }


@pytest.mark.django_db
def test_names_that_are_written_straight_are_turned_round_where_that_is_said(tmp_path):
    file = write(tmp_path / "a.csv", "title,authors", 'The hunger games,"Suzanne Collins"')
    call_command("import_records", file, "--names", "first-last")
    assert [author.heading for author in Record.objects.get().authors.all()] == ["Collins, Suzanne"]


@pytest.mark.django_db
def test_of_several_files_each_is_told_of_where_one_cannot_be_read(tmp_path, capsys):
    good, empty = write(tmp_path / "good.csv", "title", "Good"), tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(CommandError, match=r"Nothing was imported\. .*empty.csv: The file is empty") as error:
        call_command("import_records", good, empty, write(tmp_path / "last.csv", "title", "Last"), "--json")
    assert error.value.returncode == 2
    lines = capsys.readouterr().out.splitlines()
    assert any("good.csv: 1 would be created" in line for line in lines)
    assert any("last.csv: 1 would be created" in line for line in lines)
    said = json.loads(lines[-1])
    assert (said["imported"], said["problem"]) == (False, str(error.value))
    assert [(one["created"], one["problem"][-18:]) for one in said["files"]] == [
        (1, ""),
        (0, "The file is empty."),
        (1, ""),
    ]
    assert titles() == []


@pytest.mark.django_db
def test_several_files_that_cannot_be_read_are_all_named(tmp_path, capsys):
    with pytest.raises(CommandError, match="2 of 2 files cannot be read"):
        call_command("import_records", tmp_path / "one.csv", tmp_path / "two.csv")
    said = capsys.readouterr().err
    assert "no file" in said
    assert "one.csv" in said
    assert "two.csv" in said


@pytest.mark.django_db
def test_json_ends_with_one_object_whatever_happens(tmp_path, capsys):
    good, bad = write(tmp_path / "a.csv", "title", "Good"), write(tmp_path / "b.csv", "title,year", ",2012")
    for arguments, imported in (
        ([good], True),
        ([good, "--dry-run"], False),
        ([bad], False),
        ([bad, "--map=x"], False),
    ):
        with contextlib.suppress(CommandError):
            call_command("import_records", *arguments, "--json")
        said = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert said["imported"] is imported
        assert bool(said["problem"]) is (arguments[0] is bad)


@pytest.mark.django_db
def test_an_archive_that_was_cut_off_is_named(tmp_path):
    (tmp_path / "cut.zip").write_bytes(zipped()[:-30])
    with pytest.raises(CommandError, match=r"cut\.zip: This archive is damaged or was cut off"):
        call_command("import_records", tmp_path / "cut.zip")


@pytest.mark.django_db(transaction=True)
def test_whoever_reads_an_export_may_stop_reading():
    make_records([make_draft(f"Report {number}", summary="long " * 200) for number in range(300)])
    export = subprocess.Popen(
        [sys.executable, "manage.py", "export_records"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    export.stdout.readline()
    export.stdout.close()
    assert export.stderr.read() == b""
    export.stderr.close()
    assert export.wait(60) == 0


@pytest.mark.django_db
def test_what_is_set_aside_is_in_the_file_of_rows_not_taken_with_the_reason(tmp_path):
    authorities = ROOT / "fixtures/samples/marc/folio_data_import/authorities-first-3-of-2500.mrc"
    call_command("import_records", authorities, "--report", str(tmp_path / "aside.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert [line["row"] for line in lines] == [1, 2, 3]
    assert all("authority" in line["error"] for line in lines)
    make_record("Peers in prison: what we know", year=2012)
    near = write(tmp_path / "a.csv", "title,year,Note", "Peers in prisons: what we know,2012,ours", "Other,2012,")
    call_command("import_records", near, "--on-near", "skip", "--report", str(tmp_path / "near.csv"))
    with (tmp_path / "near.csv").open(encoding="utf-8-sig", newline="") as written:
        header, row = csv.reader(written)
    assert (header, row[1:]) == (["error", "title", "year", "Note"], ["Peers in prisons: what we know", "2012", "ours"])
    assert "Set aside: this is near record" in row[0]


class Other:
    """Somebody else who holds the second record, and wants the first once the import has it."""

    def __init__(self, first: int, second: int) -> None:
        self.first = first
        self.session = psycopg.connect(database_url())
        self.session.execute("SET deadlock_timeout = '60s'")  # so that it is the import that is ended
        self.session.execute("SELECT FROM catalogue_record WHERE id = %s FOR UPDATE", [second])
        self.thread = threading.Thread(target=self._want)

    def _want(self) -> None:
        self.session.execute("SELECT FROM catalogue_record WHERE id = %s FOR UPDATE", [self.first])
        self.session.close()


@pytest.mark.django_db(transaction=True)
def test_an_import_that_a_deadlock_ended_begins_again(tmp_path, monkeypatch, capsys):
    records = make_records([make_draft(f"Report {number}", shelf_number=str(number)) for number in (1, 2)])
    file = write(tmp_path / "a.csv", "title,year,shelf number", "Report 1,2001,1", "Report 2,2002,2")
    other, real = Other(*(record.pk for record in records)), importing.Importer.take

    def take(self, batch) -> None:
        real(self, batch)
        if not other.thread.ident:
            other.thread.start()

    monkeypatch.setattr(importing, "BATCH", 1)
    monkeypatch.setattr(importing.Importer, "take", take)
    call_command("import_records", file)
    other.thread.join(60)
    said = capsys.readouterr().out
    assert "begins again" in said
    assert "0 created, 2 updated, 0 unchanged, 0 rejected." in said
    assert set(Record.objects.values_list("year", flat=True)) == {2001, 2002}
    assert ChangeSet.objects.count() == 2


@pytest.mark.django_db
def test_a_full_disk_of_the_database_is_said_and_nothing_is_written(tmp_path, monkeypatch):
    def full(self, batch) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$")

    monkeypatch.setattr(importing.Importer, "take", full)
    with pytest.raises(CommandError, match=r"^Nothing was imported\. The disk of the database is full\.") as error:
        call_command("import_records", write(tmp_path / "a.csv", "title", "One"))
    assert error.value.returncode == 2
    assert titles() == []


@pytest.mark.django_db
def test_no_rule_at_all_makes_every_row_a_new_record(tmp_path):
    file = write(tmp_path / "a.csv", "title,year,authors", "One,2012,Fletcher")
    for _time in range(2):
        call_command("import_records", file)
    assert titles() == ["One"]
    call_command("import_records", "--match", "", file)
    assert titles() == ["One", "One"]
