"""Two people at one heading: what the first changed while the second had the form open; the form then loses neither.

The form carries the Entry as it was when it was opened, so that what was typed can be told from what was there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalogue.admin.heading_history import differences
from catalogue.authorities import entries
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.models import HeadingChange

COLUMNS = ("heading", "kind", "orcid", "notes", "scope_note", "code")


@dataclass(frozen=True)
class Conflict:
    """Why a form was not saved. `data` is what it shall show: what was typed, and elsewhere what the other one did."""

    sentence: str
    data: QueryDict


def version(file: AuthorityFile, number: int) -> str:
    """Return the heading as it is now, signed, as the form carries it."""
    entry = entries.read(file, [number]).get(number)
    return _signed(entry) if entry else ""


def _signed(entry: Entry) -> str:
    return signing.dumps(entry.to_dict(), salt=__name__, compress=True)


def find(file: AuthorityFile, number: int, sent: QueryDict) -> Conflict | None:
    """Tell what stands against saving what was sent from a form that was opened earlier.

    Belongs inside a transaction in which headings are locked.
    """
    opened = _read(sent.get("version", ""))
    now = entries.read(file, [number]).get(number)
    if opened is None or now is None or opened == now:
        return None
    return Conflict(_sentence(file, number, opened, now), _merged(file, number, sent, opened, now))


def _read(text: str) -> Entry | None:
    """Return the Entry that a form carried, or None where it carried none of ours."""
    try:
        return Entry.from_dict(signing.loads(text, salt=__name__))
    except signing.BadSignature:
        return None


def _sentence(file: AuthorityFile, number: int, opened: Entry, now: Entry) -> str:
    last = HeadingChange.objects.filter(kind=file.name, number=number).select_related("change_set").last()
    who = (last.change_set.user_name if last else "") or _("Somebody")
    made = last.change_set.made if last else timezone.now()
    when = formats.date_format(timezone.localtime(made), "DATETIME_FORMAT")
    changed = [
        _("%(field)s: “%(before)s” is “%(after)s” now")
        % {"field": one.label, "before": one.before.replace("\n", ", "), "after": one.after.replace("\n", ", ")}
        for one in differences(file.name, opened.to_dict(), now.to_dict())
    ]
    said = _("%(who)s changed this heading on %(when)s, while you had it open.") % {"who": who, "when": when}
    kept = _("What you typed is still here, and where you typed nothing stands what is new. Look it over, then save.")
    return " ".join([said, "; ".join(changed) + ".", kept])


def _merged(file: AuthorityFile, number: int, sent: QueryDict, opened: Entry, now: Entry) -> QueryDict:
    """Return what was sent, with what the other one changed in the boxes where nothing was typed."""
    data = sent.copy()
    data["version"] = _signed(now)
    for name in COLUMNS:
        if name in data and _line(sent.get(name, "")) == _line(opened.column(name)):
            data[name] = now.column(name)
    for name in ("broader", "related"):
        before, after = ([link.heading for link in getattr(entry, name)] for entry in (opened, now))
        if name in data:
            data[name] = "\n".join(_together(sent.get(name, "").splitlines(), before, after))
        elif name == "broader" and _line(data.get("part_of", "")) == "".join(before):
            data["part_of"] = "".join(after)  # of a country there is one at most
    _set_variants(file, number, data, opened, now)
    return data


def _line(text: str) -> str:
    return " ".join(text.split())


def _together(typed: Iterable[str], opened: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return what both made of a list: without what either took away, with what either added."""
    lines = [line for line in map(_line, typed) if line]
    kept = [line for line in now if line in lines or line not in opened]
    return kept + [line for line in lines if line not in opened and line not in kept]


def _set_variants(file: AuthorityFile, number: int, data: QueryDict, opened: Entry, now: Entry) -> None:
    """Write the rows of other forms anew: those of now with their numbers, then those that were typed."""
    rows = file.variants.objects.filter(authority=number).order_by("pk").values_list("pk", "form")
    typed = list(_typed_variants(data))
    wanted = _together(typed, opened.variants, now.variants)
    known: dict[int, str] = dict(rows)
    new = [form for form in wanted if form not in known.values()]
    for name in [name for name in data if name.startswith("variants-")]:
        del data[name]
    # An emptied row is one to be deleted.
    written: list[tuple[Any, str]] = [(pk, form if form in wanted else "") for pk, form in known.items()]
    written += [("", form) for form in new]
    data["variants-INITIAL_FORMS"], data["variants-TOTAL_FORMS"] = str(len(known)), str(len(written))
    for place, (pk, form) in enumerate(written):
        data[f"variants-{place}-id"], data[f"variants-{place}-form"] = str(pk), form


def _typed_variants(data: QueryDict) -> Iterable[str]:
    total = data.get("variants-TOTAL_FORMS", "")
    for place in range(min(int(total) if total.isascii() and total.isdigit() and len(total) < 5 else 0, 1000)):
        if not data.get(f"variants-{place}-DELETE"):
            yield data.get(f"variants-{place}-form", "")
