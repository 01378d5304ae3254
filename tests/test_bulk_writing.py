"""Many records written at once: arrays as text, foreign keys checked together, notes for the index all the same."""

import gc

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from catalogue import records
from catalogue.database import arrays, references
from catalogue.garbage import collected_rarely
from catalogue.headings import Resolved
from catalogue.models import Author, Keyword, Record, Touch
from tests.processes import database_url
from tests.records import make_draft, make_records

MANY = references.FEW + 1
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def ask(query: str, value: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, [value])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@given(st.lists(TEXTS))
def test_texts_reach_the_database_as_they_are(values):
    assert ask("SELECT %s::text[]", arrays.texts(values)) == values


@pytest.mark.django_db
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_reach_the_database_as_they_are(values):
    assert ask("SELECT %s::bigint[]", arrays.numbers(values)) == values


@pytest.mark.django_db
def test_words_that_mean_something_in_an_array_are_texts_like_others():
    values = ["NULL", "", "{}", "a,b", '"', "\\", " a "]
    assert ask("SELECT %s::text[]", arrays.texts(values)) == values


def resolved(count: int, author: int) -> list[Resolved]:
    return [Resolved(make_draft(f"Report {number}"), (author,), (), None) for number in range(count)]


@pytest.mark.django_db(transaction=True)
def test_many_records_that_lead_to_a_heading_that_is_not_there_are_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        records.insert(resolved(MANY, author=1))
    assert not Record.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_heading_cannot_be_deleted_while_many_records_that_lead_to_it_are_written():
    author = Author.objects.create(heading="Fletcher, Del Roy")
    with transaction.atomic(), psycopg.connect(database_url()) as session:
        records.insert(resolved(MANY, author.pk))
        session.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            session.execute("DELETE FROM catalogue_author WHERE id = %s", [author.pk])
    with psycopg.connect(database_url()) as session, pytest.raises(psycopg.errors.ForeignKeyViolation):
        session.execute("DELETE FROM catalogue_author WHERE id = %s", [author.pk])
        session.commit()


@pytest.mark.django_db
def test_many_records_are_noted_for_the_index_like_one():
    made = make_records([make_draft(f"Report {number}", keywords=("Gangs",)) for number in range(MANY)])
    noted = [number for note in Touch.objects.all() for number in note.numbers]
    assert sorted(noted) == [record.pk for record in made]


@pytest.mark.django_db
def test_after_many_records_each_row_is_checked_again():
    make_records([make_draft(f"Report {number}") for number in range(MANY)])
    assert ask("SELECT current_setting(%s)", "session_replication_role") == "origin"


@pytest.mark.django_db
def test_an_account_that_may_not_leave_checks_out_writes_many_records_too():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain_account")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain_account")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain_account")
        cursor.execute("SET LOCAL ROLE plain_account")
    make_records([make_draft(f"Report {number}", keywords=("Gangs",)) for number in range(MANY)])
    assert Keyword.objects.get().record_links.count() == MANY


def test_garbage_is_looked_for_as_usual_once_many_records_are_written():
    usual = gc.get_threshold()
    with collected_rarely():
        assert gc.get_threshold()[0] > usual[0]
    assert gc.get_threshold() == usual
