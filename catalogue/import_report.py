"""What an import did, or would do: counts, the first records of each sort before and after, and what calls for a look.

`importing` fills it, the command prints it, the desk shows it. Bounded in memory however large the file is.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from catalogue.draft import Draft, Problem
from catalogue.formats.base import Columns

MOST_REPORTED = 1_000
MOST_EXAMPLES = 50
MOST_HEADINGS = 1_000
# Of remarks on rows: so many kinds, the rest together, and so many rows of each.
MOST_KINDS = 50
MOST_OF_A_KIND = 20
_PARTICULARS = re.compile(r"“[^”]*”|\d+")

CREATED, UPDATED, UNCHANGED, NEAR, REJECTED, SET_ASIDE = (
    "created",
    "updated",
    "unchanged",
    "near",
    "rejected",
    "set_aside",
)


@dataclass(frozen=True)
class RejectedRow:
    number: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Example:
    """One row and what became of it: its record, and the Draft of the record before and after.

    `record` is None where there is none (yet). `rule` is the rule that found it, `fields` what changed. Of a NEAR row,
    `record` and `before` are the record that it is near to, `after` is what the file says, `made` the record that it
    has become. Of a row that was SET_ASIDE, `rule` is the sentence that says why.
    """

    row: int
    record: int | None = None
    before: Draft | None = None
    after: Draft | None = None
    rule: str = ""
    fields: tuple[str, ...] = ()
    made: int | None = None

    def to_dict(self) -> dict[str, Any]:
        drafts = {"before": self.before, "after": self.after}
        return {
            "row": self.row,
            "record": self.record,
            "rule": self.rule,
            "fields": list(self.fields),
            "made": self.made,
            **{name: draft.to_dict() if draft else None for name, draft in drafts.items()},
        }


@dataclass(frozen=True)
class Proposal:
    """A new heading that may be another form of one that the catalogue has: a librarian decides."""

    kind: str
    new: str
    present: str
    present_number: int


@dataclass(frozen=True)
class NearRow:
    """A row that is near a record, which a librarian should look at: the row, its title, and that record.

    `record` is None where the other is a row that was set aside.
    """

    row: int
    title: str
    record: int | None
    record_title: str


@dataclass
class Remarks:
    """What is said of rows in sentences that differ in values and numbers alone: of how many, and of the first ones."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Report:
    """What a run did: counts of rows, and the first rows of each sort."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    # Rows that describe no document, and those held back because a record is near (Matching.on_near).
    set_aside: int = 0
    # Rows that are near a record, created or set aside.
    near: int = 0
    # How many rows each rule matched, and in how many records each field changed.
    matched: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    rejected_rows: list[RejectedRow] = field(default_factory=list)
    # What is remarked on rows that were taken or set aside, by kind: a thousand alike do not hide the one that matters.
    remarks: dict[str, Remarks] = field(default_factory=dict)
    # By CREATED, UPDATED, UNCHANGED, NEAR, REJECTED, SET_ASIDE: the first rows of each.
    examples: dict[str, list[Example]] = field(default_factory=dict)
    # By "authors", "keywords", "countries": how many new headings were made, and the first of them.
    headings: Counter[str] = field(default_factory=Counter)
    new_headings: dict[str, list[str]] = field(default_factory=dict)
    near_rows: list[NearRow] = field(default_factory=list)
    proposed_headings: list[Proposal] = field(default_factory=list)
    columns: Columns | None = None
    change_set: int | None = None
    # How far the file is read, in bytes.
    position: int = 0
    seconds: float = 0.0

    @property
    def read(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected + self.set_aside

    @property
    def warned(self) -> int:
        """How many remarks there are."""
        return sum(remarks.count for remarks in self.remarks.values())

    def reject(self, number: int, problems: Iterable[Problem], draft: Draft | None = None) -> None:
        self.rejected += 1
        if len(self.rejected_rows) < MOST_REPORTED:
            self.rejected_rows.append(RejectedRow(number, tuple(problems)))
        self.show(REJECTED, Example(number, after=draft))

    def put_aside(self, number: int, sentence: str, draft: Draft | None = None) -> None:
        self.set_aside += 1
        self.show(SET_ASIDE, Example(number, after=draft, rule=sentence))

    def warn(self, number: int, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            kind = _PARTICULARS.sub("", sentence)
            if len(self.remarks) >= MOST_KINDS and kind not in self.remarks:
                kind = ""
            remarks = self.remarks.setdefault(kind, Remarks())
            remarks.count += 1
            if len(remarks.first) < MOST_OF_A_KIND:
                remarks.first.append((number, sentence))

    def has_room(self, sort: str) -> bool:
        """Tell whether another example of this sort would be kept."""
        return len(self.examples.get(sort, ())) < MOST_EXAMPLES

    def show(self, sort: str, example: Example) -> None:
        if self.has_room(sort):
            self.examples.setdefault(sort, []).append(example)

    def note_headings(self, kind: str, made: Iterable[str]) -> None:
        made = list(made)
        self.headings[kind] += len(made)
        kept = self.new_headings.setdefault(kind, [])
        kept.extend(itertools.islice(made, MOST_HEADINGS - len(kept)))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        counts = ("created", "updated", "unchanged", "rejected", "set_aside", "near", "read", "warned", "change_set")
        return {
            **{name: getattr(self, name) for name in counts},
            "seconds": round(self.seconds, 3),
            "matched": dict(self.matched),
            "fields": dict(self.fields),
            "rejected_rows": [
                {"row": row.number, "problems": [asdict(problem) for problem in row.problems]}
                for row in self.rejected_rows
            ],
            "remarks": [
                {"count": one.count, "first": [{"row": row, "sentence": sentence} for row, sentence in one.first]}
                for one in self.remarks.values()
            ],
            "examples": {sort: [one.to_dict() for one in examples] for sort, examples in self.examples.items()},
            "near_rows": [asdict(one) for one in self.near_rows],
            "headings": dict(self.headings),
            "new_headings": {kind: list(made) for kind, made in self.new_headings.items()},
            "proposed_headings": [asdict(proposal) for proposal in self.proposed_headings],
            "columns": _columns(self.columns),
        }


def _columns(columns: Columns | None) -> dict[str, Any] | None:
    if columns is None:
        return None
    return {
        "encoding": columns.encoding,
        "delimiter": columns.delimiter,
        "mapping": {name: list(headers) for name, headers in columns.mapping.items()},
        "headers": list(columns.headers),
        "unmapped": list(columns.unmapped),
    }
