"""What the worker does with an undo of many records. The desk asks for it (tasks.ask_undo) and shows how far it is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalogue import changes
from catalogue.authorities.merging import Refused, refuse_beside_import
from catalogue.jobs import doing
from catalogue.jobs.models import LargeUndo
from catalogue.jobs.pulse import Interrupted

MOST_NAMED = 20


def do(number: int, is_ending: Callable[[], bool]) -> None:
    """Undo what was asked for, once. Raises Interrupted where it is to be done later instead."""
    item = LargeUndo.objects.select_related("change_set", "user").filter(pk=number).first()
    if item is None or not item.is_busy:
        return
    # It is one transaction, so how far it is is noted beside it, through a connection of its own.
    with ThreadPoolExecutor(1, "progress of an undo") as beside:

        def step(done: int) -> None:
            beside.submit(_note, number, done)
            if is_ending():
                raise Interrupted

        try:
            _undo(item, step)
        except Interrupted:
            raise
        except Exception as error:
            _fail(item, doing.sentence(error, (ValueError, Refused)))
        finally:
            beside.submit(connection.close)


def _note(number: int, done: int) -> None:
    LargeUndo.objects.filter(pk=number).update(done=done, alive=Now())


def _fail(item: LargeUndo, problem: str) -> None:
    LargeUndo.objects.filter(pk=item.pk).update(problem=problem)


def _undo(item: LargeUndo, step: Callable[[int], None]) -> None:
    """Undo it, and note that in the transaction which does it: killed at any moment, it is done once or not at all."""
    with transaction.atomic():
        if item.change_set.heading_changes.exists():
            refuse_beside_import()
        undone = changes.undo(item.change_set, item.user, item.reason, step)
        LargeUndo.objects.filter(pk=item.pk).update(result=undone.change_set, told=_told(undone))


def _told(undone: changes.Undone) -> str:
    values = {"records": len(undone.restored), "headings": undone.headings}
    sentence = _("Undone. Records put back: %(records)d; headings: %(headings)d.") % values
    if not undone.headings_left:
        return sentence
    names = ", ".join(f"“{name}”" for name in undone.headings_left[:MOST_NAMED])
    left = _("Left alone, as they have changed since: %(names)s.") % {"names": names}
    return f"{sentence} {left}"
