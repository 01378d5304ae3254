"""What the pages of merging, splitting and importing headings share: the right to them, what changes, what is said."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from catalogue import changes
from catalogue.admin import history
from catalogue.admin.heading_history import differences
from catalogue.admin.history import Difference
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.authorities.merging import Refused
from catalogue.draft import Draft
from catalogue.models import ChangeSet

MOST_EXAMPLES = 20


def check_right(desk: ModelAdmin, request: HttpRequest) -> AuthorityFile:
    """Return the authority file of the pages, for those who may change it. Raises PermissionDenied."""
    if not desk.has_change_permission(request):
        raise PermissionDenied
    return FILES[str(desk.opts.model_name)]


@contextmanager
def at_once() -> Iterator[None]:
    """Refuse a step that would have to wait for an import. It is done wholly or not at all. Raises Refused."""
    try:
        with transaction.atomic(), changes.without_waiting():
            yield
    except changes.Busy:
        sentence = _("An import, or somebody else, is writing these records or headings. Try again in a minute.")
        raise Refused(sentence) from None


@dataclass(frozen=True)
class Example:
    """One record that a step will change, as the preview shows it."""

    number: int
    title: str
    differences: tuple[Difference, ...]


def examples(changed: Iterable[tuple[int, Draft, Draft]]) -> list[Example]:
    return [
        Example(number, before.title, tuple(history.differences(before.to_dict(), after.to_dict())))
        for number, before, after in changed
    ]


def entry_differences(file: AuthorityFile, before: Entry, after: Entry) -> list[Difference]:
    return list(differences(file.name, before.to_dict(), after.to_dict()))


def tell(request: HttpRequest, sentence: str, change_set: ChangeSet) -> None:
    """Say what was done, with the way to its change set, where it can be undone."""
    address = reverse("admin:catalogue_changeset_change", args=[change_set.pk])
    link = format_html('{} <a href="{}">{}</a>', sentence, address, _("What it changed, and how to undo it"))
    messages.success(request, link)
