"""The constraints of the tables hold whoever writes: the ORM in bulk, or SQL typed by hand."""

import unicodedata

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.folding import FOLD_SQL, fold_heading
from catalogue.models import (
    Author,
    AuthorVariant,
    Change,
    ChangeSet,
    Country,
    CountryVariant,
    Keyword,
    KeywordVariant,
    Record,
    RecordAuthor,
    RecordIdentifier,
    RecordKeyword,
)

pytestmark = pytest.mark.django_db

HEADINGS = [(Author, AuthorVariant), (Keyword, KeywordVariant), (Country, CountryVariant)]


def refuses(constraint: str, model, **values) -> bool:
    """Tell whether both bulk_create and plain SQL are refused by this constraint."""
    row = model(**values)
    columns = {model._meta.get_field(name).column: getattr(row, model._meta.get_field(name).attname) for name in values}
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("%s" for _ in columns)

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', list(columns.values()))

    return all(_refused(constraint, way) for way in (lambda: model.objects.bulk_create([row]), insert))


def _refused(constraint: str, way) -> bool:
    try:
        with transaction.atomic():
            way()
    except IntegrityError as error:
        return constraint in str(error)
    return False


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("record_title_not_empty", {"title": ""}),
        ("record_title_not_empty", {"title": " \t\n"}),
        ("record_title_not_empty", {"title": "\u00a0\u2003"}),
        ("record_year_in_range", {"year": 0}),
        ("record_year_in_range", {"year": -5}),
        ("record_year_in_range", {"year": 2101}),
        ("record_url_valid", {"url": "javascript:alert(1)"}),
        ("record_url_valid", {"url": "data:text/html,<script>"}),
        ("record_url_valid", {"url": "http://"}),
        ("record_url_valid", {"url": "http:///path"}),
        ("record_url_valid", {"url": "http://?q"}),
        ("record_url_valid", {"url": " javascript:alert(1)//http://example.org"}),
        ("record_url_valid", {"url": "javascript:alert(1)\nhttp://example.org"}),
        ("record_url_valid", {"url": "http://example.org/a b"}),
        ("record_url_valid", {"url": "http://example.org\njavascript:alert(1)"}),
        ("record_language_valid", {"language": "EN"}),
        ("record_language_valid", {"language": "e"}),
        ("record_language_valid", {"language": "e1"}),
        ("record_kind_known", {"kind": "pamphlet"}),
        ("record_status_known", {"status": ""}),
        ("record_status_known", {"status": "public"}),
    ],
)
def test_a_record_with_a_wrong_value_is_refused_by_the_database(constraint, values):
    assert refuses(constraint, Record, **{"title": "A report", **values})


@pytest.mark.parametrize(
    "values",
    [
        {"year": 1},
        {"year": 2100},
        {"year": None},
        {"url": "HTTPS://example.org"},
        {"url": "ftp://example.org/a?b#c"},
        {"url": "http://[::1]:8000/"},
        {"language": "fi"},
        {"language": "sme"},
        {"kind": "working-paper"},
        {"title": "\u0e01"},
    ],
)
def test_a_record_with_good_values_is_kept(values):
    record = Record.objects.create(**{"title": "A report", **values})
    record.refresh_from_db()
    assert {name: getattr(record, name) for name in values} == values


def test_a_row_of_plain_sql_gets_the_defaults_of_a_form():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO catalogue_record (title) VALUES ('A report') RETURNING id")
        record = Record.objects.get(pk=cursor.fetchone()[0])
    assert (record.status, record.summary, record.url, record.year, record.country) == ("published", "", "", None, None)
    assert record.created == record.modified


def test_a_title_longer_than_its_column_is_refused():
    with pytest.raises(DataError):
        Record.objects.bulk_create([Record(title="x" * 2001)])


@pytest.mark.parametrize(("model", "variant"), HEADINGS)
def test_a_heading_is_unique_without_case_and_accents(model, variant):
    name = model._meta.model_name
    model.objects.create(heading="Peer Support")
    for same in ("PEER SUPPÓRT", "peer support", "Peer   Support ", "Pe\u0301er Support", "Ｐeer\u00a0Support"):
        assert refuses(f"{name}_unique", model, heading=same)
    model.objects.create(heading="Peer Supports")


@pytest.mark.parametrize(("model", "variant"), HEADINGS)
def test_a_variant_leads_to_one_heading_only(model, variant):
    first, second = model.objects.create(heading="First"), model.objects.create(heading="Second")
    variant.objects.create(form="Éna", authority=first)
    assert refuses(f"{variant._meta.model_name}_unique", variant, form="ENA", authority=second)
    assert refuses(f"{variant._meta.model_name}_unique", variant, form="ENA", authority=first)


@pytest.mark.parametrize(("model", "variant"), HEADINGS)
@pytest.mark.parametrize("blank", ["", "  ", "\u00a0"])
def test_an_empty_heading_is_refused(model, variant, blank):
    assert refuses(f"{model._meta.model_name}_not_empty", model, heading=blank)
    authority = model.objects.create(heading="First")
    assert refuses(f"{variant._meta.model_name}_not_empty", variant, form=blank, authority=authority)


@pytest.mark.parametrize("orcid", ["0000-0002-1825-009", "0000-0002-1825-009x", "0000000218250097", "x" * 19])
def test_an_orcid_of_another_form_is_refused(orcid):
    assert refuses("author_orcid_valid", Author, heading="Carberry, Josiah", orcid=orcid)


def test_an_orcid_belongs_to_one_author_and_many_have_none():
    Author.objects.create(heading="Carberry, Josiah", orcid="0000-0002-1825-0097")
    assert refuses("author_orcid_unique", Author, heading="Carberry, J.", orcid="0000-0002-1825-0097")
    Author.objects.bulk_create([Author(heading="One"), Author(heading="Two"), Author(heading="X", orcid="")])


def test_an_author_is_a_person_or_a_body():
    assert refuses("author_kind_known", Author, heading="Ministry", kind="ministry")


@pytest.mark.parametrize("code", ["gb", "G", "G1", "ÅX"])
def test_a_country_code_has_two_capital_letters(code):
    assert refuses("country_code_valid", Country, heading="Somewhere", code=code)


def test_a_country_code_belongs_to_one_country_and_many_have_none():
    Country.objects.create(heading="United Kingdom", code="GB")
    assert refuses("country_code_unique", Country, heading="Great Britain", code="GB")
    Country.objects.bulk_create([Country(heading="Europe"), Country(heading="International")])


def test_a_record_has_an_author_a_keyword_and_an_identifier_once():
    record = Record.objects.create(title="A report")
    author, keyword = Author.objects.create(heading="Fletcher"), Keyword.objects.create(heading="Prisons")
    RecordAuthor.objects.create(record=record, author=author)
    RecordKeyword.objects.create(record=record, keyword=keyword)
    RecordIdentifier.objects.create(record=record, scheme="doi", value="10.1/2")
    assert refuses("recordauthor_unique", RecordAuthor, record=record, author=author, position=1)
    assert refuses("recordkeyword_unique", RecordKeyword, record=record, keyword=keyword, position=1)
    assert refuses("recordidentifier_unique", RecordIdentifier, record=record, scheme="doi", value="10.1/2")


@pytest.mark.parametrize(("scheme", "value"), [("DOI", "1"), ("", "1"), ("d o i", "1"), ("doi", ""), ("doi", " ")])
def test_an_identifier_without_scheme_or_value_is_refused(scheme, value):
    record = Record.objects.create(title="A report")
    assert refuses("recordidentifier_valid", RecordIdentifier, record=record, scheme=scheme, value=value)


def test_a_heading_with_records_cannot_be_deleted():
    record = Record.objects.create(title="A report", country=Country.objects.create(heading="Chile"))
    RecordAuthor.objects.create(record=record, author=Author.objects.create(heading="Fletcher"))
    RecordKeyword.objects.create(record=record, keyword=Keyword.objects.create(heading="Prisons"))
    for table in ("author", "keyword", "country"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM catalogue_{table}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_change_set_is_of_a_known_kind_and_notes_a_record_once():
    assert refuses("changeset_kind_known", ChangeSet, kind="whim")
    change_set = ChangeSet.objects.create(kind="edit")
    Change.objects.create(change_set=change_set, record_number=1)
    assert refuses("change_unique", Change, change_set=change_set, record_number=1)
    ChangeSet.objects.create(kind="undo", undoes=change_set)
    assert refuses("undoes", ChangeSet, kind="undo", undoes=change_set)


def folded_by_the_database(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FOLD_SQL.format(column='%s::text')}", [text])
        return cursor.fetchone()[0]


def is_known(text: str) -> bool:
    """Leave out what this Python's Unicode does not know: the database's is newer, and may fold it."""
    return all(unicodedata.category(character) not in ("Cn", "Cs") for character in text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0"), max_size=30))
@example("ΟΔΟΣ ΟΔΟΣ.")
@example("İSTANBUL ISPARTA ıı")
@example("Straße STRASSE ẞ")
@example("Suppo\u0301rt Å Å ﬁ ㎏")
@example("\u00a0Peer\u2003 Support\u00a0")
@example("a\u200bb\u00adc\ufeff")
@example("กำ เก่า สวัสดี")
@example("हिन्दी עִבְרִית العَرَبِيَّة")
@example("Ⅷ Ǆ ǅ ǆ Ა Ꭰ 𐐀")
@example("\x1c\x1d\x1e\x1f\x85")
@example("a\x1cb \x1f")
@example(" ¨ ´a ͺ")
@example("\u0344\u0345\u0370")
def test_python_folds_a_heading_as_the_database_does(text):
    if is_known(text):
        assert fold_heading(text) == folded_by_the_database(text)


@given(st.text(st.characters(categories=("Lu", "Lt", "Ll", "Mn", "Zs", "Lm")), min_size=1, max_size=200))
def test_python_folds_letters_of_every_script_as_the_database_does(text):
    assert fold_heading(text) == folded_by_the_database(text)
