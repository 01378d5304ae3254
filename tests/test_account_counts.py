"""How the database counts, as changes are noted, what each change set did field by field."""

import pytest

from catalogue import changes, codes
from catalogue.authorities.files import FILES
from catalogue.authorities.noting import noting
from catalogue.changed_fields import ChangedField
from catalogue.changes import Wish
from catalogue.models import Keyword
from tests.records import make_draft, make_record

pytestmark = pytest.mark.django_db


def counts(change_set) -> dict[tuple[str, str], int]:
    rows = ChangedField.objects.filter(change_set=change_set).values_list("what", "field", "count")
    return {(what, field): count for what, field, count in rows}


def test_records_made_and_changed_are_counted_with_their_fields():
    record = make_record("Before", year=2011)
    change_set = changes.open_change_set(codes.BATCH)
    changes.apply(change_set, [Wish(make_draft("After", summary="New"), record.pk), Wish(make_draft("Another"))])
    assert counts(change_set) == {
        ("record", "made"): 1,
        ("record", "changed"): 1,
        ("record", "title"): 1,
        ("record", "summary"): 1,
        ("record", "year"): 1,
    }


def test_a_second_change_in_one_set_is_counted_once_as_it_is_in_the_end():
    record = make_record("Before", year=2011)
    change_set = changes.open_change_set(codes.BATCH)
    changes.apply(change_set, [Wish(make_draft("After", year=2011), record.pk)])
    changes.apply(change_set, [Wish(make_draft("Before", year=2012), record.pk)])
    assert counts(change_set) == {("record", "changed"): 1, ("record", "year"): 1}


def test_a_deleted_record_is_counted_as_gone():
    record = make_record("Before")
    change_set = changes.open_change_set(codes.EDIT)
    changes.delete(change_set, [record.pk])
    assert counts(change_set) == {("record", "gone"): 1}


def test_a_renamed_heading_is_counted_and_those_that_are_linked_to_it_are_not():
    upper = Keyword.objects.create(heading="Prisons")
    lower = Keyword.objects.create(heading="Open prisons")
    lower.broader.add(upper)
    change_set = changes.open_change_set(codes.EDIT)
    with noting(change_set, FILES["keyword"], [upper.pk, lower.pk]):
        Keyword.objects.filter(pk=upper.pk).update(heading="Jails")
        Keyword.objects.filter(pk=lower.pk).update(scope_note="Without walls.")
    assert counts(change_set) == {("keyword", "changed"): 2, ("keyword", "heading"): 1, ("keyword", "scope_note"): 1}
