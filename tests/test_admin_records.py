"""The form of a record at the cataloguing desk: what it saves, what it refuses, and what it says about it."""

import uuid
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.urls import reverse

from catalogue import changes, codes
from catalogue.draft import Draft, Identifier, Name
from catalogue.models import Author, AuthorVariant, Change, ChangeSet, Country, CountryVariant, Keyword, Record
from catalogue.records import read_drafts
from tests.processes import database_url
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
ADD = "/desk/catalogue/record/add/"
ORCID = "0000-0002-1825-0097"


@pytest.fixture
def desk(client, django_user_model):
    """A client at which an administrator of everything sits."""
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def change_page(record: Record) -> str:
    return reverse("admin:catalogue_record_change", args=[record.pk])


def filled(authors=(), identifiers=(), **values: Any) -> dict[str, Any]:
    """What a browser sends for a new record."""
    data = {"title": "A report", "status": "published", "_continue": "", **values}
    for prefix, rows in (("authors", authors), ("identifiers", identifiers)):
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for place, row in enumerate(rows):
            data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data


def resent(desk, record: Record, **values: Any) -> dict[str, Any]:
    """What a browser sends when the form of a record is saved as it was opened, but for some values."""
    forms = desk.get(change_page(record)).context["forms"]
    data: dict[str, Any] = {"_continue": ""}
    for form in (forms.main, *forms.authors, *forms.identifiers, forms.authors.management_form):
        data |= {box.html_name: box.value() if box.value() is not None else "" for box in form}
    data |= {box.html_name: box.value() for box in forms.identifiers.management_form}
    return {**data, **values}


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def draft_of(record: Record) -> Draft:
    return read_drafts([record.pk])[record.pk]


def test_a_filled_form_makes_the_record_that_it_describes(desk):
    CountryVariant.objects.create(form="U.K.", authority=Country.objects.create(heading="United Kingdom"))
    data = filled(
        authors=[{"heading": "Fletcher, Del Roy", "orcid": ORCID}, {"heading": "Home Office", "kind": "body"}],
        identifiers=[{"scheme": "DOI", "value": "10.1/x"}],
        title="  What do\nwe know? ",
        year="2012",
        country="u.k.",
        language="EN",
        kind="report",
        summary="One.\r\n\r\nTwo.",
        url="https://example.org/a",
        shelf_number="127",
        keywords="Peer Mentoring\r\n\r\nPrisons\r\npeer mentoring",
    )
    desk.post(ADD, data)
    assert draft_of(Record.objects.get()) == Draft(
        title="What do we know?",
        authors=(Name("Fletcher, Del Roy", "person", ORCID), Name("Home Office", "body")),
        summary="One.\n\nTwo.",
        year=2012,
        country="United Kingdom",
        url="https://example.org/a",
        shelf_number="127",
        keywords=("Peer Mentoring", "Prisons"),
        language="en",
        kind="report",
        identifiers=(Identifier("doi", "10.1/x"),),
    )


def test_every_save_is_noted_with_who_and_why(desk):
    desk.post(ADD, filled(reason="From the gift of 2012"))
    change_set = ChangeSet.objects.get()
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("edit", "ann", "From the gift of 2012")
    assert change_set.changes.get().record_number == Record.objects.get().pk


def test_the_page_says_which_headings_were_new(desk):
    Keyword.objects.create(heading="Prisons")
    page = desk.post(
        ADD, filled([{"heading": "Batty, Elaine"}], keywords="Prisons\nGangs", country="Chile"), follow=True
    )
    assert "New author: Batty, Elaine New keyword: Gangs New country: Chile" in said(page)
    assert "New keyword: Prisons" not in said(page)


def test_a_variant_leads_to_its_author_and_makes_none(desk):
    AuthorVariant.objects.create(form="Fletcher, D. R.", authority=Author.objects.create(heading="Fletcher, Del Roy"))
    desk.post(ADD, filled([{"heading": "fletcher, d. r."}]))
    assert draft_of(Record.objects.get()).authors == (Name("Fletcher, Del Roy"),)


def test_an_unchanged_save_makes_no_change_set_and_says_so(desk):
    record = make_record(
        "Same", authors=("A", "B"), keywords=("C",), country="D", identifiers=(Identifier("doi", "10.1/x"),)
    )
    page = desk.post(change_page(record), resent(desk, record), follow=True)
    assert "Nothing was changed" in said(page)
    assert ChangeSet.objects.count() == 1


def test_authors_follow_their_places_and_emptied_rows_go(desk):
    record = make_record(authors=("A", "B", "C"))
    sent = resent(desk, record, **{"authors-2-ORDER": "1", "authors-1-heading": ""})
    desk.post(change_page(record), sent)
    assert [name.heading for name in draft_of(record).authors] == ["C", "A"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": " "}, "This field is required."),
        ({"title": "\x01"}, "A record needs a title."),
        ({"title": "x" * 2001}, "at most 2000 characters"),
        ({"title": "nul\0"}, "Null characters are not allowed."),
        ({"year": "2199"}, "less than or equal to 2100"),
        ({"year": "soon"}, "Enter a whole number."),
        ({"language": "x" * 41}, "at most 40 characters"),
        ({"language": "e1"}, "This is not a known language."),
        ({"url": "javascript:alert(1)"}, "An address must begin with http://"),
        ({"kind": "poem"}, "not one of the available choices"),
        ({"status": "gone"}, "not one of the available choices"),
        ({"keywords": "x" * 401}, "A heading can have at most 400 characters."),
        ({"replaced_by": "12345"}, "There is no record 12345."),
        ({"replaced_by": "99999999999999999999"}, "less than or equal to"),
        ({"authors": [{"heading": "A", "orcid": "0000-0002-1825-0098"}]}, "This is not a valid ORCID"),
        ({"authors": [{"orcid": ORCID}]}, "Whose ORCID is this?"),
        ({"authors": [{"heading": "A", "kind": "cat"}]}, "not one of the available choices"),
        ({"identifiers": [{"value": "10.1/x"}]}, "Which kind of number is this?"),
        ({"identifiers": [{"scheme": "§", "value": "10.1/x"}]}, "This identifier cannot be kept."),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_nothing_is_saved(desk, values, sentence):
    page = desk.post(ADD, filled(**values))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Record.objects.exists()
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("missing", ["authors-TOTAL_FORMS", "identifiers-TOTAL_FORMS", "status"])
def test_a_mangled_form_is_refused_without_a_traceback(desk, missing):
    data = filled()
    del data[missing]
    assert desk.post(ADD, data).status_code == 200
    assert not Record.objects.exists()


def test_an_orcid_of_another_author_is_refused_with_the_name(desk):
    Author.objects.create(heading="Batty, Elaine", orcid=ORCID)
    page = desk.post(ADD, filled([{"heading": "Fletcher, D.", "orcid": ORCID}]))
    assert "This is the ORCID of “Batty, Elaine”." in page.content.decode()


def test_the_kind_of_a_known_author_is_not_changed_in_passing(desk):
    record = make_record(authors=("Fletcher",))
    page = desk.post(change_page(record), resent(desk, record, **{"authors-0-kind": "body"}))
    assert "change them there" in page.content.decode()


def test_records_cannot_replace_each_other_in_a_circle(desk):
    first, second = make_records([make_draft("One"), make_draft("Two")])
    desk.post(change_page(first), resent(desk, first, replaced_by=second.pk))
    page = desk.post(change_page(second), resent(desk, second, replaced_by=first.pk))
    assert "in a circle" in page.content.decode()


def test_a_simultaneous_edit_is_not_overwritten_unseen(desk, django_user_model):
    record = make_record("First")
    mine = resent(desk, record, title="Mine")
    bob = django_user_model.objects.create_user("bob")
    changes.apply(changes.open_change_set(codes.EDIT, bob), [changes.Wish(make_draft("Theirs"), record.pk)])
    page = desk.post(change_page(record), mine)
    assert page.status_code == 409
    assert "bob changed this record on" in page.content.decode()
    assert page.context["form"]["title"].value() == "Mine"
    assert draft_of(record).title == "Theirs"
    again = {**mine, "modified": page.context["form"]["modified"].value()}
    desk.post(change_page(record), again)
    assert draft_of(record).title == "Mine"


def test_of_two_simultaneous_edits_neither_is_lost(desk, django_user_model):
    record = make_record("First", summary="Short", keywords=("A",))
    mine = resent(desk, record, title="Mine", reason="A better title")
    theirs = make_draft("First", summary="Longer", keywords=("A", "B"))
    changes.apply(changes.open_change_set(codes.EDIT, "bob"), [changes.Wish(theirs, record.pk)])
    page = desk.post(change_page(record), mine)
    text = page.content.decode()
    assert text.index("Short") < text.index("Longer")
    assert "both of you" not in text
    form = page.context["form"]
    assert [form[name].value() for name in ("title", "summary", "reason")] == ["Mine", "Longer", "A better title"]
    again = {**mine, **{name: form[name].value() for name in ("modified", "summary")}, "keywords": "A\nB"}
    desk.post(change_page(record), again)
    assert draft_of(record) == make_draft("Mine", summary="Longer", keywords=("A", "B"))


def test_a_field_that_both_changed_is_marked(desk):
    record = make_record("First")
    mine = resent(desk, record, title="Mine")
    changes.apply(changes.open_change_set(codes.EDIT, "bob"), [changes.Wish(make_draft("Theirs"), record.pk)])
    assert "both of you changed this" in desk.post(change_page(record), mine).content.decode()


def test_a_copy_leaves_out_what_belongs_to_the_first_record_alone(desk):
    facts = {"url": "https://example.org/1", "shelf_number": "7", "identifiers": (Identifier("doi", "10.1/x"),)}
    record = make_record("One of a series", authors=("A", "B"), status="draft", **facts)
    page = desk.post(change_page(record), {**resent(desk, record), "_continue": "", "_copy": ""}, follow=True)
    forms = page.context["forms"]
    names = ("title", "url", "shelf_number", "status")
    assert [forms.main[name].value() for name in names] == ["One of a series", "", "", "published"]
    assert [row["heading"].value() for row in forms.authors][:2] == ["A", "B"]
    assert forms.identifiers.initial_form_count() == 0
    assert Record.objects.count() == 1


@pytest.mark.parametrize("listed", ["", "q=kept", "status__exact=draft&o=1"])
@pytest.mark.django_db(transaction=True)
def test_the_next_record_is_the_next_of_the_list_that_was_left(desk, listed):
    statuses = ("draft", "published", "draft")
    make_records([make_draft(f"Kept {status}", status=status) for status in statuses])
    first, second = desk.get(f"/desk/catalogue/record/?{listed}").context["cl"].result_list[:2]
    data = {**resent(desk, first), "_next": ""}
    del data["_continue"]
    address = f"{change_page(first)}?_changelist_filters={quote(listed)}"
    assert desk.post(address, data).url.startswith(change_page(second))


def test_after_the_last_of_a_list_comes_the_list_again_and_says_so(desk):
    record = make_record("Only")
    data = {**resent(desk, record), "_next": ""}
    del data["_continue"]
    page = desk.post(change_page(record), data, follow=True)
    assert page.request["PATH_INFO"] == "/desk/catalogue/record/"
    assert "This was the last record of the list." in said(page)


def test_a_heading_renamed_meanwhile_is_not_made_again(desk):
    record = make_record(keywords=("Old name",))
    mine = resent(desk, record, title="Mine")
    Keyword.objects.update(heading="New name")
    assert desk.post(change_page(record), mine).status_code == 409
    assert [str(keyword) for keyword in Keyword.objects.all()] == ["New name"]


def test_a_record_deleted_meanwhile_keeps_what_was_typed(desk):
    record = make_record("First")
    mine = resent(desk, record, title="Mine")
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    page = desk.post(change_page(record), mine)
    assert page.status_code == 409
    assert "was deleted while you had it open" in page.content.decode()
    assert page.context["form"]["title"].value() == "Mine"


@pytest.mark.parametrize("number", ["0", "7", "x", "99999999999999999999999", "-1"])
def test_a_record_that_is_not_there_leads_to_the_list(desk, number):
    for page in ("change", "history"):
        assert desk.get(f"/desk/catalogue/record/{number}/{page}/").status_code == 302


def test_deleting_goes_through_the_change_sets(desk):
    record = make_record("Gone")
    assert "Gone" in desk.get(reverse("admin:catalogue_record_delete", args=[record.pk])).content.decode()
    desk.post(reverse("admin:catalogue_record_delete", args=[record.pk]), {"post": "yes"})
    assert not Record.objects.exists()
    last = Change.objects.order_by("pk").last()
    assert last.before["title"] == "Gone"
    assert last.after is None
    assert last.change_set.user_name == "ann"


def test_the_history_shows_who_changed_what(desk):
    record = make_record("First title", authors=("A",))
    desk.post(change_page(record), resent(desk, record, title="Second title", reason="Typing error"))
    page = desk.get(reverse("admin:catalogue_record_history", args=[record.pk])).content.decode()
    assert page.index("Typing error") < page.index("<td><ins>Second</ins> title</td>") < page.index("Made")
    assert "<td><del>First</del> title</td><td><ins>Second</ins> title</td>" in page
    assert "by ann" in page


def test_the_history_outlives_the_record(desk):
    record = make_record("Gone")
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    page = desk.get(reverse("admin:catalogue_record_history", args=[record.pk])).content.decode()
    assert "This record was deleted." in page


def test_a_change_set_shows_its_records_and_cannot_be_changed(desk):
    make_records([make_draft("One"), make_draft("Two")])
    address = reverse("admin:catalogue_changeset_change", args=[ChangeSet.objects.get().pk])
    page = desk.get(address).content.decode()
    assert "One" in page
    assert "Two" in page
    assert desk.post(address, {"reason": "Other"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_record_saved_at_the_desk_is_in_the_next_public_search(desk):
    desk.post(ADD, filled(title="Peer mentoring in Patagonia"))
    assert "Peer mentoring in" in desk.get("/search?q=patagonia").content.decode()
    record = Record.objects.get()
    desk.post(change_page(record), resent(desk, record, title="Drug markets"))
    assert "Drug markets" not in desk.get("/search?q=patagonia").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held", ["UPDATE catalogue_record SET year = 1", "UPDATE catalogue_keyword SET notes = 'x'"])
def test_a_form_does_not_wait_for_an_import_that_writes_the_same_and_keeps_what_was_typed(desk, held):
    record = make_record("A report", keywords=("Prisons",))
    data = resent(desk, record, summary="Typed at length", keywords="Prisons\nGaols")
    with psycopg.connect(database_url()) as importing:
        importing.execute(held)
        importing.execute("INSERT INTO catalogue_keyword (heading) VALUES ('Gaols')")
        page = desk.post(change_page(record), data).content.decode()
        importing.rollback()
    assert "Save again in a minute" in page
    assert "Typed at length" in page
    assert draft_of(record).summary == ""
    desk.post(change_page(record), data)
    assert draft_of(record).keywords == ("Prisons", "Gaols")


def test_a_form_that_is_sent_again_after_going_back_makes_no_second_record_unawares(desk):
    token = str(uuid.uuid4())
    desk.post(ADD, filled(token=token))
    first = Record.objects.get()
    page = desk.post(ADD, filled(token=token, title="A report, mended"))
    assert f"This form was saved before, as record {first.pk}." in page.content.decode()
    assert Record.objects.count() == 1
    form = page.context["form"]
    assert form["title"].value() == "A report, mended"
    desk.post(ADD, filled(token=form["token"].value(), title="A report, mended"))
    assert Record.objects.count() == 2
