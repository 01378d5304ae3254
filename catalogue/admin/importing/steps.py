"""What can be done with an import at its page, by the button that was pressed."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin.importing import columns
from catalogue.admin.importing.option_form import OptionForm
from catalogue.draft import clean_line
from catalogue.formats import FORMATS
from catalogue.jobs import tasks, uploads
from catalogue.jobs.models import LONGEST_NAME, Import, Mapping
from catalogue.jobs.options import KEPT, Options
from catalogue.people import rights

State, Work = Import.State, Import.Work
NAMES = (gettext_lazy("Upload"), gettext_lazy("Columns"), gettext_lazy("Trial"), gettext_lazy("Import"))
# The buttons of the form of options: they keep what it says first.
OF_THE_FORM = ("try", "read", "save", "use", "forget")


class SavedForm(forms.Form):
    saved = forms.ModelChoiceField(Mapping.objects)


def place(item: Import) -> int:
    """Return at which of the NAMES, from 1, an import stands."""
    if item.state in (State.UPLOADING, State.READY):
        return 1 + (item.state == State.READY)
    is_trial = item.state == State.TRIED or (item.is_busy and item.work == Work.TRY)
    return 3 if is_trial else 4


def take(item: Import, action: str) -> str:
    """Do what a button says. Return a sentence where it cannot be done."""
    try:
        ACTIONS.get(action, _nothing)(item)
    except tasks.NotNow as error:
        return str(error)
    return ""


def _nothing(item: Import) -> None:
    raise tasks.NotNow(_("This page has no such button. Choose one of those below."))


def _change(item: Import) -> None:
    """Go back from a trial to the choices."""
    if not Import.objects.filter(pk=item.pk, state=State.TRIED).update(state=State.READY, problem=""):
        raise tasks.NotNow(_("This cannot be done now: the import has gone on meanwhile."))


def _remove(item: Import) -> None:
    if item.is_busy and not item.is_silent:
        raise tasks.NotNow(_("It is running. Stop it first."))
    uploads.remove(item)


def _undo(item: Import) -> None:
    if item.change_set and not rights.may_undo(item.user, item.change_set):
        raise tasks.NotNow(_("This import published records. Somebody who may publish and withdraw can undo it."))
    tasks.ask(item, Work.UNDO)


def _again(item: Import) -> None:
    if not item.is_silent:
        raise tasks.NotNow(_("This cannot be done now: the import has gone on meanwhile."))
    tasks.ask(item, Work(item.work))


ACTIONS: dict[str, Callable[[Import], None]] = {
    "write": lambda item: tasks.ask(item, Work.WRITE),
    "undo": _undo,
    "again": _again,
    "stop": tasks.stop,
    "change": _change,
    "remove": _remove,
}


def choose(item: Import, action: str, chosen: Options, form: OptionForm, values: Any) -> tuple[str, int]:
    """Keep the choices, and do what a button of their form says; return what to tell, and of which kind it is."""
    told, kind, chosen = "", messages.SUCCESS, replace(chosen, mapped_by="")
    if action == "use":
        saved = _saved(values)
        if saved is None:
            return _("Choose a saved mapping first."), messages.ERROR
        kept = {name: value for name, value in saved.options.items() if name in KEPT}
        chosen = Options.from_dict({**asdict(chosen), **kept})
        chosen = Options.from_dict({**asdict(chosen), "mapping": columns.fitting(chosen.mapping, form.preview)})
        told = _("The mapping “%(name)s” is used.") % {"name": saved.name}
    elif action == "save":
        name = clean_line(values.get("save_as", ""))[:LONGEST_NAME]
        if not name:
            told, kind = _("Give the mapping a name."), messages.ERROR
        else:
            _save(name, chosen, form, item)
            told = _("The mapping is saved as “%(name)s”.") % {"name": name}
    elif action == "forget" and (saved := _saved(values)):
        saved.delete()
        told = _("The mapping “%(name)s” is deleted.") % {"name": saved.name}
    _keep(item, chosen)
    if action == "try" and not form.is_about_another_reading(chosen):
        return _try(item, chosen)
    return told, kind


def _keep(item: Import, chosen: Options) -> None:
    Import.objects.filter(pk=item.pk, state=State.READY).update(options=chosen.to_dict(), problem="")


def _try(item: Import, chosen: Options) -> tuple[str, int]:
    if chosen.format not in FORMATS:
        return _("Choose the format of the file."), messages.ERROR
    try:
        tasks.ask(item, Work.TRY)
    except tasks.NotNow as error:
        return str(error), messages.ERROR
    return "", messages.SUCCESS


def _saved(values: Any) -> Mapping | None:
    form = SavedForm(values)
    return form.cleaned_data["saved"] if form.is_valid() else None


def _save(name: str, chosen: Options, form: OptionForm, item: Import) -> None:
    kept = {key: value for key, value in chosen.to_dict().items() if key in KEPT}
    # A later file with these very columns is read so by itself.
    kept["headers"] = [column.header for column in form.preview.columns]
    Mapping.objects.update_or_create(name=name, defaults={"options": kept, "user": item.user})
