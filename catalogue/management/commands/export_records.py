"""`manage.py export_records`: write the records of the catalogue to a file or to standard output."""

import contextlib
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.utils.module_loading import import_string

from catalogue.commandline import LongCommand, print_nothing_more
from catalogue.draft import Draft
from catalogue.exporting import all_records, records_in_order
from catalogue.formats import WRITTEN, FormatError, get_format


class Command(LongCommand):
    help = "Export records, drafts and withdrawn ones included: all of them, or those that a search finds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", default="jsonl", help=f"one of {', '.join(WRITTEN)} (default: jsonl, lossless)")
        parser.add_argument("--query", help="only the records that this search finds, best first")
        parser.add_argument("--output", metavar="FILE", help="where to write; default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file_format = get_format(options["format"])
            # Searched before the transaction begins: the index may have to catch up, which takes one of its own.
            records = _records(options["query"])
            with transaction.atomic(), contextlib.ExitStack() as stack:
                file_format.write_records(records, _output(options["output"], stack))
        except BrokenPipeError:
            print_nothing_more()
        except (FormatError, ConnectionError) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from None


def _records(query: str | None) -> Iterator[tuple[int, Draft]]:
    if query is None:
        return all_records()
    numbers: list[int] = import_string(settings.RECORD_SEARCH_ALL)(query)
    return records_in_order(numbers)


def _output(name: str | None, stack: contextlib.ExitStack) -> BinaryIO:
    return stack.enter_context(Path(name).open("wb")) if name else sys.stdout.buffer
