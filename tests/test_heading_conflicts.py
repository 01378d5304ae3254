"""Two librarians at one heading: the second sees what the first did, and loses nothing of what was typed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from catalogue import records
from catalogue.authorities import files
from catalogue.models import Country, Keyword, KeywordVariant, Record
from tests.records import make_record
from tests.test_admin_headings import keyword_page, variants

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


@pytest.fixture
def other(django_user_model):
    from django.test import Client

    client = Client()
    client.force_login(django_user_model.objects.create_superuser("ben"))
    return client


def opened(client, page: str) -> dict[str, str]:
    """What a browser would send from a form that was just opened, but for the rows of other forms."""
    form = client.get(page).context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}


def test_what_the_other_one_changed_is_shown_and_stays_where_nothing_was_typed(desk, other):
    keyword = Keyword.objects.create(heading="Prisons", notes="old")
    page = keyword_page(keyword)
    mine = opened(desk, page)
    other.post(page, {**opened(other, page), "notes": "of ben", "reason": "tidied", **variants()})

    answer = desk.post(page, {**mine, "scope_note": "of ann", **variants()})
    text = answer.content.decode()
    assert "ben changed this heading on" in text
    assert "notes: “old” is “of ben” now" in text
    keyword.refresh_from_db()
    assert (keyword.notes, keyword.scope_note) == ("of ben", "")

    desk.post(page, {**again(answer), **variants()})
    keyword.refresh_from_db()
    assert (keyword.notes, keyword.scope_note) == ("of ben", "of ann")


def again(answer) -> dict[str, str]:
    form = answer.context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields}


def test_other_forms_of_both_are_kept_and_those_that_either_took_away_go(desk, other):
    keyword = Keyword.objects.create(heading="Prisons")
    one, two = (KeywordVariant.objects.create(form=form, authority=keyword) for form in ("Gaols", "Jails"))
    page = keyword_page(keyword)
    mine, theirs = opened(desk, page), opened(other, page)
    one.form = ""  # ben takes it away and adds another
    other.post(page, {**theirs, **variants(one, two, "Penitentiaries")})
    one.form, two.form = "Gaols", ""  # ann takes the other away and adds one
    answer = desk.post(page, {**mine, **variants(one, two, "Lockups")})
    assert "other forms:" in answer.content.decode()
    rows = answer.context["inline_admin_formsets"][0].formset
    sent = {field.html_name: field.value() or "" for form in rows.forms for field in form}
    sent |= {field.html_name: field.value() or "0" for field in rows.management_form}
    desk.post(page, {**again(answer), **sent})
    assert set(keyword.variants.values_list("form", flat=True)) == {"Penitentiaries", "Lockups"}


def test_what_both_typed_differently_is_for_the_second_to_decide(desk, other):
    europe, asia = Country.objects.create(heading="Europe"), Country.objects.create(heading="Asia")
    turkey = Country.objects.create(heading="Turkey")
    page = f"/desk/catalogue/country/{turkey.pk}/change/"
    mine, theirs = opened(desk, page), opened(other, page)
    other.post(page, {**theirs, "part_of": "Asia", "code": "TR", **variants()})
    answer = desk.post(page, {**mine, "part_of": "Europe", **variants()})
    assert "part of: “” is “Asia” now" in answer.content.decode()
    turkey.refresh_from_db()
    assert turkey.part_of == asia
    desk.post(page, {**again(answer), **variants()})
    turkey.refresh_from_db()
    assert (turkey.part_of, turkey.code) == (europe, "TR")


def test_a_form_that_nobody_touched_meanwhile_is_saved_at_once(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    page = keyword_page(keyword)
    assert desk.post(page, {**opened(desk, page), "notes": "new", **variants()}).status_code == 302


@pytest.mark.parametrize("junk", ["{", ":", "e30:1:x", "a" * 100_000])
def test_junk_in_the_version_does_no_harm(desk, junk):
    keyword = Keyword.objects.create(heading="Prisons")
    data = {"heading": "Prisons", "notes": "new", "version": junk, **variants()}
    assert desk.post(keyword_page(keyword), data).status_code == 302


@contextmanager
def somebody_writes(lock: Callable[[], object]) -> Iterator[None]:
    """Another session that holds what `lock` took, as an import does until its end."""
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock()
            holds.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert holds.wait(60)
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_heading_does_not_wait_for_somebody_who_writes_for_long_and_keeps_what_was_typed(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    with somebody_writes(files.lock):
        answer = desk.post(keyword_page(keyword), {"heading": "Prisons", "notes": "typed", **variants()})
    text = answer.content.decode()
    assert "Try again in a minute" in text and "typed" in text


@pytest.mark.django_db(transaction=True)
def test_merging_splitting_and_deleting_do_not_wait_either(desk):
    one, two = (Keyword.objects.create(heading=heading) for heading in ("Prison", "Prisons"))
    base = "/desk/catalogue/keyword/"
    with somebody_writes(files.lock):
        merged = desk.post(f"{base}merge/", {"heading": [one.pk, two.pk], "keep": one.pk})
        parted = desk.post(f"{base}{one.pk}/split/", {"heading": "Gaol", "step": "split"})
        deleted = desk.post(f"{base}{one.pk}/delete/", {"post": "yes"}, follow=True)
    assert [text.content.decode().count("Try again in a minute") for text in (merged, parted, deleted)] == [1, 1, 1]
    assert Keyword.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_merging_records_does_not_wait_either(desk):
    this, other = make_record("Peer mentoring").pk, make_record("Peer mentoring").pk
    page = f"/desk/merge/{this}/{other}/"
    version = desk.get(page).context["form"]["version"].value()
    with somebody_writes(lambda: records.lock([this])):
        answer = desk.post(page, {"version": version})
    assert "Try again in a minute" in answer.content.decode()
    assert Record.objects.filter(status="published").count() == 2
