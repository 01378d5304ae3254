"""Tells hosts that are gone from a server that has lost its own connection: nothing is called dead for that."""

from collections.abc import Callable, Iterator

from catalogue.linkcheck.crowd import Address
from catalogue.linkcheck.findings import Finding, Outcome
from catalogue.linkcheck.models import Link

# So many hosts in a row without any answer are suspicious.
SUSPICIOUS = 10
# So many addresses that were alive the last time are asked then; one answer is enough.
WITNESSES = 3

Pair = tuple[Address, Finding]


class Doubts:
    """Holds back the failures of a run until any host answers."""

    def __init__(self, check: Callable[[str], Finding]) -> None:
        self._check = check
        self._held: list[Pair] = []
        self.is_offline = False

    def weigh(self, address: Address, finding: Finding) -> Iterator[Pair]:
        """Yield what is sure by now: the finding, and those that were held back before it."""
        if finding.outcome is Outcome.SKIPPED:  # nobody was asked
            yield address, finding
            return
        self._held.append((address, finding))
        if finding.is_answered:
            yield from self._all()
        elif len({held.host for held, _finding in self._held}) >= SUSPICIOUS:
            yield from self.rest()

    def rest(self) -> Iterator[Pair]:
        """Yield what is held back, unless the witnesses are silent too."""
        if self._held:
            self.is_offline = self._is_offline()
        if not self.is_offline:
            yield from self._all()

    def _all(self) -> Iterator[Pair]:
        held, self._held = self._held, []
        yield from held

    def _is_offline(self) -> bool:
        """Ask addresses on other hosts that were alive last; where none is known, many hosts speak for themselves."""
        hosts = {address.host for address, _finding in self._held}
        known = Link.objects.filter(status=Link.Status.ALIVE).exclude(host__in=hosts)
        witnesses = list(known.order_by("-alive").values_list("url", flat=True)[:WITNESSES])
        if not witnesses:
            return len(hosts) >= SUSPICIOUS
        return not any(self._check(url).is_answered for url in witnesses)
