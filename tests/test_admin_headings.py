"""Headings at the desk: one form of words leads to one heading, and what is used stays."""

from typing import Any

import pytest

from catalogue.models import Author, AuthorVariant, Country, CountryVariant, Keyword, KeywordVariant
from tests.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def variants(*forms: Any) -> dict[str, Any]:
    """What a browser sends for rows of other forms: texts for new ones, variants for those that are there."""
    known = [form for form in forms if not isinstance(form, str)]
    data: dict[str, Any] = {"variants-TOTAL_FORMS": len(forms), "variants-INITIAL_FORMS": len(known)}
    for place, form in enumerate([*known, *(form for form in forms if isinstance(form, str))]):
        data[f"variants-{place}-form"] = str(form)
        data[f"variants-{place}-id"] = "" if isinstance(form, str) else form.pk
    return data


def keyword_page(keyword: Keyword) -> str:
    return f"/desk/catalogue/keyword/{keyword.pk}/change/"


def test_a_heading_is_saved_with_its_other_forms(desk):
    desk.post(
        "/desk/catalogue/author/add/", {"heading": " Fletcher,  Del Roy", "kind": "person", **variants("Fletcher, D.")}
    )
    assert Author.objects.get().heading == "Fletcher, Del Roy"
    assert str(AuthorVariant.objects.get().authority) == "Fletcher, Del Roy"


@pytest.mark.parametrize("heading", ["Prisons", "PRISONS", "Prísons", " prisons  "])
def test_a_heading_that_is_there_after_folding_is_refused(desk, heading):
    Keyword.objects.create(heading="Prisons")
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": heading, **variants()}).content.decode()
    assert page.count("“Prisons” is there already.") == 1
    assert Keyword.objects.count() == 1


def test_a_heading_that_is_another_ones_other_form_is_refused_with_its_name(desk):
    KeywordVariant.objects.create(form="Gaols", authority=Keyword.objects.create(heading="Prisons"))
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": "gaols", **variants()}).content.decode()
    assert "“Gaols” is another form of “Prisons”." in page


def test_another_form_that_is_a_heading_is_refused_with_its_name(desk):
    Keyword.objects.create(heading="Prisons")
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": "Gaols", **variants("PRISONS")}).content.decode()
    assert "“PRISONS” is a heading itself: “Prisons”." in page
    assert Keyword.objects.count() == 1


def test_another_form_that_leads_elsewhere_is_refused_with_that_heading(desk):
    KeywordVariant.objects.create(form="Gaols", authority=Keyword.objects.create(heading="Prisons"))
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": "Jails", **variants("gaols")}).content.decode()
    assert "“gaols” leads to “Prisons” already." in page


@pytest.mark.parametrize("forms", [("gaols", "Gáols"), ("Prisons",)])
def test_one_form_stands_once_on_a_page(desk, forms):
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": "Prisons", **variants(*forms)}).content.decode()
    assert "stands on this page already" in page
    assert not Keyword.objects.exists()


def test_preferred_and_other_form_can_change_places(desk):
    keyword = Keyword.objects.create(heading="Gaols")
    variant = KeywordVariant.objects.create(form="Prisons", authority=keyword)
    variant.form = "Gaols"
    desk.post(keyword_page(keyword), {"heading": "Prisons", **variants(variant)})
    assert Keyword.objects.get().heading == "Prisons"
    assert KeywordVariant.objects.get().form == "Gaols"


def test_two_other_forms_that_change_places_make_no_traceback(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    one, two = (KeywordVariant.objects.create(form=form, authority=keyword) for form in ("Gaols", "Jails"))
    one.form, two.form = "Jails", "Gaols"
    page = desk.post(keyword_page(keyword), {"heading": "Prisons", **variants(one, two)}, follow=True)
    assert "Nothing was saved" in page.content.decode()


def test_an_emptied_row_takes_the_other_form_away(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    variant = KeywordVariant.objects.create(form="Gaols", authority=keyword)
    variant.form = ""
    desk.post(keyword_page(keyword), {"heading": "Prisons", **variants(variant)})
    assert not KeywordVariant.objects.exists()


def test_broader_and_related_headings_are_typed_by_any_of_their_forms(desk):
    mentoring, youth = (Keyword.objects.create(heading=heading) for heading in ("Mentoring", "Youth"))
    KeywordVariant.objects.create(form="Mentorship", authority=mentoring)
    data = {"heading": "Peer Mentoring", "broader": "mentorship", "related": "Youth\n\nyouth", **variants()}
    desk.post("/desk/catalogue/keyword/add/", data)
    keyword = Keyword.objects.get(heading="Peer Mentoring")
    assert list(keyword.broader.all()) == [mentoring]
    assert list(keyword.related.all()) == [youth]
    page = desk.get(keyword_page(keyword))
    assert ">\nMentoring</textarea>" in page.content.decode()


def test_an_unknown_broader_heading_is_refused(desk):
    page = desk.post("/desk/catalogue/keyword/add/", {"heading": "A", "broader": "B", **variants()}).content.decode()
    assert "There is no heading “B”." in page


def test_no_keyword_is_broader_than_itself_by_way_of_others(desk):
    top, middle, low = (Keyword.objects.create(heading=heading) for heading in ("Top", "Middle", "Low"))
    middle.broader.add(top)
    low.broader.add(middle)
    page = desk.post(keyword_page(top), {"heading": "Top", "broader": "Low", **variants()}).content.decode()
    assert "cannot be broader than itself" in page


def test_no_country_is_a_part_of_itself(desk):
    europe = Country.objects.create(heading="Europe")
    france = Country.objects.create(heading="France", part_of=europe)
    page = desk.get(f"/desk/catalogue/country/{france.pk}/change/").content.decode()
    assert 'value="Europe"' in page
    data = {"heading": "Europe", "part_of": "france", **variants()}
    assert (
        "cannot be a part of itself" in desk.post(f"/desk/catalogue/country/{europe.pk}/change/", data).content.decode()
    )


@pytest.mark.parametrize(("code", "kept"), [("gb", "GB"), ("", ""), ("G1", None), ("ÄÖ", None)])
def test_a_country_code_has_two_letters(desk, code, kept):
    desk.post("/desk/catalogue/country/add/", {"heading": "United Kingdom", "code": code, **variants()})
    assert list(Country.objects.values_list("code", flat=True)) == ([kept] if kept is not None else [])


def test_a_wrong_orcid_is_refused(desk):
    data = {"heading": "A", "kind": "person", "orcid": "0000-0002-1825-0098", **variants()}
    assert "not a valid ORCID" in desk.post("/desk/catalogue/author/add/", data).content.decode()


@pytest.mark.parametrize(("name", "model"), [("author", Author), ("keyword", Keyword), ("country", Country)])
def test_a_heading_that_records_use_stays_and_the_page_says_why(desk, name, model):
    make_record(authors=("Used",), keywords=("Used",), country="Used")
    address = f"/desk/catalogue/{name}/{model.objects.get().pk}/delete/"
    for answer in (desk.get(address, follow=True), desk.post(address, {"post": "yes"}, follow=True)):
        assert "“Used” cannot be deleted: records use it." in answer.content.decode()
    assert model.objects.exists()


def test_a_heading_that_is_used_just_before_it_goes_stays(desk, monkeypatch):
    make_record(keywords=("Used",))
    monkeypatch.setattr("catalogue.admin.headings.KeywordAdmin._why_kept", lambda self, heading: "")
    address = f"/desk/catalogue/keyword/{Keyword.objects.get().pk}/delete/"
    desk.post(address, {"post": "yes"}, follow=True)
    assert Keyword.objects.exists()


def test_a_country_with_parts_stays(desk):
    europe = Country.objects.create(heading="Europe")
    Country.objects.create(heading="France", part_of=europe)
    page = desk.post(f"/desk/catalogue/country/{europe.pk}/delete/", {"post": "yes"}, follow=True)
    assert "other countries are parts of it" in page.content.decode()


def test_an_unused_heading_goes_with_its_other_forms(desk):
    keyword = Keyword.objects.create(heading="Unused")
    KeywordVariant.objects.create(form="Idle", authority=keyword)
    desk.post(f"/desk/catalogue/keyword/{keyword.pk}/delete/", {"post": "yes"})
    assert not Keyword.objects.exists()


@pytest.mark.parametrize("text", ["kíngdom", "GREAT BRI", "united"])
def test_headings_are_found_by_any_form_without_case_and_accents(desk, text):
    CountryVariant.objects.create(form="Great Britain", authority=Country.objects.create(heading="United Kingdom"))
    Country.objects.create(heading="Chile")
    found = desk.get("/desk/catalogue/country/", {"q": text}).context["cl"].result_list
    assert [country.heading for country in found] == ["United Kingdom"]


def test_the_list_counts_the_records_of_each_heading(desk):
    for _ in range(3):
        make_record(keywords=("Used",))
    Keyword.objects.create(heading="Unused")
    found = desk.get("/desk/catalogue/keyword/").context["cl"].result_list
    assert {keyword.heading: keyword.record_count for keyword in found} == {"Used": 3, "Unused": 0}


def complete(desk, name: str, text: str) -> list[dict[str, Any]]:
    return desk.get(f"/desk/headings/{name}/", {"q": text}).json()["headings"]


def led(heading: str, variant: str = "", **facts: Any) -> dict[str, Any]:
    """What completion says of a heading."""
    return {"heading": heading, "variant": variant, "note": "", "count": 0, **facts}


def test_completion_tells_the_scope_note_and_on_how_many_records_a_heading_stands(desk):
    Keyword.objects.create(heading="Prisons", scope_note="Not  for police cells.")
    make_record(keywords=("Prisons", "Prison officers"))
    make_record(keywords=("Prisons",))
    assert complete(desk, "keywords", "prison") == [
        led("Prison officers", count=1),
        led("Prisons", note="Not for police cells.", count=2),
    ]


def test_completion_says_which_variant_led_to_a_heading(desk):
    CountryVariant.objects.create(form="U.K.", authority=Country.objects.create(heading="United Kingdom"))
    assert complete(desk, "countries", "u.k") == [led("United Kingdom", "U.K.")]
    assert complete(desk, "countries", "UNI") == [led("United Kingdom")]


def test_completion_of_authors_brings_kind_and_orcid(desk):
    Author.objects.create(heading="Home Office", kind="body")
    assert complete(desk, "authors", "home") == [led("Home Office", kind="body", orcid="")]


def test_completion_names_each_heading_once_and_at_most_ten(desk):
    for n in range(12):
        keyword = Keyword.objects.create(heading=f"Prison {n:02}")
        KeywordVariant.objects.create(form=f"Prison house {n}", authority=keyword)
    found = [match["heading"] for match in complete(desk, "keywords", "pris")]
    assert found == [f"Prison {n:02}" for n in range(10)]


def test_completion_names_a_heading_once_for_all_its_other_forms(desk):
    keyword = Keyword.objects.create(heading="Prisons")
    for form in ("Gaols", "Gaol houses"):
        KeywordVariant.objects.create(form=form, authority=keyword)
    assert complete(desk, "keywords", "gaol") == [led("Prisons", "Gaol houses")]


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "\0", "x" * 5000])
def test_completion_takes_any_text(desk, text):
    Keyword.objects.create(heading="Prisons")
    assert complete(desk, "keywords", text) == []


def test_there_is_no_completion_of_anything_else(desk):
    assert desk.get("/desk/headings/users/").status_code == 404
