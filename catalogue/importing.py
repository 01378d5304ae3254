"""Brings a file of records into the catalogue: read, validate, match, write, report; all in one transaction.

A dry run is the very same run, rolled back. Killed at any moment, it leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import changes, codes, matching
from catalogue.draft import Draft, Problem, clean, validate
from catalogue.formats import Format, ReadOptions, Row
from catalogue.import_report import RejectedRow, Report
from catalogue.matching import Matching
from catalogue.models import Record

__all__ = ["ImportRejected", "Matching", "RejectedRow", "Report", "Run", "import_file", "import_rows"]

BATCH = 500


class ImportRejected(Exception):
    """Rows could not be taken, and nothing was written. The report says which and why."""

    def __init__(self, report: Report) -> None:
        super().__init__(_("Nothing was imported."))
        self.report = report


@dataclass(frozen=True)
class Run:
    """How an import is to go.

    `errors` is a file that receives every row that was rejected or set aside, as it was read, with what is wrong with
    it; its name decides whether it is a table (.csv) or JSON lines. `source` names where the file comes from: numbers
    of different sources are kept apart. `waiting` is called once if another import is writing.
    """

    dry: bool = False
    skip_bad: bool = False
    user: Any = None
    reason: str = ""
    matching: Matching = Matching()
    source: str = ""
    errors: Path | None = None
    waiting: Callable[[], None] = lambda: None


def import_file(
    file: BinaryIO,
    file_format: Format,
    options: ReadOptions,
    run: Run,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Import one file and return the report.

    Raises FormatError where the file cannot be read as what it is said to be, and ImportRejected where rows are bad
    and `run.skip_bad` is off. In both cases nothing is written.
    """
    return import_rows(file_format.read(file, options), run, progress)


def import_rows(rows: Iterable[Row], run: Run, progress: Callable[[Report], None] = lambda report: None) -> Report:
    """Import rows that a format has read; see import_file."""
    report = Report()
    with transaction.atomic():
        change_set = changes.open_change_set(codes.IMPORT, run.user, run.reason)
        for batch in _batches(_good(rows, report)):
            _write(batch, change_set, report)
            progress(report)
        if report.rejected and not run.skip_bad:
            raise ImportRejected(report)
        if run.dry:
            transaction.set_rollback(True)
        elif report.created or report.updated:
            report.change_set = change_set.pk
        else:
            change_set.delete()
    return report


def _good(rows: Iterable[Row], report: Report) -> Iterator[Draft]:
    for row in rows:
        report.warn(row.number, row.warnings)
        draft = clean(row.draft) if row.draft else None
        problems = [*row.problems, *((*validate(draft), *_lost_replacement(draft)) if draft else ())]
        if problems or draft is None:
            report.reject(row.number, problems)
        else:
            yield draft


def _lost_replacement(draft: Draft) -> Iterator[Problem]:
    """Refuse a record that was replaced by one that is not here: the numbers of another catalogue mean nothing."""
    number = draft.replaced_by
    if number is not None and not (0 < number < 2**63 and Record.objects.filter(pk=number).exists()):
        yield Problem("replaced_by", str(number), _("The catalogue has no record of this number."))


def _batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    """Cut the stream where two Drafts of a batch could be one record: the second must find the first."""
    batch: list[Draft] = []
    seen: set[tuple[str, str]] = set()
    for draft in drafts:
        own = matching.keys(draft)
        if len(batch) >= BATCH or own & seen:
            yield batch
            batch, seen = [], set()
        batch.append(draft)
        seen |= own
    if batch:
        yield batch


def _write(batch: list[Draft], change_set: Any, report: Report) -> None:
    known = matching.candidates(batch)
    wishes = []
    for draft in batch:
        number = known.match(draft)
        wishes.append(changes.Wish(draft if number is None else matching.merged(draft, known.drafts[number]), number))
    outcome = changes.apply(change_set, _distinct(wishes))
    report.created += len(outcome.created)
    report.updated += len(outcome.updated)
    report.unchanged += len(wishes) - len(outcome.created) - len(outcome.updated)


def _distinct(wishes: list[changes.Wish]) -> list[changes.Wish]:
    """Leave out all but the first wish for a record: one statement cannot write a row twice."""
    seen: set[int] = set()
    kept = []
    for wish in wishes:
        if wish.number is None or wish.number not in seen:
            kept.append(wish)
        if wish.number is not None:
            seen.add(wish.number)
    return kept
