"""Documents added to records, made public and removed, each as a change set. The desk calls it (admin/documents.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db import transaction

from catalogue import attachments, changes, codes
from catalogue.attachments import Attachment
from catalogue.document_changes import facts, note
from catalogue.models import ChangeSet


@contextmanager
def _noted_by(user: Any) -> Iterator[ChangeSet]:
    with transaction.atomic():
        yield changes.open_change_set(codes.EDIT, user)


def keep(record: Any, name: str, file: IO[bytes], user: Any, is_public: bool = False) -> Attachment:
    """Keep a document with a record. Raises attachments.Refused."""
    with _noted_by(user) as change_set:
        kept = attachments.keep(record, name, file, user, is_public)
        try:
            note(change_set, kept, None, facts(kept))
        except BaseException:
            kept.path.unlink(missing_ok=True)
            raise
    return kept


def make_public(attachment: Attachment, is_public: bool, user: Any) -> None:
    if attachment.is_public == is_public:
        return
    with _noted_by(user) as change_set:
        before = facts(attachment)
        attachment.is_public = is_public
        attachment.save(update_fields=["is_public"])
        note(change_set, attachment, before, facts(attachment))


def remove(attachment: Attachment, user: Any) -> None:
    """Remove a document for good; what it was stays in the history."""
    with _noted_by(user) as change_set:
        note(change_set, attachment, facts(attachment), None)
        attachment.delete()
