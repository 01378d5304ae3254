"""`manage.py import_records`: bring files of records into the catalogue, all or nothing."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, transaction
from tqdm import tqdm

from catalogue.commandline import no_answer
from catalogue.draft import Draft, clean_line
from catalogue.formats import FORMATS, Format, FormatError, ReadOptions, detect, get_format
from catalogue.formats.identifiers import is_source_name
from catalogue.import_report import NearRow
from catalogue.importing import ImportRejected, RejectedRow, Report, Run, import_file, make_searchable
from catalogue.matching import CREATE, FILL, ON_MATCH, ON_NEAR, OVERWRITE, RULES, Matching

SAMPLE_BYTES = 64 * 1024
MOST_PRINTED = 20
# The exit statuses beside 0: rows were rejected; or nothing was done, because a file could not be read at all.
REJECTED, NOTHING_DONE = 1, 2


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
        parser.add_argument(
            "--report",
            metavar="FILE",
            help="write every row that is not taken, with what is wrong, to a file: a table (.csv) or JSON lines",
        )
        parser.add_argument(
            "--match",
            default="",
            metavar="RULE,RULE",
            help=f"the rules that find a row's record, in their order (default: {','.join(RULES)})",
        )
        parser.add_argument(
            "--on-match", default=FILL, choices=ON_MATCH, help="what to do with a record that is found (default: fill)"
        )
        parser.add_argument(
            "--overwrite", default="", metavar="FIELD,FIELD", help="what --on-match overwrite replaces (default: all)"
        )
        parser.add_argument(
            "--on-near", default=CREATE, choices=ON_NEAR, help="what to do with a row that is near a record"
        )
        parser.add_argument("--source", default="", help="where the files come from: its numbers are kept apart")
        parser.add_argument(
            "--json", action="store_true", help="say in one JSON object, on the last line, what was done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        with _refusing():
            reports = self._import_all(options)
        stopped = _stopped(reports, options)
        if not stopped and not options["dry_run"]:
            make_searchable()
        if options["json"]:
            self.stdout.write(json.dumps(_summary(reports, time.monotonic() - started)))
        if stopped:
            message = "Nothing was imported. Correct these rows, or leave them out with --skip-bad."
            raise CommandError(message, returncode=REJECTED)
        if any(report.rejected for report in reports):
            sys.exit(REJECTED)

    def _import_all(self, options: dict[str, Any]) -> list[Report]:
        read = ReadOptions(
            mapping=dict(_pair(text) for text in options["map"]),
            separator=options["separator"],
            encoding=options["encoding"],
            sheet=options["sheet"],
        )
        matching = _matching(options)
        reports: list[Report] = []
        with transaction.atomic():
            for place, name in enumerate(options["files"]):
                # Not dry: a file finds what those before it brought, and all is taken back below.
                run = Run(
                    skip_bad=options["skip_bad"],
                    matching=matching,
                    source=options["source"],
                    errors=_errors(options, place),
                    waiting=lambda: self.stdout.write("Another import is writing; this one begins when it has ended."),
                )
                reports.append(self._import(name, read, run, options["format"], options["dry_run"]))
            if options["dry_run"] or _stopped(reports, options):
                transaction.set_rollback(True)
        return reports

    def _import(self, name: str, read: ReadOptions, run: Run, format_name: str, dry: bool) -> Report:
        with _opened(name) as file:
            size = os.fstat(file.fileno()).st_size
            file_format = _format(file, format_name, name)
            self._say_columns(file_format, file, read)
            run = replace(run, reason=f"{Path(name).name} ({file_format.name})")
            with tqdm(
                total=size, unit="B", unit_scale=True, desc=Path(name).name, disable=not sys.stderr.isatty()
            ) as bar:
                try:
                    report = import_file(file, file_format, read, run, lambda report: _move(bar, report))
                except ImportRejected as error:
                    report = error.report
        self._say(name, report, run, dry)
        return report

    def _say_columns(self, file_format: Format, file: BinaryIO, read: ReadOptions) -> None:
        columns = file_format.columns(file, read)
        if columns is None:
            return
        for field, header in columns.mapping.items():
            self.stdout.write(f"  {header} → {field}")
        if columns.unmapped:
            self.stdout.write(f"  not used: {', '.join(columns.unmapped)} (use them with --map FIELD=HEADER)")

    def _say(self, name: str, report: Report, run: Run, dry: bool) -> None:
        for row in report.rejected_rows[:MOST_PRINTED]:
            for line in _lines(row):
                self.stderr.write(line)
        if report.rejected > MOST_PRINTED:
            self.stderr.write(f"  … and {report.rejected - MOST_PRINTED:,} more bad rows (see all with --report FILE)")
        self._say_some([f"row {number}: {sentence}" for number, sentence in report.warnings], report.warned, "notes")
        self._say_some([_near(one) for one in report.near_rows], report.near, "near rows")
        self._say_headings(report)
        stopped = report.rejected and not run.skip_bad
        lead = "would be " if dry or stopped else ""
        aside = f", {report.set_aside:,} set aside" if report.set_aside else ""
        self.stdout.write(
            f"{name}: {report.created:,} {lead}created, {report.updated:,} {lead}updated, "
            f"{report.unchanged:,} unchanged, {report.rejected:,} rejected{aside}."
        )
        if not (report.created or report.updated or report.rejected or report.set_aside):
            self.stdout.write("The catalogue has all of these records already; nothing was changed.")
        elif dry and not stopped:
            self.stdout.write("This was a dry run: nothing was changed.")

    def _say_some(self, lines: list[str], count: int, what: str) -> None:
        for line in lines[:MOST_PRINTED]:
            self.stdout.write(f"  {clean_line(line)}")  # a terminal obeys control characters
        if count > MOST_PRINTED:
            self.stdout.write(f"  … and {count - MOST_PRINTED:,} more {what}")

    def _say_headings(self, report: Report) -> None:
        if report.headings:
            new = ", ".join(f"{count:,} {kind}" for kind, count in report.headings.items())
            self.stdout.write(f"  new headings: {new}")
        proposed = [f"“{one.new}” may be “{one.present}”" for one in report.proposed_headings]
        self._say_some(proposed, len(proposed), "headings that may be other forms of known ones")


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what keeps an import from being done into one sentence."""
    try:
        yield
    except FormatError as error:
        raise _refused(str(error)) from None
    except OperationalError as error:
        raise _refused(f"Nothing was imported. {no_answer(error)}") from None
    except OSError as error:
        raise _refused(f"Nothing was imported: {error.filename or 'a file'}: {error.strerror or error}.") from None
    except DatabaseError as error:
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise _refused(f"Nothing was imported: {reason}.") from None


def _refused(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=NOTHING_DONE)


def _matching(options: dict[str, Any]) -> Matching:
    matching = Matching(
        rules=_chosen("--match", options["match"], RULES) or tuple(RULES),
        on_match=options["on_match"],
        overwrite=_chosen("--overwrite", options["overwrite"], Draft.__dataclass_fields__),
        on_near=options["on_near"],
    )
    if options["source"] and not is_source_name(options["source"]):
        raise _refused("--source takes small letters, digits, dots and hyphens, at most 33 of them.")
    if matching.overwrite and matching.on_match != OVERWRITE:
        raise _refused("--overwrite names fields that --on-match overwrite replaces; give both.")
    return matching


def _chosen(option: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            message = f"{option} cannot be “{name}”; choose among {', '.join(known)}."
            raise _refused(message)
    return names


def _errors(options: dict[str, Any], place: int) -> Path | None:
    """Return the file for the bad rows of a file: of several, each has its own, with its place in the name."""
    if not options["report"]:
        return None
    path = Path(options["report"])
    if len(options["files"]) > 1:
        path = path.with_stem(f"{path.stem}-{place + 1}")
    for name in options["files"]:
        if path.exists() and Path(name).exists() and path.samefile(name):
            raise _refused(f"--report would write over {name}, which is to be imported; name another file.")
    return path


def _stopped(reports: list[Report], options: dict[str, Any]) -> bool:
    return not options["skip_bad"] and any(report.rejected for report in reports)


def _summary(reports: list[Report], seconds: float) -> dict[str, Any]:
    names = ("created", "updated", "unchanged", "near", "set_aside", "rejected")
    counts = {name: sum(getattr(report, name) for report in reports) for name in names}
    rules: Counter[str] = sum((report.matched for report in reports), Counter())
    return {**counts, "matched": rules.total(), "rules": dict(rules), "seconds": round(seconds, 3)}


def _near(row: NearRow) -> str:
    other = f"record {row.record}" if row.record else "a row of this file"
    return f"row {row.row}: “{row.title}” is near {other}, “{row.record_title}”"


def _pair(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals or field not in Draft.__dataclass_fields__:
        fields = ", ".join(name for name in Draft.__dataclass_fields__ if name != "replaced_by")
        raise _refused(f"“{text}” does not say which column holds a field: --map FIELD=HEADER, fields: {fields}.")
    return field, header


def _opened(name: str) -> BinaryIO:
    path = Path(name)
    try:
        if path.is_dir():
            raise _refused(f"{name} is a folder; name the files in it.")
        return path.open("rb")
    except FileNotFoundError:
        raise _refused(f"There is no file {name}. Check the spelling and the folder.") from None
    except (PermissionError, IsADirectoryError) as error:
        raise _refused(f"{name} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        if "null byte" in str(error):
            raise _refused(f"{name!r} cannot be the name of a file.") from None
        raise


def _format(file: BinaryIO, name: str, file_name: str) -> Format:
    if name:
        return get_format(name)
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    try:
        return detect(sample)
    except FormatError as error:
        raise _refused(f"{file_name}: {error}") from None


def _move(bar: Any, report: Report) -> None:
    bar.update(report.position - bar.n)


def _lines(row: RejectedRow) -> Iterator[str]:
    for problem in row.problems:
        value = f"“{clean_line(problem.value)}”" if problem.value else ""  # a terminal obeys control characters
        where = " ".join(filter(None, (problem.field, value)))  # a row that cannot be read has no field
        yield f"  row {row.number}, {where}: {problem.reason}" if where else f"  row {row.number}: {problem.reason}"
