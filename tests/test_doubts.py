"""What may be a slip of the hand is said beside the form and after saving, and refuses nothing."""

import pytest
from django.utils import timezone

from catalogue import doubts
from catalogue.check_digits import is_isbn, is_issn
from catalogue.draft import Draft, Identifier
from catalogue.models import Record
from tests.records import make_record
from tests.test_admin_records import ADD, filled

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("digits", ["0306406152", "9780306406157", "080442957X"])
def test_isbns(digits):
    assert is_isbn(digits)
    for place in range(len(digits) - 1):
        other = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert not is_isbn(other)


@pytest.mark.parametrize("wrong", ["", "X", "X306406152", "978030640615X", "٩٧٨٠٣٠٦٤٠٦١٥٧", "030640615", "03064061521"])
def test_no_isbns(wrong):
    assert not is_isbn(wrong)


def test_issns():
    assert is_issn("03784754")
    assert is_issn("2434561X")
    assert not any(map(is_issn, ["", "03784755", "X3784754", "0378475", "037847541"]))


def identified(scheme: str, value: str) -> Draft:
    return Draft("A report", identifiers=(Identifier(scheme, value),))


@pytest.mark.parametrize(
    "draft",
    [
        Draft("A report", year=2012, language="en", shelf_number="7"),
        Draft("A report", year=timezone.localdate().year + 1),
        identified("isbn", "ISBN 978-0-306-40615-7 (pbk.)"),
        identified("isbn", "0-8044-2957-x"),
        identified("issn", "0378-4754"),
        identified("doi", "10.1000/182"),
        identified("doi", "10.1000.10/a(b)"),
        identified("report", "RR-13"),
        identified("report", "ABC-DEF"),
        identified("source:lib", "peer"),
    ],
)
def test_what_may_be_so_is_not_doubted(draft):
    assert doubts.find(draft) == []


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("A report", year=2099), "The year 2099 is to come."),
        (Draft("A report", language="xq"), "“xq”"),
        (identified("isbn", "978-0-306-40615-8"), "no ISBN"),
        (identified("isbn", "none"), "no ISBN"),
        (identified("issn", "0378-4755"), "no ISSN"),
        (identified("doi", "doi.org"), "does not look like a DOI"),
    ],
)
def test_a_slip_is_said(draft, said):
    (sentence,) = doubts.find(draft)
    assert said in sentence


def test_a_shelf_number_that_another_record_has_is_said_but_not_that_of_one_that_is_gone():
    own, other = make_record("Own", shelf_number="12"), make_record("Other", shelf_number="7")
    assert doubts.find(Draft("New", shelf_number="7")) == [
        f"The shelf number 7 is that of record {other.pk} too, “Other”."
    ]
    assert doubts.find(Draft("Own", shelf_number="12"), own.pk) == []
    Record.objects.filter(pk=other.pk).update(status="withdrawn")
    assert doubts.find(Draft("New", shelf_number="7")) == []


@pytest.mark.parametrize(
    ("typed", "kept"), [("English", "en"), ("eng", "en"), ("en-GB", "en"), ("FI", "fi"), ("xq", "xq"), ("", "")]
)
def test_a_language_is_typed_as_a_code_or_by_its_name(desk, typed, kept):
    desk.post(ADD, filled(title="Report", language=typed))
    assert Record.objects.get().language == kept


def test_a_language_that_is_none_is_refused_in_a_sentence(desk):
    assert "not a known language" in desk.post(ADD, filled(title="Report", language="gibberish")).text
    assert not Record.objects.exists()


def test_doubts_stand_beside_the_form_and_are_said_after_saving(desk):
    sent = filled(title="From tomorrow", year="2099")
    answer = desk.post("/desk/typed/new/", {**sent, "token": "0" * 32})
    assert "The year 2099 is to come." in answer.json()["beside"]
    assert "1 thing to look at again" in answer.json()["alike"]
    page = desk.post(ADD, {**sent, "_continue": "1"}, follow=True).text
    assert Record.objects.get().year == 2099
    assert page.count("The year 2099 is to come.") == 2
