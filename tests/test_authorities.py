"""Headings merged, split and changed, each in one step that can be undone, and what becomes of their records."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes, importing, records
from catalogue.authorities import entries, merging, noting, splitting
from catalogue.authorities.entries import Entry, Link
from catalogue.authorities.files import FILES
from catalogue.authorities.merging import Refused
from catalogue.draft import Draft, Name
from catalogue.models import (
    Author,
    ChangeSet,
    Country,
    CountryVariant,
    Keyword,
    KeywordVariant,
    Record,
)
from tests.records import make_record

pytestmark = pytest.mark.django_db
AUTHORS, KEYWORDS, COUNTRIES = FILES["author"], FILES["keyword"], FILES["country"]
ORCID, OTHER_ORCID = "0000-0002-1825-0097", "0000-0001-5109-3700"


def keyword(heading: str, *variants: str, broader=(), related=(), **facts) -> Keyword:
    made, _ = Keyword.objects.update_or_create(heading=heading, defaults=facts)
    for form in variants:
        KeywordVariant.objects.create(form=form, authority=made)
    made.broader.add(*broader)
    made.related.add(*related)
    return made


def author(heading: str, **facts) -> Author:
    return Author.objects.update_or_create(heading=heading, defaults=facts)[0]


def draft_of(record: Record) -> Draft:
    return records.read_drafts([record.pk])[record.pk]


def state() -> dict[str, dict[int, Entry]]:
    """Everything that is kept of all headings, to compare before and after."""
    return {name: entries.read(file, file.model.objects.values_list("pk", flat=True)) for name, file in FILES.items()}


def merge(file, kept, *others, **facts) -> ChangeSet:
    return merging.merge(file, [other.pk for other in others], kept.pk, **facts)


@pytest.fixture
def justice():
    """Two spellings of one keyword with everything that headings can have, and records of one, the other and both."""
    crime, reform = keyword("Crime"), keyword("Prison Reform")
    prisons = keyword("Prisons", "Gaols", broader=[crime], scope_note="Buildings.", notes="Ours.")
    prison = keyword("Prison", "Jail", related=[reform], scope_note="Places.", notes="Theirs.")
    keyword("Open Prisons", broader=[prison])
    made = [make_record("One", keywords=("Prisons", "Youth")), make_record("Two", keywords=("Youth", "Prison"))]
    made.append(make_record("Both", keywords=("Prison", "Youth", "Prisons")))
    return prisons, prison, made


def test_merged_headings_leave_their_forms_notes_and_relations_with_the_kept_one(justice):
    prisons, prison, _ = justice
    merge(KEYWORDS, prisons, prison)
    entry = entries.read(KEYWORDS, [prisons.pk])[prisons.pk]
    assert entry.variants == ("Gaols", "Jail", "Prison")
    assert (entry.scope_note, entry.notes) == ("Buildings.\n\nPlaces.", "Ours.\n\nTheirs.")
    assert [link.heading for link in entry.broader] == ["Crime"]
    assert [link.heading for link in entry.related] == ["Prison Reform"]
    assert [found.heading for found in prisons.narrower.all()] == ["Open Prisons"]
    assert not Keyword.objects.filter(heading="Prison").exists()


def test_records_have_the_kept_heading_once_where_the_first_stood(justice):
    prisons, prison, (one, two, both) = justice
    change_set = merge(KEYWORDS, prisons, prison)
    assert draft_of(one).keywords == ("Prisons", "Youth")
    assert draft_of(two).keywords == ("Youth", "Prisons")
    assert draft_of(both).keywords == ("Prisons", "Youth")
    assert set(change_set.changes.values_list("record_number", flat=True)) == {two.pk, both.pk}


def test_a_merge_says_who_did_it_and_why(justice):
    prisons, prison, _ = justice
    change_set = merge(KEYWORDS, prisons, prison, user=User.objects.create_user("irma"), reason="One word each")
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("merge", "irma", "One word each")


def test_the_undoing_of_a_merge_puts_everything_back(justice):
    prisons, prison, made = justice
    before, drafts = state(), [draft_of(record) for record in made]
    undone = changes.undo(merge(KEYWORDS, prisons, prison))
    assert state() == before
    assert [draft_of(record) for record in made] == drafts
    assert (sorted(undone.restored), undone.changed_since) == ([made[1].pk, made[2].pk], ())
    assert undone.headings_left == ()


def test_an_undone_merge_can_be_done_again(justice):
    prisons, prison, made = justice
    change_set = merge(KEYWORDS, prisons, prison)
    after, drafts = state(), [draft_of(record) for record in made]
    changes.undo(changes.undo(change_set).change_set)
    assert state() == after
    assert [draft_of(record) for record in made] == drafts


def test_what_has_changed_since_a_merge_is_left_alone_and_named(justice):
    prisons, prison, (_one, two, both) = justice
    change_set = merge(KEYWORDS, prisons, prison)
    changes.apply(
        changes.open_change_set(codes.EDIT), [changes.Wish(Draft(title="New", keywords=("Prisons",)), two.pk)]
    )
    Keyword.objects.filter(pk=prisons.pk).update(scope_note="Written since.")
    undone = changes.undo(change_set)
    assert (undone.restored, undone.changed_since) == ((both.pk,), (two.pk,))
    assert undone.headings_left == ("Prisons",)
    assert Keyword.objects.get(pk=prisons.pk).scope_note == "Written since."
    assert Keyword.objects.get(pk=prison.pk).heading == "Prison"


def test_an_undo_leaves_a_heading_whose_form_was_taken_since(justice):
    prisons, prison, (_one, two, _both) = justice
    change_set = merge(KEYWORDS, prisons, prison)
    KeywordVariant.objects.filter(form="Prison").delete()
    taken = keyword("Prison")
    undone = changes.undo(change_set)
    assert undone.headings_left == ("Prison",)
    assert list(Keyword.objects.filter(heading="Prison")) == [taken]
    assert draft_of(two).keywords == ("Youth", "Prison")


def test_authors_are_joined_with_their_orcid_and_a_second_one_goes_into_the_notes():
    make_record(authors=("Fletcher, D. R.", "Fletcher, Del Roy", "Fletcher, D."))
    kept = author("Fletcher, Del Roy")
    one, two = author("Fletcher, D. R.", orcid=ORCID), author("Fletcher, D.", orcid=OTHER_ORCID, kind="body")
    plan = merging.plan(AUTHORS, [one.pk, two.pk], kept.pk)
    before = state()
    change_set = merge(AUTHORS, kept, one, two)
    kept.refresh_from_db()
    assert kept.orcid == ORCID
    assert kept.notes == f"Fletcher, D.: ORCID {OTHER_ORCID}\n\nFletcher, D.: kind Organisation"
    assert len(plan.joined.conflicts) == 2
    assert "keeps its own ORCID" in plan.joined.conflicts[0]
    assert draft_of(Record.objects.get()).authors == (Name("Fletcher, Del Roy", "person", ORCID),)
    undone = changes.undo(change_set)
    assert state() == before
    assert len(draft_of(Record.objects.get()).authors) == 3
    changes.undo(undone.change_set)
    assert draft_of(Record.objects.get()).authors == (Name("Fletcher, Del Roy", "person", ORCID),)


def test_countries_are_merged_with_their_parts_and_one_greater_place():
    europe, world = Country.objects.create(heading="Europe"), Country.objects.create(heading="World")
    kept = Country.objects.create(heading="United Kingdom", part_of=europe)
    gone = Country.objects.create(heading="Britain", code="GB", part_of=world)
    CountryVariant.objects.create(form="U.K.", authority=gone)
    Country.objects.create(heading="Wales", part_of=gone)
    record = make_record(country="Britain")
    before = state()
    change_set = merge(COUNTRIES, kept, gone)
    entry = entries.read(COUNTRIES, [kept.pk])[kept.pk]
    assert entry == Entry(
        "United Kingdom", "Britain: part of World", ("Britain", "U.K."), code="GB", broader=(Link(europe.pk),)
    )
    assert Country.objects.get(heading="Wales").part_of == kept
    assert draft_of(record).country == "United Kingdom"
    changes.undo(change_set)
    assert state() == before
    assert draft_of(record).country == "Britain"


def test_a_country_is_merged_with_the_one_that_it_is_part_of():
    britain = Country.objects.create(heading="Britain")
    kingdom = Country.objects.create(heading="Kingdom", part_of=britain)
    before = state()
    change_set = merge(COUNTRIES, kingdom, britain)
    assert Country.objects.get().part_of is None
    changes.undo(change_set)
    assert state() == before


def test_headings_with_others_between_them_are_not_merged():
    top, middle = keyword("Top"), keyword("Middle")
    middle.broader.add(top)
    low = keyword("Low", broader=[middle])
    with pytest.raises(Refused, match="“Middle” stands between"):
        merge(KEYWORDS, top, low)
    merge(KEYWORDS, top, middle, low)
    assert [found.heading for found in Keyword.objects.all()] == ["Top"]
    assert not Keyword.objects.get().broader.exists()


@pytest.mark.parametrize("others", [[], ["kept"], [999_999], "many"])
def test_what_cannot_be_merged_is_refused_with_a_sentence(others):
    kept = keyword("Kept")
    if others == "many":
        numbers = [keyword(f"Heading {number}").pk for number in range(51)]
    else:
        numbers = [kept.pk if other == "kept" else other for other in others]
    with pytest.raises(Refused):
        merging.merge(KEYWORDS, numbers, kept.pk)
    assert not ChangeSet.objects.exists()


def test_no_merge_while_an_import_writes(justice, monkeypatch):
    prisons, prison, _ = justice
    monkeypatch.setattr(importing, "try_alone", lambda: False)
    with pytest.raises(Refused, match="import is being written"):
        merge(KEYWORDS, prisons, prison)


def test_the_old_form_leads_to_the_kept_heading_in_what_is_catalogued_next(justice):
    prisons, prison, _ = justice
    merge(KEYWORDS, prisons, prison)
    assert draft_of(make_record(keywords=("PRISON",))).keywords == ("Prisons",)


def test_a_merge_since_is_no_change_of_a_record(justice):
    prisons, prison, (_one, two, _both) = justice
    edit = changes.open_change_set(codes.EDIT)
    changes.apply(edit, [changes.Wish(Draft(title="Edited", keywords=("Youth", "Prison")), two.pk)])
    merge(KEYWORDS, prisons, prison)
    assert changes.undo(edit).restored == (two.pk,)
    assert draft_of(two) == Draft(title="Two", keywords=("Youth", "Prisons"))


def test_a_rename_that_keeps_the_old_form_is_no_change_of_a_record():
    record = make_record("Before", keywords=("Gaols",))
    edit = changes.open_change_set(codes.EDIT)
    changes.apply(edit, [changes.Wish(Draft(title="After", keywords=("Gaols",)), record.pk)])
    heading = keyword("Gaols")
    entries.write(KEYWORDS, {heading.pk: Entry("Prisons", variants=("Gaols",))})
    assert changes.undo(edit).restored == (record.pk,)
    assert draft_of(record) == Draft(title="Before", keywords=("Prisons",))
    assert Keyword.objects.count() == 1


def test_a_circle_is_refused_by_the_database_whoever_makes_it():
    top, middle = keyword("Top"), keyword("Middle")
    middle.broader.add(top)
    low = keyword("Low", broader=[middle])
    with pytest.raises(DatabaseError, match="stand under itself"), transaction.atomic():
        top.broader.add(low)
    with pytest.raises(DatabaseError, match="stand under itself"), transaction.atomic():
        low.broader.add(low)
    europe = Country.objects.create(heading="Europe")
    france = Country.objects.create(heading="France", part_of=europe)
    with pytest.raises(DatabaseError, match="stand under itself"), transaction.atomic():
        Country.objects.filter(pk=europe.pk).update(part_of=france)


def test_an_entry_is_written_and_read_again():
    other, third = keyword("Other"), keyword("Third")
    [number] = entries.next_numbers(KEYWORDS, 1)
    entry = Entry("New", "Notes.", ("Form", "Variant"), "", "", "Scope.", "", (Link(other.pk),), (Link(third.pk),))
    entries.write(KEYWORDS, {number: entry})
    assert entries.read(KEYWORDS, [number]) == {number: entry}
    assert Entry.from_dict(entry.to_dict()) == entry
    assert list(third.related.values_list("pk", flat=True)) == [number]
    entries.write(KEYWORDS, {number: Entry("New")})
    assert entries.read(KEYWORDS, [number]) == {number: Entry("New")}
    assert not third.related.exists()


def test_a_form_moves_from_one_heading_to_another_in_one_step():
    one, two = keyword("One", "Moving"), keyword("Two")
    entries.write(KEYWORDS, {two.pk: Entry("Two", variants=("Moving",)), one.pk: Entry("One")})
    assert KeywordVariant.objects.get().authority == two


def test_the_undoing_of_an_edit_puts_back_only_what_it_changed():
    heading = keyword("Gaols", "Jails")
    change_set = changes.open_change_set(codes.EDIT)
    with noting.noting(change_set, KEYWORDS, [heading.pk]):
        entries.write(KEYWORDS, {heading.pk: Entry("Prisons", "Noted.", ("Gaols",))})
    KeywordVariant.objects.create(form="Lockups", authority=heading)
    undone = changes.undo(change_set)
    assert entries.read(KEYWORDS, [heading.pk])[heading.pk] == Entry("Gaols", variants=("Jails", "Lockups"))
    assert (undone.headings, undone.headings_left) == (1, ())


def test_a_heading_that_a_step_made_goes_when_it_is_undone_unless_records_use_it():
    change_set = changes.open_change_set(codes.EDIT)
    numbers = entries.next_numbers(AUTHORS, 2)
    with noting.noting(change_set, AUTHORS, numbers):
        entries.write(AUTHORS, {numbers[0]: Entry("Used", kind="person", orcid=ORCID)})
        entries.write(AUTHORS, {numbers[1]: Entry("Unused", kind="person")})
    make_record(authors=("Used",))
    undone = changes.undo(change_set)
    assert undone.headings_left == ("Used",)
    assert [(found.heading, found.orcid) for found in Author.objects.all()] == [("Used", ORCID)]


def test_an_undo_brings_no_circle_back():
    top, low = keyword("Top"), keyword("Low")
    low.broader.add(top)
    change_set = changes.open_change_set(codes.EDIT)
    with noting.noting(change_set, KEYWORDS, [low.pk]):
        low.broader.clear()
    top.broader.add(low)
    changes.undo(change_set)
    assert not low.broader.exists()


def test_an_undo_gives_no_orcid_that_another_author_has_by_now():
    heading = author("Fletcher, Del Roy", orcid=ORCID)
    change_set = changes.open_change_set(codes.EDIT)
    with noting.noting(change_set, AUTHORS, [heading.pk]):
        Author.objects.filter(pk=heading.pk).update(orcid="", notes="Whose was it?")
    author("Fletcher, D.", orcid=ORCID)
    undone = changes.undo(change_set)
    heading.refresh_from_db()
    assert (heading.orcid, heading.notes, undone.headings_left) == ("", "", ("Fletcher, Del Roy",))


def test_the_queries_of_a_merge_do_not_grow_with_its_records():
    few, many = keyword("Few"), keyword("Many")
    kept = keyword("Kept")
    for number in range(40):
        make_record(f"Record {number}", keywords=("Many",) if number else ("Few",))
    counts = []
    for heading in (few, many):
        with CaptureQueriesContext(connection) as queries:
            merge(KEYWORDS, kept, heading)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.fixture
def mercury():
    """One heading for two things, in three records."""
    things = keyword("Things")
    heading = keyword("Mercury", "Quicksilver", "Hermes", "Mercury (Planet)", broader=[things])
    titles = ("On the metal", "On the planet", "On both")
    return heading, [make_record(title, keywords=("First", "Mercury", "Last")) for title in titles]


def test_a_heading_is_split_with_the_chosen_records_and_forms(mercury):
    heading, (metal, planet, _) = mercury
    change_set, new = splitting.split(KEYWORDS, heading.pk, "Mercury (planet)", ["Hermes"], [planet.pk, 999_999])
    found = entries.read(KEYWORDS, [heading.pk, new])
    things = Link(Keyword.objects.get(heading="Things").pk)
    assert found[new] == Entry("Mercury (planet)", variants=("Hermes",), broader=(things,))
    assert found[heading.pk] == Entry("Mercury", variants=("Quicksilver",), broader=(things,))
    assert draft_of(planet).keywords == ("First", "Mercury (planet)", "Last")
    assert draft_of(metal).keywords == ("First", "Mercury", "Last")
    assert [change.record_number for change in change_set.changes.all()] == [planet.pk]


def test_the_undoing_of_a_split_puts_everything_back(mercury):
    heading, made = mercury
    before, drafts = state(), [draft_of(record) for record in made]
    change_set, _ = splitting.split(KEYWORDS, heading.pk, "Mercury (Planet)", ["Hermes"], [made[1].pk, made[2].pk])
    after = state()
    undone = changes.undo(change_set)
    assert (state(), [draft_of(record) for record in made]) == (before, drafts)
    changes.undo(undone.change_set)
    assert state() == after


def test_an_undone_split_leaves_the_new_heading_to_what_was_catalogued_with_it_since(mercury):
    heading, (_metal, planet, _both) = mercury
    change_set, new = splitting.split(KEYWORDS, heading.pk, "Planet Mercury", [], [planet.pk])
    since = make_record(keywords=("Planet Mercury",))
    undone = changes.undo(change_set)
    assert undone.headings_left == ("Planet Mercury",)
    assert draft_of(planet).keywords == ("First", "Mercury", "Last")
    assert draft_of(since).keywords == ("Planet Mercury",)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Name the new"), ("MERCURY", "there already"), ("things", "there already"), ("x" * 401, "at most 400")],
)
def test_a_new_heading_that_cannot_be_is_refused(mercury, name, sentence):
    heading, made = mercury
    with pytest.raises(Refused, match=sentence):
        splitting.split(KEYWORDS, heading.pk, name, [], [made[0].pk])
    assert Keyword.objects.count() == 4


def test_a_split_of_no_record_is_refused(mercury):
    heading, _made = mercury
    other = make_record(keywords=("Other",))
    with pytest.raises(Refused, match="at least one record"):
        splitting.split(KEYWORDS, heading.pk, "New", [], [other.pk])


def test_an_author_is_split_with_the_kind_but_not_the_orcid():
    heading = author("Smith, J.", orcid=ORCID)
    record = make_record(authors=("Smith, J.",))
    splitting.split(AUTHORS, heading.pk, "Smith, Jane", [], [record.pk])
    assert draft_of(record).authors == (Name("Smith, Jane"),)
    country = Country.objects.create(heading="Congo", code="CD")
    record = make_record(country="Congo")
    splitting.split(COUNTRIES, country.pk, "Congo (Brazzaville)", [], [record.pk])
    assert draft_of(record).country == "Congo (Brazzaville)"
