"""What can be done with a batch edit at its page, by the button that was pressed."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalogue.admin.batch.step_forms import DoForm, StepForm
from catalogue.batch import steps
from catalogue.batch.models import Batch
from catalogue.batch.rights import why_not
from catalogue.jobs import tasks
from catalogue.jobs.doing import NotNow

# As many records are changed while somebody waits for the page; more are left to the worker.
MOST_AT_ONCE = 500
State, Work = Batch.State, Batch.Work


class Wrong(Exception):
    """Something in a form is wrong; `form` says what."""

    def __init__(self, form: Any) -> None:
        super().__init__()
        self.form = form


def take(item: Batch, sent: QueryDict) -> None:
    """Do what a button says. Raises Wrong, and NotNow where it does not fit."""
    ACTIONS.get(sent.get("action", ""), _nothing)(item, sent)


def _not_now() -> NotNow:
    return NotNow(_("This cannot be done now: it has gone on meanwhile. Look at the page again."))


def _nothing(item: Batch, sent: QueryDict) -> None:
    raise NotNow(_("This page has no such button. Choose one of those below."))


def _ask(item: Batch, work: str) -> None:
    (tasks.ask_at_once if item.count <= MOST_AT_ONCE else tasks.ask)(item, work)


def _keep_steps(item: Batch, change: Callable[[list[Any]], list[Any]]) -> None:
    """Change the list of steps, where they are still being chosen."""
    with transaction.atomic():
        locked = Batch.objects.select_for_update().only("state", "steps").get(pk=item.pk)
        if locked.state != State.CHOOSING:
            raise _not_now()
        locked.steps = change(locked.steps)[: steps.MOST_STEPS]
        locked.problem = ""
        locked.save(update_fields=["steps", "problem", "touched"])


def _add(item: Batch, sent: QueryDict) -> None:
    """Add the steps that the form says."""
    new = _new_steps(item, sent)
    if not new:
        raise _without_steps(item, sent)
    _keep_steps(item, lambda present: [*present, *new])


def _preview(item: Batch, sent: QueryDict) -> None:
    """Add the steps that the form says, if any, and show what all of them would change."""
    new = _new_steps(item, sent)
    if not new and not item.steps:
        raise _without_steps(item, sent)
    _keep_steps(item, lambda present: [*present, *new])
    item.refresh_from_db(fields=["steps"])
    if problem := why_not(item):
        raise NotNow(problem)
    _ask(item, Work.PREVIEW)


def _new_steps(item: Batch, sent: QueryDict) -> list[Any]:
    form = StepForm(sent, present=len(item.steps))
    if not form.is_valid():
        raise Wrong(form)
    return steps.to_dicts(form.steps)


def _without_steps(item: Batch, sent: QueryDict) -> Wrong:
    form = StepForm(sent, present=len(item.steps))
    form.add_error(None, _("Fill in at least one step."))
    return Wrong(form)


def _drop(item: Batch, sent: QueryDict) -> None:
    """Take one step away, by its place."""
    place = sent.get("place", "")
    if not (place.isascii() and place.isdigit() and int(place[:3]) < len(item.steps)):
        raise _not_now()
    _keep_steps(item, lambda present: [one for at, one in enumerate(present) if at != int(place[:3])])


def _change(item: Batch, sent: QueryDict) -> None:
    """Go back from a preview to the steps."""
    if not Batch.objects.filter(pk=item.pk, state=State.PREVIEWED).update(state=State.CHOOSING, problem=""):
        raise _not_now()


def _again(item: Batch, sent: QueryDict) -> None:
    """Preview once more, or run again what has lost its worker."""
    if item.state == State.PREVIEWED:
        _ask(item, Work.PREVIEW)
    elif item.is_silent:
        tasks.ask(item, item.work)
    else:
        raise _not_now()


def _do(item: Batch, sent: QueryDict) -> None:
    if item.state != State.PREVIEWED:
        raise _not_now()
    form = DoForm(sent, label_suffix="")
    if not form.is_valid():
        raise Wrong(form)
    if form.cleaned_data["run"] != item.run:
        raise _not_now()  # another preview, perhaps of other steps, than the one that was looked at
    Batch.objects.filter(pk=item.pk).update(reason=form.cleaned_data["reason"])
    if problem := why_not(item):
        raise NotNow(problem)
    _ask(item, Work.DO)


def _forget(item: Batch, sent: QueryDict) -> None:
    """Nothing is left of a batch edit that was not done; of one that was, its change set."""
    if item.is_busy and not item.is_silent:
        raise NotNow(_("It is running. Stop it first."))
    item.delete()


ACTIONS: dict[str, Callable[[Batch, QueryDict], None]] = {
    "add": _add,
    "preview": _preview,
    "drop": _drop,
    "change": _change,
    "again": _again,
    "do": _do,
    "stop": lambda item, sent: tasks.stop(item),
    "forget": _forget,
}
