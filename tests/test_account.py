"""The account of all changes at the desk: what it lists, by what it can be asked, how it pages, what it gives away."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import change_account, changes, codes
from catalogue.admin import account
from catalogue.authorities.files import FILES
from catalogue.authorities.noting import noting
from catalogue.change_account import Wanted
from catalogue.changes import Wish
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.models import ChangeSet, Keyword, Record
from tests.records import make_draft, make_record

pytestmark = pytest.mark.django_db
PAGE = "/desk/catalogue/changeset/"


def change(*wishes: Wish, kind: str = codes.EDIT, user: str = "", reason: str = "") -> ChangeSet:
    change_set = changes.open_change_set(kind, user, reason)
    changes.apply(change_set, wishes)
    return change_set


def made(title: str, **options) -> ChangeSet:
    return change(Wish(make_draft(title)), **options)


def rename(old: str, new: str) -> ChangeSet:
    number = Keyword.objects.get(heading=old).pk
    change_set = changes.open_change_set(codes.EDIT, "ann")
    with noting(change_set, FILES["keyword"], [number]):
        Keyword.objects.filter(pk=number).update(heading=new)
    return change_set


def listed(desk, **asked) -> list[int]:
    answer = desk.get(PAGE, asked)
    assert answer.status_code == 200
    return [entry.change_set.pk for entry in answer.context["entries"]]


def sentences(desk, **asked) -> list[str]:
    [entry] = desk.get(PAGE, asked).context["entries"]
    return list(entry.sentences)


def test_every_change_set_is_listed_newest_first_with_what_it_did(desk):
    first = made("One", user="berta", reason="New in May")
    record = Record.objects.get()
    second = change(Wish(make_draft("Other", year=2012), record.pk), Wish(make_draft("Two")), kind=codes.BATCH)
    assert listed(desk) == [second.pk, first.pk]
    page = desk.get(PAGE).content.decode()
    for part in ("New in May", "berta", "a command", f"{record.pk} Other", "Batch edit"):
        assert part in page
    assert sentences(desk, kind="batch") == ["Records: 1 made; 1 changed (title, year)"]


def test_headings_and_documents_are_in_the_account(desk, settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    record = make_record(keywords=("Jails",))
    renamed = rename("Jails", "Prisons")
    desk.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("notes.txt", b"Some text")})
    kept = ChangeSet.objects.latest("pk")
    assert sentences(desk, field="keyword.heading") == ["Keywords: 1 changed (preferred form)"]
    assert listed(desk, field="keyword.changed") == [renamed.pk]
    assert listed(desk, field="document.made") == [kept.pk]
    assert listed(desk, record=record.pk) == [kept.pk, ChangeSet.objects.earliest("pk").pk]


def test_the_account_is_asked_by_person_kind_field_words_and_record(desk):
    first = made("One", user="berta", reason="Thesis brought by the author")
    [record] = Record.objects.all()
    second = change(Wish(make_draft("One", summary="Short"), record.pk), user="carla", reason="Summaries, checked")
    third = made("Three", kind=codes.IMPORT, reason="reports-2012.csv")
    assert listed(desk, person="berta") == [first.pk]
    assert listed(desk, person=account.NOBODY) == [third.pk]
    assert listed(desk, kind="import") == [third.pk]
    assert listed(desk, field="record.summary") == [second.pk]
    assert listed(desk, field="record.made") == [third.pk, first.pk]
    assert listed(desk, words="CHECKED summ") == [second.pk]
    assert listed(desk, words="report") == [third.pk]
    assert listed(desk, words="nowhere") == []
    assert listed(desk, record=record.pk) == [second.pk, first.pk]
    assert listed(desk, record=record.pk, person="carla", words="checked") == [second.pk]


def test_the_days_asked_for_are_both_within(desk, settings):
    settings.TIME_ZONE = "UTC"
    sets = [made(title) for title in ("One", "Two", "Three")]
    noon = timezone.now().replace(year=2026, month=5, day=10, hour=12)
    for days, one in enumerate(sets):
        ChangeSet.objects.filter(pk=one.pk).update(made=noon + timedelta(days=days))
    assert listed(desk, since="2026-05-11", until="2026-05-11") == [sets[1].pk]
    assert listed(desk, since="2026-05-11") == [sets[2].pk, sets[1].pk]
    assert listed(desk, until="2026-05-11") == [sets[1].pk, sets[0].pk]


@pytest.mark.parametrize(
    "asked",
    [
        {"person": "nobody known"},
        {"since": "junk", "until": "2026-13-99"},
        {"kind": "junk", "field": "record.junk"},
        {"words": "()'\"&|!:*\\ \0"},
        {"words": "x" * 5000},
        {"record": "-1"},
        {"record": "99999999999999999999999"},
        {"before": "junk"},
        {"before": "99999999"},
        {"as": "exe"},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"words": "' OR 1=1 --"},
    ],
)
def test_junk_in_the_address_is_answered_with_a_page(desk, asked):
    made("One")
    assert desk.get(PAGE, asked).status_code == 200


def test_older_changes_follow_page_by_page_without_a_gap_or_a_repetition(desk, monkeypatch):
    monkeypatch.setattr(account, "PER_PAGE", 2)
    now = timezone.now()
    sets = [made(f"Number {number}") for number in range(5)]
    ChangeSet.objects.filter(pk__in=[one.pk for one in sets[1:4]]).update(made=now)  # one moment for three of them
    ChangeSet.objects.filter(pk=sets[4].pk).update(made=now + timedelta(seconds=1))
    ChangeSet.objects.filter(pk=sets[0].pk).update(made=now - timedelta(seconds=1))
    seen, address = [], PAGE
    while address:
        answer = desk.get(address)
        seen += [entry.change_set.pk for entry in answer.context["entries"]]
        last = answer.context["last"]
        address = f"{PAGE}?before={last}" if last else ""
    assert seen == [one.pk for one in reversed(sets)]


def test_a_page_of_many_changes_costs_as_many_queries_as_one_of_one(desk):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            desk.get(PAGE)
        return len(caught)

    make_record(keywords=("Gangs",))
    one = queries()
    for number in range(30):
        made(f"Number {number}", user=f"person {number}")
    change(*(Wish(make_draft(f"Many {number}")) for number in range(30)))
    rename("Gangs", "Groups")
    assert queries() == one <= 12


def test_an_undo_and_what_it_undid_lead_to_each_other(desk):
    first = made("One")
    undone = changes.undo(first, "ann").change_set
    own = desk.get(f"{PAGE}{undone.pk}/change/").content.decode()
    assert f'It undid <a href="{PAGE}{first.pk}/change/">' in own
    assert "<p>Records: 1 changed (status, reason for withdrawal).</p>" in own
    page = desk.get(PAGE).content.decode()
    assert f'undoes <a href="{PAGE}{first.pk}/change/">' in page
    assert f'undone by <a href="{PAGE}{undone.pk}/change/">' in page


def exported(desk, ending: str, **asked) -> str:
    answer = desk.get(PAGE, {**asked, "as": ending})
    assert f'changes.{ending}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()


def test_what_is_asked_for_is_saved_as_csv_with_each_field_before_and_after(desk):
    made("=cmd|' /C calc'!A0", user="berta")
    [record] = Record.objects.all()
    change(Wish(make_draft("Harmless", summary="Line one.\n\nLine two"), record.pk), user="carla", reason="+1")
    rows = list(csv.DictReader(io.StringIO(exported(desk, "csv", person="carla"))))
    assert [(row["field"], row["before"], row["after"]) for row in rows] == [
        ("title", "'=cmd|' /C calc'!A0", "Harmless"),
        ("summary", "", "Line one.\n\nLine two"),
    ]
    assert {(row["by"], row["reason"], row["what"], row["number"], row["done"]) for row in rows} == {
        ("carla", "'+1", "record", str(record.pk), "changed")
    }


def test_what_is_asked_for_is_saved_as_json_lines(desk):
    make_record("One", keywords=("Jails",), year=2012)
    rename("Jails", "Prisons")
    heading, record = (json.loads(line) for line in exported(desk, "jsonl").splitlines())
    assert heading["fields"] == {"heading": {"before": "Jails", "after": "Prisons"}}
    assert (heading["what"], heading["by"], heading["title"]) == ("keyword", "ann", "Prisons")
    assert record["fields"]["year"] == {"before": None, "after": 2012}
    assert (record["what"], record["done"], record["fields"]["keywords"]["after"]) == ("record", "made", ["Jails"])


def test_of_a_field_only_the_changes_of_that_field_are_saved(desk):
    make_record("One", summary="Old")
    other = make_record("Two")
    number = Record.objects.earliest("pk").pk
    new = Wish(make_draft("Three", summary="Of a new record"))
    change(Wish(make_draft("One", summary="New"), number), Wish(make_draft("Second"), other.pk), new)
    [line] = exported(desk, "jsonl", field="record.summary").splitlines()
    assert json.loads(line)["number"] == number
    assert len(exported(desk, "jsonl", field="record.made").splitlines()) == 3


def test_all_changes_are_read_in_batches_without_losing_one(desk, monkeypatch):
    monkeypatch.setattr(change_account, "AT_ONCE", 3)
    for number in range(7):
        change(*(Wish(make_draft(f"{number} {other}")) for other in range(4)))
    titles = [change.after["title"] for _set, change in change_account.each_change(Wanted())]
    assert len(titles) == len(set(titles)) == 28


def test_a_head_request_for_a_file_reads_nothing(desk):
    made("One")
    answer = desk.head(PAGE, {"as": "csv"})
    assert b"".join(answer.streaming_content) == b""


@pytest.mark.parametrize(("group", "status"), [("", 403), (CATALOGUER, 200), (ADMINISTRATOR, 200)])
@pytest.mark.parametrize("ending", ["", "csv", "jsonl"])
def test_the_account_opens_for_those_who_may(seat, group, status, ending):
    made("One")
    assert seat(group).get(PAGE, {"as": ending}).status_code == status


def test_nobody_gets_the_account_without_signing_in(client):
    assert client.get(PAGE, {"as": "csv"}).status_code == 302
