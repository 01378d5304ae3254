"""Saving headings at the desk: whatever a form does to one is a change set, with who, when and why."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes, codes
from catalogue.authorities import entries, files
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.authorities.noting import note
from catalogue.folding import fold_heading

BUSY = gettext_lazy("An import, or somebody else, is writing headings at the moment. Try again in a minute.")


class NotedHeadings:
    """Notes what the desk's own forms save and delete. Mixed into the pages of headings (headings.py)."""

    opts: Any

    @property
    def file(self) -> AuthorityFile:
        return FILES[self.opts.model_name]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        files.lock()
        beside = {found.pk for found in form.cleaned_data.get("related", ())}
        form.numbers = {obj.pk, *entries.neighbours(self.file, [obj.pk]), *beside} if change else beside
        form.before = entries.read(self.file, form.numbers)
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        heading = form.instance
        if change and form.cleaned_data.get("keep_form"):
            self._keep_form(heading.pk, form.before[heading.pk].heading)
        after = entries.read(self.file, {heading.pk, *form.numbers})
        self._note(request, form.before, after, form.cleaned_data.get("reason", ""))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        files.lock()
        numbers = {obj.pk, *entries.neighbours(self.file, [obj.pk])}
        before = entries.read(self.file, numbers)
        super().delete_model(request, obj)  # type: ignore[misc]
        self._note(request, before, entries.read(self.file, numbers))

    def _keep_form(self, number: int, old: str) -> None:
        """Make the form under which a heading was known lead to it, unless it leads somewhere already."""
        fold = fold_heading(old)
        taken = self.file.model.objects.filter(fold=fold), self.file.variants.objects.filter(fold=fold)
        if not any(found.exists() for found in taken):
            self.file.variants.objects.create(authority_id=number, form=old)

    def _note(self, request: HttpRequest, before: dict[int, Entry], after: dict[int, Entry], reason: str = "") -> None:
        change_set = changes.open_change_set(codes.EDIT, request.user, reason)
        if not note(change_set, self.file, before, after):
            change_set.delete()


def why_not_saved(error: IntegrityError) -> str:
    """Return in words why the database refused what the form had found good a moment before."""
    if "stand under itself" in str(error):
        return _("Nothing was saved: by what somebody else has just saved, the heading would stand under itself.")
    return _("Nothing was saved: a form is used twice, or somebody else saved it at the same moment.")


def left_out(names: Iterable[str], most: int = 20) -> str:
    """Return the names as one text of a length that a page can show."""
    known = list(names)
    shown = ", ".join(f"“{name}”" for name in known[:most])
    return shown if len(known) <= most else _("%(names)s and %(n)d more") % {"names": shown, "n": len(known) - most}
