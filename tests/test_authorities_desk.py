"""The pages of headings at the desk: edits that are noted, merging and splitting with a preview, history and undo."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue import changes
from catalogue.authorities import merging
from catalogue.authorities.files import FILES
from catalogue.authorities.models import HeadingChange
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.models import ChangeSet, Country, Keyword, KeywordVariant, Record
from tests.people import make_member
from tests.records import make_draft, make_record, make_records
from tests.test_admin_headings import keyword_page, variants

pytestmark = pytest.mark.django_db
ANYONE, ACCOUNT = "", "account"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


@pytest.fixture
def prisons():
    """Two keywords for one thing; the first has two records, the second one."""
    make_records([make_draft(f"Report {n}", keywords=("Prisons",)) for n in range(2)])
    make_record("On gaols", keywords=("Youth", "Prison"))
    return Keyword.objects.get(heading="Prisons"), Keyword.objects.get(heading="Prison")


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_an_edit_of_a_heading_is_a_change_set_with_who_and_why(desk):
    keyword = Keyword.objects.create(heading="Gaols")
    data = {"heading": "Prisons", "scope_note": "Buildings.", "keep_form": "on", "reason": "Plain words", **variants()}
    desk.post(keyword_page(keyword), data)
    change_set = ChangeSet.objects.get()
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("edit", "ann", "Plain words")
    change = HeadingChange.objects.get()
    assert change.before == {"heading": "Gaols"}
    assert change.after == {"heading": "Prisons", "scope_note": "Buildings.", "variants": ["Gaols"]}
    page = text_of(desk.get(f"/desk/catalogue/keyword/{keyword.pk}/history/"))
    assert "by ann" in page
    assert "Plain words" in page
    assert "Buildings." in page


def test_a_rename_without_the_old_form_keeps_none(desk):
    keyword = Keyword.objects.create(heading="Gaosl")
    desk.post(keyword_page(keyword), {"heading": "Gaols", **variants()})
    assert not KeywordVariant.objects.exists()


def test_a_save_that_changes_nothing_is_no_change_set(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    desk.post(keyword_page(keyword), {"heading": "Prisons", "keep_form": "on", **variants()})
    assert not ChangeSet.objects.exists()


def test_making_relating_and_deleting_headings_is_noted_and_undone(desk):
    other = Keyword.objects.create(heading="Other")
    desk.post(
        "/desk/catalogue/keyword/add/", {"heading": "New", "related": "Other", "broader": "Other", **variants("N")}
    )
    made = ChangeSet.objects.get()
    assert set(made.heading_changes.values_list("after__heading", flat=True)) == {"New", "Other"}
    new = Keyword.objects.get(heading="New")
    desk.post(f"/desk/catalogue/keyword/{new.pk}/delete/", {"post": "yes"})
    deleted = ChangeSet.objects.first()
    assert not Keyword.objects.filter(heading="New").exists()
    changes.undo(deleted)
    new = Keyword.objects.get(heading="New")
    assert [*new.broader.all(), *new.related.all()] == [other, other]
    assert new.variants.get().form == "N"
    changes.undo(ChangeSet.objects.get(undoes=deleted))
    changes.undo(made)
    assert [found.heading for found in Keyword.objects.all()] == ["Other"]


def test_a_circle_that_two_people_close_at_once_is_refused_in_words(desk, monkeypatch):
    top, low = (Keyword.objects.create(heading=heading) for heading in ("Top", "Low"))
    low.broader.add(top)
    monkeypatch.setattr("catalogue.admin.heading_form.circles.leads_back", lambda *args: False)
    page = desk.post(keyword_page(top), {"heading": "Top", "broader": "Low", **variants()}, follow=True)
    assert "the heading would stand under itself" in text_of(page)
    assert not top.broader.exists()


def test_the_page_of_a_heading_shows_its_newest_records_and_what_stands_under_it(desk, prisons):
    kept, _ = prisons
    make_records([make_draft(f"Later {n:02}", keywords=("Prisons",)) for n in range(10)])
    Keyword.objects.create(heading="Open Prisons").broader.add(kept)
    page = text_of(desk.get(keyword_page(kept)))
    assert "12 records" in page
    assert "Later 09" in page
    assert "Report 1" not in page
    assert "Open Prisons" in page
    assert 'href="/search?keyword=Prisons"' in page


def test_a_merge_is_shown_field_by_field_done_and_undone(desk, prisons):
    kept, gone = prisons
    address = "/desk/catalogue/keyword/merge/"
    page = text_of(desk.get(address, {"heading": [gone.pk], "also": "prisons"}))
    assert "1 record changes" in page
    assert "On gaols" in page
    assert "Youth<br><del>Prison</del></td><td>Youth<br><ins>Prisons</ins>" in page
    assert Keyword.objects.count() == 3
    data = {"heading": [gone.pk, kept.pk], "keep": kept.pk, "reason": "One thing"}
    page = desk.post(address, data, follow=True)
    assert page.redirect_chain[-1][0] == keyword_page(kept)
    assert "2 headings are “Prisons” now." in text_of(page)
    change_set = ChangeSet.objects.first()
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("merge", "ann", "One thing")
    page = text_of(desk.get(f"/desk/catalogue/changeset/{change_set.pk}/change/"))
    assert "Undo this" in page
    assert "On gaols" in page
    undo = f"/desk/catalogue/changeset/{change_set.pk}/undo/"
    assert "1 record, 2 headings" in text_of(desk.get(undo))
    page = text_of(desk.post(undo, {"reason": "Two things"}, follow=True))
    assert "Records put back: 1; headings: 2." in page
    assert Keyword.objects.get(heading="Prison").pk == gone.pk
    assert "This was undone." in text_of(desk.get(f"/desk/catalogue/changeset/{change_set.pk}/change/"))
    assert "undone before" in text_of(desk.post(undo))


def test_the_heading_that_most_records_use_is_proposed_to_be_kept(desk, prisons):
    kept, gone = prisons
    answer = desk.get("/desk/catalogue/keyword/merge/", {"heading": [gone.pk, kept.pk]})
    assert answer.context["kept"] == kept.pk


@pytest.mark.parametrize(
    "data",
    [{}, {"heading": "x"}, {"heading": ["9" * 30]}, {"keep": "-1"}, {"also": "nowhere"}, {"heading": ["1", "2"] * 99}],
)
def test_the_merge_page_takes_any_address(desk, data):
    assert desk.get("/desk/catalogue/keyword/merge/", data).status_code == 200
    assert desk.post("/desk/catalogue/keyword/merge/", data).status_code == 200


def test_headings_chosen_in_the_list_are_merged(desk, prisons):
    chosen = [heading.pk for heading in prisons]
    answer = desk.post("/desk/catalogue/keyword/", {"action": "merge_chosen", "_selected_action": chosen})
    assert answer.url.startswith("/desk/catalogue/keyword/merge/?heading=")
    assert len(desk.get(answer.url).context["headings"]) == 2


def test_the_address_of_a_merged_heading_leads_to_the_kept_one(desk, prisons):
    kept, gone = prisons
    merging.merge(FILES["keyword"], [gone.pk], kept.pk)
    answer = desk.get(keyword_page(gone), follow=True)
    assert answer.redirect_chain == [(keyword_page(kept), 302)]
    assert "“Prison” is another form of this heading now." in text_of(answer)
    assert "Gone" in text_of(desk.get(f"/desk/catalogue/keyword/{gone.pk}/history/"))
    assert desk.get("/desk/catalogue/keyword/999999/history/").status_code == 404


def test_a_split_is_shown_done_and_undone(desk, prisons):
    kept, _ = prisons
    first = Record.objects.get(title="Report 0")
    address = f"/desk/catalogue/keyword/{kept.pk}/split/"
    assert "Which go to it? 2 records" in text_of(desk.get(address))
    data = {"heading": "Open Prisons", "record": [first.pk]}
    page = text_of(desk.post(address, {**data, "step": "preview"}))
    assert "1 record changes" in page
    assert not Keyword.objects.filter(heading="Open Prisons").exists()
    page = desk.post(address, {**data, "step": "split", "reason": "Two things"}, follow=True)
    assert page.redirect_chain[-1][0] == keyword_page(Keyword.objects.get(heading="Open Prisons"))
    assert list(Record.objects.filter(keywords__heading="Open Prisons")) == [first]
    changes.undo(ChangeSet.objects.first())
    assert not Keyword.objects.filter(heading="Open Prisons").exists()


def test_all_records_that_a_search_finds_go_to_the_new_heading(desk, prisons, monkeypatch):
    kept, _ = prisons
    found = list(Record.objects.filter(title="Report 1").values_list("pk", flat=True))
    monkeypatch.setattr("search.desk.all_record_numbers", lambda text: [*found, 999_999])
    data = {"q": "report 1", "is_all": "on", "heading": "New", "step": "split"}
    desk.post(f"/desk/catalogue/keyword/{kept.pk}/split/", data)
    assert list(Record.objects.filter(keywords__heading="New").values_list("pk", flat=True)) == found


@pytest.mark.parametrize(
    "data", [{}, {"step": "split"}, {"step": "preview", "record": ["x", "9" * 40], "heading": "\0"}]
)
def test_the_split_page_takes_anything(desk, prisons, data):
    answer = desk.post(f"/desk/catalogue/keyword/{prisons[0].pk}/split/", data)
    assert answer.status_code == 200
    assert not Keyword.objects.filter(heading="").exists()


def test_the_last_changes_on_the_first_page_name_headings_too(desk):
    keyword = Keyword.objects.create(heading="Gaols")
    desk.post(keyword_page(keyword), {"heading": "Prisons", **variants()})
    assert "Prisons" in text_of(desk.get("/desk/"))


def test_what_an_undo_left_alone_is_listed_for_good(desk, prisons):
    kept, gone = prisons
    change_set = merging.merge(FILES["keyword"], [gone.pk], kept.pk)
    record = Record.objects.get(title="On gaols")
    changes.apply(
        changes.open_change_set("edit"), [changes.Wish(make_draft("Newer", keywords=("Prisons",)), record.pk)]
    )
    page = text_of(desk.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/", follow=True))
    assert "1 record was left alone, as it has changed since or was deleted:" in page
    assert f"/desk/catalogue/record/{record.pk}/history/" in page


CATALOGUERS = {ANYONE: 302, ACCOUNT: 403, CATALOGUER: 200, ADMINISTRATOR: 200}


@pytest.mark.parametrize("who", [ANYONE, ACCOUNT, CATALOGUER, ADMINISTRATOR])
def test_the_pages_of_headings_open_for_those_who_may(client, seat, prisons, who):
    if who:
        seat(who)
    kept, gone = prisons
    change_set = merging.merge(FILES["keyword"], [gone.pk], kept.pk)
    country = Country.objects.create(heading="Chile")
    pages = ["merge/", "near/", "tree/", "skos/", "skos/keywords.ttl", f"{kept.pk}/split/", f"{kept.pk}/history/"]
    addresses = [f"/desk/catalogue/keyword/{page}" for page in pages]
    addresses += [f"/desk/catalogue/changeset/{change_set.pk}/undo/", f"/desk/catalogue/country/{country.pk}/split/"]
    addresses += [f"/desk/catalogue/{name}/near/" for name in ("author", "country")]
    for address in addresses:
        assert client.get(address).status_code == CATALOGUERS[who], address
    if CATALOGUERS[who] != 200:
        for address in addresses:
            assert client.post(address).status_code == CATALOGUERS[who], address
        assert client.get(keyword_page(gone)).status_code == CATALOGUERS[who]
        assert not ChangeSet.objects.filter(undoes=change_set).exists()


def test_a_cataloguer_undoes_no_import(seat):
    client = seat(CATALOGUER)
    change_set = changes.open_change_set("import")
    changes.apply(change_set, [changes.Wish(make_draft())])
    assert client.get(f"/desk/catalogue/changeset/{change_set.pk}/undo/").status_code == 403
    assert "Undo this" not in text_of(client.get(f"/desk/catalogue/changeset/{change_set.pk}/change/"))


def test_who_may_only_look_sees_a_heading_and_can_do_nothing_with_it(client, django_user_model, prisons):
    from django.contrib.auth.models import Permission

    user = make_member("vera")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_keyword", "view_keywordvariant"]))
    client.force_login(user)
    page = text_of(client.get(keyword_page(prisons[0])))
    assert "Prisons" in page
    assert "merge/" not in page
    assert client.get("/desk/catalogue/keyword/near/").status_code == 200
    assert client.get("/desk/catalogue/keyword/merge/").status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        "",
        "{kept}/change/",
        "{kept}/history/",
        "merge/?heading={kept}&heading={gone}",
        "near/",
        "tree/",
        "{kept}/split/",
    ],
)
def test_the_queries_of_a_page_do_not_grow_with_what_it_shows(desk, prisons, page):
    kept, gone = prisons
    address = f"/desk/catalogue/keyword/{page.format(kept=kept.pk, gone=gone.pk)}"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(address).status_code == 200
        return len(captured)

    towns, twin = (Keyword.objects.create(heading=heading) for heading in ("Prison Towns", "Towns Prison"))
    towns.broader.add(kept)
    twin.broader.add(towns)
    rename(kept, "Prisons,")
    few = queries()
    for number in range(20):
        make_record(f"More {number}", keywords=("Prison", kept.heading))
        lower = Keyword.objects.create(heading=f"Lower {number}")
        lower.broader.add(kept)
        for form in (f"Twin {number}", f"{number} Twins"):
            Keyword.objects.create(heading=form).broader.add(lower)
        rename(kept, f"Prisons{'.' * (number % 2)}")
    assert queries() == few


def rename(keyword: Keyword, heading: str) -> None:
    from catalogue.authorities.noting import noting

    with noting(changes.open_change_set("edit"), FILES["keyword"], [keyword.pk]):
        Keyword.objects.filter(pk=keyword.pk).update(heading=heading)
    keyword.heading = heading
