"""The names of all that can change: of records, headings and documents, and of their fields."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalogue.admin import heading_history, history
from catalogue.authorities.entries import Entry
from catalogue.changed_fields import CHANGED, DOCUMENT, GONE, MADE, RECORD

PLURALS = {
    RECORD: _("records"),
    "author": _("authors"),
    "keyword": _("keywords"),
    "country": _("countries"),
    DOCUMENT: _("documents"),
}
DONE = {MADE: _("made"), CHANGED: _("changed"), GONE: _("deleted")}
_DOCUMENT = {
    "name": _("name"),
    "file": _("content"),
    "size": _("size"),
    "is_public": _("public"),
    "record": _("record"),
}
_OF_ONE_FILE = {"author": ("kind", "orcid"), "keyword": ("scope_note", "related"), "country": ("code",)}


def fields(what: str) -> list[str]:
    """Return the fields in which a record, a heading of one of the files, or a document can change."""
    if what == RECORD:
        return list(history.FIELDS)
    if what == DOCUMENT:
        return list(_DOCUMENT)
    common = [name for name in Entry.__dataclass_fields__ if name in ("heading", "notes", "variants")]
    broader = [] if what == "author" else ["broader"]
    return [*common, *broader, *_OF_ONE_FILE[what]]


def label(what: str, field: str) -> str:
    if what == RECORD:
        return history.label(field) if field in history.FIELDS else field
    if what == DOCUMENT:
        return str(_DOCUMENT.get(field, field))
    if (what, field) == ("country", "broader"):
        return str(_("part of"))
    return str(heading_history.LABELS.get(field, field))


def words(what: str, field: str, value: Any) -> str:
    if what == RECORD:
        return history.words(field, value)
    if what == DOCUMENT:
        return "" if value is None else str(value)
    return heading_history.words(field, value)
