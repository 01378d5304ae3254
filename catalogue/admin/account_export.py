"""The account of changes as a file: a row a field in CSV, a line a change in JSON, sent as they are read."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from catalogue import change_account
from catalogue.admin import change_words
from catalogue.admin.heading_history import comparable
from catalogue.authorities.models import HeadingChange
from catalogue.change_account import Wanted
from catalogue.changed_fields import CHANGED, DOCUMENT, GONE, MADE, RECORD
from catalogue.document_changes import DocumentChange
from catalogue.formats.cells import defuse
from catalogue.models import Change, ChangeSet

COLUMNS = (
    *("change_set", "made", "by", "kind", "reason", "what", "number", "title", "done"),
    *("field", "before", "after"),
)
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Row:
    """One change of one record, heading or document: its fields with their values before and after, as JSON."""

    change_set: ChangeSet
    what: str
    number: int
    title: str
    done: str
    fields: dict[str, tuple[Any, Any]]

    def facts(self) -> dict[str, Any]:
        one = self.change_set
        return {
            "change_set": one.pk,
            "made": one.made.isoformat(),
            "by": one.user_name,
            "kind": one.kind,
            "reason": one.reason,
            "what": self.what,
            "number": self.number,
            "title": self.title,
            "done": self.done,
        }


def rows(wanted: Wanted) -> Iterator[Row]:
    """Yield the changes that are asked for; of a field, those in which that field changed."""
    for change_set, change in change_account.each_change(wanted):
        row = _row(change_set, change)
        changed = row.fields if row.done == CHANGED else ()
        if not wanted.field or (row.what == wanted.what and wanted.field in (row.done, *changed)):
            yield row


def _row(change_set: ChangeSet, change: Change | HeadingChange | DocumentChange) -> Row:
    old, new = change.before or {}, change.after or {}
    what, title = RECORD, "title"
    if isinstance(change, HeadingChange):
        what, title = change.kind, "heading"
    if isinstance(change, DocumentChange):
        what, title = DOCUMENT, "name"
    number = change.number if isinstance(change, HeadingChange) else change.record_number
    done = MADE if change.before is None else CHANGED if change.after is not None else GONE
    fields = {
        name: (old.get(name), new.get(name))
        for name in change_words.fields(what)
        if comparable(old.get(name)) != comparable(new.get(name))
    }
    return Row(change_set, what, number, str((new or old).get(title, "")), done, fields)


def as_csv(wanted: Wanted) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in rows(wanted):
        facts = [str(value) for value in row.facts().values()]
        for name, values in row.fields.items():
            shown = (change_words.words(row.what, name, value) for value in values)
            yield _line([*facts, name, *shown])


def _line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([defuse(cell) for cell in cells])
    return line.getvalue()


def as_jsonl(wanted: Wanted) -> Iterator[str]:
    for row in rows(wanted):
        fields = {name: {"before": before, "after": after} for name, (before, after) in row.fields.items()}
        yield json.dumps({**row.facts(), "fields": fields}, ensure_ascii=False) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Wanted], Iterator[str]]]] = {
    "csv": ("text/csv", as_csv),
    "jsonl": ("application/x-ndjson", as_jsonl),
}


def send(request: HttpRequest, wanted: Wanted, ending: str) -> StreamingHttpResponse:
    media_type, lines = FORMATS[ending]
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="changes.{ending}"',
    }
    return StreamingHttpResponse(() if request.method == "HEAD" else _chunks(lines(wanted)), headers=headers)


def _chunks(lines: Iterator[str]) -> Iterator[bytes]:
    """Yield the lines joined into pieces worth sending."""
    waiting, size = [], 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
