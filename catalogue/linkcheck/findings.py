"""What a check has found out about one address: plain data, written by checking.py and read by noting.py."""

from dataclasses import dataclass
from enum import Enum

from catalogue.draft import clean_line


class Outcome(Enum):
    ALIVE = "alive"
    # By a permanent redirect; what it leads to is alive.
    MOVED = "moved"
    # The server says that it is gone for good, or that there is no such thing.
    GONE = "gone"
    NOT_FOUND = "not found"
    # No answer, or an error of the server: if it stays so for days, the address is dead.
    FAILED = "failed"
    # Something that a reader may get past: it is told, but never called dead.
    TROUBLED = "troubled"
    BARRED = "barred"
    SKIPPED = "skipped"
    # The host wants to be left alone: nothing was learnt.
    LATER = "later"


@dataclass(frozen=True)
class Finding:
    """`reason` is a sentence for librarians; `is_answered` tells whether any server said anything at all."""

    outcome: Outcome
    reason: str = ""
    code: int | None = None
    moved_to: str = ""
    wait: float = 0.0
    is_answered: bool = True

    def __post_init__(self) -> None:
        # Whatever a server wrote: the database takes neither zero bytes nor halves of characters.
        object.__setattr__(self, "reason", clean_line(self.reason))
        object.__setattr__(self, "moved_to", clean_line(self.moved_to))
