"""What was typed into a new record's form is merged with a record that was there already, by way of that one's form."""

import uuid
from dataclasses import replace

import pytest

from catalogue.admin.form_values import Values
from catalogue.draft import Identifier, Name
from catalogue.models import ChangeSet, Record
from catalogue.records import read_drafts
from catalogue.unsaved import UnsavedForm
from tests.people import make_member
from tests.records import make_draft, make_record

pytestmark = pytest.mark.django_db
TYPED = make_draft(
    "Peer mentoring of prisoners",
    authors=("Fletcher, Del Roy",),
    year=2013,
    summary="Typed anew.\n\nTwo paragraphs.",
    keywords=("Prisons", "Mentoring"),
    identifiers=(Identifier("doi", "10.1/x"),),
)


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def begun(desk, record: Record, draft=TYPED) -> str:
    """Send the form of a new record by the button of a duplicate; return the address it leads to."""
    data = Values.of(draft, token=uuid.uuid4()).sent()
    return desk.post(f"/desk/typed/new/into/{record.pk}/", data).url


def sent(form) -> dict[str, str]:
    return {box.html_name: box.value() or "" for box in form}


JOSIAH = Name("Carberry, Josiah", orcid="0000-0002-1825-0097")


@pytest.mark.parametrize(
    "draft",
    [
        TYPED,
        make_draft("Bare"),
        replace(make_draft("Body", status="withdrawn", replaced_by=7), authors=(Name("Home Office", "body"),)),
        replace(make_draft("ORCID", url="http://a/"), authors=(JOSIAH, Name("B"))),
    ],
)
def test_values_of_a_form_come_back_as_they_were_sent(draft):
    assert Values.typed(Values.of(draft).sent()).draft() == draft


def test_what_is_chosen_stands_in_the_form_of_the_record_and_is_saved_there(desk):
    record = make_record("Peer mentoring of prisoners", year=2012, keywords=("Prisons",), country="Chile")
    address = begun(desk, record)
    page = desk.get(address)
    assert "What you typed" in page.content.decode()
    moved = desk.post(address, {**sent(page.context["form"]), "year": "other", "reason": "a second copy"})
    assert moved.url.startswith(f"/desk/catalogue/record/{record.pk}/change/?typed=")
    assert read_drafts([record.pk])[record.pk].year == 2012  # nothing is saved yet

    forms = desk.get(moved.url).context["forms"]
    data = {field.html_name: field.value() for part in (forms.main,) for field in part}
    for rows in (forms.authors, forms.identifiers):
        data |= {f"{rows.prefix}-TOTAL_FORMS": len(rows.forms), f"{rows.prefix}-INITIAL_FORMS": 0}
        data |= {field.html_name: field.value() for row in rows for field in row}
    data = {name: "" if value is None else value for name, value in data.items()}
    data["keywords"] = "\n".join(data["keywords"]) if isinstance(data["keywords"], tuple) else data["keywords"]
    assert desk.post(moved.url, data).status_code == 302
    assert read_drafts([record.pk])[record.pk] == replace(TYPED, country="Chile")
    assert (Record.objects.count(), ChangeSet.objects.order_by("pk").last().reason) == (1, "a second copy")
    assert not UnsavedForm.objects.exclude(data="").exists()


def test_what_was_left_empty_or_belongs_to_the_record_alone_is_no_choice(desk):
    record = make_record("Peer mentoring", country="Chile", status="review", shelf_number="R-1")
    page = desk.get(begun(desk, record))
    assert not {"country", "status", "shelf_number"} & set(page.context["form"].fields)
    assert {"title", "year", "summary"} <= set(page.context["form"].fields)


def test_only_whoever_typed_it_sees_it_and_only_a_record_that_stands_takes_it(desk, client, django_user_model):
    record = make_record("Peer mentoring")
    gone = make_record("Gone", status="withdrawn", withdrawn_reason="Wrong")
    address = begun(desk, record)
    token = address.rstrip("/").rpartition("/")[2]
    assert desk.get(f"/desk/merge/{gone.pk}/typed/{token}/").status_code == 404
    assert desk.get(f"/desk/merge/{record.pk + 99}/typed/{token}/").status_code == 404
    assert desk.get(f"/desk/merge/{record.pk}/typed/{uuid.uuid4()}/").status_code == 404
    client.force_login(django_user_model.objects.create_superuser("ben"))
    assert client.get(address).status_code == 404
    client.force_login(make_member("visitor"))
    assert client.get(address).status_code == 403
    assert client.post(f"/desk/typed/new/into/{record.pk}/", {}).status_code == 403
