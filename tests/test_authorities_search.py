"""What a search notices of headings that were renamed, merged or put under one another: all of it, at once."""

import threading

import psycopg
import pytest

from catalogue import changes
from catalogue.authorities import merging
from catalogue.authorities.files import FILES
from catalogue.models import Keyword
from search.index import catalogue
from tests.processes import database_url
from tests.records import make_draft, make_records
from tests.test_pages import search, titles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crime():
    made = [Keyword.objects.create(heading=heading) for heading in ("Crime", "Theft", "Stealing")]
    make_records([make_draft(f"On {heading}", keywords=(str(heading),)) for heading in made])
    return made


def found(client, keyword: str) -> set[str]:
    return set(titles(search(client, keyword=keyword)))


def test_a_relation_that_is_made_or_cut_shows_in_the_next_search(client, crime):
    top, theft, _ = crime
    assert found(client, "crime") == {"On Crime"}
    theft.broader.add(top)
    assert found(client, "crime") == {"On Crime", "On Theft"}
    theft.broader.clear()
    assert found(client, "crime") == {"On Crime"}


def test_the_old_form_of_a_merged_heading_finds_all_records_of_the_kept_one_until_it_is_undone(client, crime):
    _, theft, stealing = crime
    assert found(client, "stealing") == {"On Stealing"}
    change_set = merging.merge(FILES["keyword"], [stealing.pk], theft.pk)
    both = {"On Theft", "On Stealing"}
    assert found(client, "Stealing") == found(client, "theft") == both
    assert set(titles(search(client, q='keyword="Stealing"'))) == both
    changes.undo(change_set)
    assert (found(client, "stealing"), found(client, "theft")) == ({"On Stealing"}, {"On Theft"})


def test_the_index_is_the_database_after_a_merge_and_its_undoing(client, crime):
    _, theft, stealing = crime
    found(client, "crime")
    change_set = merging.merge(FILES["keyword"], [stealing.pk], theft.pk)
    found(client, "crime")
    assert catalogue().check().differences == 0
    changes.undo(change_set)
    found(client, "crime")
    assert catalogue().check().differences == 0


def test_two_sessions_that_each_make_one_half_of_a_circle_do_not_close_it(crime):
    top, theft, _ = crime
    relate = "INSERT INTO catalogue_keyword_broader (from_keyword_id, to_keyword_id) VALUES (%s, %s)"
    problems: list[Exception] = []

    def close_it() -> None:
        try:
            with psycopg.connect(database_url()) as session:
                session.execute(relate, [top.pk, theft.pk])
        except psycopg.Error as error:
            problems.append(error)

    with psycopg.connect(database_url()) as session:
        session.execute(relate, [theft.pk, top.pk])
        other = threading.Thread(target=close_it)
        other.start()
        other.join(0.3)  # it waits for us; were it to go on, no error would follow
    other.join()
    assert [type(problem) for problem in problems] == [psycopg.errors.CheckViolation]
    assert not top.broader.exists()
