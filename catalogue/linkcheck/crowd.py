"""Checks many addresses in threads: several hosts at once, one thread for each. Findings come back in one thread."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from catalogue.linkcheck.findings import Finding

HOSTS_AT_ONCE = 8
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Address:
    number: int
    url: str
    host: str


def check_all(
    addresses: Sequence[Address], check: Callable[[str], Finding], is_to_stop: Callable[[], bool]
) -> Iterator[tuple[Address, Finding]]:
    """Yield each address with its finding, as they come; end early where `is_to_stop`, which is asked all the time.

    The threads know no database, and none is waited for: whoever ends early may end the process.
    """
    crowd = _Crowd(_by_host(addresses), check)
    crowd.start()
    left = len(addresses)
    try:
        while left and not is_to_stop():
            try:
                yield crowd.found.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            left -= 1
    finally:
        crowd.is_stopped = True


class _Crowd:
    def __init__(self, hosts: list[list[Address]], check: Callable[[str], Finding]) -> None:
        self.check = check
        self.found: SimpleQueue[tuple[Address, Finding]] = SimpleQueue()
        self.is_stopped = False
        self._hosts: SimpleQueue[list[Address]] = SimpleQueue()
        for addresses in hosts:
            self._hosts.put(addresses)

    def start(self) -> None:
        for number in range(min(HOSTS_AT_ONCE, self._hosts.qsize())):
            Thread(target=self._work, name=f"link check {number}", daemon=True).start()

    def _work(self) -> None:
        try:
            while True:
                for address in self._hosts.get_nowait():
                    if self.is_stopped:
                        return
                    self.found.put((address, self.check(address.url)))
        except Empty:
            return


def _by_host(addresses: Sequence[Address]) -> list[list[Address]]:
    """Return the addresses of each host, the host with the most first: it takes longest."""
    groups: dict[str, list[Address]] = defaultdict(list)
    for address in addresses:
        groups[address.host].append(address)
    return sorted(groups.values(), key=len, reverse=True)
