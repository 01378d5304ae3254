"""Who may do what at the desk: nobody, an account without a group, a Cataloguer, an Administrator."""

import re

import pytest

from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.models import ChangeSet, Keyword, Record
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
ANYONE, ACCOUNT = "", "account"
EVERYBODY = (ANYONE, ACCOUNT, CATALOGUER, ADMINISTRATOR)


@pytest.fixture
def sit(client, seat):
    """Seat somebody at the desk, each with a name of their own."""
    return lambda who: seat(who, who.lower()) if who else client


CATALOGUERS = {ANYONE: 302, ACCOUNT: 403, CATALOGUER: 200, ADMINISTRATOR: 200}
ADMINISTRATORS = {ANYONE: 302, ACCOUNT: 403, CATALOGUER: 403, ADMINISTRATOR: 200}
PAGES = {
    "catalogue/record/": CATALOGUERS,
    "catalogue/record/add/": CATALOGUERS,
    "catalogue/record/{record}/change/": CATALOGUERS,
    "catalogue/record/{record}/history/": CATALOGUERS,
    "catalogue/record/{record}/delete/": ADMINISTRATORS,
    "merge/{record}/{second}/": CATALOGUERS,
    "catalogue/keyword/": CATALOGUERS,
    "catalogue/keyword/add/": CATALOGUERS,
    "catalogue/keyword/{unused}/change/": CATALOGUERS,
    "catalogue/keyword/{unused}/delete/": ADMINISTRATORS,
    "catalogue/author/": CATALOGUERS,
    "catalogue/country/": CATALOGUERS,
    "catalogue/changeset/": CATALOGUERS,
    "catalogue/changeset/{set}/change/": CATALOGUERS,
    "headings/keywords/": CATALOGUERS,
    "headings/authors/": CATALOGUERS,
    "headings/countries/": CATALOGUERS,
    "auth/user/": ADMINISTRATORS,
    "auth/user/add/": ADMINISTRATORS,
    "auth/group/": ADMINISTRATORS,
}


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_those_who_may(sit, page, who):
    record, second = make_records([make_draft("One"), make_draft("Two")])
    unused = Keyword.objects.create(heading="Unused")
    known = {"record": record.pk, "second": second.pk, "unused": unused.pk, "set": ChangeSet.objects.get().pk}
    address = "/desk/" + page.format(**known)
    assert sit(who).get(address).status_code == PAGES[page][who]


@pytest.mark.parametrize("who", [ANYONE, ACCOUNT])
def test_nothing_is_saved_by_those_who_may_not(sit, who):
    record = make_record("Kept")
    client = sit(who)
    data = {"title": "Other", "status": "draft"}
    for page in ("add/", f"{record.pk}/change/", f"{record.pk}/delete/"):
        assert client.post(f"/desk/catalogue/record/{page}", data).status_code in (302, 403)
    assert [found.title for found in Record.objects.all()] == ["Kept"]


@pytest.mark.parametrize("who", [ANYONE, ACCOUNT])
def test_nothing_is_merged_or_undone_or_previewed_by_those_who_may_not(sit, who):
    record, second = make_records([make_draft("One"), make_draft("Two")])
    before = ChangeSet.objects.get()
    client = sit(who)
    for page in (f"merge/{record.pk}/{second.pk}/", f"catalogue/changeset/{before.pk}/undo/", "typed/new/preview/"):
        assert client.post(f"/desk/{page}", {"version": ""}).status_code == (403 if who else 302)
    assert ChangeSet.objects.get() == before


def test_a_cataloguer_undoes_an_edit_but_no_import(sit):
    make_record()
    client = sit(CATALOGUER)
    change_set = ChangeSet.objects.get()
    ChangeSet.objects.update(kind="import")
    assert client.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/").status_code == 403
    assert "Undo this" not in client.get(f"/desk/catalogue/changeset/{change_set.pk}/change/").content.decode()
    ChangeSet.objects.update(kind="edit")
    assert client.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/").status_code == 302
    assert Record.objects.get().status == "withdrawn"


def test_a_page_of_the_desk_that_is_refused_leads_back_to_the_desk(sit):
    back = '<a class="again" href="/desk/">'
    client = sit(CATALOGUER)
    refused = client.get(f"/desk/catalogue/record/{make_record().pk}/delete/")
    assert refused.status_code == 403
    assert back in refused.text
    assert back not in client.get("/nowhere/").text


def test_a_cataloguer_deletes_no_record(sit):
    record = make_record("Kept")
    client = sit(CATALOGUER)
    assert client.post(f"/desk/catalogue/record/{record.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    client.post("/desk/catalogue/record/", chosen)
    assert Record.objects.exists()
    assert "Delete" not in client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()


def test_who_may_only_look_gets_a_form_without_a_button_and_saves_nothing(sit, django_user_model):
    from django.contrib.auth.models import Permission

    record = make_record("Kept")
    client = sit(ACCOUNT)
    user = django_user_model.objects.get(username=ACCOUNT)
    user.user_permissions.add(Permission.objects.get(codename="view_record"))
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
    assert '<fieldset class="all" disabled>' in page
    assert "You may look at this record, and not change it." in page
    assert 'name="_save"' not in page
    assert client.post(f"/desk/catalogue/record/{record.pk}/change/", {"title": "Other"}).status_code == 403


def test_an_administrator_makes_no_superuser_and_changes_none(sit, django_user_model):
    root = django_user_model.objects.create_superuser("root")
    other = django_user_model.objects.create_user("other")
    client = sit(ADMINISTRATOR)
    assert 'name="is_superuser"' not in client.get(f"/desk/auth/user/{other.pk}/change/").content.decode()
    client.post(f"/desk/auth/user/{other.pk}/change/", {"username": "other", "is_superuser": "on", "is_active": "on"})
    other.refresh_from_db()
    assert (other.is_active, other.is_superuser) == (True, False)
    for page in ("change", "password", "delete"):
        assert client.get(f"/desk/auth/user/{root.pk}/{page}/").status_code in (302, 403, 404)


def test_the_index_shows_what_one_may_do_and_the_last_changes(sit):
    make_record("Peer support")
    page = sit(CATALOGUER).get("/desk/").content.decode()
    assert "Add record" in page
    assert "Peer support" in page
    assert "/desk/auth/user/" not in page
    assert page.index("/desk/catalogue/record/") < page.index("/desk/catalogue/author/")
    page = sit(ACCOUNT).get("/desk/").content.decode()
    assert "Add record" not in page
    assert "Peer support" not in page


def test_the_desk_wears_the_library_s_look(sit):
    page = sit(CATALOGUER).get("/desk/").content.decode()
    assert "catalogue/desk.css" in page
    assert "Public catalogue" in page


def test_the_desk_s_pages_hold_no_inline_script_or_style(sit):
    record = make_record()
    client = sit(ADMINISTRATOR)
    for page in ("", "catalogue/record/", "catalogue/record/add/", f"catalogue/record/{record.pk}/change/"):
        text = client.get(f"/desk/{page}").content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert "<script>" not in text


@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("catalogue/record/", ["Desk", "Records"]),
        ("catalogue/record/{number}/delete/", ["Desk", "Records", "A report", "Delete"]),
        ("catalogue/keyword/add/", ["Desk", "Keywords", "New"]),
        ("auth/group/", ["Desk", "Groups"]),
        ("auth/group/add/", ["Desk", "Groups", "Add group"]),
        ("auth/user/{user}/change/", ["Desk", "Users", "admin"]),
        ("auth/user/{user}/history/", ["Desk", "Users", "admin", "History"]),
        ("auth/user/{unused}/delete/", ["Desk", "Users", "ada", "Delete"]),
        ("auth/user/{user}/password/", ["Desk", "Users", "admin", "Password"]),
    ],
)
def test_every_way_begins_at_the_desk(admin_client, admin_user, django_user_model, page, way):
    unused = django_user_model.objects.create_user("ada")
    page = page.format(number=make_record("A report").pk, user=admin_user.pk, unused=unused.pk)
    crumbs = re.search(r'<div class="breadcrumbs">(.*?)</div>', admin_client.get(f"/desk/{page}").text, re.DOTALL)
    assert [part.strip() for part in re.sub(r"<[^>]*>", "", crumbs[1]).split("&rsaquo;")] == way
