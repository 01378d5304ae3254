"""What is written down of accounts: who invited whom, ended sessions, and so on. Administrators read it at the desk."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from catalogue.people.models import AccessLink

LONGEST = 200


def note(actor: Any, about: User | Group | AccessLink, sentence: str, is_new: bool = False) -> None:
    """Write down what somebody did to an account (perhaps their own), a group or an invitation."""
    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about)[:LONGEST],
        action_flag=ADDITION if is_new else CHANGE,
        change_message=sentence,
    )


def noted() -> QuerySet[LogEntry]:
    """Return all that is written down of people, the newest first."""
    kinds = ContentType.objects.get_for_models(User, Group, AccessLink).values()
    return LogEntry.objects.filter(content_type__in=kinds).select_related("user", "content_type").order_by("-pk")
