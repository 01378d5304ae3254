"""`manage.py reindex`: make the search index anew beside the live one, or prove that it equals the database."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from catalogue.commandline import LongCommand
from search.engine.base import IndexUnusable, IndexUnwritable
from search.index import catalogue


class Command(LongCommand):
    help = "Make the search index anew; searches are answered from the old one until the new one is whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing: compare every indexed record with the database, and exit with 1 if any differs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self._check()
            else:
                self._rebuild(quiet=options["verbosity"] == 0)
        except IndexUnusable as error:
            raise CommandError(f"There is no usable index ({error}). Run “manage.py reindex”.") from None
        except IndexUnwritable as error:
            raise CommandError(f"The index cannot be written: {error}. Make room, or correct the rights.") from None

    def _rebuild(self, quiet: bool) -> None:
        with tqdm(unit=" records", disable=quiet or not sys.stderr.isatty(), leave=False) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            count = catalogue().rebuild(progress)
        if not quiet:
            self.stdout.write(f"{count:,} records indexed.")

    def _check(self) -> None:
        found = catalogue().check()
        self.stdout.write(
            f"{found.same:,} records as in the database, {found.missing:,} missing, "
            f"{found.different:,} different, {found.surplus:,} too many."
        )
        if found.differences:
            raise CommandError(
                "The index differs from the database. The next search, or “manage.py reindex”, mends it."
            )
