"""`manage.py import_records`: bring files of records into the catalogue, all or nothing."""

import csv
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from catalogue.draft import Draft, clean_line
from catalogue.formats import FORMATS, Format, FormatError, ReadOptions, detect, get_format, tabular
from catalogue.importing import ImportRejected, RejectedRow, Report, Run, import_file

SAMPLE_BYTES = 64 * 1024
MOST_PRINTED = 20


class Command(BaseCommand):
    help = "Import records from files. All or nothing: one bad row stops the import, unless --skip-bad is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="the files, imported together")
        parser.add_argument("--format", default="", help=f"one of {', '.join(FORMATS)}; else told from the content")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=HEADER",
            help="which column holds a field, as in --map title=Headline; may be given several times",
        )
        parser.add_argument("--separator", default=";", help="what parts several values in one cell (default: ;)")
        parser.add_argument("--encoding", default="", help="the encoding of the text; else told from the content")
        parser.add_argument(
            "--sheet", default="", help="the sheet of a spreadsheet, by name or number (default: first)"
        )
        parser.add_argument("--dry-run", action="store_true", help="do all of it, say what happened, and take it back")
        parser.add_argument("--skip-bad", action="store_true", help="leave bad rows out and import the others")
        parser.add_argument("--report", metavar="FILE", help="write every rejected row and warning to a CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        read = ReadOptions(
            mapping=dict(_pair(text) for text in options["map"]),
            separator=options["separator"],
            encoding=options["encoding"],
            sheet=options["sheet"],
        )
        reports: list[tuple[str, Report]] = []
        rejected = False
        try:
            with transaction.atomic():
                for name in options["files"]:
                    reports.append((name, self._import(name, read, options)))
                    rejected = rejected or (bool(reports[-1][1].rejected) and not options["skip_bad"])
                if rejected or options["dry_run"]:
                    transaction.set_rollback(True)
        except FormatError as error:
            raise CommandError(str(error)) from None
        finally:
            if options["report"] and reports:
                _write_report(options["report"], reports)
        if rejected:
            raise CommandError("Nothing was imported. Correct these rows, or leave them out with --skip-bad.")

    def _import(self, name: str, read: ReadOptions, options: dict[str, Any]) -> Report:
        with _opened(name) as (file, size):
            file_format = _format(file, options["format"], name)
            self._say_columns(file_format, file, read)
            run = Run(options["dry_run"], options["skip_bad"], reason=f"{Path(name).name} ({file_format.name})")
            with tqdm(
                total=size, unit="B", unit_scale=True, desc=Path(name).name, disable=not sys.stderr.isatty()
            ) as bar:
                try:
                    report = import_file(file, file_format, read, run, lambda _report: _move(bar, file))
                except ImportRejected as error:
                    report = error.report
        self._say(name, report, options["dry_run"], options["skip_bad"])
        return report

    def _say_columns(self, file_format: Format, file: BinaryIO, read: ReadOptions) -> None:
        if not isinstance(file_format, tabular.Tabular) or not file.seekable():
            return
        columns = file_format.inspect(file, read)
        for field, header in columns.mapping.items():
            self.stdout.write(f"  {header} → {field}")
        if columns.unmapped:
            self.stdout.write(f"  not used: {', '.join(columns.unmapped)} (use them with --map FIELD=HEADER)")

    def _say(self, name: str, report: Report, dry: bool, skip_bad: bool) -> None:
        for row in report.rejected_rows[:MOST_PRINTED]:
            for line in _lines(row):
                self.stderr.write(line)
        if report.rejected > MOST_PRINTED:
            self.stderr.write(f"  … and {report.rejected - MOST_PRINTED:,} more bad rows (see all with --report FILE)")
        for number, sentence in report.warnings[:MOST_PRINTED]:
            self.stdout.write(f"  row {number}: {sentence}")
        if len(report.warnings) > MOST_PRINTED:
            self.stdout.write(
                f"  … and {len(report.warnings) - MOST_PRINTED:,} more notes (see all with --report FILE)"
            )
        stopped = report.rejected and not skip_bad
        lead = "would be " if dry or stopped else ""
        self.stdout.write(
            f"{name}: {report.created:,} {lead}created, {report.updated:,} {lead}updated, "
            f"{report.unchanged:,} unchanged, {report.rejected:,} rejected."
        )
        if not (report.created or report.updated or report.rejected):
            self.stdout.write("The catalogue has all of these records already; nothing was changed.")
        elif dry and not stopped:
            self.stdout.write("This was a dry run: nothing was changed.")


def _pair(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals or field not in Draft.__dataclass_fields__:
        fields = ", ".join(name for name in Draft.__dataclass_fields__ if name != "replaced_by")
        raise CommandError(f"“{text}” does not say which column holds a field: --map FIELD=HEADER, fields: {fields}.")
    return field, header


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int]]:
    path = Path(name)
    try:
        if path.is_dir():
            raise CommandError(f"{name} is a folder; name the files in it.")
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise CommandError(f"There is no file {name}. Check the spelling and the folder.") from None
    except (PermissionError, IsADirectoryError) as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        if "null byte" in str(error):
            raise CommandError(f"{name!r} cannot be the name of a file.") from None
        raise


def _format(file: BinaryIO, name: str, file_name: str) -> Format:
    if name:
        return get_format(name)
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    try:
        return detect(sample)
    except FormatError as error:
        raise CommandError(f"{file_name}: {error}") from None


def _move(bar: Any, file: BinaryIO) -> None:
    if not file.closed:
        bar.update(file.tell() - bar.n)


def _lines(row: RejectedRow) -> Iterator[str]:
    for problem in row.problems:
        value = f"“{clean_line(problem.value)}”" if problem.value else ""  # a terminal obeys control characters
        where = " ".join(filter(None, (problem.field, value)))  # a row that cannot be read has no field
        yield f"  row {row.number}, {where}: {problem.reason}" if where else f"  row {row.number}: {problem.reason}"


def _write_report(path: str, reports: list[tuple[str, Report]]) -> None:
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "row", "field", "value", "what"])
            for name, report in reports:
                for row in report.rejected_rows:
                    for problem in row.problems:
                        writer.writerow([name, row.number, problem.field, _defused(problem.value), problem.reason])
                for number, sentence in report.warnings:
                    writer.writerow([name, number, "", "", sentence])
    except OSError as error:
        raise CommandError(f"The report cannot be written to {path}: {error.strerror}.") from None


def _defused(value: str) -> str:
    """Keep a spreadsheet from taking a value for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
