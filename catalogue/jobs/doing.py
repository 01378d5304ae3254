"""What all works have in common that a worker does for somebody: they begin, give signs of life, and come to an end.

An item (an import, a batch edit) has several works; jobs/imports.py and catalogue/batch/running.py say what they are.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalogue.jobs.models import Running
from catalogue.jobs.pulse import Interrupted, Pulse, Stopped

logger = logging.getLogger(__name__)
# A work that has ended its worker this often is not begun again by itself.
MOST_KILLS = 3


def stopped() -> str:
    return _("It was stopped. Nothing was changed.")


class Superseded(Exception):
    """Another worker has begun the same work since: this one was taken for dead."""


class NotNow(Exception):
    """What was asked does not fit where the item stands. The message says so."""


@dataclass(frozen=True)
class Works:
    """The works of one kind of item: who does them, where each may begin, and where it leads `back` if it comes to
    nothing. The message of a `refusal` is for the person who asked.
    """

    model: type[Any]
    do: Mapping[str, Callable[[Any, Pulse], None]]
    allowed: Mapping[str, tuple[str, ...]]
    back: Mapping[str, str]
    refusals: tuple[type[Exception], ...] = (ValueError,)
    advice: Any = ""


def do(works: Works, number: str, pulse_of: Callable[[Any], Pulse]) -> None:
    """Do what was asked of an item. Raises Interrupted where it is to be done later instead."""
    item = _begin(works, number)
    if item is None:
        return
    pulse = pulse_of(item)
    pulse.start()
    try:
        works.do[item.work](item, pulse)
    except Interrupted:
        pulse.end()
        own(item).update(state=Running.WAITING)
        raise
    except Stopped:
        pulse.end()
        own(item).update(state=works.back[item.work], problem=stopped())
    except Exception as error:
        pulse.end()
        own(item).update(state=works.back[item.work], problem=sentence(error, works.refusals))
    finally:
        pulse.end()


def _begin(works: Works, number: str) -> Any:
    """Note that the work has begun; return None where there is nothing to do any more."""
    with transaction.atomic():
        item = works.model.objects.select_for_update().filter(pk=number).first()
        if item is None or not item.is_busy:
            return None
        item.kills += item.state == Running.RUNNING  # whoever ran it never came to an end
        item.run += 1
        item.state = Running.RUNNING
        if item.kills >= MOST_KILLS:
            item.state = works.back[item.work]
            item.problem = _(
                "The server was stopped in the midst of this %(count)d times. Nothing was changed. Run it again; "
                "%(advice)s"
            ) % {"count": item.kills, "advice": works.advice}
        item.rows = item.position = 0
        item.begun = item.alive = Now()
        item.save()
    return item if item.state == Running.RUNNING else None


def own(item: Any) -> Any:
    return type(item)._default_manager.filter(pk=item.pk, run=item.run, state=Running.RUNNING)


def conclude(item: Any, state: str, change_set: int | None = None, **values: Any) -> None:
    """Note how a work ended. Raises Superseded where another worker has begun it since."""
    values = {"problem": "", "is_to_stop": False, "kills": 0, **values}
    if not own(item).update(state=state, change_set_id=change_set or item.change_set_id, **values):
        raise Superseded


def sentence(error: Exception, refusals: tuple[type[Exception], ...]) -> str:
    """Return what to say of an error. Raises it again where the database is away, and nothing could be noted."""
    if isinstance(error, refusals):
        return str(error)
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        return _("The disk of the database is full. Nothing was changed. Ask whoever runs the server.")
    if isinstance(error, OperationalError | InterfaceError | Superseded):
        raise error
    if isinstance(error, OSError):
        message = _("The server's disk cannot be used: %(reason)s. Nothing was changed. Ask whoever runs the server.")
        return message % {"reason": error.strerror}
    logger.error("A work of the queue failed", exc_info=error)
    if isinstance(error, DataError | IntegrityError):
        message = _("The database refused a record: %(reason)s. Nothing was changed.")
        return message % {"reason": str(error).partition("\n")[0]}
    return _("The program failed at this (%(error)s). Nothing was changed. Please report it.") % {
        "error": type(error).__name__
    }
