"""The page of figures: what is counted, that each number leads to what it counts, and what the page costs."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import changes, codes
from catalogue.changes import Wish
from catalogue.draft import Draft, Identifier, Name
from catalogue.figures import keeping
from catalogue.figures.base import Figure, Row
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.jobs.models import Import
from catalogue.linkcheck import addresses
from catalogue.linkcheck.models import Link
from catalogue.models import Country, Record
from search import counts
from search.models import SearchCount
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
PAGE = "/desk/figures/"


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch):
    cache.clear()
    monkeypatch.setattr(keeping, "QUICK", 3600)


def figure(desk, name: str) -> Figure:
    [found] = [one.figure for one in desk.get(PAGE).context["figures"] if one.figure.name == name]
    return found


def numbers(desk, name: str) -> dict[str, tuple[int, ...]]:
    return {row.label: row.counts for row in figure(desk, name).rows}


def listed(desk, url: str) -> int:
    answer = desk.get(url)
    assert answer.status_code == 200, url
    return answer.context["cl"].result_count


FULL = Draft(
    title="Full",
    authors=(Name("A"),),
    summary="S",
    details="D",
    year=2012,
    country="Chile",
    url="https://example.org/",
    shelf_number="1",
    keywords=("K",),
    language="es",
    kind="report",
    identifiers=(Identifier("doi", "10.1000/1"),),
)


def test_each_number_leads_to_as_many_records_as_it_counts(desk):
    drafts = [make_draft(f"Draft {number}", status="draft", year=2010 + number) for number in range(3)]
    make_records([FULL, *drafts, make_draft("Peru", country="Peru", language="es", keywords=("K", "L"))])
    linked = 0
    for shown in desk.get(PAGE).context["figures"]:
        for row in shown.figure.rows:
            if row.url.startswith("/desk/catalogue/record/"):
                assert listed(desk, row.url) == row.counts[0], (shown.figure.name, row)
                linked += 1
    assert linked > 25


def test_what_records_lack_is_counted(desk):
    make_records([FULL, make_draft("Bare"), make_draft("Barer", year=2012)])
    assert numbers(desk, "completeness") == {
        "Without summary": (2, 67),
        "Without keyword": (2, 67),
        "Without author": (2, 67),
        "Without country": (2, 67),
        "Without year": (1, 33),
        "Without link": (2, 67),
        "Without language": (2, 67),
        "Without kind of document": (2, 67),
        "Without details": (2, 67),
        "Without shelf number": (2, 67),
    }


def test_records_are_counted_by_status_kind_country_and_language(desk):
    make_records([FULL, make_draft("Draft", status="draft", country="Peru"), make_draft("Peru", country="Peru")])
    assert numbers(desk, "status") == {"Published": (2,), "Draft": (1,)}
    assert numbers(desk, "kinds") == {"Report": (1,), "none given": (2,)}
    assert numbers(desk, "countries") == {"Peru": (2,), "Chile": (1,)}
    assert numbers(desk, "languages") == {"Spanish (es)": (1,), "none given": (2,)}


def test_many_countries_are_ranked_and_the_rest_is_one_number(desk):
    make_records([make_draft(f"{n} {m}", country=f"Country {n:02}") for n in range(17) for m in range(n // 16 + 1)])
    rows = figure(desk, "countries").rows
    assert (rows[0].label, rows[0].counts) == ("Country 16", (2,))
    assert (rows[-1].label, rows[-1].counts) == ("2 others", (2,))
    assert len(rows) == 16


def test_the_growth_names_every_month_and_adds_up(desk):
    old, older, _new = make_records([make_draft("Old"), make_draft("Older"), make_draft("New")])
    month = timezone.localdate().replace(day=1)
    before = (month.year * 12 + month.month - 1) - 3
    when = datetime(before // 12, before % 12 + 1, 15, tzinfo=UTC)
    Record.objects.filter(pk__in=[old.pk, older.pk]).update(created=when)
    rows = figure(desk, "growth").rows
    assert [row.counts for row in rows[-4:]] == [(2, 2), (0, 2), (0, 2), (1, 3)]
    assert {row.counts for row in rows[:-4]} == {(0, 0)}
    assert len(rows) == 12
    assert rows[-4].url.endswith(f"added={when:%Y-%m}")


def test_years_far_apart_are_counted_by_decade(desk):
    make_records([make_draft("Old", year=1871), make_draft("New", year=2012), make_draft("Other", year=2019)])
    rows = {row.label: row for row in figure(desk, "years").rows}
    assert (rows["1870-1879"].counts, rows["2010-2019"].counts, len(rows)) == ((1,), (2,), 15)
    assert listed(desk, rows["2010-2019"].url) == 2


def test_the_most_used_headings_are_counted(desk):
    make_records([make_draft(str(n), keywords=("Gangs", "Prisons")[: n + 1], authors=("Wren",)) for n in range(2)])
    assert numbers(desk, "keywords") == {"Gangs": (2,), "Prisons": (1,)}
    assert numbers(desk, "authors") == {"Wren": (2,)}


def test_imports_are_counted_by_month_and_lead_to_the_account(desk, django_user_model):
    record = make_record("Before")
    change_set = changes.open_change_set(codes.IMPORT)
    changes.apply(
        change_set, [Wish(make_draft("After"), record.pk), Wish(make_draft("New")), Wish(make_draft("Newer"))]
    )
    known = {"name": "a.csv", "size": 1, "place": "here", "report": {"rejected": 7}, "change_set": change_set}
    Import.objects.create(user=django_user_model.objects.get(), **known)
    row = figure(desk, "imports").rows[-1]
    assert row.counts == (2, 1, 7)
    assert [entry.change_set for entry in desk.get(row.url).context["entries"]] == [change_set]


def test_documents_are_counted(desk, settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    record = make_record()
    desk.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("a.txt", b"Text"), "is_public": "on"})
    [row] = figure(desk, "kept-documents").rows
    assert (row.label, row.counts, listed(desk, row.url)) == ("TXT", (1, 1, 0), 1)


def test_addresses_are_counted_by_their_state(desk):
    made = [
        ("/a", "published"),
        ("/b", "published"),
        ("/b", "draft"),
        ("/c", "published"),
        ("/b", "withdrawn"),
        ("", "draft"),
    ]
    make_records(
        make_draft(
            f"Record {n}",
            url=f"https://example.org{path}" if path else "",
            status=status,
            withdrawn_reason="Gone" * (status == "withdrawn"),
        )
        for n, (path, status) in enumerate(made)
    )
    addresses.keep_in_step()
    Link.objects.filter(url__endswith="/a").update(status="alive")
    Link.objects.filter(url__endswith="/b").update(status="dead")
    Link.objects.filter(url__endswith="/c").delete()  # one that link care has not seen yet
    links = figure(desk, "links")
    assert [(row.label, row.counts[0]) for row in links.rows] == [("Never checked", 1), ("Alive", 1), ("Dead", 2)]
    for row in links.rows:
        assert listed(desk, row.url) == row.counts[0]


def test_searches_of_each_day_are_counted_and_those_that_found_nothing(desk):
    today = timezone.localdate()
    for what, text, count in (
        (counts.What.SEARCHES, "", 9),
        (counts.What.NOTHING, "a", 2),
        (counts.What.NOTHING, "b", 1),
    ):
        SearchCount.objects.create(day=today, what=what, text=text, count=count)
    rows = figure(desk, "searches").rows
    assert (len(rows), rows[-1].counts, rows[0].counts) == (60, (9, 3), (0, 0))


def test_an_empty_catalogue_has_a_page_of_figures_too(desk):
    page = desk.get(PAGE)
    assert page.status_code == 200
    assert "Nothing is counted yet." in page.content.decode()


def test_the_page_holds_the_same_numbers_in_tables_and_neither_script_nor_style(desk):
    make_records([FULL, make_draft("Other", year=2012)])
    page = desk.get(PAGE).content.decode()
    for shown in desk.get(PAGE).context["figures"]:
        part = page.partition(f'<section id="{shown.figure.name}"')[2].partition("</section>")[0]
        for row in shown.figure.rows:
            assert unescape(part).count(f'<th scope="row">{row.label}</th>') == 1
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?! src| id)", page)
    assert page.count("<svg class=") == page.count('<svg class="bar"') + page.count('<svg class="columns-plot"')


def test_each_figure_is_given_away_as_csv(desk):
    Country.objects.create(heading="=1+1")
    make_records([make_draft("One", country="=1+1"), make_draft("Two")])
    answer = desk.get(PAGE, {"csv": "countries"})
    assert answer["Content-Disposition"] == 'attachment; filename="countries.csv"'
    assert list(csv.reader(io.StringIO(answer.content.decode()))) == [
        ["Country", "Records"],
        ["'=1+1", "1"],
        ["none given", "1"],
    ]
    for shown in desk.get(PAGE).context["figures"]:
        assert desk.get(PAGE, {"csv": shown.figure.name}).status_code == 200
    assert desk.get(PAGE, {"csv": "junk"}).status_code == 404


def more_figures():
    yield Figure("shelves", "Shelves", "State", ("Records",), (Row("full", (3,), "/desk/"),))


def test_a_provider_is_added_by_its_name_in_the_settings(desk, settings):
    settings.FIGURES = [*settings.FIGURES, f"{__name__}.more_figures"]
    assert numbers(desk, "shelves") == {"full": (3,)}


def test_the_figures_of_many_records_cost_as_many_queries_as_those_of_one(desk):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            desk.get(PAGE)
        return len(caught)

    make_records([FULL])
    one = queries()
    make_records(
        [make_draft(f"{n}", country=f"C{n}", keywords=(f"K{n}",), authors=(f"A{n}",), year=n + 1) for n in range(60)]
    )
    assert queries() == one <= 25


def test_what_took_long_to_count_is_kept_and_says_as_of_when_until_it_is_counted_again(desk, monkeypatch):
    monkeypatch.setattr(keeping, "QUICK", 0)
    make_record("One")
    assert "As of" not in desk.get(PAGE).content.decode()
    make_record("Two")
    assert "As of" in desk.get(PAGE).content.decode()
    assert numbers(desk, "status") == {"Published": (1,)}
    assert b"Published,2" in desk.get(PAGE, {"again": "", "csv": "status"}).content


@pytest.mark.parametrize(
    "asked",
    ["without=junk", "year=junk", "year=2012-", "year=99999", "added=2026-13", "added=0000-01", "added=x", "keyword=x"]
    + ["author=99999999999999999999", "keyword=²", "document=exe"],
)
def test_a_filter_that_makes_no_sense_lists_nothing(desk, asked):
    make_record(year=2012, keywords=("K",))
    assert listed(desk, f"/desk/catalogue/record/?{asked}") == 0


@pytest.mark.parametrize(("group", "status"), [("", 403), (CATALOGUER, 200), (ADMINISTRATOR, 200)])
def test_the_figures_open_for_those_who_may(seat, group, status):
    desk = seat(group)
    assert desk.get(PAGE).status_code == status
    assert desk.get(PAGE, {"csv": "growth"}).status_code == status


def test_nobody_gets_the_figures_without_signing_in(client):
    assert client.get(PAGE).status_code == 302
