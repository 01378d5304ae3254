"""The reference that a reader copies from the page of a record."""

import pytest

from catalogue import codes
from catalogue.citations import cite
from catalogue.draft import Draft, Name

FLETCHER = Name("Fletcher, Del Roy")
IMPRINT = "Sheffield, UK: Sheffield Hallam University, 2012. 26p."


def test_the_seed_record_is_cited_as_its_readers_would():
    url = "http://www.shu.ac.uk/_assets/pdf/cresr-using-offender-KEP-report.pdf"
    draft = Draft("Offender Peer Interventions: What Do We Know?", (FLETCHER,), details=IMPRINT, year=2012, url=url)
    expected = "Fletcher, D. R. (2012). Offender Peer Interventions: What Do We Know? Sheffield Hallam University. "
    assert cite(draft, "https://library.example/records/1") == expected + url


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("Fletcher, Del Roy", "Fletcher, D. R."),
        ("Fletcher, D.R.", "Fletcher, D. R."),
        ("Sartre, Jean-Paul", "Sartre, J.-P."),
        ("King, Martin Luther, Jr.", "King, M. L., Jr."),
        ("Mill, John Stuart, 1806-1873", "Mill, J. S."),
        ("van der Berg, Élise", "van der Berg, É."),
        ("Plato", "Plato"),
        ("王, 小明", "王, 小明"),
        ("Smith,", "Smith"),
    ],
)
def test_a_person_is_cited_with_initials(heading, written):
    assert (
        cite(Draft("Title", (Name(heading),))) == f"{written if written[-1] == '.' else written + '.'} (n.d.). Title."
    )


def test_bodies_are_cited_whole_and_named_once():
    body = Name("Ministry of Justice, Analytical Services", codes.BODY)
    assert cite(Draft("A report.", (body,), year=1999)) == "Ministry of Justice, Analytical Services. (1999). A report."
    own = Draft("A report", (Name("Home Office", codes.BODY),), details="London: Home Office, 1999.", year=1999)
    assert cite(own) == "Home Office. (1999). A report."


def test_several_authors_are_joined_and_very_many_are_shortened():
    names = tuple(Name(f"Author{number}, Ann") for number in range(25))
    assert cite(Draft("T", names[:2])).startswith("Author0, A., & Author1, A. (n.d.). T.")
    assert cite(Draft("T", names[:3])).startswith("Author0, A., Author1, A., & Author2, A. (n.d.)")
    assert "Author18, A., … Author24, A. (n.d.)" in cite(Draft("T", names))
    assert "Author19" not in cite(Draft("T", names))


def test_without_an_author_the_title_comes_first():
    assert cite(Draft("(Peer) Mentoring: has its time arrived?")) == "(Peer) Mentoring: has its time arrived? (n.d.)."


def test_a_document_without_an_address_is_found_by_that_of_its_record():
    assert cite(Draft("T", year=1), "https://library.example/records/1") == "T. (1). https://library.example/records/1"


def test_details_that_name_no_publisher_surely_are_left_out():
    assert cite(Draft("T", details="Parallel title: x.", year=2001)) == "T. (2001)."
