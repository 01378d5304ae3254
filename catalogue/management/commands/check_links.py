"""`manage.py check_links`: check the addresses of records, beside the running site or without it."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalogue.linkcheck import runs
from catalogue.linkcheck.models import Link, LinkRun


class Command(BaseCommand):
    help = "Check the addresses of records: those that are due (default), or all. Needs LINK_CHECK=on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--due", action="store_true", help="those that are new, or due by their last check")
        which.add_argument("--all", action="store_true", help="all")
        parser.add_argument("--limit", type=int, default=runs.MOST, metavar="N", help="at most so many")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.")
        scope = LinkRun.Scope.ALL if options["all"] else LinkRun.Scope.DUE
        with tqdm(total=0, unit=" links", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            run = _done(scope, options["limit"], show)
        self._report(run)

    def _report(self, run: LinkRun) -> None:
        names = dict(Link.Status.choices)
        counts = sorted(run.counts.items(), key=lambda item: -item[1])
        self.stdout.write(", ".join(f"{names.get(status, status)}: {count}" for status, count in counts) or "Nothing.")
        if run.problem:
            raise CommandError(run.problem)


def _done(scope: LinkRun.Scope, most: int, told: Callable[[int, int], None]) -> LinkRun:
    """Make a run and do it. Where this is killed, a worker goes on with the rest."""
    try:
        run = runs.make(scope, most=most)
        try:
            runs.do(run.pk, lambda: False, told=told)
        except runs.Refused:
            run.delete()
            raise
    except runs.Refused as problem:
        raise CommandError(str(problem)) from None
    run.refresh_from_db()
    return run
