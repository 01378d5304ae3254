"""What the steps of a batch edit make of records, and what came of it in numbers. Nothing is written here."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalogue.batch.replacing import TooLong
from catalogue.batch.steps import COUNTRIES, KEYWORDS, Preferred, Step, brought, headings
from catalogue.draft import Draft, clean, validate
from catalogue.headings import Authorities

# As many records of each sort are named.
MOST_NAMED = 50
MOST_REFUSED = 200
MOST_REASONS = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What a record shall be; where it stays as it is, why (`nothing`), or what would be wrong with it (`problems`)."""

    after: Draft
    nothing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        return not self.nothing and not self.problems


def led(steps: Sequence[Step], authorities: Authorities) -> list[Step]:
    """Return the steps with the preferred forms of their headings, as they are now."""
    preferred = _preferred(steps, authorities)
    return [step.led(preferred) for step in steps]


def new_headings(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return the headings that the steps bring and that are in no list yet, by authority file."""
    preferred = _preferred(steps, Authorities())
    return {name: [text for text in texts if text not in preferred[name]] for name, texts in brought(steps).items()}


def _preferred(steps: Sequence[Step], authorities: Authorities) -> Preferred:
    named = headings(steps)
    files = {KEYWORDS: authorities.keywords, COUNTRIES: authorities.countries}
    for name, file in files.items():
        file.look_up(named[name])
    return {
        name: {text: file.headings[file.numbers[text]] for text in named[name] if text in file.numbers}
        for name, file in files.items()
    }


def compute(steps: Iterable[Step], draft: Draft) -> Result:
    """Do the steps, one after the other, to the Draft of one record."""
    after = draft
    nothing: list[str] = []
    for step in steps:
        try:
            done = step.apply(after)
        except TooLong as error:
            return Result(draft, problems=(f"{step.sentence}: {error}",))
        if done is after:
            nothing.append(step.when_nothing)
        after = done
    if after is draft:
        return Result(draft, tuple(dict.fromkeys(nothing)))
    after = clean(after)
    if after == draft:
        return Result(draft, (_("The steps leave it as it was."),))
    problems = validate(after)
    if problems:
        return Result(draft, problems=tuple(problem.reason for problem in problems))
    return Result(after)


@dataclass
class Tally:
    """What became of all records of a batch edit, counted, with the first of each sort."""

    total: int = 0
    read: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    # Numbers of records that are not there any more.
    gone: list[int] = field(default_factory=list)
    reasons: Counter[tuple[str, ...]] = field(default_factory=Counter)
    changed_first: list[int] = field(default_factory=list)
    refused_first: list[tuple[int, str, str]] = field(default_factory=list)
    # Records that somebody has changed since the preview.
    edited: list[int] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.read

    def take(self, number: int, draft: Draft, result: Result) -> None:
        if result.is_changed:
            self.changed += 1
            if len(self.changed_first) < MOST_NAMED:
                self.changed_first.append(number)
        elif result.problems:
            self.refused += 1
            if len(self.refused_first) < MOST_REFUSED:
                self.refused_first.append((number, draft.title[:200], " ".join(result.problems)))
        else:
            self.unchanged += 1
            self.reasons[result.nothing] += 1

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types, as a batch keeps it; of long lists the beginning."""
        reasons = [[" ".join(sentences), count] for sentences, count in self.reasons.most_common(MOST_REASONS)]
        return {
            "total": self.total,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "gone": self.gone[:MOST_NAMED],
            "gone_count": len(self.gone),
            "reasons": reasons,
            "changed_first": self.changed_first,
            "refused_first": [list(row) for row in self.refused_first],
            "edited": self.edited[:MOST_NAMED],
            "edited_count": len(self.edited),
        }


def chunks(numbers: Sequence[int], size: int) -> Iterator[list[int]]:
    for first in range(0, len(numbers), size):
        yield list(numbers[first : first + size])
