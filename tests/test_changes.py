"""Change sets: what apply writes and notes, and what undo puts back."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes, records
from catalogue.changes import Wish
from catalogue.draft import Draft, Identifier, Name
from catalogue.models import (
    Author,
    AuthorVariant,
    Change,
    ChangeSet,
    Country,
    CountryVariant,
    Keyword,
    KeywordVariant,
    Record,
    RecordAuthor,
    RecordKeyword,
)
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db

FULL = Draft(
    title="Offender Peer Interventions",
    authors=(Name("Fletcher, Del Roy", "person", "0000-0002-1825-0097"), Name("Ministry of Justice", "body")),
    summary="First paragraph.\n\nSecond one.",
    details="Sheffield, 2012. 26p.",
    source="Internet Resource",
    year=2012,
    country="United Kingdom",
    url="http://www.shu.ac.uk/report.pdf",
    shelf_number="127419",
    keywords=("Peer Support", "Delinquency Prevention"),
    language="en",
    kind="report",
    rights="All rights reserved",
    identifiers=(Identifier("doi", "10.1000/1"), Identifier("source", "x:1")),
)


def edit(*wishes: Wish, user=None) -> tuple[ChangeSet, changes.Outcome]:
    change_set = changes.open_change_set(codes.EDIT, user)
    return change_set, changes.apply(change_set, wishes)


def draft_of(record: Record | int) -> Draft:
    number = record if isinstance(record, int) else record.pk
    return records.read_drafts([number])[number]


def test_every_field_of_a_draft_is_kept():
    _, outcome = edit(Wish(FULL))
    assert draft_of(outcome.created[0]) == FULL


def test_apply_creates_updates_and_leaves_what_is_the_same():
    same, other = make_records([make_draft("Same"), make_draft("Other")])
    change_set, outcome = edit(
        Wish(make_draft("New")), Wish(make_draft("Same"), same.pk), Wish(make_draft("Changed"), other.pk)
    )
    [new] = Record.objects.filter(title="New")
    assert outcome == changes.Outcome([new.pk], [other.pk], [same.pk], [new.pk, same.pk, other.pk])
    assert draft_of(other).title == "Changed"
    assert set(change_set.changes.values_list("record_number", flat=True)) == {new.pk, other.pk}


def test_a_record_that_stays_the_same_keeps_its_time_of_change():
    record = make_record("Same")
    before = record.modified
    edit(Wish(make_draft("Same"), record.pk))
    record.refresh_from_db()
    assert record.modified == before


def test_a_change_set_notes_the_drafts_before_and_after():
    record = make_record("Before")
    change_set, _ = edit(Wish(make_draft("After", year=2012), record.pk), Wish(make_draft("New")))
    changed = change_set.changes.get(record_number=record.pk)
    created = change_set.changes.exclude(record_number=record.pk).get()
    assert (Draft.from_dict(changed.before), Draft.from_dict(changed.after)) == (
        make_draft("Before"),
        make_draft("After", year=2012),
    )
    assert (created.before, Draft.from_dict(created.after)) == (None, make_draft("New"))


def test_a_second_change_in_one_set_keeps_the_draft_from_before_the_set():
    record = make_record("First")
    change_set = changes.open_change_set(codes.BATCH)
    changes.apply(change_set, [Wish(make_draft("Second"), record.pk)])
    changes.apply(change_set, [Wish(make_draft("Third"), record.pk)])
    [change] = change_set.changes.all()
    assert (change.before["title"], change.after["title"]) == ("First", "Third")
    changes.undo(change_set)
    assert draft_of(record).title == "First"


def test_variants_lead_to_the_preferred_headings():
    kingdom = Country.objects.create(heading="United Kingdom")
    CountryVariant.objects.create(form="U.K.", authority=kingdom)
    CountryVariant.objects.create(form="UK", authority=kingdom)
    mentoring = Keyword.objects.create(heading="Peer Mentoring")
    KeywordVariant.objects.create(form="Peer Mentoring (U.K.)", authority=mentoring)
    ministry = Author.objects.create(heading="Ministry of Justice", kind="body")
    AuthorVariant.objects.create(form="MoJ", authority=ministry)
    record = make_record(authors=("moj",), keywords=("PEER MENTORING (u.k.)",), country="uk")
    assert draft_of(record) == Draft(
        title="A report",
        authors=(Name("Ministry of Justice", "body"),),
        keywords=("Peer Mentoring",),
        country="United Kingdom",
    )
    assert (Country.objects.count(), Keyword.objects.count(), Author.objects.count()) == (1, 1, 1)


def test_a_heading_is_written_as_it_stood_first():
    make_record(authors=("Müller, Jörg",), keywords=("Peer Support",), country="Côte d'Ivoire")
    record = make_record(authors=("MULLER, JORG",), keywords=("peer súpport",), country="COTE D'IVOIRE")
    assert draft_of(record) == make_draft(
        authors=("Müller, Jörg",), keywords=("Peer Support",), country="Côte d'Ivoire"
    )


def test_a_heading_twice_in_a_record_gives_one_link_at_its_first_place():
    mentoring = Keyword.objects.create(heading="Peer Mentoring")
    KeywordVariant.objects.create(form="Buddying", authority=mentoring)
    record = make_record(keywords=("Buddying", "Prisons", "Peer Mentoring", "PRISONS", "prísons"), authors=("A", "a"))
    assert draft_of(record).keywords == ("Peer Mentoring", "Prisons")
    assert draft_of(record).authors == (Name("A"),)


def test_the_order_of_authors_and_keywords_is_kept():
    record = make_record(authors=("Zoe", "Adam", "Mia"), keywords=("Z", "A", "M"))
    assert [name.heading for name in draft_of(record).authors] == ["Zoe", "Adam", "Mia"]
    _, outcome = edit(Wish(make_draft(authors=("Mia", "Zoe", "Adam"), keywords=("M", "Z", "A")), record.pk))
    assert outcome.updated == [record.pk]
    assert [name.heading for name in draft_of(record).authors] == ["Mia", "Zoe", "Adam"]
    assert draft_of(record).keywords == ("M", "Z", "A")


def test_an_orcid_decides_before_the_name():
    edit(Wish(Draft(title="One", authors=(Name("Carberry, Josiah", orcid="0000-0002-1825-0097"),))))
    _, outcome = edit(Wish(Draft(title="Two", authors=(Name("Carberry, J. S.", orcid="0000-0002-1825-0097"),))))
    assert draft_of(outcome.created[0]).authors == (Name("Carberry, Josiah", orcid="0000-0002-1825-0097"),)


def test_an_author_without_an_orcid_learns_the_one_that_a_record_brings():
    first = make_record(authors=("Carberry, Josiah",))
    edit(Wish(Draft(title="Two", authors=(Name("carberry, josiah", orcid="0000-0002-1825-0097"),))))
    assert draft_of(first).authors == (Name("Carberry, Josiah", orcid="0000-0002-1825-0097"),)


def test_an_orcid_in_two_spellings_of_a_name_in_one_step_breaks_nothing():
    josiah = Author.objects.create(heading="Carberry, Josiah")
    AuthorVariant.objects.create(form="Carberry, J.", authority=josiah)
    orcid = "0000-0002-1825-0097"
    _, outcome = edit(
        Wish(Draft(title="One", authors=(Name("Carberry, J.", orcid=orcid),))),
        Wish(Draft(title="Two", authors=(Name("Carberry, Josiah"),))),
        Wish(Draft(title="Three", authors=(Name("Carberry, Joe", orcid=orcid),))),
    )
    one, two, _three = outcome.created
    assert draft_of(one).authors == draft_of(two).authors == (Name("Carberry, Josiah", orcid=orcid),)
    for change in Change.objects.filter(record_number__in=[one, two]):
        assert Draft.from_dict(change.after) == draft_of(change.record_number)


def test_a_wish_for_a_record_that_is_not_there_writes_nothing():
    record = make_record("Before")
    with pytest.raises(LookupError, match="999999"):
        edit(Wish(make_draft("After"), record.pk), Wish(make_draft("New"), None), Wish(make_draft("Lost"), 999999))
    assert list(Record.objects.values_list("title", flat=True)) == ["Before"]


def test_a_failure_in_the_middle_writes_nothing():
    record = make_record("Before", keywords=("Prisons",))
    change_set = changes.open_change_set(codes.BATCH)
    bad = replace(make_draft("Bad"), url="javascript:alert(1)")
    with pytest.raises(DatabaseError):
        changes.apply(change_set, [Wish(make_draft("New", keywords=("Gangs",))), Wish(bad, record.pk)])
    assert [record.title for record in Record.objects.all()] == ["Before"]
    assert draft_of(record).keywords == ("Prisons",)
    assert not Keyword.objects.filter(heading="Gangs").exists()
    assert not change_set.changes.exists()


def test_undo_puts_back_what_was_changed_and_withdraws_what_was_created():
    _, outcome = edit(Wish(FULL))
    number = outcome.created[0]
    change_set, made = edit(Wish(make_draft("Changed"), number), Wish(make_draft("New")))
    undone = changes.undo(change_set)
    assert draft_of(number) == FULL
    new = Record.objects.get(pk=made.created[0])
    assert (new.title, new.status, new.withdrawn_reason) == ("New", "withdrawn", "Its creation was undone.")
    assert sorted(undone.restored) == sorted([number, new.pk])
    assert undone.changed_since == ()
    assert (undone.change_set.kind, undone.change_set.undoes) == ("undo", change_set)


def test_undo_leaves_and_names_records_that_changed_since():
    one, two, three = make_records([make_draft("One"), make_draft("Two"), make_draft("Three")])
    change_set, _ = edit(*(Wish(make_draft("Changed"), record.pk) for record in (one, two, three)))
    edit(Wish(make_draft("Changed again"), two.pk))
    changes.delete(changes.open_change_set(codes.EDIT), [three.pk])
    undone = changes.undo(change_set)
    assert (undone.restored, set(undone.changed_since)) == ((one.pk,), {two.pk, three.pk})
    assert (draft_of(one).title, draft_of(two).title) == ("One", "Changed again")
    assert not Record.objects.filter(pk=three.pk).exists()


def test_a_change_is_undone_once():
    record = make_record("Before")
    change_set, _ = edit(Wish(make_draft("After"), record.pk))
    changes.undo(change_set)
    with pytest.raises(ValueError, match="undone before"):
        changes.undo(change_set)
    assert ChangeSet.objects.filter(undoes=change_set).count() == 1


def test_an_undo_can_be_undone():
    record = make_record("Before")
    change_set, outcome = edit(Wish(make_draft("After"), record.pk), Wish(make_draft("New")))
    changes.undo(changes.undo(change_set).change_set)
    new = draft_of(outcome.created[0])
    assert draft_of(record).title == "After"
    assert (new.status, new.withdrawn_reason) == ("published", "")


def test_a_change_set_of_thousands_is_undone_whole():
    made = make_records([make_draft(f"Report {number}") for number in range(1100)])
    change_set, _ = edit(*(Wish(make_draft(f"Changed {record.pk}"), record.pk) for record in made))
    assert len(changes.undo(change_set).restored) == 1100
    assert not Record.objects.filter(title__startswith="Changed").exists()


def test_the_history_keeps_the_name_of_a_deleted_account():
    user = User.objects.create_user("irma")
    change_set, _ = edit(Wish(make_draft()), user=user)
    user.delete()
    change_set.refresh_from_db()
    assert (change_set.user, change_set.user_name) == (None, "irma")


def test_a_change_by_nobody_in_particular_has_no_name():
    assert edit(Wish(make_draft()), user=AnonymousUser())[0].user_name == ""
    assert edit(Wish(make_draft()), user=None)[0].user_name == ""


def test_the_history_keeps_the_last_draft_of_a_deleted_record():
    record = make_record("Gone")
    change_set = changes.open_change_set(codes.EDIT)
    changes.delete(change_set, [record.pk])
    [change] = change_set.changes.all()
    assert (change.record_number, change.before["title"], change.after) == (record.pk, "Gone", None)
    assert changes.undo(change_set).changed_since == (record.pk,)


def test_listeners_hear_of_a_transaction_once(django_capture_on_commit_callbacks):
    heard: list[object] = []

    def hear(**signal: object) -> None:
        heard.append(signal)

    changes.records_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            make_record("One")
            make_record("Two")
            assert heard == []
        assert len(heard) == 1
        with django_capture_on_commit_callbacks(execute=True):
            edit(Wish(make_draft("One"), Record.objects.get(title="One").pk))
        assert len(heard) == 1
    finally:
        changes.records_changed.disconnect(hear)


def test_an_undo_tells_how_far_it_is_and_can_be_ended_without_a_trace():
    change_set, made = edit(*(Wish(make_draft(f"Report {number}")) for number in range(3)))
    heard = []

    def stop(done: int) -> None:
        heard.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        changes.undo(change_set, progress=stop)
    assert heard == [3]
    assert {record.status for record in Record.objects.filter(pk__in=made.created)} == {"published"}
    assert not ChangeSet.objects.filter(undoes=change_set).exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("A", "B"), ("A", "B", "C", "D")),  # added at the end
        (("A", "B", "C"), ("X", "B", "Y")),  # others in their places
        (("A", "B"), ("B", "A")),
        (("A", "B", "C"), ("B", "X", "C")),
        (("A", "B"), ()),
        ((), ("A",)),
    ],
)
def test_links_that_are_added_exchanged_or_moved_are_in_the_order_of_the_draft(before, after):
    record = make_record(keywords=before, authors=before)
    RecordKeyword.objects.filter(record=record).update(position=F("position") * 3 + 1)  # as somebody's SQL may leave it
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft(keywords=after, authors=after), record.pk)])
    draft = records.read_drafts([record.pk])[record.pk]
    assert (draft.keywords, tuple(author.heading for author in draft.authors)) == (after, after)
    assert RecordKeyword.objects.count() == RecordAuthor.objects.count() == len(after)


def test_a_heading_that_is_renamed_while_its_records_are_written_is_exchanged_all_the_same(monkeypatch):
    record = make_record(keywords=("Old", "Other"))
    lock = records.lock

    def renamed_meanwhile(numbers):
        before = records.read_drafts

        def read_then_rename(wanted):
            found = before(wanted)
            Keyword.objects.filter(heading="Old").update(heading="Renamed")
            return found

        monkeypatch.setattr(records, "read_drafts", read_then_rename)
        lock(numbers)

    monkeypatch.setattr(records, "lock", renamed_meanwhile)
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft(keywords=("New", "Other")), record.pk)])
    links = RecordKeyword.objects.filter(record=record).order_by("position")
    assert [link.keyword.heading for link in links] == ["New", "Other"]


def test_only_what_differs_is_written():
    record = make_record("Title", summary="Long", year=2001)
    with CaptureQueriesContext(connection) as seen:
        changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft("Title", summary="Long"), record.pk)])
    [update] = [query["sql"] for query in seen if query["sql"].strip().startswith("UPDATE catalogue_record")]
    assert "year = n.year" in update
    assert "summary" not in update
    record.refresh_from_db()
    assert (record.year, record.summary) == (None, "Long")
