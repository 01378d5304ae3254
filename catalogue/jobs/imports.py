"""What the worker does with an import: try it, write it, undo it. The wizard asks for it and shows what came of it."""

import logging
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalogue import changes
from catalogue.formats import FormatError, get_format
from catalogue.import_report import Report
from catalogue.importing import ImportRejected, import_file
from catalogue.jobs import uploads
from catalogue.jobs.models import Import
from catalogue.jobs.options import Options
from catalogue.jobs.pulse import Interrupted, Pulse, Stopped

logger = logging.getLogger(__name__)
State, Work = Import.State, Import.Work
# The longest text of an example that a report keeps.
LONGEST_SHOWN = 1_000
MOST_CHANGED_SINCE = 1_000
# A work that has ended its worker this often is not begun again by itself.
MOST_KILLS = 3
# Where an import stands again after a work that came to nothing.
BACK = {Work.TRY: State.READY, Work.WRITE: State.TRIED, Work.UNDO: State.DONE}


def stopped() -> str:
    return _("It was stopped. Nothing was changed.")


class Superseded(Exception):
    """Another worker has begun the same work since: this one was taken for dead."""


def do(number: str, is_ending: Callable[[], bool]) -> None:
    """Do what was asked of an import. Raises Interrupted where it is to be done later instead."""
    item = _begin(number)
    if item is None:
        return
    pulse = Pulse(item, is_ending)
    pulse.start()
    try:
        WORKS[Work(item.work)](item, pulse)
    except Interrupted:
        pulse.end()
        _own(item).update(state=State.WAITING)
        raise
    except Stopped:
        pulse.end()
        _own(item).update(state=BACK[Work(item.work)], problem=stopped())
    except Exception as error:
        pulse.end()
        _own(item).update(state=BACK[Work(item.work)], problem=_sentence(error))
    finally:
        pulse.end()


def _begin(number: str) -> Import | None:
    """Note that the work has begun; return None where there is nothing to do any more."""
    with transaction.atomic():
        item = Import.objects.select_for_update().filter(pk=number).first()
        if item is None or not item.is_busy:
            return None
        item.kills += item.state == State.RUNNING  # whoever ran it never came to an end
        item.run += 1
        item.state = State.RUNNING
        if item.kills >= MOST_KILLS:
            item.state = BACK[Work(item.work)]
            item.problem = _(
                "The server was stopped in the midst of this %(count)d times. Nothing was changed. Run it again; if "
                "it is stopped again, divide the file."
            ) % {"count": item.kills}
        item.rows = item.position = 0
        item.begun = item.alive = Now()
        item.save()
    return item if item.state == State.RUNNING else None


def _own(item: Import) -> Any:
    return Import.objects.filter(pk=item.pk, run=item.run, state=State.RUNNING)


def _sentence(error: Exception) -> str:
    """Return what to say of an error. Raises it again where the database is away, and nothing could be noted."""
    if isinstance(error, FormatError | uploads.UploadRefused | ValueError):
        return str(error)
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        return _("The disk of the database is full. Nothing was changed. Ask whoever runs the server.")
    if isinstance(error, OperationalError | InterfaceError | Superseded):
        raise error
    if isinstance(error, OSError):
        message = _("The server's disk cannot be used: %(reason)s. Nothing was changed. Ask whoever runs the server.")
        return message % {"reason": error.strerror}
    logger.error("An import failed", exc_info=error)
    if isinstance(error, DataError | IntegrityError):
        message = _("The database refused a record: %(reason)s. Nothing was changed.")
        return message % {"reason": str(error).partition("\n")[0]}
    return _("The program failed at this file (%(error)s). Nothing was changed. Please report it.") % {
        "error": type(error).__name__
    }


def _try(item: Import, pulse: Pulse) -> None:
    try:
        report = _import(item, pulse, dry=True)
    except ImportRejected as error:
        report = error.report
    pulse.end()
    _conclude(item, State.TRIED, report=_shown(report))


def _write(item: Import, pulse: Pulse) -> None:
    try:
        # What was done is noted in the transaction that does it: killed at any moment, it is done once or not at all.
        with transaction.atomic():
            report = _import(item, pulse, dry=False)
            pulse.end()
            _conclude(item, State.DONE, report=_shown(report), change_set=report.change_set)
    except ImportRejected as error:
        pulse.end()
        problem = _("Nothing was imported: the catalogue has changed since the trial, and rows are refused now.")
        _conclude(item, State.TRIED, report=_shown(error.report), problem=problem)


def _undo(item: Import, pulse: Pulse) -> None:
    if item.change_set is None:
        raise ValueError(_("There is nothing to undo."))
    with transaction.atomic():
        reason = _("Import of %(file)s undone") % {"file": item.name}
        done = changes.undo(item.change_set, item.user, reason, pulse.undone)
        pulse.end()
        undone = {
            "restored": len(done.restored),
            "changed_since": list(done.changed_since[:MOST_CHANGED_SINCE]),
            "left": len(done.changed_since),
            "change_set": done.change_set.pk,
        }
        _conclude(item, State.UNDONE, report={**item.report, "undone": undone})


WORKS: dict[Import.Work, Callable[[Import, Pulse], None]] = {Work.TRY: _try, Work.WRITE: _write, Work.UNDO: _undo}


def _import(item: Import, pulse: Pulse, dry: bool) -> Report:
    options = Options.from_dict(item.options)
    file_format, reading = get_format(options.format), options.reading()
    for is_table in (True, False):
        uploads.errors_path(item.pk, is_table).unlink(missing_ok=True)
    with uploads.opened(item) as file:
        errors = uploads.errors_path(item.pk, is_table=file_format.columns(file, reading) is not None)
        run = options.run(dry=dry, user=item.user, reason=item.name, errors=errors, waiting=pulse.wait)
        return import_file(file, file_format, reading, run, pulse.step)


def _conclude(item: Import, state: Import.State, change_set: int | None = None, **values: Any) -> None:
    values = {"problem": "", "is_to_stop": False, "kills": 0, **values}
    if not _own(item).update(state=state, change_set_id=change_set or item.change_set_id, **values):
        raise Superseded


def _shown(report: Report) -> dict[str, Any]:
    """Return the report as it is kept: the texts of its examples cut short."""
    return _cut(report.to_dict())


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return value[:LONGEST_SHOWN] + "…"
    return value
