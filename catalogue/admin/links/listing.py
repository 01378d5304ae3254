"""What the worklist shows: which addresses, in which order, and beside each its records and its archived copies."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from catalogue.admin.listing import AnyText
from catalogue.linkcheck import addresses
from catalogue.linkcheck.addresses import Holder
from catalogue.linkcheck.models import Link

Status = Link.Status
PER_PAGE = 50
LONGEST_FILLED = 500
MOST_HOSTS = 10
# What wants a look, unless somebody has had it.
WORK, KNOWN, ALL = "work", "known", "all"
AILING = (Status.DEAD, Status.MOVED, Status.UNREACHABLE)
STATES = {
    WORK: gettext_lazy("to be looked after"),
    Status.DEAD: gettext_lazy("dead"),
    Status.MOVED: gettext_lazy("moved"),
    Status.UNREACHABLE: gettext_lazy("unreachable for the moment"),
    Status.BARRED: gettext_lazy("refusing programs"),
    Status.SKIPPED: gettext_lazy("not to be checked"),
    Status.NEW: gettext_lazy("never checked"),
    Status.ALIVE: gettext_lazy("alive"),
    KNOWN: gettext_lazy("known, to be left"),
}
ORDERS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "host": (gettext_lazy("host"), ("host", "pk")),
    "failing": (gettext_lazy("failing for longest"), (F("alive").asc(nulls_first=True), "pk")),
    "checked": (gettext_lazy("last checked"), (F("checked").desc(nulls_last=True), "pk")),
    "new": (gettext_lazy("newest"), ("-pk",)),
}


class ListForm(forms.Form):
    state = forms.ChoiceField(choices=list(STATES.items()), required=False)
    q = AnyText(
        label=gettext_lazy("Part of an address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    o = forms.ChoiceField(
        label=gettext_lazy("Order"), choices=[(name, label) for name, (label, _by) in ORDERS.items()], required=False
    )


@dataclass(frozen=True)
class Wanted:
    state: str
    text: str
    order: str

    @classmethod
    def read(cls, form: ListForm) -> "Wanted":
        """Return what was asked for; what makes no sense is as if it was not said."""
        form.is_valid()
        sent = form.cleaned_data
        return cls(sent.get("state") or WORK, sent.get("q") or "", sent.get("o") or "host")


def in_state(state: str) -> Q:
    if state == WORK:
        return Q(status__in=AILING, is_known=False)
    return Q(is_known=True) if state == KNOWN else Q(status=state)


def listed(wanted: Wanted) -> QuerySet[Link]:
    links = addresses.used().filter(in_state(wanted.state))
    if wanted.text:
        links = links.filter(url__icontains=wanted.text)
    return links.order_by(*ORDERS[wanted.order][1])


def hosts(links: QuerySet[Link]) -> list[tuple[str, str, int]]:
    """Return scheme and host of those with the most addresses: what ails a whole host is mended by one rule."""
    scheme = Lower(Func(F("url"), Value("://"), Value(1), function="split_part", output_field=TextField()))
    found = links.order_by().annotate(scheme=scheme).values_list("scheme", "host").annotate(count=Count("pk"))
    return list(found.filter(count__gt=1).order_by("-count", "host", "scheme")[:MOST_HOSTS])


def counts() -> dict[str, int]:
    """Return how many addresses are in each state that the worklist knows, in one query."""
    return addresses.used().aggregate(**{state: Count("pk", filter=in_state(state)) for state in STATES})


@dataclass(frozen=True)
class Row:
    link: Link
    total: int
    holders: list[Holder]
    archive: str

    @property
    def document(self) -> Holder | None:
        """The first record that has a document of its own."""
        return next((holder for holder in self.holders if holder.document), None)

    @property
    def replacing(self) -> str:
        """What the page that replaces addresses is filled with; the new address, where one is known."""
        known = {"old": self.link.url, "new": self.link.moved_to, "which": "one"}
        # Without the new address of a pair that is too long for a line of HTTP.
        return urlencode({name: value for name, value in known.items() if value and len(value) <= LONGEST_FILLED})

    @property
    def more(self) -> int:
        return self.total - len(self.holders)


def rows(links: list[Link], most: int = 5) -> list[Row]:
    found = addresses.holders(links, most)
    return [Row(link, *found.get(link.pk, (0, [])), addresses.in_archive(link.url, link)) for link in links]
