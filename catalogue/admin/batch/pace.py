"""How far a batch edit is and what it waits for, in words, for the page and its script."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.admin.importing.pace import Pace
from catalogue.batch.models import Batch
from catalogue.jobs import tasks


def pace(item: Batch) -> Pace:
    if item.is_silent:
        return Pace(True, _("It gives no sign of life: its worker was stopped. It is taken up again by the next one."))
    if item.state == Batch.State.WAITING:
        return Pace(True, _waiting(item))
    if item.is_waiting:
        return Pace(True, _("An import or another batch edit is being written. This one waits for it."))
    values = {"count": f"{item.rows:,}", "all": f"{item.count:,}"}
    sentence = ngettext("%(count)s of %(all)s record.", "%(count)s of %(all)s records.", item.count)
    return Pace(True, sentence % values, min(100 * item.rows // item.count, 100) if item.count else None)


def _waiting(item: Batch) -> str:
    if Batch.objects.filter(state=Batch.State.RUNNING).exclude(pk=item.pk).exists():
        return _("Another batch edit is running. This one waits for it.")
    if not tasks.has_worker():
        return _("No worker is running. “make run” brings one along; beside another server, run “manage.py work”.")
    return _("It is about to begin.")
