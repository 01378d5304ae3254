"""The one table of fields. Boxes, language, index, facets and help all read it; a new field is one entry here."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The one field whose texts are searched for themselves alone, and of which results show a place.
DOCUMENT = "document"


class Kind(Enum):
    """How the values of a field are searched."""

    TEXT = "text"  # by its words
    YEAR = "year"  # by number or range
    CODE = "code"  # by whole values from a fixed list


@dataclass(frozen=True)
class Field:
    """One searchable field.

    `weight` is how much a word counts that is found here, against 1 for the summary; `stemmed` says whether
    "prisons" finds "prison"; `authority` whether its values are headings; `place` its place in the form (0: no box);
    `anywhere` whether words that name no field are looked for in it too.
    """

    name: str
    label: str | Promise
    help: str | Promise
    example: str = ""
    kind: Kind = Kind.TEXT
    weight: float = 1.0
    stemmed: bool = False
    authority: bool = False
    place: int = 0
    anywhere: bool = True


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field(
            "author",
            _("Author"),
            _("Who wrote it: a person, surname first or last, or an organisation."),
            "fletcher",
            weight=3.0,
            authority=True,
            place=1,
        ),
        Field(
            "title",
            _("Title"),
            _("Words of the title, in any order."),
            "what do we know",
            weight=3.0,
            stemmed=True,
            place=2,
        ),
        Field("summary", _("Summary"), _("Words of the summary."), "mentoring roles", stemmed=True, place=3),
        Field(
            "keyword",
            _("Keyword"),
            _("Words of a subject heading."),
            "peer mentoring (u.k.)",
            weight=2.0,
            stemmed=True,
            authority=True,
            place=4,
        ),
        Field(
            "country",
            _("Country"),
            _("The country or region that it is about, by any of its usual names."),
            "united kingdom",
            authority=True,
            place=5,
        ),
        Field("year", _("Year"), _("One year or a range, open at either end."), "2010-2015", Kind.YEAR, place=6),
        Field("shelf_number", _("Shelf Number"), _("The number on the library's shelf."), "127419", place=7),
        Field("source", _("Source"), _("Where the library found it."), "internet resource", weight=0.5, place=8),
        Field("url", _("URL"), _("Any part of its address on the web."), "shu.ac.uk", weight=0.5, place=9),
        # Long texts have most words: searched with all the rest they would bury the records that are about them.
        Field(
            DOCUMENT,
            _("Document"),
            _("Words within a document that is kept with the record, if the public may have it."),
            "focus groups",
            stemmed=True,
            place=10,
            anywhere=False,
        ),
        Field("details", _("Details"), _("Place, publisher, series and pages."), "sheffield hallam", weight=0.5),
        Field("identifier", _("Identifier"), _("A DOI, ISBN or report number."), "10.3886/ICPSR08921.v1", weight=0.5),
        Field("language", _("Language"), _("The language, by its name or its ISO 639 code."), "english", Kind.CODE),
        Field("kind", _("Kind"), _("The kind of document."), '"working paper"', Kind.CODE),
    )
}

TEXT_FIELDS = tuple(field for field in FIELDS.values() if field.kind is Kind.TEXT)
BOXES = tuple(sorted((field for field in FIELDS.values() if field.place), key=lambda field: field.place))
