"""Who may what: every address of the desk for everybody, what the groups hold, and what is one's own."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from catalogue import changes, codes, unsaved
from catalogue.attachments import Attachment
from catalogue.batch import selecting, steps
from catalogue.groups import ADMINISTRATOR, CATALOGUER, DUTIES, EDITOR, READER, RIGHTS, make_groups, rights_of
from catalogue.jobs import tasks
from catalogue.jobs.models import Import
from catalogue.linkcheck.models import LinkRun
from catalogue.models import Author, Change, ChangeSet, Country, Keyword, Record
from catalogue.people import forgetting, rights
from tests.people import without_rights
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
ANYONE, ACCOUNT, NOBODY = "anyone", "account", "nobody"
# Each may all that those before it may.
ROLES = (ANYONE, ACCOUNT, READER, CATALOGUER, EDITOR, ADMINISTRATOR, NOBODY)

# Every address of the desk: who may open it, from whom on. Those that only take what is sent stand in POSTED.
ADDRESSES = {
    "": ACCOUNT,
    "login/": ANYONE,
    "logout/": ANYONE,
    "password_change/": ACCOUNT,
    "password_change/done/": ACCOUNT,
    "autocomplete/": NOBODY,
    "jsi18n/": ACCOUNT,
    "r/<path:content_type_id>/<path:object_id>/": ACCOUNT,
    "^(?P<app_label>catalogue|auth)/$": ACCOUNT,
    "(?P<url>.*)$": ACCOUNT,
    "headings/<str:name>/": READER,
    "searches/": READER,
    "typed/<str:name>/": CATALOGUER,
    "typed/<str:name>/discard/": CATALOGUER,
    "typed/<str:name>/preview/": READER,
    "typed/new/into/<int:number>/": CATALOGUER,
    "merge/<int:number>/<int:other>/": CATALOGUER,
    "merge/<int:number>/typed/<uuid:token>/": CATALOGUER,
    "figures/": READER,
    "batch/": CATALOGUER,
    "batch/begin/": CATALOGUER,
    "batch/<uuid:number>/": CATALOGUER,
    "batch/<uuid:number>/progress/": CATALOGUER,
    "links/": CATALOGUER,
    "links/<int:number>/": CATALOGUER,
    "links/do/": CATALOGUER,
    "links/replace/": CATALOGUER,
    "links/take-over/": CATALOGUER,
    "links/run/": CATALOGUER,
    "links/run/<int:number>/": CATALOGUER,
    "links/run/<int:number>/progress/": CATALOGUER,
    "documents/of/<int:number>/": CATALOGUER,
    "documents/<uuid:key>/": READER,
    "documents/<uuid:key>/change/": CATALOGUER,
    "documents/<uuid:key>/replace/": CATALOGUER,
    "import/": EDITOR,
    "import/begin/": EDITOR,
    "import/<uuid:number>/": EDITOR,
    "import/<uuid:number>/piece/": EDITOR,
    "import/<uuid:number>/progress/": EDITOR,
    "import/<uuid:number>/refused/": EDITOR,
    "catalogue/changeset/": READER,
    "catalogue/changeset/add/": NOBODY,
    "catalogue/changeset/<int:number>/undo/": CATALOGUER,
    "catalogue/changeset/<int:number>/undo/progress/": CATALOGUER,
    "catalogue/changeset/<path:object_id>/": ACCOUNT,
    "catalogue/changeset/<path:object_id>/history/": READER,
    "catalogue/changeset/<path:object_id>/delete/": NOBODY,
    "catalogue/changeset/<path:object_id>/change/": READER,
    **{
        f"catalogue/{name}/{page}": role
        for name in ("record", "author", "keyword", "country")
        for page, role in {
            "": READER,
            "add/": CATALOGUER,
            "<path:object_id>/": ACCOUNT,
            "<path:object_id>/history/": READER,
            "<path:object_id>/delete/": ADMINISTRATOR,
            "<path:object_id>/change/": READER,
        }.items()
    },
    **{
        f"catalogue/{name}/{page}": role
        for name in ("author", "keyword", "country")
        for page, role in {"merge/": CATALOGUER, "near/": READER, "<int:number>/split/": CATALOGUER}.items()
    },
    "catalogue/record/<int:number>/history/compare/": READER,
    "catalogue/record/<int:number>/history/<str:key>/": READER,
    "catalogue/record/<int:number>/history/<str:key>/restore/": CATALOGUER,
    "catalogue/keyword/tree/": READER,
    "catalogue/country/tree/": READER,
    **{
        f"catalogue/{name}/skos/{page}": role
        for name, names in (("author", "authors"), ("keyword", "keywords"), ("country", "countries"))
        for page, role in {"": CATALOGUER, f"{names}.<slug:ending>": READER}.items()
    },
    **{
        f"auth/{name}/{page}": role
        for name in ("user", "group")
        for page, role in {
            "": ADMINISTRATOR,
            "add/": ADMINISTRATOR,
            "<path:object_id>/": ACCOUNT,
            "<path:object_id>/history/": ADMINISTRATOR,
            "<path:object_id>/delete/": ADMINISTRATOR,
            "<path:object_id>/change/": ADMINISTRATOR,
        }.items()
    },
    "auth/user/<id>/password/": ADMINISTRATOR,
    "auth/user/<id>/access/": ADMINISTRATOR,
    "login/code/": ANYONE,
    "access/": ANYONE,
    "access/open/": ANYONE,
    "account/": ACCOUNT,
    "account/sessions/": ACCOUNT,
    "account/second-factor/": ACCOUNT,
    "people/invitations/": ADMINISTRATOR,
    "people/log/": ADMINISTRATOR,
}
POSTED = {
    "typed/new/into/<int:number>/",
    "batch/begin/",
    "links/do/",
    "links/run/",
    "links/take-over/",
    "documents/<uuid:key>/replace/",
    "typed/<str:name>/",
    "typed/<str:name>/discard/",
    "typed/<str:name>/preview/",
    "documents/of/<int:number>/",
    "documents/<uuid:key>/change/",
    "import/begin/",
    "import/<uuid:number>/piece/",
}


@pytest.fixture
def sit(client, seat):
    """Seat somebody at the desk, each with a name of their own."""

    def sit(role: str, name: str = ""):
        client.logout()
        return client if role == ANYONE else seat(role, name or role.lower())

    return sit


def addresses(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, here)
        elif here.startswith("desk/"):
            yield here.removeprefix("desk/"), pattern


def test_every_address_of_the_desk_has_a_rule_and_every_rule_an_address():
    assert {address for address, _pattern in addresses(get_resolver())} == set(ADDRESSES)


def make_things(owner: Any) -> dict[str, dict[str, Any]]:
    """Return what stands in the places of an address, by the folder of the address."""
    record, other = make_records([make_draft("One"), make_draft("Two", keywords=("Used",))])
    headings = {
        name: model.objects.create(heading="Unused").pk
        for name, model in (("author", Author), ("keyword", Keyword), ("country", Country))
    }
    owned = Import.objects.create(user=owner, name="a.csv", size=1, place="here") if owner else None
    batch = selecting.of_numbers(owner, [record.pk]) if owner else None
    return {
        "": {
            "token": uuid.uuid4(),
            "name": record.pk,
            "number": record.pk,
            "other": other.pk,
            "key": Attachment.objects.create(record=record, name="a.txt", kind="txt", size=1).pk,
            "object_id": record.pk,
            "content_type_id": ContentType.objects.get_for_model(Record).pk,
            "app_label": "catalogue",
            "ending": "ttl",
            "url": "nothing/",
            "id": owner.pk if owner else 1,
        },
        "headings": {"name": "keywords"},
        "batch": {"number": batch.pk if batch else uuid.uuid4()},
        "links": {"number": LinkRun.objects.create(scope=LinkRun.Scope.DUE, most=1).pk},
        "catalogue/record": {"number": record.pk, "object_id": record.pk, "key": Change.objects.order_by("pk")[0].pk},
        "import": {"number": owned.pk if owned else uuid.uuid4()},
        "catalogue/changeset": {"number": ChangeSet.objects.get().pk, "object_id": ChangeSet.objects.get().pk},
        **{f"catalogue/{name}": {"number": number, "object_id": number} for name, number in headings.items()},
        "auth/group": {"object_id": Group.objects.get(name=READER).pk},
        "auth/user": {"object_id": owner.pk if owner else 1},
    }


def filled(address: str, things: dict[str, dict[str, Any]]) -> str:
    """Return an address with things in its places."""
    if address.startswith("^"):
        address = "<app_label>/"
    folder = max((name for name in things if address.startswith(f"{name}/".lstrip("/"))), key=len)
    for name, value in {**things[""], **things[folder]}.items():
        address = re.sub(rf"<([a-z]+:)?{name}>|\(\?P<{name}>.*\)\$?", str(value), address)
    return address


@pytest.mark.django_db(transaction=True)  # a search reads a snapshot of its own
@pytest.mark.parametrize("role", ROLES[:-1])
def test_each_address_opens_for_those_who_may_and_for_nobody_else(sit, role):
    client = sit(role)
    things = make_things(getattr(client, "user", None))
    wrong = []
    for address, lowest in ADDRESSES.items():
        asked = client.post if address in POSTED else client.get
        response = asked("/desk/" + filled(address, things))
        is_sent_to_sign_in = response.get("Location", "").startswith("/desk/login/?next=")
        opened = response.status_code != 403 and not is_sent_to_sign_in
        if opened != (ROLES.index(role) >= ROLES.index(lowest)) or response.status_code >= 500:
            wrong.append((address, response.status_code))
    assert wrong == []


def test_who_does_not_work_at_the_desk_is_asked_to_sign_in(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("outsider"))
    for page in ("", "catalogue/record/", "import/"):
        assert client.get(f"/desk/{page}").headers["Location"].startswith("/desk/login/")


def test_the_rights_of_each_group_hold_those_of_the_one_before():
    make_groups()
    held = [
        set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))
        for name in (READER, CATALOGUER, EDITOR, ADMINISTRATOR)
    ]
    assert [rights == RIGHTS[name] for name, rights in zip(RIGHTS, held, strict=True)] == [True] * 4
    assert held[0] < held[1] < held[2] < held[3]
    assert not any(right.startswith(("add", "change", "delete", "publish")) for right in held[0])


def test_the_page_of_a_group_shows_duties_and_gives_and_takes_their_rights(admin_client):
    make_groups()
    group = Group.objects.get(name=CATALOGUER)
    other = Permission.objects.get(codename="view_logentry")
    group.permissions.add(other)
    address = f"/desk/auth/group/{group.pk}/change/"
    page = admin_client.get(address)
    assert page.context["adminform"].form.fields["duties"].initial == ["see", "catalogue", "publish"]
    assert "Publish and withdraw records" in page.text
    assert "Catalogue | " not in page.text
    assert "not one of the available choices" in admin_client.post(address, {"name": "A", "duties": ["rule"]}).text
    refused = admin_client.post(address, {"name": CATALOGUER, "duties": ["catalogue", "import"]}).text
    assert refused.count("without which the others are of no use: See the desk") == 1
    assert admin_client.post(address, {"name": CATALOGUER, "duties": ["see", "catalogue", "import"]}).status_code == 302
    held = set(group.permissions.values_list("codename", flat=True))
    assert held == RIGHTS[CATALOGUER] - {"publish_record"} | {"add_import", "view_logentry"}
    admin_client.post(address, {"name": CATALOGUER})
    assert set(group.permissions.all()) == {other}


def test_what_a_group_may_only_in_part_is_kept_until_somebody_takes_it_away(admin_client):
    make_groups()
    own = Group.objects.create(name="Shelving")
    own.permissions.set(Permission.objects.filter(codename__in=["change_record", "publish_record"]))
    address = f"/desk/auth/group/{own.pk}/change/"
    page = admin_client.get(address)
    assert page.context["adminform"].form.fields["duties"].initial == ["publish"]
    assert "Take away what it may only in part" in page.text

    def held_after(*duties: str, **values: str) -> set[str]:
        assert admin_client.post(address, {"name": "Shelves", "duties": duties, **values}).status_code == 302
        return set(own.permissions.values_list("codename", flat=True))

    assert held_after("see", "publish", second_factor="on") == {"change_record", "publish_record", *RIGHTS[READER]}
    assert held_after("people") == {"change_record", *rights_of(["people"])}
    assert held_after("people", drop_parts="on") == rights_of(["people"])
    assert "only in part" not in admin_client.get(address).text


def test_no_two_duties_share_a_right_and_all_that_they_need_is_there():
    everything = [right for duty in DUTIES.values() for right in duty.rights]
    assert len(everything) == len(set(everything))
    assert set(everything) == RIGHTS[ADMINISTRATOR]
    assert {needed for duty in DUTIES.values() for needed in duty.needs} <= DUTIES.keys()


def test_what_a_library_took_from_a_group_or_gave_to_it_stays_so():
    make_groups()
    group = Group.objects.get(name=CATALOGUER)
    group.permissions.remove(Permission.objects.get(codename="publish_record"))
    group.permissions.add(Permission.objects.get(codename="delete_record"))
    before = set(group.permissions.all())
    make_groups()
    assert set(group.permissions.all()) == before


def test_with_rights_that_have_names_now_nobody_loses_what_they_could_do(django_user_model):
    make_groups()
    named = ("publish_record", "change_many", "undo_others")
    Permission.objects.filter(codename__in=named).delete()
    Group.objects.exclude(name=CATALOGUER).delete()
    own = Group.objects.create(name="Trainees")
    own.permissions.add(Permission.objects.get(codename="change_record"))
    helper = django_user_model.objects.create_user("helper")
    helper.user_permissions.add(Permission.objects.get(codename="change_record"))
    other = Group.objects.create(name="Lookers")
    make_groups()
    for holder in (Group.objects.get(name=CATALOGUER), own):
        assert holder.permissions.filter(codename__in=named).count() == 3
    assert helper.user_permissions.filter(codename__in=named).count() == 3
    assert not other.permissions.exists()
    assert not Group.objects.get(name=READER).permissions.filter(codename__in=named).exists()


def without(group: str, right: str) -> None:
    Group.objects.get(name=group).permissions.remove(Permission.objects.get(codename=right))


def form_of(client, record: Record, **values: Any) -> dict[str, Any]:
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/")
    forms = page.context["forms"]
    sent = {}
    for part in (forms.main, forms.authors.management_form, forms.identifiers.management_form):
        sent |= {box.html_name: box.value() if box.value() is not None else "" for box in part}
    return {**sent, **values}


@pytest.mark.parametrize(
    ("before", "after", "is_saved"),
    [
        ("draft", "review", True),
        ("draft", "published", False),
        ("published", "draft", False),
        ("published", "published", True),
        ("review", "withdrawn", False),
    ],
)
def test_who_may_not_publish_hands_on_to_those_who_may(sit, before, after, is_saved):
    record = make_record("Report", status=before)
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    sent = form_of(client, record, title="Changed", status=after, withdrawn_reason="Why" * (after == "withdrawn"))
    response = client.post(f"/desk/catalogue/record/{record.pk}/change/", sent)
    record.refresh_from_db()
    assert (record.title, record.status) == (("Changed", after) if is_saved else ("Report", before))
    assert ("You may not publish" in response.content.decode()) == (not is_saved)


def test_a_new_record_is_published_by_those_only_who_may_publish(sit):
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    page = client.get("/desk/catalogue/record/add/").context["forms"]
    sent = {box.html_name: box.value() or "" for box in page.main}
    for part in (page.authors, page.identifiers):
        sent |= {box.html_name: box.value() or 0 for box in part.management_form}
    client.post("/desk/catalogue/record/add/", {**sent, "title": "New", "status": "published"})
    assert not Record.objects.exists()
    client.post("/desk/catalogue/record/add/", {**sent, "title": "New", "status": "review"})
    assert Record.objects.get().status == "review"


def act(client, action: str, records: list[Record], **sent: Any) -> str:
    chosen = {"action": action, "_selected_action": [record.pk for record in records], **sent}
    return client.post("/desk/catalogue/record/", chosen, follow=True).content.decode()


def test_the_actions_of_the_list_publish_nothing_for_those_who_may_not(sit):
    records = make_records([make_draft("One", status="draft"), make_draft("Two")])
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    act(client, "publish", records)
    act(client, "withdraw", records, reason="Why")
    assert "Some of these records are public" in act(client, "review", records)
    assert set(Record.objects.values_list("title", "status")) == {("One", "draft"), ("Two", "published")}
    act(client, "review", records[:1])
    assert Record.objects.get(title="One").status == "review"


def test_documents_are_given_to_the_public_by_those_who_may_publish(sit, settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path
    record, draft = make_records([make_draft("One"), make_draft("Two", status="draft")])
    client = sit(CATALOGUER)
    for one in (record, draft):
        for name, sent in (("open.txt", {"is_public": "on"}), ("closed.txt", {})):
            client.post(f"/desk/documents/of/{one.pk}/", {"file": SimpleUploadedFile(name, b"Some text"), **sent})
    without(CATALOGUER, "publish_record")
    shown, hidden = Attachment.objects.filter(record=record).order_by("-is_public")
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
    assert ['name="publish"' in page, 'name="is_public"' in page, page.count("Replace it")] == [False, False, 1]
    said = "The record is published, and you may not publish."
    for address, sent in (
        (f"of/{record.pk}/", {"file": SimpleUploadedFile("a.txt", b"Text"), "is_public": "on"}),
        (f"{hidden.pk}/change/", {"publish": ""}),
        (f"{shown.pk}/replace/", {"file": SimpleUploadedFile("a.txt", b"Text")}),
    ):
        assert said in client.post(f"/desk/documents/{address}", sent, follow=True).content.decode()
    assert list(Attachment.objects.filter(record=record, is_public=True).values_list("name")) == [("open.txt",)]
    page = client.get(f"/desk/catalogue/record/{draft.pk}/change/").content.decode()
    assert ['name="publish"' in page, 'name="is_public"' in page, page.count("Replace it")] == [True, True, 2]
    for one in Attachment.objects.filter(record=draft):
        client.post(f"/desk/documents/{one.pk}/change/", {"publish": ""})
    assert Attachment.objects.filter(record=draft, is_public=True).count() == 2
    change_set = changes.open_change_set(codes.MERGE)
    changes.apply(change_set, [changes.Wish(make_draft("Two", status="withdrawn", replaced_by=record.pk), draft.pk)])
    client.post(f"/desk/documents/{shown.pk}/change/", {"hide": ""})
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
    assert ['name="publish"' in page, page.count("Replace it")] == [False, 2]


@pytest.mark.parametrize(("role", "left"), [(CATALOGUER, 1), (EDITOR, 1), (ADMINISTRATOR, 0)])
def test_documents_are_removed_for_good_by_those_who_delete_for_good(sit, settings, tmp_path, role, left):
    settings.DOCUMENT_DIR = tmp_path
    record = make_record()
    client = sit(role)
    client.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("a.txt", b"Some text")})
    found = Attachment.objects.get()
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
    assert ('name="remove"' in page) == (not left)
    answer = client.post(f"/desk/documents/{found.pk}/change/", {"remove": ""})
    assert answer.status_code == (403 if left else 302)
    assert Attachment.objects.count() == left


def test_merging_withdraws_a_record_and_is_for_those_who_may_publish(sit):
    one, two = make_records([make_draft("One"), make_draft("Two")])
    client = sit(CATALOGUER)
    assert client.get(f"/desk/merge/{one.pk}/{two.pk}/").status_code == 200
    without(CATALOGUER, "publish_record")
    assert client.get(f"/desk/merge/{one.pk}/{two.pk}/").status_code == 403


@pytest.mark.parametrize(("role", "is_done"), [(CATALOGUER, False), (EDITOR, True)])
def test_more_than_a_hundred_records_are_changed_at_once_by_editors(sit, role, is_done, monkeypatch):
    monkeypatch.setattr(rights, "MANY", 2)
    records = make_records([make_draft(str(number), status="draft") for number in range(3)])
    client = sit(role)
    assert ("You may change 2 records at once" in act(client, "publish", records)) == (not is_done)
    assert Record.objects.filter(status="published").count() == (3 if is_done else 0)
    act(client, "publish", records[:2])
    assert Record.objects.filter(status="published").count() == (3 if is_done else 2)


@pytest.mark.parametrize(("role", "is_done"), [(CATALOGUER, False), (EDITOR, True)])
def test_headings_of_more_than_a_hundred_records_are_merged_and_split_by_editors(sit, role, is_done, monkeypatch):
    monkeypatch.setattr(rights, "MANY", 2)
    make_records([make_draft(str(number), keywords=("Many",)) for number in range(3)])
    make_record("Few", keywords=("Few",))
    many, few = (Keyword.objects.get(heading=heading) for heading in ("Many", "Few"))
    client, base = sit(role), "/desk/catalogue/keyword/"
    merging = {"heading": [many.pk, few.pk], "keep": few.pk}
    for page in (client.get(f"{base}merge/", merging), client.post(f"{base}merge/", merging, follow=True)):
        assert ("You may change 2 records at once" in page.content.decode()) == (not is_done)
    assert Keyword.objects.filter(heading="Many").exists() == (not is_done)
    kept = few if is_done else many
    for step in ("preview", "split"):
        splitting = {"heading": "New", "is_all": "on", "step": step}
        page = client.post(f"{base}{kept.pk}/split/", splitting, follow=True)
        assert ("You may change 2 records at once" in page.content.decode()) == (not is_done)
    assert Keyword.objects.filter(heading="New").exists() == is_done


def test_a_cataloguer_merges_into_the_heading_of_many_records_what_few_have(sit, monkeypatch):
    monkeypatch.setattr(rights, "MANY", 2)
    make_records([make_draft(str(number), keywords=("Many",)) for number in range(3)])
    make_record("Few", keywords=("Few",))
    many, few = (Keyword.objects.get(heading=heading) for heading in ("Many", "Few"))
    sit(CATALOGUER).post("/desk/catalogue/keyword/merge/", {"heading": [many.pk, few.pk], "keep": many.pk})
    assert list(Keyword.objects.all()) == [many]


def test_what_others_changed_in_many_records_is_undone_by_editors(sit, monkeypatch):
    monkeypatch.setattr(rights, "MANY", 2)
    make_records([make_draft(str(number)) for number in range(3)])
    made = ChangeSet.objects.get()
    page = f"/desk/catalogue/changeset/{made.pk}/"
    client = sit(CATALOGUER)
    assert client.post(f"{page}undo/").status_code == 403
    assert "Undo this" not in client.get(f"{page}change/").content.decode()
    ChangeSet.objects.update(user=client.user)
    assert client.get(f"{page}undo/").status_code == 200
    ChangeSet.objects.update(user=None)
    assert sit(EDITOR).post(f"{page}undo/").status_code == 302


def test_a_reader_of_drafts_sees_a_draft_its_history_and_its_page_and_changes_nothing(sit):
    record = make_record("Not out yet", status=codes.DRAFT)
    client = sit(READER)
    page = client.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
    assert "Not out yet" in page
    assert 'name="_save"' not in page
    assert f"/desk/typed/{record.pk}/preview/" in page
    shown = client.post(f"/desk/typed/{record.pk}/preview/", {"title": "Something else"}).content.decode()
    assert "Not out yet" in shown
    assert "Something else" not in shown
    assert client.post("/desk/typed/999/preview/").status_code == 404
    assert "Not out yet" in client.get("/desk/").content.decode()
    assert client.post(f"/desk/catalogue/record/{record.pk}/change/", {"title": "Other"}).status_code == 403
    act(client, "publish", [record])
    assert Record.objects.get().status == "draft"


def test_what_somebody_typed_and_brought_is_not_there_for_another(sit):
    record = make_record("Report")
    first = sit(ADMINISTRATOR, "first").user
    token = uuid.uuid4()
    unsaved.keep(first, token, record.pk, {"title": "Typed by the first"})
    item = Import.objects.create(user=first, name="secret.csv", size=1, place="here")
    client = sit(ADMINISTRATOR, "second")
    opened = client.get(f"/desk/catalogue/record/{record.pk}/change/?typed={token}").content.decode()
    assert "Typed by the first" not in opened
    client.post(f"/desk/typed/{record.pk}/discard/", {"token": str(token)})
    client.post(f"/desk/typed/{record.pk}/", {"token": str(token), "title": "Overwritten"})
    assert unsaved.kept_of(first, record.pk)[0].values["title"] == "Typed by the first"
    for page in ("", "progress/", "refused/"):
        assert client.get(f"/desk/import/{item.pk}/{page}").status_code == 404
    assert client.post(f"/desk/import/{item.pk}/piece/?offset=0", b"x", "text/plain").status_code == 404
    assert "secret.csv" not in client.get("/desk/import/").content.decode()


def test_who_may_not_publish_begins_with_a_draft_and_takes_back_own_edits(sit):
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    record = make_record("Report")
    assert client.get("/desk/catalogue/record/add/").context["form"]["status"].value() == "draft"
    copy = client.get(f"/desk/catalogue/record/add/?copy={record.pk}").context["form"]
    assert (copy["title"].value(), copy["status"].value()) == ("Report", "draft")
    client.post(f"/desk/catalogue/record/{record.pk}/change/", form_of(client, record, title="Repotr"))
    edit = ChangeSet.objects.get(user=client.user)
    assert client.post(f"/desk/catalogue/changeset/{edit.pk}/undo/").status_code == 302
    assert Record.objects.get().title == "Report"
    made = ChangeSet.objects.order_by("pk")[0]  # to undo that one withdraws the record
    ChangeSet.objects.filter(pk=made.pk).update(user=client.user)
    assert client.post(f"/desk/catalogue/changeset/{made.pk}/undo/").status_code == 403


def test_of_a_record_that_was_published_meanwhile_the_conflict_is_shown_first(sit):
    record = make_record("Report", status="review")
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    sent = form_of(client, record, title="Report, mended")
    change_set = changes.open_change_set(codes.EDIT)
    changes.apply(change_set, [changes.Wish(make_draft("Report"), record.pk)])
    page = client.post(f"/desk/catalogue/record/{record.pk}/change/", sent)
    assert page.status_code == 409
    assert "You may not publish" not in page.content.decode()
    again = {**form_of(client, record), "title": "Report, mended"}
    assert client.post(f"/desk/catalogue/record/{record.pk}/change/", again).status_code == 302
    record.refresh_from_db()
    assert (record.title, record.status) == ("Report, mended", "published")


def test_an_earlier_version_is_published_by_those_only_who_may(sit):
    record = make_record("Report")
    change_set = changes.open_change_set(codes.EDIT)
    changes.apply(change_set, [changes.Wish(make_draft("Report", status="draft"), record.pk)])
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    first = Change.objects.order_by("pk")[0]
    page = client.get(f"/desk/catalogue/record/{record.pk}/history/{first.pk}/restore/")
    assert "which you may not do" in page.content.decode()


def test_a_batch_edit_gives_no_status_that_its_person_may_not_give(sit):
    records = make_records([make_draft("One", status="draft"), make_draft("Two", status="draft")])
    client = sit(CATALOGUER)
    without(CATALOGUER, "publish_record")
    for step, said in (("published", "You may not publish"), ("review", "Some of these records are public")):
        item = selecting.of_numbers(client.user, [record.pk for record in records])
        item.steps = steps.to_dicts([steps.GiveStatus(step)])
        item.save()
        page = f"/desk/batch/{item.pk}/"
        answer = client.post(page, {"action": "preview"}, follow=True).content.decode()
        item.refresh_from_db()
        Record.objects.filter(pk=records[0].pk).update(status="published" if step == "review" else "draft")
        if item.state == "previewed":  # as if the right were asked for only now
            tasks.ask_at_once(item, "do")
            item.refresh_from_db()
        assert said in answer + item.problem
    assert set(Record.objects.values_list("title", "status")) == {("One", "published"), ("Two", "draft")}


def test_an_address_with_a_number_that_cannot_be_is_answered_in_words(sit):
    client = sit(CATALOGUER)
    for number in ("9" * 20, "9" * 5000):
        assert client.post(f"/desk/catalogue/record/{number}/change/", {"title": "x"}).status_code in (200, 302, 404)


def test_what_was_typed_goes_after_a_while_of_people_too_who_do_not_come_any_more(sit):
    client = sit(CATALOGUER)
    unsaved.keep(client.user, uuid.uuid4(), None, {"title": "Old"})
    unsaved.keep(client.user, uuid.uuid4(), None, {"title": "New"})
    unsaved.UnsavedForm.objects.filter(title="Old").update(touched=timezone.now() - timedelta(days=31))
    forgetting.forget_old()
    assert [form.title for form in unsaved.UnsavedForm.objects.all()] == ["New"]


def give(account, *names: str) -> Any:
    account.groups.set([without_rights()])
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    return type(account).objects.get(pk=account.pk)


def test_who_may_only_import_opens_no_import_and_undoes_none(sit):
    change_set = changes.open_change_set("import")
    changes.apply(change_set, [changes.Wish(make_draft("Public"))])
    client = sit(CATALOGUER)
    give(client.user, *RIGHTS[READER], "add_import")
    assert client.get("/desk/import/").status_code == 403
    assert client.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/", {"reason": ""}).status_code == 403
    assert Record.objects.get().status == "published"


@pytest.mark.parametrize("status", ["published", "review"])
def test_an_import_and_its_undo_are_taken_back_by_their_importer_where_nothing_was_public(sit, status):
    client = sit(CATALOGUER)
    importer = give(client.user, *RIGHTS[CATALOGUER] - {"publish_record"}, "add_import")
    change_set = changes.open_change_set("import", importer)
    changes.apply(change_set, [changes.Wish(make_draft("Report", status=status))])
    address = "/desk/catalogue/changeset/{}/undo/"
    may = status == "review"
    assert client.post(address.format(change_set.pk), {"reason": ""}).status_code == (302 if may else 403)
    assert Record.objects.get().status == ("withdrawn" if may else "published")
    if may:
        undo = ChangeSet.objects.get(undoes=change_set)
        assert client.post(address.format(undo.pk), {"reason": ""}).status_code == 302
        assert Record.objects.get().status == "review"


def test_two_groups_have_no_name_that_differs_in_its_letters_alone(admin_client):
    make_groups()
    page = admin_client.post("/desk/auth/group/add/", {"name": "cataloguer ", "duties": ["see"]}).text
    assert "There is a group of this name." in page
