"""What the worker does with an import: try it, write it, undo it. The wizard asks for it and shows what came of it."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes
from catalogue.formats import FormatError, get_format
from catalogue.import_report import Report
from catalogue.importing import ImportRejected, import_file
from catalogue.jobs import doing, uploads
from catalogue.jobs.doing import Works, conclude
from catalogue.jobs.models import Import
from catalogue.jobs.options import Options
from catalogue.jobs.pulse import Pulse

State, Work = Import.State, Import.Work
# The longest text of an example that a report keeps.
LONGEST_SHOWN = 1_000
MOST_CHANGED_SINCE = 1_000


def do(number: str, is_ending: Callable[[], bool]) -> None:
    """Do what was asked of an import. Raises Interrupted where it is to be done later instead."""
    doing.do(WORKS, number, lambda item: Pulse(item, is_ending))


def _try(item: Import, pulse: Pulse) -> None:
    try:
        report = _import(item, pulse, dry=True)
    except ImportRejected as error:
        report = error.report
    pulse.end()
    conclude(item, State.TRIED, report=_shown(report))


def _write(item: Import, pulse: Pulse) -> None:
    try:
        # What was done is noted in the transaction that does it: killed at any moment, it is done once or not at all.
        with transaction.atomic():
            report = _import(item, pulse, dry=False)
            pulse.end()
            conclude(item, State.DONE, report=_shown(report), change_set=report.change_set)
    except ImportRejected as error:
        pulse.end()
        problem = _("Nothing was imported: the catalogue has changed since the trial, and rows are refused now.")
        conclude(item, State.TRIED, report=_shown(error.report), problem=problem)


def _undo(item: Import, pulse: Pulse) -> None:
    if item.change_set is None:
        raise ValueError(_("There is nothing to undo."))
    count = item.change_set.changes.count()
    with transaction.atomic():
        reason = _("Import of %(file)s undone") % {"file": item.name}
        # As if it were the file that is gone through once more: its size is what the page knows.
        done = changes.undo(
            item.change_set, item.user, reason, lambda number: pulse.at(number, item.size * number // max(count, 1))
        )
        pulse.end()
        new = item.change_set.changes.filter(before__isnull=True)
        withdrawn = new.filter(record_number__in=done.change_set.changes.values("record_number")).count()
        undone = {
            "withdrawn": withdrawn,
            "restored": len(done.restored) - withdrawn,
            "changed_since": list(done.changed_since[:MOST_CHANGED_SINCE]),
            "left": len(done.changed_since),
            "change_set": done.change_set.pk,
        }
        conclude(item, State.UNDONE, report={**item.report, "undone": undone})


WORKS = Works(
    Import,
    do={Work.TRY: _try, Work.WRITE: _write, Work.UNDO: _undo},
    allowed={Work.TRY: (State.READY, State.TRIED), Work.WRITE: (State.TRIED,), Work.UNDO: (State.DONE,)},
    back={Work.TRY: State.READY, Work.WRITE: State.TRIED, Work.UNDO: State.DONE},
    refusals=(FormatError, uploads.UploadRefused, ValueError),
    advice=gettext_lazy("if it is stopped again, divide the file."),
)


def _import(item: Import, pulse: Pulse, dry: bool) -> Report:
    options = Options.from_dict(item.options)
    file_format, reading = get_format(options.format), options.reading()
    for is_table in (True, False):
        uploads.errors_path(item.pk, is_table).unlink(missing_ok=True)
    with uploads.opened(item) as file:
        errors = uploads.errors_path(item.pk, is_table=file_format.columns(file, reading) is not None)
        run = options.run(dry=dry, user=item.user, reason=item.name, errors=errors, waiting=pulse.wait)
        return import_file(file, file_format, reading, run, pulse.step)


def _shown(report: Report) -> dict[str, Any]:
    """Return the report as it is kept: the texts of its examples cut short."""
    return _cut(report.to_dict())


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {_cut(key): _cut(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item) for item in value]
    if not isinstance(value, str):
        return value
    # The database takes neither zero bytes nor halves of characters, whatever the file has.
    short = value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…"
    return short.replace("\0", "�").encode("utf-8", "replace").decode()
