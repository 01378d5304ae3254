"""CSL-JSON: what citation processors read (Zotero, Pandoc, citeproc), a list of references.

A row's number is its place in the list. What the format has no variable for stands under "custom", which is there for
such things, and comes back from there.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean_line
from catalogue.formats.base import Format, FormatError, Notes, ReadOptions, Row
from catalogue.formats.bibtex_writing import free_key, key
from catalogue.formats.csljson_drafts import CUSTOM, PARTS, read_draft
from catalogue.formats.csljson_items import items
from catalogue.formats.decoding import TextSource, decode_sample
from catalogue.formats.identifiers import write_pair
from catalogue.formats.references import WORKS, is_plain_doi, standard_number
from catalogue.imprint import read_imprint

TYPES = {
    "report": "report",
    "evaluation": "report",
    "working-paper": "report",
    "policy": "report",
    "thesis": "thesis",
    "conference": "paper-conference",
    "article": "article-journal",
    "chapter": "chapter",
    "book": "book",
    "dataset": "dataset",
    "web": "webpage",
    "legal": "legislation",
}
OTHER = "document"
VARIABLES = {"doi": "DOI", "isbn": "ISBN", "issn": "ISSN", "report": "number"}
_START = re.compile(r'\s*(?:\[\s*\{|\{\s*"(?:items|references)"\s*:\s*\[\s*\{|\{\s*")')
_TYPE = re.compile(r'(?<!\\)"type"\s*:\s*"[a-z]')
# What other lists of references in JSON call what CSL-JSON calls author, issued, URL, container-title, DOI, keyword.
_FOREIGN = ("authors", "year", "url", "journal", "doi", "keywords", "summary")
_OF_ANOTHER = re.compile(rf'(?<!\\)"(?:{"|".join(_FOREIGN)})"\s*:')
_VARIABLE = re.compile(r'(?<!\\)"(?:id|title|issued|author|DOI|URL|container-title)"\s*:')


class CslJson(Format):
    """Reads and writes CSL-JSON."""

    name = "csljson"
    label = gettext_lazy("CSL-JSON")
    extensions = ("json",)
    media_type = "application/vnd.citationstyles.csl+json"

    def detects(self, sample: bytes) -> bool:
        """Tell by an object, or a list of them, with the type of a reference and another of its variables."""
        text = decode_sample(sample)
        if not (_START.match(text) and _TYPE.search(text) and _VARIABLE.search(text)):
            return False
        return '"issued"' in text or '"author"' in text or not _OF_ANOTHER.search(text)

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every reference, in whatever list they stand."""
        number = 0
        for number, text in enumerate(items(TextSource(file, options.encoding).texts()), start=1):
            yield _row(number, text)
        if not number:
            raise FormatError(_("There is no reference in this file: CSL-JSON is a list of objects, [{...}, {...}]."))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield one line a reference, and the brackets around them all."""
        taken: set[str] = set()
        start = "[\n"
        for draft in drafts:
            item = {"id": free_key(key(draft), taken), **_item(draft)}
            yield (start + json.dumps(item, ensure_ascii=False)).encode("utf-8", "replace")
            start = ",\n"
        yield b"\n]\n" if start == ",\n" else b"[]\n"


def _row(number: int, text: str) -> Row:
    notes = Notes()
    try:
        values = json.loads(text, parse_constant=lambda name: name, strict=False)
    except (ValueError, RecursionError) as error:
        reason = _("it is nested too deeply") if isinstance(error, RecursionError) else error
        message = _("Reference %(number)d is not JSON: %(reason)s")
        notes.problem("", text, message % {"number": number, "reason": reason})
        return notes.row(number, None)
    if "\x00" in text or "\\u0000" in text:
        message = _("Reference %(number)d holds a zero byte: the file is damaged here.")
        notes.problem("", "", message % {"number": number})
        return notes.row(number, None)
    unread = [name for name in _FOREIGN if isinstance(values, dict) and name in values]
    if unread:
        notes.warn(_("Not read, since CSL-JSON has other names for this: %(names)s.") % {"names": ", ".join(unread)})
    return notes.row(number, read_draft(values, notes))


def _item(draft: Draft) -> dict[str, Any]:
    """Return the variables of a draft that say something."""
    imprint = read_imprint(draft.details)
    item: dict[str, Any] = {
        "type": TYPES.get(draft.kind, OTHER),
        "genre": WORKS.get(draft.kind, "") if TYPES.get(draft.kind, OTHER) in (OTHER, "report") else "",
        "title": draft.title,
        "author": [_name(name) for name in draft.authors],
        "issued": {} if draft.year is None else {"date-parts": [[draft.year]]},
        "publisher": imprint.publisher,
        "publisher-place": imprint.place,
        "abstract": draft.summary,
        "keyword": ", ".join(draft.keywords),
        "language": draft.language,
        "call-number": draft.shelf_number,
        "URL": draft.url,
        **_identifiers(draft),
    }
    item["custom"] = _custom(draft, item)
    return {name: value for name, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    heading = clean_line(name.heading)
    if name.kind == codes.BODY:
        return {"literal": heading}
    parts = heading.split(", ")
    if len(parts) in (2, 3) and all(parts) and not any("," in part for part in parts):
        return dict(zip(("family", "given", "suffix"), parts, strict=False))
    return {"family": heading}


def _identifiers(draft: Draft) -> dict[str, str]:
    """Return the first of each scheme that has a variable."""
    found: dict[str, str] = {}
    for item in draft.identifiers:
        if _has_variable(item, draft.kind):
            found.setdefault(VARIABLES[item.scheme], item.value)
    return found


def _has_variable(item: Identifier, kind: str) -> bool:
    """Tell whether the variable of an identifier's scheme will be understood: a number by its form."""
    if item.scheme in ("isbn", "issn"):
        return standard_number(item.value) == item.scheme
    if item.scheme == "report":
        return kind not in PARTS
    return item.scheme == "doi" and is_plain_doi(item.value)


def _custom(draft: Draft, item: dict[str, Any]) -> dict[str, Any]:
    """Return what has no variable: of the keywords, only those that commas would not keep apart."""
    custom: dict[str, Any] = {name: getattr(draft, name) for name in CUSTOM}
    said = {(name, item[name]) for name in VARIABLES.values() if name in item}
    others = (one for one in draft.identifiers if (VARIABLES.get(one.scheme), one.value) not in said)
    custom["identifiers"] = [write_pair(one) for one in others]
    custom["orcids"] = [name.orcid for name in draft.authors] if any(name.orcid for name in draft.authors) else []
    if any("," in keyword or ";" in keyword for keyword in draft.keywords):
        custom["keywords"] = list(draft.keywords)
    return {name: value for name, value in custom.items() if value}
