"""Two people at one record: what the first changed while the second had the form open; the form then loses neither."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalogue import records
from catalogue.admin import history
from catalogue.draft import Draft
from catalogue.models import Change, Record

# So far back the record is looked for as it was when the form was opened.
MOST_CHANGES = 100


@dataclass(frozen=True)
class Kept:
    """A record as the database holds it. `version` is carried by the form and shows whether it changed meanwhile."""

    number: int | None = None
    draft: Draft = Draft()
    version: str = ""


@dataclass(frozen=True)
class Row:
    """One field: as it was when the form was opened, as it is kept now, as it was typed, and as the form has it now."""

    label: str
    opened: str
    now: str
    typed: str
    form: str

    @property
    def is_of_both(self) -> bool:
        return self.now != self.typed and self.opened not in (self.now, self.typed)


@dataclass(frozen=True)
class Conflict:
    """Why a form was not saved: what somebody else did since it was opened.

    `draft` is what the form shall show now: what was typed, and where nothing was, what the other one did.
    """

    sentence: str
    rows: tuple[Row, ...] = ()
    draft: Draft | None = None
    version: str = ""


def read(number: int) -> Kept | None:
    """Return a record with its version: when it was modified and a digest, for headings are renamed elsewhere."""
    row = Record.objects.filter(pk=number).values_list("modified", flat=True).first()
    draft = records.read_drafts([number]).get(number)
    if row is None or draft is None:
        return None
    return Kept(number, draft, f"{row.isoformat()} {_digest(draft.to_dict())}")


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def find(number: int, version: str, typed: Draft) -> Conflict | None:
    """Tell what stands against saving what was typed into a form that was opened with a version of a record."""
    now = read(number)
    if now is None:
        return Conflict(_("This record was deleted while you had it open. What you typed is still here."))
    if now.version == version:
        return None
    opened = _opened(number, version)
    merged = _merged(opened, now.draft, typed) if opened else typed
    return Conflict(_sentence(number), tuple(_rows(opened, now.draft, typed, merged)), merged, now.version)


def _opened(number: int, version: str) -> Draft | None:
    """Return the record as it was when the form was opened, where the history still has it."""
    wanted = version.rpartition(" ")[2]
    for change in Change.objects.filter(record_number=number).order_by("-pk")[:MOST_CHANGES]:
        for values in (change.after, change.before):
            if values and _digest(values) == wanted:
                return Draft.from_dict(values)
    return None


def _merged(opened: Draft, now: Draft, typed: Draft) -> Draft:
    """Return what was typed, with what the other one changed in the fields where nothing was."""
    names = Draft.__dataclass_fields__
    untouched = [name for name in names if getattr(typed, name) == getattr(opened, name)]
    return replace(typed, **{name: getattr(now, name) for name in untouched})


def _rows(opened: Draft | None, now: Draft, typed: Draft, merged: Draft) -> list[Row]:
    drafts = (opened or typed, now, typed, merged)
    kept = [draft.to_dict() for draft in drafts]
    found = []
    for name in history.FIELDS:
        values = [history.words(name, one.get(name)) for one in kept]
        # What nobody but the person at the form has changed is no news to them.
        if values[1] != values[0] or (opened is None and values[1] != values[2]):
            found.append(Row(history.label(name), *values))
    return found


def _sentence(number: int) -> str:
    last = history.last_change(number)
    if not last:
        return _("This record was changed while you had it open.")
    when = formats.date_format(timezone.localtime(last.change_set.made), "DATETIME_FORMAT")
    values = {"who": history.who(last), "when": when}
    return _("%(who)s changed this record on %(when)s, while you had it open.") % values
