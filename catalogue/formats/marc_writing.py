"""A Draft as a MARC 21 record in UTF-8, without ISBD punctuation (leader/18 c), so that every stop is the Draft's own.

Called by both formats that carry MARC. Where a value can be told in several fields it is written so that reading gives
the same value back: the readers' own functions are asked.
"""

from collections.abc import Iterable, Iterator

from pymarc import Field, Indicators, Record, Subfield

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean, clean_line
from catalogue.formats.base import Notes
from catalogue.formats.identifiers import RECORD, SOURCE
from catalogue.formats.marc_codes import COUNTRY_CODES, LANGUAGE_CODES
from catalogue.formats.marc_details import DASH, OTHER_TITLE, read_details
from catalogue.formats.marc_fields import read_year_of, title_of
from catalogue.formats.marc_identifiers import CONTROL_NUMBER, split_number
from catalogue.formats.marc_kinds import NOT_CODED, WRITTEN_CONTENTS, WRITTEN_TYPES
from catalogue.formats.marc_text import Marc, marc
from catalogue.imprint import read_imprint

# What ISO 2709 can hold: bytes of one field, and of a record.
FIELD_LIMIT, RECORD_LIMIT = 9_999, 99_999
_OVERHEAD = 40  # leader and marks of a record
_ENTRY = 12
_TAGS = {"isbn": "020", "issn": "022", "report": "088"}
_ARTICLES = {
    "en": ("The ", "A ", "An "),
    "de": ("Der ", "Die ", "Das ", "Ein ", "Eine "),
    "fr": ("Le ", "La ", "Les ", "L'"),
}


def write_record(draft: Draft, binary: bool) -> Record:
    """Return the record; of one that is to be `binary`, without those notes and keywords for which there is no room."""
    draft = clean(draft)  # no mark of ISO 2709 and nothing that XML forbids may stand in a value
    record = Record(leader=_leader(draft))
    fields = [one for one in _fields(draft, binary) if one.data or one.subfields]
    for one in sorted(_fitting(fields) if binary else fields, key=_place):
        record.add_field(one)
    return record


def _place(one: Field) -> str:
    """Return where a field stands: in the order of tags, except that added authors keep theirs."""
    return "700" if one.tag in ("710", "711") else one.tag


def _fitting(fields: list[Field]) -> Iterator[Field]:
    room = RECORD_LIMIT - _OVERHEAD
    for one in fields:
        size = len(one.as_marc(encoding="utf-8"))
        if size <= FIELD_LIMIT and size + _ENTRY <= room:
            room -= size + _ENTRY
            yield one


def _leader(draft: Draft) -> str:
    status = "d" if draft.status == codes.WITHDRAWN else "n"
    return f"00000{status}{WRITTEN_TYPES.get(draft.kind, 'am')} a2200000uc 4500"


def _fields(draft: Draft, binary: bool) -> Iterator[Field]:
    """Yield the fields, what matters most first."""
    yield from _numbers(draft)
    yield Field("008", data=_fixed(draft))
    yield _title(draft)
    yield from _authors(draft.authors)
    yield from _details(draft)
    yield _data("856", "40", ("u", draft.url))
    if draft.country and draft.country not in COUNTRY_CODES:
        yield _data("752", "  ", ("a", draft.country))
    yield _data("852", "8 ", ("h", draft.shelf_number))
    yield _data("380", "  ", ("a", draft.kind.replace("-", " ").capitalize()))
    yield _data("540", "  ", ("a", draft.rights))
    yield _data("588", "0 ", ("a", draft.source))
    for paragraph in draft.summary.split("\n\n"):
        for piece in _pieces(clean_line(paragraph)) if binary else [clean_line(paragraph)]:
            yield _data("520", "  ", ("a", piece))
    for keyword in draft.keywords:
        yield _keyword(keyword)


def _data(tag: str, indicators: str, *subfields: tuple[str, str]) -> Field:
    found = [Subfield(code, text) for code, text in subfields if text]
    return Field(tag, Indicators(*indicators), found)


def _pieces(text: str) -> Iterator[str]:
    """Yield a paragraph in pieces that a field can hold, cut between words."""
    while len(text.encode("utf-8", "replace")) > FIELD_LIMIT - 20:
        head = text.encode("utf-8", "replace")[: FIELD_LIMIT - 20].decode("utf-8", "ignore")
        head = head[: head.rfind(" ")] if " " in head else head
        yield head
        text = text[len(head) :].lstrip()
    yield text


def _numbers(draft: Draft) -> Iterator[Field]:
    """Yield the numbers: of the record first its own in this catalogue, else that in the catalogue it came from."""
    own = next((item.value for item in draft.identifiers if item.scheme == RECORD), "")
    others = list(draft.identifiers)
    if own:
        yield Field("001", data=own.rpartition("/")[2])
    elif source := next((item for item in others if item.scheme == SOURCE), None):
        others.remove(source)
        catalogue, number = split_number(source.value)
        yield Field("001", data=number)
        yield Field("003", data=catalogue)
    yield from map(_number, others)


def _number(item: Identifier) -> Field:
    if item.scheme in _TAGS:
        return _data(_TAGS[item.scheme], "  ", ("a", item.value))
    if item.scheme == SOURCE and CONTROL_NUMBER.fullmatch(item.value):
        return _data("035", "  ", ("a", item.value))
    return _data("024", "7 ", ("a", item.value), ("2", "uri" if item.scheme == RECORD else item.scheme))


def _fixed(draft: Draft) -> str:
    """Return field 008: dates, place, contents and language."""
    dated = "nuuuuuuuu" if draft.year is None else f"s{draft.year:04d}    "
    place = COUNTRY_CODES.get(draft.country, "xx")
    contents = WRITTEN_CONTENTS.get(draft.kind, "") if draft.kind else NOT_CODED
    conference = "1" if draft.kind == "conference" else "0"
    language = _language_code(draft.language) or "und"
    return f"000000{dated}{place:<3}{'':6}{contents:<4} {conference}{'':5}{language}  "


def _language_code(language: str) -> str:
    return LANGUAGE_CODES.get(language, language if len(language) == 3 else "")


def _title(draft: Draft) -> Field:
    main = draft.authors and draft.authors[0]
    article = next((one for one in _ARTICLES.get(draft.language, ()) if draft.title.startswith(one)), "")
    indicators = f"{'1' if main else '0'}{len(article)}"
    whole = _data("245", indicators, ("a", draft.title))
    first, colon, rest = draft.title.partition(": ")
    parted = _data("245", indicators, ("a", first), ("b", rest))
    return parted if colon and title_of(parted, _bare([parted])) == draft.title else whole


def _bare(fields: list[Field]) -> Marc:
    return marc(_leader(Draft()), fields)


def _authors(names: Iterable[Name]) -> Iterator[Field]:
    for position, name in enumerate(names):
        block = "7" if position else "1"
        orcid = f"https://orcid.org/{name.orcid}" if name.orcid else ""
        if name.kind == codes.PERSON:
            yield _data(f"{block}00", f"{1 if ',' in name.heading else 0} ", ("a", name.heading), ("1", orcid))
        else:
            yield _data(f"{block}10", "2 ", ("a", name.heading), ("1", orcid))


def _details(draft: Draft) -> Iterator[Field]:
    """Yield the fields that the details are made of; where they are made otherwise, one note with them as they are."""
    dated = [] if draft.year is None else [_data("264", " 1", ("c", f"{draft.year:04d}"))]
    note = [*dated, _data("500", "  ", ("a", draft.details))]
    first, *rest = draft.details.split(DASH)
    fields = [*_imprint(first), *map(_note, rest)]
    record = _bare([Field("008", data=_fixed(draft)), *fields])
    same = read_details(record, Notes()) == draft.details and read_year_of(record) == draft.year
    yield from fields if draft.details and same else note


def _imprint(text: str) -> Iterator[Field]:
    found = read_imprint(text)
    if not found.publisher:
        yield _data("500", "  ", ("a", text))
        return
    start = f"{found.place}: {found.publisher}, " if found.place else f"{found.publisher}, "
    date, extent = text.removeprefix(start), ""
    if found.extent:
        date, _stop, extent = date.partition(". ")
    yield _data("264", " 1", ("a", found.place), ("b", found.publisher), ("c", date))
    yield _data("300", "  ", ("a", extent))


def _note(text: str) -> Field:
    if text.startswith("(") and text.endswith(")"):
        return _data("490", "0 ", ("a", text[1:-1]))
    if text.startswith(OTHER_TITLE):
        return _data("246", "3 ", ("a", text.removeprefix(OTHER_TITLE)))
    return _data("500", "  ", ("a", text))


def _keyword(text: str) -> Field:
    main, *subdivisions = text.split(" -- ")
    if not main or not all(subdivisions):
        main, subdivisions = text, []
    return _data("650", " 4", ("a", main), *(("x", one) for one in subdivisions))
