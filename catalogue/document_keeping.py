"""Documents added to records, replaced, made public and removed, each as a change set. The desk calls it
(admin/documents.py). Their texts are read for the search by the queue (catalogue/texts).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import attachments, changes, codes, records
from catalogue.attachments import Attachment, Refused
from catalogue.document_changes import facts, note
from catalogue.jobs.tasks import ask_to_read
from catalogue.models import ChangeSet, Record
from catalogue.texts.models import DocumentPage, DocumentText


@contextmanager
def _noted_by(user: Any) -> Iterator[ChangeSet]:
    """Open a change set, and have search indexes follow at once: what the public may not find any more is gone then.

    Raises Refused where an import, or somebody else, would have to be waited for.
    """
    try:
        with transaction.atomic(), changes.without_waiting():
            yield changes.open_change_set(codes.EDIT, user)
            transaction.on_commit(lambda: changes.records_changed.send_robust(sender=Attachment))
    except changes.Busy:
        raise Refused(
            _("An import, or somebody else, is writing this record or its documents. Try again in a minute.")
        ) from None


@contextmanager
def _gone_on_failure(kept: Attachment) -> Iterator[None]:
    try:
        yield
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise


def _locked(attachment: Attachment) -> Attachment:
    """Return the document as it is now, and let nobody else change it meanwhile. Raises Refused where it is gone."""
    now = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
    if now is None:
        message = _("“%(name)s” is not there any more: somebody has removed it meanwhile.")
        raise Refused(message % {"name": attachment.name})
    return now


def _lock_record(number: int) -> None:
    """Wait for whoever writes the record, as the database would do at the very end. Raises Refused where it is gone."""
    records.lock([number])
    if not Record.objects.filter(pk=number).exists():
        raise Refused(
            _("Record %(number)d is not there any more: somebody has deleted it meanwhile.") % {"number": number}
        )


def keep(record: Record, name: str, file: IO[bytes], user: Any, is_public: bool = False) -> Attachment:
    """Keep a document with a record. Raises Refused."""
    with _noted_by(user) as change_set:
        kept = attachments.keep(record, name, file, user, is_public)
        with _gone_on_failure(kept):
            _lock_record(record.pk)
            note(change_set, kept, None, facts(kept))
            ask_to_read(kept)
    return kept


def replace(attachment: Attachment, name: str, file: IO[bytes], user: Any) -> None:
    """Keep another document in the place of one; its address stays. Raises Refused."""
    with _noted_by(user) as change_set:
        before = _locked(attachment)
        kept = attachments.replace(before, name, file)
        with _gone_on_failure(kept):
            DocumentPage.objects.filter(document=kept).delete()
            DocumentText.objects.filter(document=kept).delete()
            note(change_set, kept, facts(before), facts(kept))
            ask_to_read(kept)


def make_public(attachment: Attachment, is_public: bool, user: Any) -> None:
    """Let the public have a document, or not any more. Raises Refused."""
    with _noted_by(user) as change_set:
        now = _locked(attachment)
        before = facts(now)
        now.is_public = is_public
        if facts(now) == before:
            change_set.delete()
            return
        now.save(update_fields=["is_public"])
        note(change_set, now, before, facts(now))


def remove(attachment: Attachment, user: Any) -> None:
    """Remove a document for good, with its file and its text; what it was stays in the history. Raises Refused."""
    with _noted_by(user) as change_set:
        now = _locked(attachment)
        note(change_set, now, facts(now), None)
        now.delete()
