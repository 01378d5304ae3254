"""How far an import is, how long it will take, and what it waits for: in words, for the page and its script."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.jobs import tasks
from catalogue.jobs.models import Import

# Before that, a rate says nothing.
SURE_AFTER = 2.0


@dataclass(frozen=True)
class Pace:
    """`percent` is None where nobody can tell."""

    is_busy: bool
    sentence: str
    percent: int | None = None
    left: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def pace(item: Import) -> Pace:
    if item.is_silent:
        return Pace(True, _("It gives no sign of life: its worker was stopped. It is taken up again by the next one."))
    if item.state == Import.State.WAITING:
        return Pace(True, _waiting(item))
    if item.is_waiting:
        return Pace(True, _("Another import is being written. This one waits for it."))
    if item.work == Import.Work.UNDO:
        return _undoing(item)
    percent = min(100 * item.position // item.size, 100) if item.size else None
    rows = ngettext("%(count)s row read.", "%(count)s rows read.", item.rows) % {"count": f"{item.rows:,}"}
    if percent == 100:
        return Pace(
            True, _("%(rows)s The whole file is read; the last records are on their way.") % {"rows": rows}, 100
        )
    return Pace(True, rows, percent, _left(item))


def _undoing(item: Import) -> Pace:
    records = item.report.get("created", 0) + item.report.get("updated", 0)
    percent = min(100 * item.rows // records, 100) if records else None
    return Pace(True, _("The records are put back as they were."), percent)


def _waiting(item: Import) -> str:
    if Import.objects.filter(state=Import.State.RUNNING).exclude(pk=item.pk).exists():
        return _("Another import is running. This one waits for it.")
    if not tasks.has_worker():
        return _("No worker is running. “make run” brings one along; beside another server, run “manage.py work”.")
    return _("It is about to begin.")


def _left(item: Import) -> str:
    """Return the time that is left, from the rate so far."""
    passed = (timezone.now() - item.begun).total_seconds() if item.begun else 0
    if passed < SURE_AFTER or not item.position:
        return ""
    seconds = passed * (item.size - item.position) / item.position
    if seconds < 60:
        return _("Less than a minute is left.")
    minutes = round(seconds / 60)
    return ngettext("About %(count)d minute is left.", "About %(count)d minutes are left.", minutes) % {
        "count": minutes
    }
