"""What `import_records` says of each file: in lines for a terminal, and all of it in one JSON object."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from catalogue.draft import clean_line
from catalogue.formats.base import Columns
from catalogue.import_report import NearRow, RejectedRow, Report

MOST_PRINTED = 20
MOST_ALIKE = 5
COUNTS = ("created", "updated", "unchanged", "near", "set_aside", "rejected")


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its report or, where it could not be read, the sentence that says why."""

    name: str
    report: Report | None = None
    problem: str = ""


def columns_lines(columns: Columns) -> Iterator[str]:
    """Yield how the columns of a table are read."""
    yield from (f"  {', '.join(headers)} → {field}" for field, headers in columns.mapping.items())
    if columns.unmapped:
        yield f"  not used: {', '.join(columns.unmapped)} (use them with --map FIELD=HEADER)"
    yield from (f"  {note} (--separator keywords=,)" for note in columns.notes)


def troubles(outcome: Outcome) -> Iterator[str]:
    """Yield what is wrong in a file, for standard error."""
    if outcome.report is None:
        yield outcome.problem
        return
    for row in outcome.report.rejected_rows[:MOST_PRINTED]:
        yield from _problems(row)
    if outcome.report.rejected > MOST_PRINTED:
        yield f"  … and {outcome.report.rejected - MOST_PRINTED:,} more bad rows (see all with --report FILE)"


def results(outcome: Outcome, is_written: bool) -> Iterator[str]:
    """Yield what a file brought or, where nothing of it is written, would have brought."""
    report = outcome.report
    if report is None:
        return
    for remarks in report.remarks.values():
        lines = [f"row {number}: {sentence}" for number, sentence in remarks.first]
        yield from _some(lines, remarks.count, "notes like these", MOST_ALIKE)
    yield from _some([_near(one) for one in report.near_rows], report.near, "near rows")
    if report.headings:
        yield "  new headings: " + ", ".join(f"{count:,} {kind}" for kind, count in report.headings.items())
    proposed = [f"“{one.new}” may be “{one.present}”" for one in report.proposed_headings]
    yield from _some(proposed, len(proposed), "headings that may be other forms of known ones")
    lead = "" if is_written else "would be "
    aside = f", {report.set_aside:,} set aside" if report.set_aside else ""
    yield (
        f"{outcome.name}: {report.created:,} {lead}created, {report.updated:,} {lead}updated, "
        f"{report.unchanged:,} unchanged, {report.rejected:,} rejected{aside}."
    )
    if not (report.created or report.updated or report.rejected or report.set_aside):
        yield "The catalogue has all of these records already; nothing was changed."


def _some(lines: Sequence[str], count: int, what: str, most: int = MOST_PRINTED) -> Iterator[str]:
    yield from (f"  {clean_line(line)}" for line in lines[:most])  # a terminal obeys control characters
    if count > most:
        yield f"  … and {count - most:,} more {what}"


def _near(row: NearRow) -> str:
    other = f"record {row.record}" if row.record else "a row of this file"
    return f"row {row.row}: “{row.title}” is near {other}, “{row.record_title}”"


def _problems(row: RejectedRow) -> Iterator[str]:
    for problem in row.problems:
        value = f"“{clean_line(problem.value)}”" if problem.value else ""  # a terminal obeys control characters
        where = " ".join(filter(None, (problem.field, value)))  # a row that cannot be read has no field
        yield f"  row {row.number}, {where}: {problem.reason}" if where else f"  row {row.number}: {problem.reason}"


def print_all(lines: Iterable[str], stream: Any) -> None:
    """Print the lines. Who has read enough of them (`| head`) stops nothing."""
    with suppress(BrokenPipeError):
        for line in lines:
            stream.write(line)


def summary(outcomes: Sequence[Outcome], is_written: bool, problem: str, seconds: float) -> dict[str, Any]:
    """Return the whole run as JSON types. The counts are of what was done where `imported` is true; else of what would
    have been.
    """
    reports = [outcome.report for outcome in outcomes if outcome.report]
    rules: Counter[str] = sum((report.matched for report in reports), Counter())
    return {
        **{name: sum(getattr(report, name) for report in reports) for name in COUNTS},
        "matched": rules.total(),
        "rules": dict(rules),
        "seconds": round(seconds, 3),
        "imported": is_written,
        "problem": problem,
        "files": [_file(outcome) for outcome in outcomes],
    }


def _file(outcome: Outcome) -> dict[str, Any]:
    report = outcome.report or Report()
    return {
        "file": outcome.name,
        **{name: getattr(report, name) for name in COUNTS},
        "matched": report.matched.total(),
        "problem": outcome.problem,
    }
