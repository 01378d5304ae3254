"""Documents added to records, replaced, made public and removed, each as a change set. The desk calls it
(admin/documents.py). Their texts are read for the search by the queue (catalogue/texts).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db import transaction

from catalogue import attachments, changes, codes
from catalogue.attachments import Attachment
from catalogue.document_changes import facts, note
from catalogue.jobs.tasks import ask_to_read
from catalogue.models import ChangeSet
from catalogue.texts.models import DocumentPage, DocumentText


@contextmanager
def _noted_by(user: Any) -> Iterator[ChangeSet]:
    """Open a change set, and have search indexes follow at once: what the public may not find any more is gone then."""
    with transaction.atomic():
        yield changes.open_change_set(codes.EDIT, user)
        transaction.on_commit(lambda: changes.records_changed.send_robust(sender=Attachment))


@contextmanager
def _gone_on_failure(kept: Attachment) -> Iterator[None]:
    try:
        yield
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise


def keep(record: Any, name: str, file: IO[bytes], user: Any, is_public: bool = False) -> Attachment:
    """Keep a document with a record. Raises attachments.Refused."""
    with _noted_by(user) as change_set:
        kept = attachments.keep(record, name, file, user, is_public)
        with _gone_on_failure(kept):
            note(change_set, kept, None, facts(kept))
            ask_to_read(kept)
    return kept


def replace(attachment: Attachment, name: str, file: IO[bytes], user: Any) -> None:
    """Keep another document in the place of one; its address stays. Raises attachments.Refused."""
    with _noted_by(user) as change_set:
        before = facts(attachment)
        kept = attachments.replace(attachment, name, file)
        with _gone_on_failure(kept):
            DocumentPage.objects.filter(document=kept).delete()
            DocumentText.objects.filter(document=kept).delete()
            note(change_set, kept, before, facts(kept))
            ask_to_read(kept)


def make_public(attachment: Attachment, is_public: bool, user: Any) -> None:
    """Let the public have a document, or not any more."""
    if attachment.is_public == is_public:
        return
    with _noted_by(user) as change_set:
        before = facts(attachment)
        attachment.is_public = is_public
        attachment.save(update_fields=["is_public"])
        note(change_set, attachment, before, facts(attachment))


def remove(attachment: Attachment, user: Any) -> None:
    """Remove a document for good, with its file and its text; what it was stays in the history."""
    with _noted_by(user) as change_set:
        note(change_set, attachment, facts(attachment), None)
        attachment.delete()
