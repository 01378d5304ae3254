"""The steps of a batch edit as plain data: each says what it does to the Draft of a record, in words and in deed.

The desk's forms make them (catalogue/admin/batch/step_forms.py), a batch keeps them as JSON, computing.py does them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.batch.replacing import FindAndReplace
from catalogue.draft import Draft

MOST_STEPS = 20
KEYWORDS, COUNTRIES = "keywords", "countries"
# The preferred form of each text that leads to a heading, by authority file.
Preferred = Mapping[str, Mapping[str, str]]

ADD, REMOVE, REPLACE = "add", "remove", "replace"
SET_FIELDS = {
    "country": gettext_lazy("country"),
    "year": gettext_lazy("year"),
    "language": gettext_lazy("language"),
    "kind": gettext_lazy("kind of document"),
}


class Step(Protocol):
    """One thing that is done to each record."""

    kind: str

    def apply(self, draft: Draft) -> Draft:
        """Return the Draft with the step done, the same where there is nothing to do. Raises replacing.TooLong."""

    @property
    def sentence(self) -> str:
        """What the step does, in words."""

    @property
    def when_nothing(self) -> str:
        """Why a record stays as it is, in words."""

    def led(self, preferred: Preferred) -> Self:
        """Return the step with the preferred forms of its headings."""


@dataclass(frozen=True)
class KeywordStep:
    """A keyword added at the end, taken away, or put in the place of another (`put`)."""

    action: str
    keyword: str
    put: str = ""

    kind = "keyword"

    def apply(self, draft: Draft) -> Draft:
        own = draft.keywords
        if self.action == ADD:
            return draft if self.keyword in own else replace(draft, keywords=(*own, self.keyword))
        if self.keyword not in own:
            return draft
        if self.action == REMOVE:
            return replace(draft, keywords=tuple(one for one in own if one != self.keyword))
        return replace(draft, keywords=tuple(dict.fromkeys(self.put if one == self.keyword else one for one in own)))

    @property
    def sentence(self) -> str:
        values = {"keyword": self.keyword, "put": self.put}
        if self.action == ADD:
            return _("Add the keyword “%(keyword)s”") % values
        if self.action == REMOVE:
            return _("Remove the keyword “%(keyword)s”") % values
        return _("Replace the keyword “%(keyword)s” by “%(put)s”") % values

    @property
    def when_nothing(self) -> str:
        if self.action == ADD:
            return _("It has the keyword “%(keyword)s” already.") % {"keyword": self.keyword}
        return _("It does not have the keyword “%(keyword)s”.") % {"keyword": self.keyword}

    def led(self, preferred: Preferred) -> "KeywordStep":
        known = preferred[KEYWORDS]
        return replace(self, keyword=known.get(self.keyword, self.keyword), put=known.get(self.put, self.put))


@dataclass(frozen=True)
class SetField:
    """One value put into a field, whatever stood there; an empty one clears it."""

    field: str
    value: str | int | None = ""

    kind = "set"

    def apply(self, draft: Draft) -> Draft:
        values: dict[str, Any] = {self.field: self.value}
        return replace(draft, **values) if getattr(draft, self.field) != self.value else draft

    @property
    def shown(self) -> str:
        return str(codes.KINDS.get(str(self.value), self.value) if self.field == "kind" else self.value)

    @property
    def sentence(self) -> str:
        values = {"field": SET_FIELDS[self.field], "value": self.shown}
        if self.value in ("", None):
            return _("Clear the %(field)s") % values
        return _("Set the %(field)s to “%(value)s”") % values

    @property
    def when_nothing(self) -> str:
        values = {"field": SET_FIELDS[self.field], "value": self.shown}
        if self.value in ("", None):
            return _("It has no %(field)s.") % values
        return _("Its %(field)s is “%(value)s” already.") % values

    def led(self, preferred: Preferred) -> "SetField":
        if self.field != "country":
            return self
        return replace(self, value=preferred[COUNTRIES].get(str(self.value), self.value))


@dataclass(frozen=True)
class GiveStatus:
    """A status; a withdrawn record says why, any other has no reason of withdrawal left."""

    status: str
    reason: str = ""

    kind = "status"

    def apply(self, draft: Draft) -> Draft:
        if draft.status == self.status:
            return draft
        return replace(draft, status=self.status, withdrawn_reason=self.reason)

    @property
    def sentence(self) -> str:
        said = _("Set the status to “%(status)s”") % {"status": codes.STATUSES[self.status]}
        return f"{said}: {self.reason}" if self.reason else said

    @property
    def when_nothing(self) -> str:
        return _("Its status is “%(status)s” already.") % {"status": codes.STATUSES[self.status]}

    def led(self, preferred: Preferred) -> "GiveStatus":
        return self


KINDS: dict[str, type[Any]] = {one.kind: one for one in (KeywordStep, SetField, GiveStatus, FindAndReplace)}


def to_dicts(steps: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"kind": step.kind, **asdict(step)} for step in steps]


def from_dicts(values: Iterable[Mapping[str, Any]]) -> list[Step]:
    return [KINDS[one["kind"]](**{name: value for name, value in one.items() if name != "kind"}) for one in values]


def headings(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return all headings that the steps name, by authority file."""
    keywords = [text for step in steps if isinstance(step, KeywordStep) for text in (step.keyword, step.put) if text]
    return {KEYWORDS: list(dict.fromkeys(keywords)), COUNTRIES: _countries(steps)}


def _countries(steps: Sequence[Step]) -> list[str]:
    return [str(step.value) for step in steps if isinstance(step, SetField) and step.field == "country" and step.value]


def brought(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return the headings that the steps bring to records, which may be new ones, by authority file."""
    keywords = [
        step.put if step.action == REPLACE else step.keyword
        for step in steps
        if isinstance(step, KeywordStep) and step.action != REMOVE
    ]
    return {KEYWORDS: list(dict.fromkeys(keywords)), COUNTRIES: _countries(steps)}
