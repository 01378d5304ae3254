"""Brings a file of records into the catalogue: read, validate, match, write, report; all in one transaction.

A dry run is the very same run, rolled back. Killed at any moment, it leaves nothing behind. No reader and no search
waits for it; of imports, one writes at a time.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from catalogue import changes, codes, import_reading, records
from catalogue.draft import Draft, Identifier, Problem
from catalogue.file_numbers import FileNumbers
from catalogue.formats import Format, ReadOptions, Row
from catalogue.formats.identifiers import SOURCE
from catalogue.garbage import collected_rarely
from catalogue.import_batch import Importer
from catalogue.import_report import RejectedRow, Report
from catalogue.matching import Matching, without_status
from catalogue.models import Author
from catalogue.rejected_rows import RejectedRows

__all__ = ["ImportRejected", "Matching", "RejectedRow", "Report", "Run", "import_file", "import_rows"]

BATCH = 2_000
# The advisory lock that a writing import holds: any number that no other program uses in this database.
LOCK = 7_365_611_937
# How often one that waits looks again: asked for in PostgreSQL's own queue, it could not be stopped.
LOOK_SECONDS = 0.5


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
    of different sources are kept apart. `status` is that of new records of which the file does not say it, where they
    are not to be published at once. `unpublished` is for who may not publish: new records are in review. Both ways no
    record changes its status. `waiting` is called twice a second while another import is writing; what it raises ends
    this one.
    """

    dry: bool = False
    skip_bad: bool = False
    user: Any = None
    reason: str = ""
    matching: Matching = Matching()
    source: str = ""
    status: str = codes.PUBLISHED
    unpublished: bool = False
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

    Raises FormatError where the file cannot be read as what it is said to be, ImportRejected where rows are bad and
    `run.skip_bad` is off, and DatabaseError or OSError where the database or a disk fails. In each case nothing is
    written.
    """
    report = Report(columns=file_format.columns(file, options))

    def move(position: int) -> None:
        report.position = position

    rows = import_reading.read(file, file_format, options, move, keep_cells=run.errors is not None)
    return _import(rows, run, progress, report)


def import_rows(rows: Iterable[Row], run: Run, progress: Callable[[Report], None] = lambda report: None) -> Report:
    """Import rows that a format has read; see import_file."""
    return _import(import_reading.checked(rows), run, progress, Report())


def _import(rows: Iterable[Row], run: Run, progress: Callable[[Report], None], report: Report) -> Report:
    started = time.monotonic()
    headers = report.columns.headers if report.columns else ()
    with collected_rarely(), RejectedRows(run.errors, headers) as rejected, transaction.atomic():
        if run.dry:
            records.number_apart()
        with _one_at_a_time(run.waiting):
            last_author = Author.objects.order_by("-id").values_list("id", flat=True).first() or 0
            change_set = changes.open_change_set(codes.IMPORT, run.user, run.reason)
            if report.columns and "status" in report.columns.mapping:
                run = replace(run, status=codes.PUBLISHED)  # the file says it itself
            is_held = run.unpublished or run.status != codes.PUBLISHED
            matching = without_status(run.matching) if is_held else run.matching
            numbers = FileNumbers()
            importer = Importer(matching, change_set, report, rejected, numbers)
            for batch in _batches(_good(rows, run, report, rejected, numbers)):
                importer.take(batch)
                progress(report)
            importer.lead()
            importer.propose_headings(last_author)
        report.seconds = time.monotonic() - started
        if report.rejected and not run.skip_bad:
            raise ImportRejected(report)
        if numbers.are_kept:
            records.number_on()
        if run.dry:
            transaction.set_rollback(True)
        elif report.created or report.updated:
            report.change_set = change_set.pk
        else:
            change_set.delete()
    return report


def make_searchable() -> None:
    """Return once all that was imported can be found, which nothing can be before the transaction has ended."""
    if not connection.in_atomic_block:
        import_string(settings.RECORD_SEARCH_FINISH)()


def try_alone() -> bool:
    """Keep imports from writing until the transaction ends; return False where one is writing already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def be_alone(waiting: Callable[[], None]) -> None:
    """Hold the right to import until the transaction ends; `waiting` is called where another holds it now."""
    while not try_alone():
        waiting()
        time.sleep(LOOK_SECONDS)


@contextmanager
def _one_at_a_time(waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the right to import until the transaction ends."""
    be_alone(waiting)
    with connection.cursor() as cursor:
        # Checked with each batch: put off to the end, the checks of a million records would fill the memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Every look-up is by key; without statistics on new tables the planner may think otherwise.
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")


def _good(rows: Iterable[Row], run: Run, report: Report, rejected: RejectedRows, numbers: FileNumbers) -> Iterator[Row]:
    for row in rows:
        if row.warnings:
            report.warn(row.number, row.warnings)
        if row.set_aside:
            report.put_aside(row.number, row.set_aside)
            report.warn(row.number, (row.set_aside,))
            rejected.add(row, (Problem("", "", row.set_aside),))
            continue
        problems = row.problems
        if row.draft is not None and not problems:
            problems = tuple(numbers.problems(row))
        if problems or row.draft is None:
            report.reject(row.number, problems, row.draft)
            rejected.add(row, problems)
        else:
            draft = _with_status(row.draft, run)
            if run.source:
                draft = _named_source(draft, run.source)
            yield numbers.taken(row if draft is row.draft else replace(row, draft=draft))


def _named_source(draft: Draft, name: str) -> Draft:
    identifiers = tuple(
        Identifier(f"{SOURCE}:{name}", item.value) if item.scheme == SOURCE else item for item in draft.identifiers
    )
    return replace(draft, identifiers=identifiers)


def _with_status(draft: Draft, run: Run) -> Draft:
    if run.unpublished:
        return _in_review(draft)
    return replace(draft, status=run.status) if draft.status == codes.PUBLISHED != run.status else draft


def _in_review(draft: Draft) -> Draft:
    status = draft.status if draft.status in codes.UNPUBLISHED else codes.IN_REVIEW
    return replace(draft, status=status, withdrawn_reason="", replaced_by=None)


def _batches(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
