"""From the cells of one row to a Draft, and back. The tables of `tabular` call it; it knows fields, not files.

The issuing body: where a table has no author column, its publisher is the author of the record, as a body, which is how
grey literature is catalogued. Where there is one, the publisher is part of the imprint and goes before the details.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest

from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.cleaning import unescaped
from catalogue.draft import Draft, Identifier, Name, clean_line
from catalogue.formats.addresses import usable_url
from catalogue.formats.base import Notes, ReadOptions, shorten
from catalogue.formats.identifiers import SOURCE, read_identifiers, read_pair, write_pair
from catalogue.formats.kinds import read_kind
from catalogue.formats.languages import known_language
from catalogue.formats.names import guess_name, may_be_several, write_names
from catalogue.formats.references import others_named, sentences
from catalogue.formats.straight_names import read_authors
from catalogue.formats.years import read_date, with_date

# The columns that are written, in order. "identifier" is the number in the catalogue that a record came from.
COLUMNS = (
    "title", "authors", "summary", "details", "source", "year", "country", "url", "shelf_number", "keywords",
    "language", "kind", "rights", "isbn", "issn", "doi", "report", "identifier", "identifiers",
    "status", "withdrawn_reason", "replaced_by",
)  # fmt: skip
# What stands between the cells of several columns of surnames, or of first names.
BESIDE = "\x1d"
SCHEMES = {"isbn": "isbn", "issn": "issn", "doi": "doi", "report": "report", "identifier": SOURCE}
_PLAIN = ("summary", "source", "country", "shelf_number", "rights", "withdrawn_reason")

# The mark that library systems leave at the end of a title ("Homes for all /"); one that is meant is written twice.
_SLASH = " /"
# How a cell of authors ends where not all are named; "and others" may end the name of a body, too.
_OTHERS_ENDS = ("others", "Others", "al", "al.")
_OTHERS = re.compile(
    r"(?:(?P<words>,? (?:and|&) others)|[;|] ?(?:(?:and|&) )?others|(?:[,;|]| ) ?et\.? al\.?)$", re.IGNORECASE
)
# What databases and spreadsheets write into a cell that holds nothing, and what is a word in a title.
_NOTHING_TEXT = r"NULL \N N/A n/a #N/A #NULL! #REF! #VALUE! #DIV/0! #NAME? #NUM! - -- --- – —"
_NOTHING = frozenset(_NOTHING_TEXT.split())
_NOTHING_OR_WORD = _NOTHING | frozenset(("null", "Null", "none", "None", "NaN", "nan"))
LONGEST_NOTHING = 10
# A cell that begins so is a formula to a spreadsheet, and may send data away when the file is opened.
_DANGER = r"[=+\-@\t\r\n＝＋－＠]|(?:" + "|".join(map(re.escape, _NOTHING_OR_WORD)) + ")$"
_FORMULA = re.compile(f"'*(?:{_DANGER})")
_DEFUSED = re.compile(f"'+(?:{_DANGER})")


def is_nothing(name: str, cell: str) -> bool:
    """Tell whether what stands in a cell of this field stands for nothing."""
    return len(cell) <= LONGEST_NOTHING and cell.strip() in (_NOTHING if name == "title" else _NOTHING_OR_WORD)


def defuse(cell: str) -> str:
    """Return the cell with an apostrophe before what a spreadsheet would run, and before a word that would be taken for
    an empty cell; `restore` takes it away."""
    return "'" + cell if _FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """Return the cell as it was before `defuse`."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def read_cells(cells: Mapping[str, str], options: ReadOptions, notes: Notes) -> Draft:
    """Return the Draft of a row: field to cell, only for the fields that have a column."""
    year, date = read_date(cells.get("year", ""), notes)
    authors, others = _authors(cells, options, notes)
    details = with_date(_details(cells), date)
    return Draft(
        title=_title(cells),
        **{name: cells.get(name, "") for name in _PLAIN},
        authors=authors,
        details=sentences((details, others)) if others else details,
        keywords=tuple(_split(cells.get("keywords", ""), options.between("keywords"))),
        year=year,
        url=usable_url(cells.get("url", ""), notes),
        language=known_language(cells.get("language", ""), notes),
        kind=read_kind(cells.get("kind", ""), notes),
        identifiers=_identifiers(cells, options, notes),
        status=_status(cells.get("status", ""), notes),
        replaced_by=_replaced_by(cells.get("replaced_by", ""), notes),
    )


def _title(cells: Mapping[str, str]) -> str:
    title = cells.get("title", "").strip().removesuffix(_SLASH)
    below = cells.get("subtitle", "").strip().removesuffix(_SLASH)
    if title and below:
        title = title.removesuffix(" :").removesuffix(" =").removesuffix(",")
        return f"{title}{' ' if title.endswith((':', '?', '!')) else ': '}{below}"
    return title


def _lines(text: str) -> list[str]:
    """Return the lines of a cell: some programs write several values one below the other, as do several columns here.

    An entity ("Smith &amp; Sons") becomes its character, since it ends in what is a separator too.
    """
    if "&" not in text and text.isprintable():  # as most are
        return [text] if text else []
    return unescaped(text).splitlines()


def _parts(text: str, separator: str) -> list[str]:
    return [part for line in _lines(text) for part in (line.split(separator) if separator else [line])]


def _split(text: str, separator: str) -> list[str]:
    """Return the values in a cell. Where the separator is not there, "|" divides, as between authors."""
    return _parts(text, "|" if separator and separator not in text else separator)


def _authors(cells: Mapping[str, str], options: ReadOptions, notes: Notes) -> tuple[tuple[Name, ...], str]:
    """Return the authors, and what the details say of those who are not named."""
    if "authors" not in cells and "family_names" not in cells:
        bodies = _split(cells.get("publisher", ""), options.between("publisher"))
        return tuple(Name(body, codes.BODY) for body in bodies), ""
    separator, others = options.between("authors"), ""
    found = list(_paired(cells, separator))
    for line in _lines(cells.get("authors", "")):
        text = clean_line(line).removesuffix(",")
        names = read_authors(text, separator, options.names)
        if text.endswith(_OTHERS_ENDS) and (match := _OTHERS.search(text)):
            named = read_authors(text[: match.start()], separator, options.names)
            if not match["words"] or (named and named[-1].kind == codes.PERSON and "," in named[-1].heading):
                names, others = named, others or others_named(notes)
        found.extend(names)
    for name in found:
        if _several(name.heading):
            message = _("“%(value)s” may be several authors, and was taken for one. Put “%(mark)s” between them.")
            notes.warn(message % {"value": shorten(name.heading), "mark": separator or ";"})
    return tuple(found), others


# The same few authors write much of what a library has.
_several = lru_cache(maxsize=10_000)(may_be_several)


def _paired(cells: Mapping[str, str], separator: str) -> Iterator[Name]:
    """Yield the authors whose surnames and first names stand in columns of their own."""
    if not (cells.get("family_names") or cells.get("given_names")):
        return
    columns = (cells.get(name, "").split(BESIDE) for name in ("family_names", "given_names"))
    for pair in zip_longest(*columns, fillvalue=""):
        family, given = ([part.strip() for part in _parts(cell, separator)] for cell in pair)
        for surname, first in zip_longest(family, given, fillvalue=""):
            if surname and first:
                yield Name(f"{surname}, {first}")
            elif surname or first:
                yield guess_name(surname or first)


def _details(cells: Mapping[str, str]) -> str:
    details, publisher = cells.get("details", "").strip(), cells.get("publisher", "").strip()
    if not (cells.keys() & {"authors", "family_names"}) or publisher in details:
        return details
    return f"{publisher.rstrip('.')}. {details}" if details else publisher


def _identifiers(cells: Mapping[str, str], options: ReadOptions, notes: Notes) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for name, scheme in SCHEMES.items():
        if cell := cells.get(name):
            for line in cell.splitlines():
                found.extend(read_identifiers(scheme, line, options.between(name), notes))
    if cell := cells.get("identifiers"):
        found.extend(read_pair(part) for part in _parts(cell, options.between("identifiers")) if part.strip())
    return tuple(found)


def _status(text: str, notes: Notes) -> str:
    word = text.strip().lower() or codes.PUBLISHED
    if word in codes.STATUSES:
        return word
    for code, label in codes.STATUSES.items():
        if str(label).lower() == word:
            return code
    notes.problem("status", text, _("A record is a draft, in review, published or withdrawn."))
    return codes.PUBLISHED


def _replaced_by(text: str, notes: Notes) -> int | None:
    text = text.strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    notes.problem("replaced_by", text, _("This must be the number of a record."))
    return None


def write_cells(draft: Draft) -> list[str]:
    """Return the cells of a Draft, in the order of COLUMNS."""
    values = {name: getattr(draft, name) for name in ("title", *_PLAIN, "details", "url", "language", "kind", "status")}
    if draft.title.endswith(_SLASH):
        values["title"] += _SLASH
    values["authors"] = write_names(draft.authors)
    values["year"] = "" if draft.year is None else f"{draft.year:04d}"
    values["keywords"] = "; ".join(draft.keywords)
    if "|" in values["keywords"] and len(draft.keywords) == 1:
        values["keywords"] += ";"  # or it would be divided
    values["replaced_by"] = "" if draft.replaced_by is None else str(draft.replaced_by)
    for name, scheme in SCHEMES.items():
        values[name] = "; ".join(item.value for item in draft.identifiers if item.scheme == scheme)
    others = (item for item in draft.identifiers if item.scheme not in SCHEMES.values())
    values["identifiers"] = "; ".join(map(write_pair, others))
    return [defuse(values[name]) for name in COLUMNS]
