"""How management commands run: what can go wrong outside the program ends in one sentence, and pages come first."""

import os
import sys
from contextlib import suppress
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.core.management.base import BaseCommand
from django.db import DatabaseError, NotSupportedError, OperationalError, connection

# How far what works for minutes steps back behind what somebody waits for (nice).
NICENESS = 10


def run(arguments: list[str]) -> int:
    """Run a command line (program name first) and return its exit status."""
    try:
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, NotSupportedError) as error:
        return _complain(str(error))
    except OperationalError as error:
        return _complain(no_answer(error))
    except KeyboardInterrupt:
        return _complain("Stopped.")
    except BrokenPipeError:
        return 1
    finally:
        _flush()
    return 0


def _flush() -> None:
    """Print what is left; where nobody reads it any more (`| head`), Python would end in a traceback over it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        print_nothing_more()


def print_nothing_more() -> None:
    """Let what is still to be printed go nowhere: whoever reads it has read enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def let_pages_go_first() -> None:
    """Step back behind whoever waits for a page, until the end of this process. Raises what a missing database does."""
    # Where no database server runs it is started first: it would step back with who starts it, for as long as it runs.
    connection.ensure_connection()
    os.nice(NICENESS)


class LongCommand(BaseCommand):
    """A command that may work for minutes beside the site; as a program of its own it lets pages go first."""

    is_program = False

    def run_from_argv(self, argv: list[str]) -> None:
        self.is_program = True
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        if self.is_program:
            with suppress(DatabaseError, ImproperlyConfigured):  # which the command meets itself, and says in its way
                let_pages_go_first()
        return super().execute(*args, **options)


def no_answer(error: OperationalError) -> str:
    """Return the sentence for a database that cannot be reached, or not any more."""
    reason = " ".join(str(error).split()).rstrip(".")
    return f"The database does not answer: {reason}. Start it, or correct DATABASE_URL."


def _complain(sentence: str) -> int:
    print(f"greyshelf: {sentence}", file=sys.stderr)  # noqa: T201
    return 1
