"""Years, languages, kinds, addresses, names and identifiers as people write them."""

import io

import pytest

from catalogue.draft import Identifier, Name
from catalogue.formats import ReadOptions, get_format
from catalogue.formats.addresses import read_url, usable_url
from catalogue.formats.base import STRAIGHT, Notes
from catalogue.formats.identifiers import read_identifiers
from catalogue.formats.kinds import read_kind
from catalogue.formats.languages import read_language
from catalogue.formats.names import guess_name, may_be_several, split_names, write_name, write_names
from catalogue.formats.years import read_date, read_year, with_date


@pytest.mark.parametrize(
    "text",
    ["2019", "2019.0", "2019-06", "2019-06-28", "2019-06-28T00:00:00", "2019-06-28T00:00:00+0200", "28.6.2019"]
    + ["06/28/2019", "28 June 2019", "Juni 2019", "c2019", "©2019", "[2019]", "[2019?]", "ca. 2019", "20190628"],
)
def test_dates_of_any_usual_form_give_their_year(text):
    notes = Notes()
    assert read_year(text, notes) == 2019
    assert not notes.problems and not notes.warnings


@pytest.mark.parametrize("text", ["2019-2020", "2019/20", "2019–20", "2019, 2021"])
def test_several_years_give_the_first_and_a_warning(text):
    notes = Notes()
    assert read_year(text, notes) == 2019
    assert len(notes.warnings) == 1


@pytest.mark.parametrize("text", ["", "n.d.", "[s.a.]", "unknown"])
def test_no_date_is_no_year(text):
    notes = Notes()
    assert read_year(text, notes) is None
    assert not notes.problems


@pytest.mark.parametrize("text", ["soon", "-720.0", "19", "43644", "ISO 9001", "one of the 2019 reports of the board"])
def test_what_is_no_date_is_a_problem(text):
    notes = Notes()
    assert read_year(text, notes) is None
    assert (notes.problems[0].field, notes.problems[0].value) == ("year", text)


@pytest.mark.parametrize("text", ["soon", "forthcoming", "-720", "2999", "19--", "43644"])
def test_a_date_without_a_year_is_kept_for_the_details(text):
    notes = Notes()
    assert read_date(text, notes) == (None, text)
    assert not notes.problems
    assert f"“{text}”; it stands in the details" in notes.warnings[0]


@pytest.mark.parametrize(
    ("text", "year"),
    [("c. 1998", 1998), ("1998-99", 1998), ("[2001?]", 2001), ("n.d.", None), ("0", None), ("0000", None), ("", None)],
)
def test_a_date_that_says_a_year_or_none_leaves_nothing_for_the_details(text, year):
    assert read_date(text, Notes()) == (year, "")


@pytest.mark.parametrize(
    ("details", "whole"),
    [
        ("", "soon"),
        ("Leeds Press", "Leeds Press. soon"),
        ("Leeds Press.", "Leeds Press. soon"),
        ("Due soon", "Due soon"),
    ],
)
def test_the_details_end_in_the_date_unless_they_have_it(details, whole):
    assert with_date(details, "soon") == whole


@pytest.mark.parametrize(
    ("text", "code"),
    [("English", "en"), ("eng", "en"), ("en-GB", "en"), ("en_US", "en"), ("suomi", "fi"), ("Français", "fr"), ("", "")]
    + [("русский", "ru"), ("GER", "de"), ("zh-Hant-TW", "zh"), ("smn", "smn")],
)
def test_languages_become_codes(text, code):
    notes = Notes()
    assert read_language(text, notes) == code
    assert not notes.problems


def test_a_language_that_is_not_said_is_none():
    notes = Notes()
    assert read_language("N/A", notes) == ""
    assert not notes.problems and not notes.warnings


def test_an_unknown_language_is_a_problem():
    notes = Notes()
    assert read_language("Klingonese", notes) == ""
    assert notes.problems[0].field == "language"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("report", "report"),
        ("Working paper", "working-paper"),
        ("Research Report", "report"),
        ("Master's thesis", "thesis"),
    ]
    + [
        ("doctoral thesis", "thesis"),
        ("book part", "chapter"),
        ("Blog post", "web"),
        ("journalArticle", "article"),
        ("encyclopediaArticle", "chapter"),
        ("videoRecording", "media"),
        ("document", "other"),
        ("Technical Report||Preprint", "report"),
        ("policy report", "policy"),
        ("", ""),
    ],
)
def test_kinds_of_document_become_codes(text, kind):
    notes = Notes()
    assert read_kind(text, notes) == kind
    assert not notes.warnings


def test_an_unknown_kind_is_other_with_a_warning():
    notes = Notes()
    assert read_kind("scroll", notes) == "other"
    assert "scroll" in notes.warnings[0]


@pytest.mark.parametrize(
    ("text", "url"),
    [("www.x.org/a", "http://www.x.org/a"), ("x.ac.uk/a b", "http://x.ac.uk/a b"), ("//x.org", "http://x.org")]
    + [("10.1234/abc", "https://doi.org/10.1234/abc"), ("http://a.org; http://b.org", "http://a.org")],
)
def test_addresses_are_completed_with_a_warning(text, url):
    notes = Notes()
    assert read_url(text, notes) == url
    assert len(notes.warnings) == 1


@pytest.mark.parametrize(
    "url", ["", "https://x.org", "ftp://x.org/a", "mailto:a@x.org", "http://a.org/?u=http://b.org"]
)
def test_whole_addresses_stay(url):
    notes = Notes()
    assert read_url(url, notes) == url
    assert not notes.warnings


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fletcher, Del Roy", Name("Fletcher, Del Roy")),
        ("Plato", Name("Plato")),
        ("RAND", Name("RAND", "body")),
        ("Court, Ann", Name("Court, Ann")),
        ("Save the Children", Name("Save the Children", "body")),
        ("University of Leeds, School of Law", Name("University of Leeds, School of Law", "body")),
        ("Carberry, Josiah (0000-0002-1825-0097)", Name("Carberry, Josiah", orcid="0000-0002-1825-0097")),
        ("Carberry, J https://orcid.org/0000-0002-1825-0097", Name("Carberry, J", orcid="0000-0002-1825-0097")),
        ("Josiah Carberry (0000-0002-1825-0097)", Name("Josiah Carberry", orcid="0000-0002-1825-0097")),
        ("Carberry, J (0000-0002-1825-0098)", Name("Carberry, J (0000-0002-1825-0098)")),
        ("Shell [body]", Name("Shell", "body")),
    ],
)
def test_an_author_is_guessed_from_its_text(text, name):
    assert guess_name(text) == name
    assert guess_name(write_name(name)) == name


@pytest.mark.parametrize(
    ("text", "count"),
    [("A, B; C, D", 2), ("A, B|C, D", 2), ("A, B and C, D", 2), ("Department for Work and Pensions", 1)]
    + [("Smith, A. and Sons", 1), ("Office for Health, Safety and Labour, Environment", 1), ("A, B and C, D;", 1)],
)
def test_authors_are_divided_only_where_it_is_clear(text, count):
    assert len(split_names(text)) == count


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Smith, A., Jones, B. and Lee, C.", ["Smith, A.", "Jones, B.", "Lee, C."]),
        ("Smith, A. B., van Dijk, J.-P., & Lee, C.", ["Smith, A. B.", "van Dijk, J.-P.", "Lee, C."]),
        ("Smith, A, Jones, B", ["Smith, A", "Jones, B"]),
        ("Smith, Ann / Jones, Bo", ["Smith, Ann", "Jones, Bo"]),
        ("Smith, Ann & Jones, Bo / Lee, Cy", ["Smith, Ann", "Jones, Bo", "Lee, Cy"]),
        ("King, Martin Luther, Jr.", ["King, Martin Luther, Jr."]),
        ("Smith, J., Leeds, UK", ["Smith, J., Leeds, UK"]),
        ("Department for Education / Ministry of Justice", ["Department for Education / Ministry of Justice"]),
    ],
)
def test_authors_in_one_cell_are_divided_where_it_is_certain(text, names):
    assert split_names(text) == names


@pytest.mark.parametrize(
    "text",
    ["Ann Smith, Bo Jones, Cy Lee", "Smith A, Jones B, Lee C", "Ann Smith and Bo Jones"]
    + ["Smith, Ann and Bo Jones", "Smith, Ann, Jones, Bo", "Smith, J., Leeds, UK", "Ann Smith und Bo Jones"],
)
def test_what_may_be_several_authors_is_told(text):
    assert may_be_several(text)


@pytest.mark.parametrize(
    "text",
    ["Smith, Ann", "King, Martin Luther, Jr.", "Mill, John Stuart, 1806-1873", "van der Berg, Jan Willem", "Plato"]
    + ["Department for Work and Pensions", "University of Leeds, School of Law", "Marks and Spencer", "Smith, Ann B."]
    + ["Health and Safety Executive", "", ",", "12 and 13", "Save the Children", "García Márquez, Gabriel José"]
    + ["Ortega y Gasset, José", "Friends of the Earth and Greenpeace UK"],
)
def test_what_is_one_author_is_not_told_of(text):
    assert not may_be_several(text)


def test_a_lone_author_that_would_be_divided_is_not():
    for heading in ("A, B and C, D", "|", "a|"):
        assert split_names(write_names((Name(heading),))) == [heading]


def test_a_doi_keeps_its_own_semicolon():
    doi = "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"
    found = tuple(read_identifiers("doi", f"https://doi.org/{doi}; doi:10.1/b", ";", Notes()))
    assert found == (Identifier("doi", doi), Identifier("doi", "10.1/b"))


def test_an_isbn_that_a_spreadsheet_rounded_is_left_out_with_a_warning():
    notes = Notes()
    assert not list(read_identifiers("isbn", "9.78043902348e+12", ";", notes))
    assert len(notes.warnings) == 1


@pytest.mark.parametrize(
    ("scheme", "text", "whole"),
    [
        ("isbn", "140449132", "0140449132"),
        ("isbn", "9780140449136.0", "9780140449136"),
        ("issn", "3178471", "03178471"),
        ("isbn", "140449133", "140449133"),
        ("isbn", "978-0-14-044913-6", "978-0-14-044913-6"),
        ("report", "3178471", "3178471"),
    ],
)
def test_numbers_that_a_spreadsheet_shortened_get_their_zeros_back(scheme, text, whole):
    notes = Notes()
    assert list(read_identifiers(scheme, text, ";", notes)) == [Identifier(scheme, whole)]
    assert bool(notes.warnings) == (whole.startswith("0"))


# What is looked for from each of so many places, and each time to their end, takes minutes.
FAR = " " * 100_000


@pytest.mark.parametrize("filling", [FAR, "," * 100_000, ", " * 50_000, "(" * 100_000])
@pytest.mark.parametrize("names", ["", STRAIGHT])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("csv", 'title,last name\nA,"Smith{0}x"\n'),
        ("csv", 'title,last name,first name\nA,"Smith{0}x","Ann{0}x"\n'),
        ("csv", 'title,authors\nA,"Smith{0}x"\n'),
        ("csv", 'title,authors\nA,"Smith, A.{0}and x, B"\n'),
        ("csv", 'title,publisher\nA,"Smith{0}x"\n'),
        ("csv", 'title,url,language\nA,"http://x.org/{0}x","English{0}x"\n'),
        ("refer", "%0 Book\n%T A\n%A Smith{0}x\n%U http://x.org/{0}x\n%@ 123{0}x\n"),
        ("ris", "TY  - BOOK\nTI  - A\nAU  - Smith{0}x\nUR  - http://x.org/{0}x\nSN  - 123{0}x\nER  - \n"),
        ("labelled", "Author: Smith{0}x\nTitle: A\n"),
    ],
)
def test_a_value_with_very_many_spaces_is_read_at_once(name, content, names, filling):
    [row] = get_format(name).read(io.BytesIO(content.format(filling).encode()), ReadOptions(names=names))
    assert row.draft.title == "A"


@pytest.mark.parametrize("end", ["x", ", x", "(0000-0002-1825-0097", "/ https://x.org"])
def test_very_many_spaces_in_one_value_are_read_at_once(end):
    text = f"Smith{FAR}{end}"
    assert guess_name(text).heading.startswith("Smith")
    assert split_names(text)[0].startswith("Smith")
    assert may_be_several(text) in (True, False)
    assert usable_url(text, Notes()) == ""
    assert read_language(text, Notes()) == ""


def test_an_orcid_is_found_behind_spaces_and_brackets():
    for text in ("Carberry, J  , ( ORCID: https://orcid.org/0000-0002-1825-0097 )", "Carberry, J,0000-0002-1825-0097"):
        assert guess_name(text) == Name("Carberry, J", orcid="0000-0002-1825-0097")
