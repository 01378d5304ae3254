"""Runs a management command so that what can go wrong outside the program ends in one sentence, not a traceback."""

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import NotSupportedError, OperationalError


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
    return 0


def no_answer(error: OperationalError) -> str:
    """Return the sentence for a database that cannot be reached, or not any more."""
    reason = " ".join(str(error).split()).rstrip(".")
    return f"The database does not answer: {reason}. Start it, or correct DATABASE_URL."


def _complain(sentence: str) -> int:
    print(f"greyshelf: {sentence}", file=sys.stderr)  # noqa: T201
    return 1
