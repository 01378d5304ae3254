"""The versions of a record that its history holds: each as it was after a change, the first as it was before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalogue import records
from catalogue.draft import Draft
from catalogue.models import Change
from catalogue.row_numbers import row_number

# The version that is the record of now, and what stands before the number of a change whose `before` is meant.
NOW, BEFORE = "now", "before-"
MOST_OFFERED = 200


@dataclass(frozen=True)
class Version:
    """A record as it was. `key` is its part of an address, `label` says when that was."""

    key: str
    label: str
    values: dict[str, Any]
    change: Change | None = None

    @property
    def draft(self) -> Draft:
        """Raises ValueError where the history keeps what this program cannot read."""
        return Draft.from_dict(self.values)


def asked(desk: ModelAdmin, request: HttpRequest, number: int, key: str) -> Version:
    """Return the version that an address names, to those who may see it. Raises PermissionDenied and Http404."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    one = find(number, key) if number < 2**63 else None
    if one is None:
        raise Http404
    return one


def find(number: int, key: str) -> Version | None:
    if key == NOW:
        return now(number)
    own = Change.objects.filter(pk=row_number(key.removeprefix(BEFORE)), record_number=number)
    change = own.select_related("change_set").first()
    return next((one for one in _of(change) if one.key == key), None) if change else None


def now(number: int) -> Version | None:
    draft = records.read_drafts([number]).get(number)
    return Version(NOW, _("now"), draft.to_dict()) if draft else None


def _of(change: Change) -> Iterator[Version]:
    """Yield the version that a change made, and the one that it found."""
    if change.after is not None:
        yield Version(str(change.pk), _label(change), change.after, change)
    if change.before is not None:
        label = _("before %(when)s") % {"when": _label(change)}
        yield Version(f"{BEFORE}{change.pk}", label, change.before, change)


def _label(change: Change) -> str:
    when = formats.date_format(timezone.localtime(change.change_set.made), "DATETIME_FORMAT")
    return f"{when} · {change.change_set.user_name}" if change.change_set.user_name else when


def offered(number: int) -> list[Version]:
    """Return the versions that can be chosen for a comparison, newest first, the one of now before all."""
    changes = list(
        Change.objects.filter(record_number=number).select_related("change_set").order_by("-pk")[:MOST_OFFERED]
    )
    current = now(number)
    return [*([current] if current else []), *_distinct(changes)]


def _distinct(changes: Iterable[Change]) -> Iterator[Version]:
    """Yield what each change made, and what the oldest of them found."""
    last: Change | None = None
    for last in changes:
        if last.after is not None:
            yield Version(str(last.pk), _label(last), last.after, last)
    if last is not None and last.before is not None:
        yield from (one for one in _of(last) if one.key.startswith(BEFORE))
