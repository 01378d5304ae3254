"""The wizard of imports at the desk: who may, what comes in, what is shown, what is written and undone."""

import errno
import io
import re
import shutil
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.jobs import doing, imports, tasks, uploads
from catalogue.jobs.models import SILENT, Import, Mapping
from catalogue.models import Author, ChangeSet, Keyword, Record
from catalogue.records import read_drafts
from tests.imports import do_what_waits, make_import
from tests.people import make_account, make_member
from tests.records import make_record

pytestmark = pytest.mark.django_db
State = Import.State
LIST = "/desk/import/"
GOOD = "title,year\nFirst report,2001\nSecond report,2002\n"
BAD = "title,status\nFirst report,published\nSecond report,soon\n"
CHOICES = {"format": "csv", "separator": ";", "on_match": "fill", "on_near": "create", "skip_bad": "no"}


@pytest.fixture(autouse=True)
def upload_dir(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return settings.UPLOAD_DIR


@pytest.fixture
def importer(db):
    return make_account("importer", ADMINISTRATOR)


@pytest.fixture
def desk(client, importer):
    client.force_login(importer)
    return client


def address(item) -> str:
    return f"{LIST}{item.pk}/"


def shown(desk, item) -> str:
    answer = desk.get(address(item))
    assert answer.status_code == 200
    return answer.content.decode()


def press(desk, item, action: str, **values) -> str:
    """Press a button, let the worker do its work, and return the page that follows."""
    answer = desk.post(address(item), {"action": action, **values}, follow=True)
    do_what_waits()
    return desk.get(answer.request["PATH_INFO"]).content.decode()


def brought(desk, content: str | bytes, name: str = "file.csv") -> Import:
    """Upload a file by the plain form, as a browser without a script does."""
    data = content.encode() if isinstance(content, str) else content
    answer = desk.post(LIST, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302
    return Import.objects.get(pk=answer["Location"].split("/")[-2])


def refused(desk, content: bytes, name: str = "file.txt") -> str:
    """Bring a file that cannot be read, and return what is said of it."""
    page = shown(desk, brought(desk, content, name))
    assert not Record.objects.exists()
    return re.search(r'<p class="errornote">(.*?)</p>', page)[1]


@pytest.mark.parametrize(("who", "status"), [("", 302), ("account", 403), (CATALOGUER, 403), ("importer", 200)])
def test_only_who_may_import_opens_any_page_of_the_wizard(client, importer, django_user_model, who, status):
    from django.contrib.auth.models import Group

    item = make_import(importer, GOOD)
    if who:
        user = django_user_model.objects.filter(username=who).first() or make_member(who)
        if who == CATALOGUER:
            user.groups.set(Group.objects.filter(name=CATALOGUER))
        client.force_login(user)
    pages = [LIST, address(item), address(item) + "progress/"]
    assert {client.get(page).status_code for page in pages} == {status}
    if status != 200:
        posts = [LIST, LIST + "begin/", address(item), address(item) + "piece/?offset=0"]
        assert {client.post(page, {"action": "try"}).status_code for page in posts} == {status}
        assert client.get(address(item) + "refused/").status_code == status
        item.refresh_from_db()
        assert item.state == State.READY


def test_the_import_of_somebody_else_is_as_if_it_were_not_there(desk, django_user_model):
    item = make_import(make_account("other", ADMINISTRATOR), GOOD, name="secret.csv")
    assert desk.get(address(item)).status_code == 404
    assert desk.post(address(item), {"action": "remove"}).status_code == 404
    assert desk.get(address(item) + "progress/").status_code == 404
    assert desk.post(address(item) + "piece/?offset=0", b"x", content_type="text/plain").status_code == 404
    assert "secret.csv" not in desk.get(LIST).content.decode()


def test_a_form_without_its_token_is_refused_before_a_file_is_kept(importer, upload_dir):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(importer)
    answer = strict.post(LIST, {"file": SimpleUploadedFile("file.csv", GOOD.encode())})
    assert answer.status_code == 403
    assert not Import.objects.exists()


def test_a_file_goes_from_upload_to_undo(desk):
    item = brought(desk, GOOD)
    page = shown(desk, item)
    assert "First report" in page
    page = press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "year"})
    assert "nothing has been changed yet" in page
    assert not Record.objects.exists()
    assert not ChangeSet.objects.exists()
    page = press(desk, item, "write")
    assert "Undo the import" in page
    assert sorted(Record.objects.values_list("title", "year")) == [("First report", 2001), ("Second report", 2002)]
    page = press(desk, item, "undo")
    assert "2 new records were withdrawn." in page
    assert set(Record.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_the_trial_says_exactly_what_the_import_then_does(desk):
    make_record("Known report", year=2001)
    content = "title,year,url,status\nKnown report,2001,http://example.org/1\nNew report,2002\nBad report,,,gone\n"
    item = make_import(desk_user(desk), content, skip_bad=True)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    item.refresh_from_db()
    tried = item.report
    assert (tried["created"], tried["updated"], tried["rejected"]) == (1, 1, 1)
    press(desk, item, "write")
    item.refresh_from_db()
    assert item.state == State.DONE
    different = ("change_set", "seconds", "examples")
    assert {k: v for k, v in tried.items() if k not in different} == {
        k: v for k, v in item.report.items() if k not in different
    }


@pytest.mark.parametrize("overwrite", [[], ["status", "year"]])
def test_who_may_not_publish_imports_into_review_and_changes_no_status(desk, overwrite):
    make_record("Public report")
    user = desk_user(desk)
    user.groups.get().permissions.remove(Permission.objects.get(codename="publish_record"))
    content = "title,year,status\nPublic report,2001,draft\nNew report,2002,published\nOther report,2003,withdrawn\n"
    item = make_import(user, content, on_match="overwrite", overwrite=overwrite)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    assert "New records will be in review" in shown(desk, item)
    press(desk, item, "write")
    found = dict(Record.objects.values_list("title", "status"))
    assert found == {"Public report": "published", "New report": "review", "Other report": "review"}


def test_an_import_that_published_is_not_undone_by_who_may_not_publish(desk):
    user = desk_user(desk)
    item = make_import(user, GOOD)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    press(desk, item, "write")
    user.groups.get().permissions.remove(Permission.objects.get(codename="publish_record"))
    assert "This import published records." in desk.post(address(item), {"action": "undo"}, follow=True).text
    do_what_waits()
    assert set(Record.objects.values_list("status", flat=True)) == {"published"}


def desk_user(desk):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=desk.session["_auth_user_id"])


def test_columns_go_where_the_librarian_says(desk):
    item = brought(desk, "Headline,When,Remark\nA report,2001,free\nA paper,2002,free\n")
    columns = {"column-0": "title", "column-1": "year", "column-2": "rights"}
    press(desk, item, "try", **CHOICES, **columns)
    press(desk, item, "write")
    drafts = read_drafts(Record.objects.order_by("pk").values_list("pk", flat=True)).values()
    assert [(d.title, d.year, d.rights) for d in drafts] == [("A report", 2001, "free"), ("A paper", 2002, "free")]


def test_a_guessed_column_that_is_not_wanted_stays_out(desk):
    item = brought(desk, GOOD)
    columns = {"column-0": "title", "column-1": ""}
    press(desk, item, "read", **CHOICES, **columns)
    press(desk, item, "try", **CHOICES, **columns)
    press(desk, item, "write")
    assert set(Record.objects.values_list("year", flat=True)) == {None}


def test_one_field_for_two_columns_is_refused_with_their_names(desk):
    item = brought(desk, GOOD)
    answer = desk.post(address(item), {"action": "try", **CHOICES, "column-0": "title", "column-1": "title"})
    assert answer.status_code == 422
    assert "“title” and “year” are both to be “Title”" in answer.content.decode()


def test_a_name_that_no_source_can_have_is_told(desk, importer):
    item = make_import(importer, GOOD)
    answer = desk.post(address(item), {**CHOICES, "action": "try", "source": "My Library"})
    assert answer.status_code == 422
    assert "Use small letters" in answer.content.decode()


def test_several_columns_go_into_a_field_that_takes_several(desk):
    item = brought(desk, 'Title,Author 1,Helper,Note,Note\nA report,"Lee, Cy","Roe, Di",one,two\n')
    twice = {"action": "try", **CHOICES, "column-0": "title", "column-1": "title"}
    assert "“Title” and “Author 1” are both to be “Title”" in desk.post(address(item), twice).content.decode()
    several = {"column-1": "authors", "column-2": "authors", "column-3": "keywords"}
    press(desk, item, "try", **CHOICES, **{"column-0": "title", **several})
    press(desk, item, "write")
    record = Record.objects.get()
    assert [author.heading for author in record.authors.order_by("id")] == ["Lee, Cy", "Roe, Di"]
    assert {keyword.heading for keyword in record.keywords.all()} == {"one", "two"}


def test_a_table_whose_columns_are_not_known_leads_to_the_columns(desk):
    item = brought(desk, "Titre du document;Autrice\nA;B\n", name="two.csv")
    page = shown(desk, item)
    assert "Field for “Autrice”" in page
    assert 'class="errornote"' not in page
    press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "authors"})
    press(desk, item, "write")
    assert Record.objects.get().title == "A"


def test_keywords_may_have_a_separator_of_their_own(desk):
    item = brought(desk, 'Title,Authors,Keywords\nA report,"Lee, Cy; Roe, Di","one, two"\nA paper,,"two, three"\n')
    assert "unless you say that a comma parts them" in shown(desk, item)
    columns = {"column-0": "title", "column-1": "authors", "column-2": "keywords", "keyword_separator": ","}
    press(desk, item, "try", **CHOICES, **columns)
    press(desk, item, "write")
    assert {keyword.heading for keyword in Keyword.objects.all()} == {"one", "two", "three"}
    assert {author.heading for author in Author.objects.all()} == {"Lee, Cy", "Roe, Di"}


def test_a_mapping_that_was_saved_before_columns_could_share_a_field_is_still_read(desk):
    item = make_import(
        desk_user(desk), "Headline,Wer\nA report,Plato\n", mapping={"title": "Headline", "authors": "Wer"}
    )
    press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "authors"})
    item.refresh_from_db()
    assert item.report["created"] == 1


def test_a_mapping_is_saved_used_for_the_next_file_and_deleted(desk):
    first = brought(desk, "Headline,When,Remark\nA report,2001,\nA paper,2002,\n")
    columns = {"column-0": "title", "column-1": "year"}
    page = press(desk, first, "save", **CHOICES, **columns, save_as=" Our  printer ")
    saved = Mapping.objects.get()
    assert saved.name == "Our printer"
    second = brought(desk, "When,Headline,Other\n1999,Another report,x\n1998,Another paper,x\n")
    press(desk, second, "use", **CHOICES, saved=saved.pk)
    page = shown(desk, second)
    assert re.search(r'name="column-1".*?value="title" selected', page, re.DOTALL)
    assert re.search(r'name="column-0".*?value="year" selected', page, re.DOTALL)
    press(desk, second, "forget", **CHOICES, saved=saved.pk)
    assert not Mapping.objects.exists()


def test_a_saved_mapping_is_used_by_itself_for_the_very_same_columns(desk):
    table = "Headline,When,Remark\nA report,2001,\nA paper,2002,\n"
    columns = {"column-0": "title", "column-1": "", "column-2": "rights"}
    press(desk, brought(desk, table), "save", **{**CHOICES, "names": "straight"}, **columns, save_as="Our printer")
    same = brought(desk, table.replace(",", ";"))
    assert (same.options["mapping"]["rights"], same.options["mapping"]["year"]) == (["Remark"], [])
    assert same.options["names"] == "straight"
    assert "This file has the columns for which “Our printer” was saved" in shown(desk, same)
    page = press(desk, same, "read", **CHOICES, **columns)
    assert "This file has the columns" not in page
    for other in (table.replace("Remark", "Rights"), table.replace("Remark", "Remark,More")):
        assert brought(desk, other).options["mapped_by"] == ""


def test_rows_that_are_refused_stop_everything_unless_they_are_to_be_left_out(desk):
    item = brought(desk, BAD)
    page = press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "status"})
    assert "Nothing can be imported while rows are refused" in page
    assert "Import it" not in page
    assert "soon" in page
    press(desk, item, "change")
    press(desk, item, "try", **{**CHOICES, "skip_bad": "yes"}, **{"column-0": "title", "column-1": "status"})
    press(desk, item, "write")
    assert [record.title for record in Record.objects.all()] == ["First report"]


def test_what_stands_in_a_file_is_text_on_the_page(desk):
    nasty = "<script>alert(1)</script>"
    item = brought(desk, f'title,"{nasty}",url\n{nasty},"{nasty}",{nasty}\n', name=f"{nasty}.csv")
    page = shown(desk, item)
    page += press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "", "column-2": "url"})
    assert "&lt;script&gt;" in page
    assert nasty not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "an image"),
        (b"%PDF-1.7\n" + bytes(100), "a PDF document"),
        (b"\x7fELF" + bytes(100), "a program"),
        (b"\x1f\x8b\x08" + bytes(100), "damaged or was cut off"),
        (b" \n\n ", "The file is empty"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"dear diary, nothing happened today", "not in a format that is known"),
    ],
)
def test_a_file_that_is_no_file_of_records_is_told_what_it_is(desk, content, said):
    assert said in refused(desk, content)


def test_an_empty_file_and_no_file_at_all_are_refused(desk):
    for data in ({}, {"text": "  "}, {"file": SimpleUploadedFile("empty.csv", b"")}):
        answer = desk.post(LIST, data, follow=True).content.decode()
        assert 'class="error"' in answer
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ('title,year\n"A report,2001\n', {}, "quotation mark"),
        ("title,year\nCaf\xe9,2001\n".encode("latin-1") * 30, {"encoding": "utf-8"}, "not text in utf-8"),
        ("name of thing\nA report\n", {"mapping": {"title": "nowhere"}}, "no column called"),
        ('{"title": "A report"}\n', {"format": "labelled"}, "no record in this text"),
    ],
)
def test_a_damaged_file_ends_in_a_sentence_and_nothing_is_written(desk, importer, content, options, said):
    item = make_import(importer, content, **options)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    item.refresh_from_db()
    assert said in item.problem
    assert item.state == State.READY
    assert item.problem.replace("“", "") and "errornote" in shown(desk, item)
    assert not Record.objects.exists()


def test_pasted_text_is_read_like_a_file(desk):
    text = "Author: Fletcher, Del Roy\r\n\r\nTitle: Peer interventions\r\n\r\nYear: 2012\r\n"
    answer = desk.post(LIST, {"text": text})
    item = Import.objects.get(pk=answer["Location"].split("/")[-2])
    assert item.options["format"] == "labelled"
    assert "Fletcher, Del Roy" in shown(desk, item)


def test_a_text_too_long_to_be_pasted_is_told_so(desk):
    answer = desk.post(LIST, {"text": "x" * 3_000_000}, follow=True)
    assert "too long to be pasted" in answer.content.decode()


def begin(desk, size: int, name: str = "big.csv"):
    return desk.post(LIST + "begin/", {"name": name, "size": size})


def send(desk, start: dict, offset: int, piece: bytes):
    return desk.post(f"{start['piece']}?offset={offset}", piece, content_type="application/octet-stream")


def test_an_upload_in_pieces_goes_on_where_it_stopped(desk):
    content = GOOD.encode()
    start = begin(desk, len(content)).json()
    assert send(desk, start, 0, content[:10]).json() == {"received": 10}
    assert send(desk, start, 0, content[:10]).status_code == 409  # its answer was lost, and it is sent again
    assert send(desk, start, 25, content[25:]).json() == {"received": 10}
    again = begin(desk, len(content)).json()
    assert again == {**start, "received": 10}
    assert "of" in shown(desk, Import.objects.get())
    assert send(desk, again, 10, content[10:]).json() == {"received": len(content)}
    item = Import.objects.get()
    assert item.state == State.READY
    assert uploads.path(item.pk).read_bytes() == content
    assert send(desk, start, len(content), b"more").status_code == 410


@pytest.mark.parametrize("query", ["", "?offset=", "?offset=-1", "?offset=x", "?offset=" + "9" * 400, "?offset=0"])
def test_junk_for_a_piece_is_refused(desk, query):
    start = begin(desk, 100).json()
    assert desk.post(start["piece"] + query, b"", content_type="text/plain").status_code == 400
    assert desk.post(start["piece"] + query, b"x" * 200, content_type="text/plain").status_code in (400, 409)
    assert Import.objects.get().received == 0


@pytest.mark.parametrize("size", ["", "x", "-1", "0", str(uploads.LARGEST + 1), "9" * 400])
def test_a_size_that_cannot_be_is_refused_in_words(desk, size):
    answer = desk.post(LIST + "begin/", {"name": "big.csv", "size": size})
    assert answer.status_code == 422
    assert answer.json()["problem"]
    assert not Import.objects.exists()


def test_a_disk_that_is_too_full_is_told_before_anything_is_sent(desk, monkeypatch):
    full = shutil.disk_usage("/")._replace(free=uploads.RESERVE)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    assert "has no room" in begin(desk, 1000).json()["problem"]
    answer = desk.post(LIST, {"file": SimpleUploadedFile("file.csv", GOOD.encode())}, follow=True)
    assert "has no room" in answer.content.decode()


def test_a_disk_that_fills_during_an_upload_is_told_and_the_upload_can_go_on(desk, monkeypatch):
    start = begin(desk, 20).json()

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads.os, "truncate", full)
        answer = send(desk, start, 0, b"x" * 10)
    assert answer.status_code == 507
    assert "No space left on device" in answer.json()["problem"]
    assert send(desk, start, 0, b"x" * 10).json() == {"received": 10}


def test_files_lie_under_names_of_our_own_and_are_sent_back_as_downloads_only(desk, upload_dir):
    item = brought(desk, BAD, name="../../evil.html")
    assert item.name == "evil.html"
    assert {path.name for path in upload_dir.iterdir()} == {"place", f"{item.pk}.upload"}
    uploads.errors_path(item.pk, is_table=True).write_text("title,error\n<b>,bad\n")
    answer = desk.get(address(item) + "refused/")
    assert answer["Content-Disposition"] == 'attachment; filename="evil refused.csv"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert b"".join(answer.streaming_content) == b"title,error\n<b>,bad\n"


def test_old_files_go_and_the_report_of_an_import_stays(desk, importer, upload_dir):
    kept, old, done = (make_import(importer, GOOD, name=name) for name in ("kept", "old", "done"))
    change_set = ChangeSet.objects.create(kind="import")
    Import.objects.filter(pk=done.pk).update(state=State.DONE, change_set=change_set)
    Import.objects.exclude(pk=kept.pk).update(touched=timezone.now() - uploads.KEPT - timedelta(hours=1))
    uploads.remove_old()
    assert set(Import.objects.values_list("name", flat=True)) == {"kept", "done"}
    assert [path.name for path in upload_dir.glob("*.upload")] == [f"{kept.pk}.upload"]
    assert "Undo the import" in shown(desk, done)


def test_a_file_that_is_gone_is_told(desk, importer):
    item = make_import(importer, GOOD)
    uploads.path(item.pk).unlink()
    assert "not on the server any more" in shown(desk, item)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    item.refresh_from_db()
    assert "not on the server any more" in item.problem


def test_a_forgotten_file_is_gone_whole(desk, upload_dir):
    item = brought(desk, GOOD)
    press(desk, item, "remove")
    assert not Import.objects.exists()
    assert [path.name for path in upload_dir.iterdir()] == ["place"]


def progress(desk, item) -> dict:
    answer = desk.get(address(item) + "progress/")
    assert "no-store" in answer["Cache-Control"]
    return answer.json()


def test_progress_tells_rows_share_and_time_left(desk, importer):
    item = make_import(importer, GOOD)
    begun = timezone.now() - timedelta(seconds=60)
    far = {"rows": 1234, "size": 400, "received": 400, "position": 100}
    Import.objects.update(state=State.RUNNING, work="try", begun=begun, alive=timezone.now(), **far)
    told = progress(desk, item)
    assert (told["is_busy"], told["percent"]) == (True, 25)
    assert told["sentence"] == "1,234 rows read."
    assert told["left"] == "About 3 minutes are left."
    assert "1,234 rows read." in shown(desk, item)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in shown(desk, item)


def test_a_second_import_says_what_it_waits_for(desk, importer):
    first, second = (make_import(importer, GOOD) for _ in range(2))
    tasks.ask(second, Import.Work.TRY)
    assert "No worker is running" in progress(desk, second)["sentence"]
    Import.objects.filter(pk=first.pk).update(state=State.RUNNING, work="write", alive=timezone.now())
    assert progress(desk, second)["sentence"] == "Another import is running. This one waits for it."


def test_an_import_whose_worker_is_gone_never_shows_as_running_for_ever(desk, importer):
    item = make_import(importer, GOOD)
    long_ago = timezone.now() - 2 * SILENT
    Import.objects.filter(pk=item.pk).update(state=State.RUNNING, work="try", begun=long_ago, alive=long_ago)
    assert "no sign of life" in progress(desk, item)["sentence"]
    assert "Run it again" in shown(desk, item)
    assert "nothing has been changed yet" in press(desk, item, "again")


def test_a_running_import_stops_when_it_is_told_to_and_changes_nothing(desk, importer):
    item = make_import(importer, GOOD)
    tasks.ask(item, Import.Work.TRY)
    press(desk, item, "stop")
    item.refresh_from_db()
    assert (item.state, item.problem) == (State.READY, "It was stopped. Nothing was changed.")
    do_what_waits()
    assert Import.objects.get().state == State.READY


def test_an_import_whose_worker_was_killed_again_and_again_is_left_alone(desk, importer):
    item = make_import(importer, GOOD)
    tasks.ask(item, Import.Work.TRY)
    Import.objects.update(state=State.RUNNING, kills=doing.MOST_KILLS - 1)
    imports.do(str(item.pk), lambda: False)
    item.refresh_from_db()
    assert item.state == State.READY
    assert "stopped in the midst of this 3 times" in item.problem
    press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "year"})
    assert Import.objects.get().state == State.TRIED


@pytest.mark.parametrize("action", ["write", "undo", "again", "change", "nonsense", ""])
def test_a_button_that_does_not_fit_is_answered_with_a_sentence(desk, importer, action):
    item = make_import(importer, GOOD)
    answer = desk.post(address(item), {"action": action}, follow=True)
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()
    assert not Record.objects.exists()


def test_an_undo_leaves_alone_and_names_what_has_changed_since(desk, importer):
    item = make_import(importer, GOOD)
    for work in (Import.Work.TRY, Import.Work.WRITE):
        tasks.ask(Import.objects.get(), work)
        do_what_waits()
    changed = Record.objects.order_by("pk")[0]
    Record.objects.filter(pk=changed.pk).update(year=1990)
    page = press(desk, item, "undo")
    assert "1 new record was withdrawn." in page
    assert f"/desk/catalogue/record/{changed.pk}/history/" in page


def test_no_page_of_the_wizard_holds_an_inline_script_or_style(desk, importer):
    item = make_import(importer, BAD, skip_bad=True)
    pages = [desk.get(LIST).content.decode(), shown(desk, item)]
    for work in (Import.Work.TRY, Import.Work.WRITE):
        tasks.ask(Import.objects.get(), work)
        pages.append(shown(desk, item))
        do_what_waits()
        pages.append(shown(desk, item))
    for text in pages:
        assert " style=" not in text and "<style" not in text
        assert " onclick=" not in text and "<script>" not in text


def test_the_pages_cost_few_queries_however_many_imports_there_are(desk, importer, django_assert_max_num_queries):
    for _ in range(5):
        make_import(importer, GOOD)
    with django_assert_max_num_queries(12):
        desk.get(LIST)
    with django_assert_max_num_queries(12):
        shown(desk, Import.objects.first())


def test_the_desk_offers_imports_to_those_who_may(desk, client, django_user_model):
    assert LIST in desk.get("/desk/").content.decode()
    client.force_login(make_member("clerk"))
    assert LIST not in client.get("/desk/").content.decode()
    assert client.get(f"{LIST}{uuid.uuid4()}/").status_code == 403


def test_an_older_group_of_administrators_learns_the_right(importer):
    from importlib import import_module

    from django.apps import apps
    from django.contrib.auth.models import Group

    group = Group.objects.get(name="Administrator")
    group.permissions.filter(codename="add_import").delete()
    with connection.schema_editor() as editor:
        import_module("catalogue.migrations.0004_imports").give_right(apps, editor)
    assert group.permissions.filter(codename="add_import").exists()


def test_a_stream_that_ends_early_leaves_no_file_behind(desk, upload_dir):
    boundary = "x"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\ntitle\r\nA'
    desk.generic("POST", LIST, io.BytesIO(body.encode()).read(), f"multipart/form-data; boundary={boundary}")
    assert not Import.objects.exists()


def test_a_file_that_nothing_is_told_from_has_no_format_chosen(desk):
    page = shown(desk, brought(desk, b"dear diary, nothing happened today", name="diary.txt"))
    assert re.search(r'<select name="format"[^>]*>\s*<option value=""[^>]*>choose</option>', page)


def test_an_interrupted_upload_is_continued_only_with_the_file_that_it_began_with(desk):
    def start(**values: object) -> str:
        return desk.post(LIST + "begin/", {"name": "a.csv", "size": 10, **values}).json()["page"]

    first = start(modified=1_700_000_000_000)
    desk.post(f"{first}piece/?offset=0", b"ti", content_type="application/octet-stream")
    assert start(modified=1_700_000_000_000) == first
    assert start(modified=1_700_000_000_001) != first
    assert start() not in (first, start(modified=5))


def test_the_undo_of_an_import_says_how_far_it_is(desk, importer):
    item = make_import(importer, GOOD)
    Import.objects.filter(pk=item.pk).update(
        state=State.RUNNING, work="undo", alive=timezone.now(), rows=1500, size=1000, position=250
    )
    told = progress(desk, item)
    assert (told["percent"], told["sentence"]) == (25, "1,500 records are put back as they were.")


def test_of_two_that_name_the_folder_of_uploads_at_once_both_have_the_same_name(settings, tmp_path, monkeypatch):
    settings.UPLOAD_DIR = tmp_path / "uploads"
    real, others = uploads.secrets.token_hex, []

    def interrupted(size: int) -> str:
        monkeypatch.setattr(uploads.secrets, "token_hex", real)
        others.append(uploads.place())
        return real(size)

    monkeypatch.setattr(uploads.secrets, "token_hex", interrupted)
    assert [uploads.place()] == others
    assert [file.name for file in settings.UPLOAD_DIR.iterdir()] == ["place"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jsonl", b'{"title": "One", "k\\u0000": 1}\n'),
        ("jsonl", b'{"title": "One", "language": "\\ud800"}\n'),
        ("csv", b"title,year\nb\0ad\n,\n"),
    ],
)
def test_a_row_with_what_no_database_takes_is_named_like_any_other(desk, importer, name, content):
    item = make_import(importer, content, format=name)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    item.refresh_from_db()
    assert (item.state, item.problem) == ("tried", "")
    assert item.report["rejected"] == 1
    assert desk.get(address(item)).status_code == 200


def test_new_records_are_drafts_where_somebody_chooses_so(desk):
    item = brought(desk, GOOD)
    assert "A new record is" in shown(desk, item)
    press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "year"}, status="draft")
    press(desk, item, "write")
    assert set(Record.objects.values_list("status", flat=True)) == {"draft"}


def test_who_may_not_publish_is_not_asked_for_a_status(desk, importer):
    from django.contrib.auth.models import Group, Permission

    Group.objects.get(name=ADMINISTRATOR).permissions.remove(Permission.objects.get(codename="publish_record"))
    assert "A new record is" not in shown(desk, brought(desk, GOOD))


def test_a_note_stands_beside_the_name_of_the_file(desk):
    item = brought(desk, GOOD, "r2.csv")
    press(desk, item, "try", **CHOICES, **{"column-0": "title", "column-1": "year"}, reason="changed file")
    press(desk, item, "write")
    assert ChangeSet.objects.get().reason == "r2.csv: changed file"
    assert "r2.csv: changed file" in desk.get(f"/desk/catalogue/record/{Record.objects.first().pk}/history/").text


def test_what_was_undone_is_told_apart_and_leads_to_the_undo_of_the_undo(desk):
    make_record("First report", year=2012)
    rows = "\n".join(f"Report {number},2012,Words" for number in range(1200))
    item = brought(desk, f"title,year,summary\nFirst report,2012,Words\n{rows}\n")
    mapped = {"column-0": "title", "column-1": "year", "column-2": "summary"}
    press(desk, item, "try", **CHOICES, **mapped, rules=["title"])
    press(desk, item, "write")
    page = press(desk, item, "undo")
    print(
        re.findall(r"<h2>.*?</p>", page, re.S),
        page.count("errornote"),
        Import.objects.get().report.get("undone"),
        Import.objects.get().problem,
    )
    assert "1,200 new records were withdrawn." in page
    assert "1 record is as it was before." in page
    made = ChangeSet.objects.get(kind="undo")
    assert f'<a href="/desk/catalogue/changeset/{made.pk}/undo/">' in page


NEAR = "title,year,shelf number\nPeer interventions with offenders,2013,\nAnother report,2010,\n"


def near_import(desk, on_near: str) -> tuple[Import, str]:
    make_record("Peer interventions with offenders", year=2012, shelf_number="ZZ-2")
    item = make_import(desk_user(desk), NEAR, on_near=on_near)
    tasks.ask(item, Import.Work.TRY)
    do_what_waits()
    return item, shown(desk, item)


def test_a_near_row_is_shown_beside_its_record_and_leads_to_merging_the_two(desk):
    item, page = near_import(desk, "create")
    assert "<dt>Of the new ones, near a record</dt><dd>1</dd>" in page
    near = page[page.index('data-sort="near"') :].partition("</details>")[0]
    assert "In the catalogue" in near
    assert "In the file" in near
    assert "<td>ZZ-2</td><td>–</td>" in near
    assert "Before" not in near
    assert "merge" not in near
    page = press(desk, item, "write")
    known, made = Record.objects.filter(title__startswith="Peer").order_by("pk")
    for number in (known.pk, made.pk):
        assert f"/desk/catalogue/record/{number}/change/" in page
    [link] = re.findall(r'href="(/desk/merge/[^"]*)"', page)
    assert link == f"/desk/merge/{known.pk}/{made.pk}/"
    assert desk.get(link).status_code == 200
    assert "/desk/merge/" not in press(desk, item, "undo")


def test_rows_that_are_set_aside_are_shown_with_the_reason(desk):
    _item, page = near_import(desk, "skip")
    assert "<dt>Of those set aside, near a record</dt><dd>1</dd>" in page
    aside = page[page.index('data-sort="set_aside"') :].partition("</details>")[0]
    assert "The first 0" not in page
    assert "Set aside: this is near record" in aside
    assert "Peer interventions with offenders" in aside
