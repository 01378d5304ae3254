"""What the fields of a MARC record say, as a Draft. Called by both formats that carry MARC, with decoded fields.

Where a field of the Draft holds one value and MARC has several, the rest is told in a note, and what is dropped is told
in a warning: nothing that a reader of the record would miss goes in silence.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pymarc import Field

from catalogue import codes
from catalogue.draft import FIRST_YEAR, HEADING_LIMIT, LAST_YEAR, LIMITS, Draft
from catalogue.formats.base import Notes, Row
from catalogue.formats.languages import read_language
from catalogue.formats.marc_codes import LANGUAGES, NO_LANGUAGE, country
from catalogue.formats.marc_details import NOTE_TAGS, date_in_control, imprint_fields, plain, read_details, within
from catalogue.formats.marc_identifiers import read_identifiers
from catalogue.formats.marc_kinds import read_kind
from catalogue.formats.marc_links import read_links
from catalogue.formats.marc_names import read_authors
from catalogue.formats.marc_text import Marc, ended_by_stop, first, joined, marc, second, value, values, without_marks
from catalogue.formats.years import read_year

CONTENTS_NOTE = "Contents: "
# The types of record (leader/06) that describe no document.
_OTHER_RECORDS = {
    **dict.fromkeys("z", gettext_lazy("an authority record")),
    **dict.fromkeys("uvxy", gettext_lazy("a record of holdings")),
    **dict.fromkeys("w", gettext_lazy("a record of a classification")),
    **dict.fromkeys("q", gettext_lazy("a record of community information")),
}
_KEYWORD_TAGS = frozenset((
    "600", "610", "611", "630", "647", "648", "650", "651", "653", "655", "690", "691", "695", "696", "697", "698",
    "699",
))  # fmt: skip
# Every tag that is read here and in the modules called from here.
TAGS = frozenset((
    "001", "003", "008", "020", "022", "024", "027", "035", "041", "044", "050", "055", "060", "070", "080", "082",
    "084", "086", "088", "090", "099", "100", "110", "111", "200", "245", "246", "250", "260", "264", "300", "362",
    "380", "440", "490", "505", "506", "520", "540", "588", "655", "700", "710", "711", "720", "740", "752", "773",
    "800", "810", "811", "830", "852", "856", "880",
    *NOTE_TAGS, *_KEYWORD_TAGS,
))  # fmt: skip
_SUBDIVISIONS = "vxyz"
# In names and titles used as headings: each subfield and the mark before it, where the record has none.
_HEADING_MARKS = {"b": " ", "c": ", ", "d": ", ", "q": " ", "n": ". ", "p": ". ", "t": ". "}
# Where a document stands, the library's own numbers first.
_SHELF = (
    ("852", "hi"), ("099", "a"), ("090", "ab"), ("050", "ab"), ("055", "ab"), ("060", "ab"), ("070", "ab"),
    ("080", "a"), ("082", "a"), ("084", "ab"), ("086", "a"),
)  # fmt: skip
_SINGLE_DATE = "bcdeikmpqrstu "
_LONGEST_WORD = 100


def read_row(number: int, leader: str, fields: list[Field], notes: Notes) -> Row:
    """Return one record as a Row; a record that describes no document is set aside."""
    kind = leader[6:7]
    if kind in _OTHER_RECORDS and not any(field.tag == "245" for field in fields):
        sentence = _("This is %(kind)s: it describes no document, and is set aside.")
        return Row(number, None, warnings=tuple(notes.warnings), set_aside=sentence % {"kind": _OTHER_RECORDS[kind]})
    record = marc(leader, fields)
    if "245" not in record.by_tag and any(value(field, "a") for field in record.fields("200")):
        notes.problem(
            "title", "", _("This is a record in UNIMARC, which is not read here. Convert it to MARC 21 first.")
        )
    return notes.row(number, read_draft(record, notes))


def read_draft(record: Marc, notes: Notes) -> Draft:
    """Return what a bibliographic record says."""
    links = read_links(record, notes)
    return Draft(
        title=_title(record),
        authors=read_authors(record),
        summary=_summary(record, notes),
        details=read_details(record, notes),
        source=links.source,
        year=read_year_of(record),
        country=_country(record),
        url=links.url,
        shelf_number=_shelf_number(record),
        keywords=tuple(_keywords(record, notes)),
        language=_language(record),
        kind=read_kind(record),
        rights=_rights(record, links.restriction, notes),
        identifiers=tuple(read_identifiers(record, notes)),
        status=codes.WITHDRAWN if record.leader[5:6] == "d" else codes.PUBLISHED,
    )


def _title(record: Marc) -> str:
    for field in (*record.fields("245"), *record.original.get("245", ())):
        # Where the codes of subfields are damaged, what they hold is still the title.
        if title := title_of(field, record) or record.ended(joined((" ", text) for text in _uncoded(field))):
            return title
    return ""


def _uncoded(field: Field) -> Iterator[str]:
    return (text for code, text in field.subfields if not ("a" <= code <= "z" or code.isdigit()))


def title_of(field: Field, record: Marc) -> str:
    """Return the title with its parts; who is responsible for it ($c) and what it is made of ($h) are no part of it."""
    pieces, before = [], ""
    for code, text in field.subfields:
        if code in "abnpfgks" and (core := without_marks(text)):
            pieces.append((_mark(before, code), core.removeprefix("= " if code == "b" else "")))
        if code in "abhnpfgks" and text.strip():
            before = text.rstrip()[-1:] if code != "h" or text.rstrip()[-1:] in ":=;" else before
    text = record.ended(joined(pieces))
    return text if record.bare else text.replace(" : ", ": ").replace(" ; ", "; ")


def _mark(before: str, code: str) -> str:
    if code in "np":
        return ", " if before == "," else ". "
    if before in ("=", ";"):
        return {"=": " = ", ";": "; "}[before]
    return ": " if code == "b" and before not in (".", ",") else " "


def _summary(record: Marc, notes: Notes) -> str:
    paragraphs = []
    for field in (*record.fields("520"), *record.original.get("520", ())):
        if first(field) != "4":
            paragraphs.append(_line(plain(field, "ab")))
    for field in (*record.fields("505"), *record.original.get("505", ())):
        if text := _line(plain(field, "agrt")):
            paragraphs.append(CONTENTS_NOTE + text)
    return within(LIMITS["summary"], "\n\n", list(filter(None, paragraphs)), notes)


def _line(text: str) -> str:
    return " ".join(text.split())


def read_year_of(record: Marc) -> int | None:
    """Return the year of publication: as field 008 codes it, else as the imprint has it."""
    coded = record.control("008")
    date = date_in_control(record)
    if coded[6:7] in _SINGLE_DATE and date.isascii() and date.isdigit() and FIRST_YEAR <= int(date) <= LAST_YEAR:
        return int(date)
    for field in imprint_fields(record):
        for text in values(field, "c"):
            year = read_year(without_marks(text[:_LONGEST_WORD]).strip("."), Notes())
            if year is not None and FIRST_YEAR <= year <= LAST_YEAR:
                return year
    return None


def _country(record: Marc) -> str:
    found = [country(record.control("008")[15:18]), *map(country, record.values("044", "a"))]
    return next(filter(None, found), "") or next((text.strip() for text in record.values("752", "a")), "")


def _shelf_number(record: Marc) -> str:
    for tag, wanted in _SHELF:
        for field in record.fields(tag):
            text = _line(plain(field, wanted))
            if tag == "082":  # "813/.6": the slash only marks where a shorter number may end
                text = "".join(values(field, "a")[:1]).replace("/", "")
            if text and len(text) <= LIMITS["shelf_number"]:
                return text
    return ""


def _keywords(record: Marc, notes: Notes) -> Iterator[str]:
    for field in (*record.in_order(_KEYWORD_TAGS), *_original_keywords(record)):
        for text in _headings(field, record):
            if len(text) <= HEADING_LIMIT:
                yield text
            elif text:
                notes.warn(_("This keyword is too long, and is left out: %(text)s") % {"text": text[:80]})


def _original_keywords(record: Marc) -> Iterator[Field]:
    for tag in sorted(_KEYWORD_TAGS & record.original.keys()):
        yield from record.original[tag]


def _headings(field: Field, record: Marc) -> Iterator[str]:
    # Headings of other vocabularies end in a stop, even in records that leave it out; those written here do not.
    ended = record.ended if second(field) == "4" else ended_by_stop
    if field.tag == "653":
        yield from (ended(text) for text in values(field, "a"))
        return
    heading: list[tuple[str, str]] = []
    subdivisions = []
    for code, text in field.subfields:
        if code in _SUBDIVISIONS:
            subdivisions.append(ended(text))
        elif code.isalpha() and code not in "ehijuw" and text.strip():
            mark = _HEADING_MARKS.get(code, " ")
            heading.append((mark if heading and heading[-1][1][-1:] not in ",.;:(" else " ", text.strip()))
    yield " -- ".join(filter(None, (ended(joined(heading)), *subdivisions)))


def _language(record: Marc) -> str:
    for code in (record.control("008")[35:38], *_languages(record)):
        code = code.lower()
        if len(code) == 3 and code.isascii() and code.isalpha() and code not in NO_LANGUAGE:
            return LANGUAGES.get(code, "") or read_language(code, Notes())
    for field in record.fields("041"):
        if _is_coded_otherwise(field) and (code := read_language(value(field, "a")[:_LONGEST_WORD], Notes())):
            return code
    return ""


def _languages(record: Marc) -> Iterator[str]:
    """Yield the languages of the text; older records write several in one ("engfre")."""
    for field in record.fields("041"):
        if not _is_coded_otherwise(field):
            for text in values(field, "ad"):
                yield from re.findall("[A-Za-z]{3}", text)


def _is_coded_otherwise(field: Field) -> bool:
    return second(field) == "7"


def _rights(record: Marc, restriction: str, notes: Notes) -> str:
    found = [_line(plain(field, "au")) for field in record.fields("540", "506")]
    parts = list(dict.fromkeys(filter(None, (*found, restriction))))
    return within(LIMITS["rights"], " ", parts, notes)
