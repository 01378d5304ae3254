"""Replaces addresses in records: one by another, or the beginning of many, in one change set that can be undone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _

from catalogue import changes, codes, importing, records
from catalogue.draft import LIMITS, clean_line
from catalogue.linkcheck import addresses
from catalogue.models import ChangeSet, Record, UrlKey
from catalogue.people import rights

AT_ONCE = 1_000
# More take too long while somebody waits.
MOST_REPLACED = 20_000
MOST_EXAMPLES = 20

_PARTS = re.compile(r"((?:https?|ftp)://[^\s/?#]+)(\S*)", re.IGNORECASE)


class Refused(Exception):
    """The addresses cannot be replaced so. The message says why, and what to do; nothing was changed."""


class Rule(Protocol):
    """Which addresses are replaced, and by what."""

    def records(self) -> QuerySet[Record]:
        """Return the records that may have such an address."""

    def replaced(self, url: str) -> str:
        """Return what takes the place of an address; the same where the rule does not speak of it."""


@dataclass(frozen=True)
class Each:
    """Replaces each of some addresses, to the letter, by its own new one."""

    places: Mapping[str, str]

    def records(self) -> QuerySet[Record]:
        # By the key that has an index; of the spellings that share a key, one is meant.
        keys: list[Any] = [UrlKey(Value(url)) for url in self.places]
        return Record.objects.alias(key=UrlKey("url")).filter(key__in=keys, url__in=list(self.places))

    def replaced(self, url: str) -> str:
        return self.places.get(url, url)


@dataclass(frozen=True)
class Beginning:
    """Replaces the beginning of all addresses that begin so. Capitals in the name of the host make no difference."""

    old: str
    new: str

    def records(self) -> QuerySet[Record]:
        return Record.objects.filter(url__istartswith=self.old)

    def replaced(self, url: str) -> str:
        origin, rest = _parts(self.old)
        own_origin, own_rest = _parts(url)
        if origin.lower() != own_origin.lower() or not own_rest.startswith(rest):
            return url
        return self.new + own_rest[len(rest) :]


def _parts(url: str) -> tuple[str, str]:
    found = _PARTS.fullmatch(url)
    return (found[1], found[2]) if found else ("", "")


def rule(old: str, new: str, is_beginning: bool) -> Rule:
    """Return the rule that somebody has written. Raises Refused where it makes no sense."""
    old, new = clean_line(old), clean_line(new)
    for address in (old, new):
        if not _PARTS.fullmatch(address):
            sentence = _("“%(address)s” is no address: it must begin with http:// or https:// and a host.")
            raise Refused(sentence % {"address": address[:200]})
    if old == new:
        raise Refused(_("The old address and the new one are the same."))
    return Beginning(old, new) if is_beginning else Each({old: new})


@dataclass(frozen=True)
class Example:
    number: int
    title: str
    before: str
    after: str


@dataclass
class Plan:
    """What a rule would do: the records that change, the first of them, and those whose new address cannot be kept."""

    numbers: list[int] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    left_out: list[Example] = field(default_factory=list)
    left_total: int = 0


def plan(wanted: Rule, user: Any = None) -> Plan:
    """Say what a rule would do. Raises Refused where it is too much for one step, or for this user."""
    made = Plan()
    for one in _changed(wanted):
        if not _can_be_kept(one.after):
            made.left_total += 1
            made.left_out += [one] if len(made.left_out) < MOST_EXAMPLES else []
            continue
        made.numbers.append(one.number)
        made.examples += [one] if len(made.examples) < MOST_EXAMPLES else []
        if len(made.numbers) > MOST_REPLACED:
            sentence = _("These are more than %(most)s records. Make the old address longer, and go in several steps.")
            raise Refused(sentence % {"most": f"{MOST_REPLACED:,}"})
    if user is not None and not rights.may_change_together(user, len(made.numbers)):
        raise Refused(rights.too_many())
    return made


def _changed(wanted: Rule) -> Iterator[Example]:
    found = wanted.records().order_by("pk").values_list("pk", "title", "url")
    for number, title, url in found.iterator(chunk_size=AT_ONCE):
        after = wanted.replaced(url)
        if after != url:
            yield Example(number, title, url, after)


def _can_be_kept(url: str) -> bool:
    return len(url) <= LIMITS["url"] and _PARTS.fullmatch(url) is not None


def carry_out(wanted: Rule, user: Any = None, reason: str = "") -> tuple[ChangeSet, int]:
    """Replace addresses in all records, and return the change set and the number of records. Raises Refused."""
    try:
        with transaction.atomic(), changes.without_waiting():
            return _carry_out(wanted, user, reason)
    except changes.Busy:
        raise Refused(_("Somebody else is writing one of these records. Please try again in a minute.")) from None


def _carry_out(wanted: Rule, user: Any, reason: str) -> tuple[ChangeSet, int]:
    if not importing.try_alone():
        raise Refused(_("An import is being written just now. Please try again when it is done."))
    numbers = plan(wanted, user).numbers
    change_set = changes.open_change_set(codes.BATCH, user, reason)
    changed = sum(_replace(change_set, wanted, numbers[at : at + AT_ONCE]) for at in range(0, len(numbers), AT_ONCE))
    if not changed:
        raise Refused(_("No record has such an address any more; nothing was changed."))
    addresses.keep_in_step()
    return change_set, changed


def _replace(change_set: ChangeSet, wanted: Rule, numbers: Sequence[int]) -> int:
    """Give records their new addresses, as they are now: the plan was read before they were locked."""
    records.lock(numbers)
    wishes = []
    for number, draft in records.read_drafts(numbers).items():
        after = wanted.replaced(draft.url)
        if after != draft.url and _can_be_kept(after):
            wishes.append(changes.Wish(replace(draft, url=after), number))
    return len(changes.apply(change_set, wishes).updated)
