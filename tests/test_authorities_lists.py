"""Headings that look alike, that nobody uses, and the thesaurus as a tree."""

import pytest
from django.contrib.auth.models import Permission

from catalogue.authorities import near, tree
from catalogue.authorities.files import FILES
from catalogue.models import Author, Country, Keyword, KeywordVariant
from tests.people import make_member
from tests.records import make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def alike(name: str, *headings: str) -> list[list[str]]:
    model = FILES[name].model
    for heading in headings:
        model.objects.create(heading=heading)
    known = dict(model.objects.values_list("pk", "heading"))
    return [[known[number] for number in group.numbers] for group in near.groups(FILES[name])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Prison", "Prisons"),
        ("Peer-Mentoring", "Peer mentoring"),
        ("Crime Prevention", "Prevention of Crime"),
        ("Crime, Prevention of", "Crime Prevention"),
        ("U.K.", "UK"),
        ("Women's Prisons", "Womens' prison"),
        ("Policies", "Policy"),
        ("Churches", "Church"),
        ("Drugs & Alcohol", "Alcohol and drugs"),
        ("Mentoring (Peer)", "Peer Mentoring"),
    ],
)
def test_keywords_that_differ_by_a_trifle_look_alike(one, other):
    assert alike("keyword", one, other, "Something Else") == [sorted([one, other], key=str.lower)]


@pytest.mark.parametrize(
    ("one", "other"), [("Prison", "Prisoner"), ("Crisis", "Cris"), ("Gas", "Ga"), ("Youth", "Young People"), ("?", "!")]
)
def test_keywords_that_mean_something_else_do_not(one, other):
    assert alike("keyword", one, other) == []


def test_another_form_counts_too_but_not_a_heading_s_own():
    prisons = Keyword.objects.create(heading="Prisons")
    for form in ("Prison", "Gaols"):
        KeywordVariant.objects.create(form=form, authority=prisons)
    assert alike("keyword", "Gaol") == [["Gaol", "Prisons"]]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Fletcher, D. R.", "Fletcher, Del Roy"), [["Fletcher, D. R.", "Fletcher, Del Roy"]]),
        (("Fletcher, D.R.", "Fletcher, D. R."), [["Fletcher, D. R.", "Fletcher, D.R."]]),
        (("Fletcher, D.", "Fletcher, Del Roy"), [["Fletcher, D.", "Fletcher, Del Roy"]]),
        (("Fletcher, D. R.", "Fletcher, Del Xavier"), []),
        (("Fletcher, D.", "Fletcher, Roy"), []),
        (("Fletcher, Del", "Fletcher, Dan"), []),
        (("Smith, J.", "Smith, Jane", "Smith, John"), [["Smith, J.", "Smith, Jane", "Smith, John"]]),
        (("Müller, J.", "Muller, Jörg"), [["Müller, J.", "Muller, Jörg"]]),
        (("Smith, J.", "Smythe, Jane"), []),
    ],
)
def test_people_look_alike_by_their_initials(names, found):
    assert alike("author", *names) == found


def test_bodies_have_no_initials():
    Author.objects.create(heading="Trust, P.", kind="body")
    assert alike("author", "Trust, Prison") == []


def test_twenty_thousand_headings_are_looked_through_in_three_queries(django_assert_num_queries):
    Author.objects.bulk_create(
        Author(heading=f"{chr(65 + n % 26)}urname{n // 40}, {chr(65 + n % 7)}. {n % 11}") for n in range(20_000)
    )
    with django_assert_num_queries(3):
        near.groups(FILES["author"])


def test_the_page_offers_to_merge_what_looks_alike(desk):
    make_record(keywords=("Prison", "Prisons"))
    page = desk.get("/desk/catalogue/keyword/near/").content.decode()
    assert page.count('name="heading"') == 2
    assert "the same words" in page
    assert "1 record " in " ".join(page.split())


@pytest.mark.parametrize("page", ["x", "0", "99999", "-1"])
def test_the_pages_take_any_number(desk, page):
    assert desk.get("/desk/catalogue/keyword/near/", {"p": page}).status_code == 200
    assert desk.get("/desk/catalogue/keyword/tree/", {"p": page, "at": page}).status_code == 200


@pytest.mark.parametrize(("used", "found"), [("none", ["None"]), ("once", ["Once"]), ("more", ["Twice"])])
@pytest.mark.parametrize("name", ["author", "keyword", "country"])
def test_headings_are_listed_by_how_many_records_use_them(desk, name, used, found):
    for heading in ("Once", "Twice", "Twice"):
        make_record(authors=(heading,), keywords=(heading,), country=heading)
    FILES[name].model.objects.create(heading="None")
    listed = desk.get(f"/desk/catalogue/{name}/", {"used": used}).context["cl"].result_list
    assert [heading.heading for heading in listed] == found


@pytest.fixture
def thesaurus():
    """Crime > Theft > Car Theft > Joyriding > Night Joyriding, and Weather in no tree."""
    above = None
    for heading in ("Crime", "Theft", "Car Theft", "Joyriding", "Night Joyriding"):
        made = Keyword.objects.create(heading=heading)
        if above:
            made.broader.add(above)
        above = made
    Keyword.objects.create(heading="Weather")


def test_the_tree_is_drawn_to_a_depth_from_where_it_goes_on(desk, thesaurus):
    page = desk.get("/desk/catalogue/keyword/tree/").content.decode()
    assert [word for word in ("Crime", "Theft", "Car Theft", "Joyriding") if f">{word}<" in page] == [
        "Crime",
        "Theft",
        "Car Theft",
        "Joyriding",
    ]
    assert "Night Joyriding" not in page
    assert "1 heading stands in no tree" in page
    lower = Keyword.objects.get(heading="Joyriding")
    assert f"?at={lower.pk}" in page
    page = " ".join(desk.get("/desk/catalogue/keyword/tree/", {"at": lower.pk}).content.decode().split())
    assert "Night Joyriding" in page
    assert page.index(">Crime<") < page.index(">Car Theft<") < page.index("Night Joyriding")


def test_what_stands_in_no_tree_and_at_the_top_is_listed(desk, thesaurus):
    for place, heading in (("alone", "Weather"), ("top", "Crime")):
        listed = desk.get("/desk/catalogue/keyword/", {"place": place}).context["cl"].result_list
        assert [found.heading for found in listed] == [heading]


def test_countries_stand_in_a_tree_too(desk):
    europe = Country.objects.create(heading="Europe")
    Country.objects.create(heading="France", part_of=europe)
    page = desk.get("/desk/catalogue/country/tree/").content.decode()
    assert "Europe" in page
    assert "France" in page
    assert desk.get("/desk/catalogue/author/tree/").status_code != 200


def test_a_large_tree_is_drawn_in_part():
    top = Keyword.objects.create(heading="Top")
    through = Keyword.broader.through
    wide = Keyword.objects.bulk_create(Keyword(heading=f"Wide {n:03}") for n in range(90))
    through.objects.bulk_create(through(from_keyword=one, to_keyword=top) for one in wide)
    for middle in wide[:12]:
        low = Keyword.objects.bulk_create(Keyword(heading=f"{middle} {n}") for n in range(90))
        through.objects.bulk_create(through(from_keyword=one, to_keyword=middle) for one in low)
    [root] = tree.grow(FILES["keyword"], [(top.pk, "Top")])
    drawn = [len(node.children) for node in root.children]
    assert len(root.children) == 90
    assert 1 + 90 + sum(drawn) <= tree.MOST_SHOWN
    assert [node.is_whole for node in root.children].count(False) == 12 - drawn.count(90)


def test_a_heading_with_very_many_under_it_has_pages_of_them(desk):
    top = Keyword.objects.create(heading="Top")
    through = Keyword.broader.through
    many = Keyword.objects.bulk_create(Keyword(heading=f"Under {n:03}") for n in range(150))
    through.objects.bulk_create(through(from_keyword=one, to_keyword=top) for one in many)
    address = "/desk/catalogue/keyword/tree/"
    assert "Under 149" not in desk.get(address).content.decode()
    assert f"?at={top.pk}" in desk.get(address).content.decode()
    first = desk.get(address, {"at": top.pk}).content.decode()
    assert "Under 099" in first
    assert "Under 149" not in first
    assert f"at={top.pk}&amp;p=2" in first
    assert "Under 149" in desk.get(address, {"at": top.pk, "p": 2}).content.decode()


def test_headings_that_are_kept_apart_are_not_listed_again(desk):
    numbers = [Keyword.objects.create(heading=heading).pk for heading in ("Prison", "Prisons", "The prison", "Policy")]
    page = "/desk/catalogue/keyword/near/"
    said = desk.post(page, {"heading": numbers[:2]}, follow=True).content.decode()
    assert "Kept apart, and not listed here again: “Prison”, “Prisons”." in said
    assert alike("keyword") == [["Prison", "Prisons", "The prison"]]  # each may still be one with the third
    desk.post(page, {"heading": [numbers[2], numbers[1]]})
    assert alike("keyword") == [["Prison", "The prison"]]
    desk.post(page, {"heading": numbers[:3]})
    assert alike("keyword") == []
    assert alike("keyword", "Policies") == [["Policies", "Policy"]]


@pytest.mark.parametrize("ticked", [[], ["1"], ["x", "9" * 30], ["²", "-1"], ["9" * 5_000, "²"]])
def test_less_than_two_headings_are_not_kept_apart(desk, ticked):
    said = desk.post("/desk/catalogue/keyword/near/", {"heading": ticked}, follow=True).content.decode()
    assert "Tick two headings at least." in said


def test_who_may_not_change_headings_keeps_none_apart(client, django_user_model):
    user = make_member("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_keyword"))
    client.force_login(user)
    assert client.get("/desk/catalogue/keyword/near/").status_code == 200
    assert client.post("/desk/catalogue/keyword/near/", {"heading": [1, 2]}).status_code == 403
