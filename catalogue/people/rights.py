"""What somebody may do beyond the rights to tables: publish, change many records at once, undo what others did."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.models import ChangeSet, Record

PUBLISH, CHANGE_MANY, UNDO_OTHERS = "catalogue.publish_record", "catalogue.change_many", "catalogue.undo_others"
IMPORT = "catalogue.add_import"
# More than so many records are many. The names of the rights say it too (models.DeskRight).
MANY = 100
PUBLIC = (codes.PUBLISHED, codes.WITHDRAWN)
# Changes that published or withdrew a record, or made one that was public at once.
_OF_STATUS = Q(before__isnull=True, after__status__in=PUBLIC) | (
    ~Q(before__status=F("after__status")) & (Q(before__status__in=PUBLIC) | Q(after__status__in=PUBLIC))
)


def may_enter(user: Any) -> bool:
    """Tell whether somebody may be at the desk: who is in a group is, and who is in none is not."""
    return user.is_active and (user.is_superuser or user.groups.exists())


def may_give_status(user: Any, before: str, after: str) -> bool:
    """Tell whether somebody may take a record from one status to another."""
    is_public = before in PUBLIC or after in PUBLIC
    return before == after or not is_public or user.has_perm(PUBLISH)


def published_with(numbers: Iterable[int]) -> set[int]:
    """Return the records whose public documents the public gets, with them or with what they were merged into."""
    merged = Q(status=codes.WITHDRAWN, withdrawn_reason="", replaced_by__status=codes.PUBLISHED)
    found = Record.objects.filter(Q(status=codes.PUBLISHED) | merged, pk__in=set(numbers))
    return set(found.values_list("pk", flat=True))


def may_show_documents(user: Any, number: int) -> bool:
    """Tell whether somebody may let the public have a document of a record, or another one in the place of such."""
    return user.has_perm(PUBLISH) or not published_with([number])


def may_change_together(user: Any, count: int) -> bool:
    """Tell whether somebody may change so many records in one go."""
    return count <= MANY or user.has_perm(CHANGE_MANY)


def too_many() -> str:
    return _("You may change %(most)d records at once. Choose fewer, or ask an editor.") % {"most": MANY}


def why_not_status(user: Any, records: QuerySet[Record], status: str) -> str:
    """Return why somebody may not give records a status, or nothing."""
    if user.has_perm(PUBLISH):
        return ""
    if status in PUBLIC:
        return _("You may not publish or withdraw records. Nothing was changed.")
    if records.filter(status__in=PUBLIC).exists():
        return _("Some of these records are public, and you may not publish or withdraw records. Nothing was changed.")
    return ""


def may_import(user: Any) -> bool:
    """Tell whether somebody may import: a file may fill and overwrite records that are there."""
    return user.has_perms([IMPORT, "catalogue.add_record", "catalogue.change_record"])


def _was_public(change_set: ChangeSet) -> bool:
    """Tell whether a change set took any record from or to the public; the undo of a draft's creation did not."""
    gone = change_set.changes.filter(
        before__status__in=codes.UNPUBLISHED, after__withdrawn_reason=str(codes.CREATION_UNDONE)
    )
    return change_set.changes.filter(_OF_STATUS).exclude(pk__in=gone.values("pk")).exists()


def may_undo(user: Any, change_set: ChangeSet) -> bool:
    """Tell whether nothing of a change set forbids undoing it: what it published, its size, that it is another's."""
    if not user.has_perm(PUBLISH) and _was_public(change_set):
        return False
    if change_set.user_id == user.pk or user.has_perm(UNDO_OTHERS):
        return True
    changed = change_set.changes.all()[: MANY + 1].count() + change_set.heading_changes.all()[: MANY + 1].count()
    return changed <= MANY
