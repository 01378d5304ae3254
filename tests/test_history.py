"""The history of a record at the desk: what changed word by word, documents and headings in it, whole versions."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes
from catalogue.admin import marks
from catalogue.authorities import merging
from catalogue.authorities.files import FILES
from catalogue.authorities.noting import noting
from catalogue.changes import Wish
from catalogue.draft import Draft
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.models import Attachment, Change, ChangeSet, Keyword, Record
from tests.records import make_draft, make_record

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def document_dir(settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"


def change(record: Record, user=None, reason: str = "", **facts) -> Change:
    change_set = changes.open_change_set(codes.EDIT, user, reason)
    changes.apply(change_set, [Wish(make_draft(**facts), record.pk)])
    return change_set.changes.get()


def address(record: Record, rest: str = "") -> str:
    return f"/desk/catalogue/record/{record.pk}/history/{rest}"


def text_of(desk, where: str) -> str:
    answer = desk.get(where)
    assert answer.status_code == 200, where
    return answer.content.decode()


def test_languages_and_kinds_stand_in_the_history_by_their_names(desk):
    record = make_record("Tides", language="fi", kind="report")
    change(record, title="Tides", language="xx", kind="thesis")
    page = text_of(desk, address(record))
    assert "Finnish" in page
    assert "Thesis" in page
    change(record, title="Tides", language="se")
    assert "Northern Sami" in text_of(desk, address(record)), "as the facet names it"
    assert "xx" in page, "a code without a name stands for itself"


def test_words_that_went_and_came_are_marked_and_the_rest_is_not():
    gone, come = marks.mark("Prisons in the north, 2011", "Open prisons in the south, 2011")
    assert marks.draw(gone, "del") == "<del>Prisons</del> in the <del>north</del>, 2011"
    assert marks.draw(come, "ins") == "<ins>Open prisons</ins> in the <ins>south</ins>, 2011"


def test_what_is_marked_is_escaped():
    gone, come = marks.mark("a <b> c", "a <script> c")
    assert "<script>" not in marks.draw(come, "ins")
    assert "&lt;" in marks.draw(come, "ins")
    assert "<b>" not in marks.draw(gone, "del")


def test_a_long_summary_is_shortened_around_its_changes_and_no_change_is_left_out():
    words = [f"word{number}" for number in range(3000)]
    other = [*words[:1000], "first", *words[1000:2000], "second", *words[2001:]]
    gone, come = (marks.shortened(part) for part in marks.mark(" ".join(words), " ".join(other)))
    assert [part.text.strip() for part in come if part.kind == marks.CHANGED] == ["first", "second"]
    assert [part.text.strip() for part in gone if part.kind == marks.CHANGED] == ["word2000"]
    assert [part.kind for part in come].count(marks.CUT) == 3
    assert sum(len(part.text) for part in come) < 500


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "new"),
        ("old", ""),
        ("a" * 100_000, "b" * 100_000),
        ("a. " * 30_000, "b. " * 30_000),
        ("\n\n", " "),
        ("é", "e"),
    ],
)
def test_the_pieces_of_a_text_are_the_text_whatever_it_is(before, after):
    gone, come = marks.mark(before, after)
    assert "".join(part.text for part in gone) == before
    assert "".join(part.text for part in come) == after


def test_the_history_says_who_did_what_through_what_and_why(desk):
    record = make_record("First title")
    change(record, "berta", "A better title", title="Second title")
    page = text_of(desk, address(record))
    assert "<del>First</del> title" in page
    assert "<ins>Second</ins> title" in page
    assert "by berta" in page
    assert "A better title" in page
    assert "Edit" in page


def test_who_changed_a_record_stays_known_when_the_account_is_deleted(desk, django_user_model):
    record = make_record("Before")
    gone = django_user_model.objects.create_user("gone.cataloguer")
    change(record, gone, title="After")
    gone.delete()
    assert "by gone.cataloguer" in text_of(desk, address(record))


def test_documents_added_made_public_and_removed_stand_in_the_history(seat):
    record, desk = make_record(), seat(ADMINISTRATOR)
    desk.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("report.pdf", PDF)})
    kept = Attachment.objects.get()
    for action in ("publish", "publish", "hide", "remove"):
        desk.post(f"/desk/documents/{kept.pk}/change/", {action: ""})
    page = text_of(desk, address(record))
    for sentence in (
        "added, 48 bytes, for the library alone",
        "made public",
        "not public any more",
        "removed for good",
    ):
        assert page.replace("\xa0", " ").count(f"“report.pdf”: {sentence}") == 1
    assert page.count("by ann") == 4
    assert text_of(desk, "/desk/").count(">report.pdf</a>") == 4


def test_a_document_replaced_by_one_of_the_same_name_and_size_stands_in_the_history_and_in_the_account(desk):
    record = make_record()
    for content, where in ((b"One text", f"of/{record.pk}/"), (b"New text", None)):
        where = where or f"{Attachment.objects.get().pk}/replace/"
        desk.post(f"/desk/documents/{where}", {"file": SimpleUploadedFile("notes.txt", content)})
    page = text_of(desk, address(record)).replace("\xa0", " ")
    assert "“notes.txt”: replaced; before: 8 bytes" in page
    lines = b"".join(desk.get("/desk/catalogue/changeset/", {"as": "csv"}).streaming_content).decode().splitlines()
    assert [line.split(",")[-3] for line in lines if ",document," in line and ",changed," in line] == ["file"]


def test_the_documents_of_a_deleted_record_stand_in_its_history(seat):
    record, desk = make_record(), seat(ADMINISTRATOR)
    desk.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("report.pdf", PDF)})
    desk.post(f"/desk/catalogue/record/{record.pk}/delete/", {"post": "yes", "reason": "Twice"})
    assert not Record.objects.exists()
    page = text_of(desk, address(record))
    assert "This record was deleted" in page
    assert "“report.pdf”: removed for good" in page
    assert "A report" in text_of(desk, address(record, f"{Change.objects.first().pk}/"))


def test_a_heading_that_was_renamed_stands_in_the_history_of_its_records_and_of_no_others(desk):
    Keyword.objects.create(heading="Jails")
    record, other = make_record(keywords=("Jails",)), make_record("Other", keywords=("Gangs",))
    number = Keyword.objects.get(heading="Jails").pk
    with noting(changes.open_change_set(codes.EDIT, None, "New usage"), FILES["keyword"], [number]):
        Keyword.objects.filter(pk=number).update(heading="Prisons")
    page = text_of(desk, address(record))
    assert "<del>Jails</del> <ins>Prisons</ins>" in page
    assert "New usage" in page
    assert "Prisons" not in text_of(desk, address(other))


def test_any_version_is_shown_whole_with_its_headings_as_they_were(desk):
    record = make_record("First title", summary="The first summary", keywords=("Jails",), status="draft")
    change(record, title="Second title")
    Keyword.objects.filter(heading="Jails").update(heading="Prisons")
    first = Change.objects.order_by("pk").first()
    page = text_of(desk, address(record, f"{first.pk}/"))
    for part in ("First title", "The first summary", "Jails", "Draft"):
        assert part in page
    assert "Second title" not in page.partition("<h2")[2]


def test_any_two_versions_are_compared_without_leaving_anything_out(desk):
    record = make_record(summary=f"{'long ' * 500}old")
    last = change(record, summary=f"{'long ' * 500}new")
    first = Change.objects.order_by("pk").first()
    page = text_of(desk, address(record, f"compare/?from={first.pk}&to={last.pk}"))
    assert "<del>old</del>" in page
    assert "<ins>new</ins>" in page
    assert page.count("long ") >= 1000
    assert "Both say the same" in text_of(desk, address(record, f"compare/?from={last.pk}&to=now"))
    swapped = desk.get(address(record, f"compare/?from={first.pk}&to=now&swap="))
    assert swapped["Location"].endswith(f"compare/?from=now&to={first.pk}")


def test_what_a_record_was_before_its_first_noted_change_is_a_version_too(desk):
    record = make_record("Brought in otherwise")
    ChangeSet.objects.get().changes.all().delete()
    noted = change(record, title="Edited")
    assert "Brought in otherwise" in text_of(desk, address(record, f"before-{noted.pk}/"))


@pytest.mark.parametrize("key", ["junk", "0", "99999999999999999999", "-1", "before-", "before-x", "²", "now/restore"])
def test_a_version_that_is_none_is_not_found(desk, key):
    record = make_record()
    assert desk.get(address(record, f"{key}/")).status_code == 404
    assert desk.get(address(record, f"compare/?from={key}&to=now")).status_code == 404


def test_a_version_of_another_record_is_not_found(desk):
    record, other = make_record("One"), make_record("Two")
    of_other = Change.objects.get(record_number=other.pk)
    assert desk.get(address(record, f"{of_other.pk}/")).status_code == 404


def test_what_cannot_be_read_any_more_is_said_and_not_shown(desk):
    record = make_record()
    Change.objects.update(after={"title": "Old", "colour": "red"})
    key = Change.objects.get().pk
    assert "There is no field called “colour”" in text_of(desk, address(record, f"{key}/"))
    answer = desk.get(address(record, f"{key}/restore/"))
    assert answer.status_code == 409
    assert "cannot be read by this release" in answer.content.decode()


def test_the_history_costs_as_many_queries_for_many_changes_as_for_one(desk):
    def queries(record: Record) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            text_of(desk, address(record))
        return len(caught)

    one, many = make_record("One", keywords=("Gangs",)), make_record("Many", keywords=("Gangs",))
    number = Keyword.objects.get().pk
    for step in range(20):
        change(many, title=f"Title {step}", keywords=("Gangs",))
    for step in range(3):
        with noting(changes.open_change_set(codes.EDIT), FILES["keyword"], [number]):
            Keyword.objects.update(heading=f"Gangs {step}")
    assert queries(many) == queries(one) <= 20


def test_merged_headings_are_named_and_led_to_that_of_today_by_a_restore(desk):
    record = make_record(keywords=("Jails", "Gangs"))
    make_record(keywords=("Prisons",))
    first = Change.objects.get(record_number=record.pk)
    change(record, title="Another", keywords=("Gangs",))
    numbers = {one.heading: one.pk for one in Keyword.objects.all()}
    merging.merge(FILES["keyword"], [numbers["Jails"]], numbers["Prisons"])
    page = text_of(desk, address(record, f"{first.pk}/restore/"))
    assert "The heading “Jails” is “Prisons” today." in page
    assert "There is no heading" not in page
    restore(desk, record, first)
    assert draft_of(record).keywords == ("Prisons", "Gangs")


def draft_of(record: Record) -> Draft:
    return Draft.from_dict(Change.objects.filter(record_number=record.pk).latest("pk").after)


def restore(desk, record: Record, version: Change, reason: str = "Was better"):
    where = address(record, f"{version.pk}/restore/")
    kept = desk.get(where).context["form"].initial["version"]
    return desk.post(where, {"version": kept, "reason": reason}, follow=True)


def test_a_version_is_restored_as_a_change_set_of_its_own_that_can_be_undone(desk):
    record = make_record("First title", summary="First")
    first = Change.objects.get()
    change(record, title="Second title")
    restore(desk, record, first)
    assert draft_of(record) == make_draft("First title", summary="First")
    made = ChangeSet.objects.latest("pk")
    assert (made.kind, made.user_name) == ("edit", "ann")
    assert made.reason.startswith("Version of ")
    assert made.reason.endswith("restored. Was better")
    changes.undo(made)
    assert draft_of(record).title == "Second title"


def test_a_shelf_number_that_another_record_has_by_now_is_named_and_not_taken(desk):
    record = make_record("First", shelf_number="A 1")
    first = Change.objects.get()
    change(record, title="Second", shelf_number="B 2")
    other = make_record("Other", shelf_number="A 1")
    sentence = f"The shelf number A 1 belongs to record {other.pk}, “Other”, today. This record keeps B 2."
    assert sentence in text_of(desk, address(record, f"{first.pk}/restore/"))
    restore(desk, record, first)
    assert draft_of(record) == make_draft("First", shelf_number="B 2")


def test_a_heading_that_is_gone_is_named_and_made_again(desk):
    record = make_record(keywords=("Jails",), country="Chile")
    first = Change.objects.get()
    change(record, title="Second")
    Keyword.objects.all().delete()
    assert "There is no heading “Jails” any more; it is made again." in text_of(
        desk, address(record, f"{first.pk}/restore/")
    )
    restore(desk, record, first)
    assert draft_of(record).keywords == ("Jails",)


def test_a_record_to_which_a_version_led_and_that_was_deleted_is_named(desk):
    target = make_record("Target")
    record = make_record("Led", status="withdrawn", replaced_by=target.pk)
    version = Change.objects.get(record_number=record.pk)
    change(record, title="Back")
    changes.delete(changes.open_change_set(codes.EDIT), [target.pk])
    sentence = f"Record {target.pk}, to which it led, was deleted."
    assert sentence in text_of(desk, address(record, f"{version.pk}/restore/"))
    restore(desk, record, version)
    assert draft_of(record) == make_draft("Led", status="withdrawn", withdrawn_reason=sentence)


def test_nothing_is_restored_over_what_somebody_changed_meanwhile(desk):
    record = make_record("First")
    first = Change.objects.get()
    change(record, title="Second")
    where = address(record, f"{first.pk}/restore/")
    kept = desk.get(where).context["form"].initial["version"]
    change(record, title="Third")
    answer = desk.post(where, {"version": kept, "reason": ""})
    assert answer.status_code == 409
    assert "The record was changed meanwhile" in answer.content.decode()
    assert draft_of(record).title == "Third"


def test_a_version_that_is_as_the_record_is_makes_no_change_set(desk):
    record = make_record("Same")
    version = Change.objects.get()
    before = ChangeSet.objects.count()
    restore(desk, record, version)
    assert ChangeSet.objects.count() == before


def test_a_deleted_record_keeps_its_versions_and_none_can_be_restored(desk):
    record = make_record("Gone")
    version = Change.objects.get()
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    assert "Restore this version" not in text_of(desk, address(record, f"{version.pk}/"))
    assert desk.get(address(record, f"{version.pk}/restore/")).status_code == 404


@pytest.mark.parametrize(("group", "status"), [("", 403), (CATALOGUER, 200), (ADMINISTRATOR, 200)])
def test_the_history_opens_for_those_who_may(seat, group, status):
    record = make_record()
    key = Change.objects.get().pk
    desk = seat(group)
    for rest in ("", f"{key}/", f"compare/?from={key}&to=now", f"{key}/restore/"):
        assert desk.get(address(record, rest)).status_code == status
    assert desk.post(address(record, f"{key}/restore/"), {}).status_code == status


def test_who_may_only_look_restores_nothing(seat, django_user_model):
    from django.contrib.auth.models import Permission

    record, desk = make_record(), seat("")
    user = django_user_model.objects.get(username="ann")
    user.user_permissions.add(Permission.objects.get(codename="view_record"))
    key = Change.objects.get().pk
    assert "Restore this version" not in text_of(desk, address(record, f"{key}/"))
    assert desk.get(address(record, f"{key}/restore/")).status_code == 403
    assert desk.post(address(record, f"{key}/restore/"), {"version": ""}).status_code == 403
