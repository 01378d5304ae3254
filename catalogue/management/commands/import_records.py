"""`manage.py import_records`: bring files of records into the catalogue, all or nothing."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError, transaction
from tqdm import tqdm

from catalogue import records
from catalogue.codes import NEW, PUBLISHED
from catalogue.commandline import LongCommand, no_answer
from catalogue.draft import clean_line
from catalogue.formats import FORMATS, Format, FormatError, ReadOptions, detect, get_format
from catalogue.import_options import NAMES, WrongOption, errors_path, matching, reading
from catalogue.import_printing import Outcome, columns_lines, print_all, results, summary, troubles
from catalogue.importing import ImportRejected, Report, Run, import_file, make_searchable
from catalogue.matching import CREATE, FILL, ON_MATCH, ON_NEAR, RULES

SAMPLE_BYTES = 64 * 1024
MOST_DEADLOCKS = 3
# The exit statuses beside 0: rows were rejected; or nothing was done, because a file could not be read at all.
REJECTED, NOTHING_DONE = 1, 2


class Command(LongCommand):
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
        parser.add_argument(
            "--separator",
            action="append",
            default=[],
            metavar="[FIELD=]TEXT",
            help="what parts several values in one cell (default: ;), or in those of one field: --separator keywords=,",
        )
        parser.add_argument(
            "--names",
            default="as-written",
            choices=NAMES,
            help="first-last: “Suzanne Collins” is a person, and becomes “Collins, Suzanne”",
        )
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
            metavar="RULE,RULE",
            help="the rules that find a row's record, in their order; '' for none: every row is a new record "
            f"(default: {','.join(RULES)})",
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
        parser.add_argument(
            "--status",
            default=PUBLISHED,
            choices=NEW,
            help="the status of new records, where the file does not say it (default: published)",
        )
        parser.add_argument("--source", default="", help="where the files come from: its numbers are kept apart")
        parser.add_argument(
            "--json", action="store_true", help="say in one JSON object, on the last line, what was done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        outcomes: list[Outcome] = []
        end = self._ended(options, outcomes)
        is_written = end is None and not options["dry_run"]
        if is_written:
            make_searchable()
        if options["json"]:
            problem = str(end) if end else ""
            self.stdout.write(json.dumps(summary(outcomes, is_written, problem, time.monotonic() - started)))
        if end:
            raise end
        if any(outcome.report and outcome.report.rejected for outcome in outcomes):
            sys.exit(REJECTED)

    def _ended(self, options: dict[str, Any], outcomes: list[Outcome]) -> CommandError | None:
        """Import the files, say what became of each, and return what kept them from being written."""
        try:
            with _refusing():
                self._import_in_the_end(options, outcomes)
        except CommandError as error:
            return error
        finally:
            self._say(outcomes, options)
        return _stopped(outcomes, options)

    def _import_in_the_end(self, options: dict[str, Any], outcomes: list[Outcome]) -> None:
        """Import the files; where the database ended it for somebody else's sake (a deadlock), do so again."""
        for last in (*[False] * MOST_DEADLOCKS, True):
            try:
                self._import_all(options, outcomes)
            except OperationalError as error:
                if last or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                    raise
                outcomes.clear()
                self.stdout.write("The import and somebody else waited for each other; it begins again.")
            else:
                return

    def _import_all(self, options: dict[str, Any], outcomes: list[Outcome]) -> None:
        read, rules, waiting = reading(options), matching(options), Waiting(self.stdout)
        if options["format"]:
            get_format(options["format"])
        with transaction.atomic():
            if options["dry_run"]:
                records.number_apart()
            for place, name in enumerate(options["files"]):
                # Not dry: a file finds what those before it brought, and all is taken back below.
                run = Run(
                    skip_bad=options["skip_bad"],
                    matching=rules,
                    source=options["source"],
                    status=options["status"],
                    errors=errors_path(options, place),
                    waiting=waiting,
                )
                outcomes.append(self._import(name, read, run, options))
            if options["dry_run"] or _stopped(outcomes, options):
                transaction.set_rollback(True)

    def _import(self, name: str, read: ReadOptions, run: Run, options: dict[str, Any]) -> Outcome:
        """Import one file. One that cannot be read stops no other from being looked at."""
        try:
            with _opened(name) as file:
                file_format = _format(file, options)
                run = replace(run, reason=f"{Path(name).name} ({file_format.name})")
                self._say_columns(file_format, file, read, name if len(options["files"]) > 1 else "")
                return Outcome(name, self._read(file, file_format, read, run))
        except FormatError as error:
            return Outcome(name, problem=f"{clean_line(name)}: {error}")
        except CannotOpen as error:
            return Outcome(name, problem=str(error))

    def _read(self, file: BinaryIO, file_format: Format, read: ReadOptions, run: Run) -> Report:
        size = os.fstat(file.fileno()).st_size
        name = Path(file.name).name
        with tqdm(total=size, unit="B", unit_scale=True, desc=name, disable=not sys.stderr.isatty()) as bar:
            try:
                return import_file(file, file_format, read, run, lambda report: _move(bar, report))
            except ImportRejected as error:
                return error.report

    def _say_columns(self, file_format: Format, file: BinaryIO, read: ReadOptions, name: str) -> None:
        columns = file_format.columns(file, read)
        if columns is not None:
            print_all(chain([f"{name}:"] if name else [], columns_lines(columns)), self.stdout)

    def _say(self, outcomes: list[Outcome], options: dict[str, Any]) -> None:
        """Say what became of each file: at the end, for until then nobody knows whether it stays."""
        is_whole = len(outcomes) == len(options["files"]) and not _stopped(outcomes, options)
        for outcome in outcomes:
            if outcome.report or len(options["files"]) > 1:  # else the command ends in that very sentence
                print_all(troubles(outcome), self.stderr)
            print_all(results(outcome, is_whole and not options["dry_run"]), self.stdout)
        if is_whole and options["dry_run"]:
            print_all(["This was a dry run: nothing was changed."], self.stdout)


class Waiting:
    """Says once that another import is writing."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._is_said = False

    def __call__(self) -> None:
        if not self._is_said:
            self._stream.write("Another import is writing; this one begins when it has ended.")
        self._is_said = True


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what keeps an import from being done into one sentence."""
    try:
        yield
    except (FormatError, WrongOption) as error:
        raise _refused(str(error)) from None
    except OperationalError as error:
        full = "The disk of the database is full. Make room, and import again."
        is_full = isinstance(error.__cause__, psycopg.errors.DiskFull)
        raise _refused(f"Nothing was imported. {full if is_full else no_answer(error)}") from None
    except OSError as error:
        raise _refused(f"Nothing was imported: {error.filename or 'a file'}: {error.strerror or error}.") from None
    except DatabaseError as error:
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise _refused(f"Nothing was imported: {reason}.") from None


def _refused(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=NOTHING_DONE)


def _stopped(outcomes: list[Outcome], options: dict[str, Any]) -> CommandError | None:
    """Return what must be said where nothing may be written: files that cannot be read, or rows that are bad."""
    unread = [outcome.problem for outcome in outcomes if outcome.problem]
    if len(options["files"]) == 1 and unread:
        return _refused(unread[0])
    if len(unread) == 1:
        return _refused(f"Nothing was imported. {unread[0]}")
    if unread:
        return _refused(f"Nothing was imported: {len(unread)} of {len(options['files'])} files cannot be read.")
    if not options["skip_bad"] and any(outcome.report and outcome.report.rejected for outcome in outcomes):
        message = "Nothing was imported. Correct these rows, or leave them out with --skip-bad."
        return CommandError(message, returncode=REJECTED)
    return None


class CannotOpen(Exception):
    """There is no such file, or nobody may read it. The message says so, with its name."""


def _opened(name: str) -> BinaryIO:
    path = Path(name)
    try:
        if path.is_dir():
            raise CannotOpen(f"{name} is a folder; name the files in it.")
        return path.open("rb")
    except FileNotFoundError:
        raise CannotOpen(f"There is no file {name}. Check the spelling and the folder.") from None
    except (PermissionError, IsADirectoryError) as error:
        raise CannotOpen(f"{name} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        if "null byte" in str(error):
            raise CannotOpen(f"{name!r} cannot be the name of a file.") from None
        raise


def _format(file: BinaryIO, options: dict[str, Any]) -> Format:
    if options["format"]:
        return get_format(options["format"])
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    return detect(sample, file.name, is_table=bool(options["map"]))


def _move(bar: Any, report: Report) -> None:
    bar.update(report.position - bar.n)
