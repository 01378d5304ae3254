"""`manage.py work`: do what lies in the queue of jobs. `manage.py serve` brings it along; beside a server of one's own,
it is run by itself.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.jobs.worker import WorkerRefused, work


class Command(BaseCommand):
    help = "Do the jobs that wait: imports, and what is due on a schedule. One for each VAR_DIR."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--parent", type=int, metavar="PROCESS", help="end when this process, the parent, is gone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            work(options["parent"])
        except WorkerRefused as error:
            raise CommandError(str(error)) from None
