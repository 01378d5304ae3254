"""The table that notes what happened to documents kept with records, and the one way in which they are written.

The desk calls it; a record that is deleted takes its documents along (changes.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.attachments import Attachment


class DocumentChange(models.Model):
    """What one change set did to one document: its facts before (null: it is new) and after (null: it is gone).

    Neither the record nor the document is a foreign key: the history outlives both.
    """

    change_set = models.ForeignKey(
        "catalogue.ChangeSet", models.PROTECT, related_name="document_changes", db_index=False
    )
    record_number = models.BigIntegerField(_("record"), db_index=True)
    document = models.UUIDField(_("document"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("change of a document")
        verbose_name_plural = _("changes of documents")
        constraints = [models.UniqueConstraint(fields=["change_set", "document"], name="documentchange_unique")]

    def __str__(self) -> str:
        return f"{self.change_set} → {self.document}"


def facts(attachment: Attachment) -> dict[str, Any]:
    """Return what is noted of a document. `file` tells one content from another of the same name and size."""
    own = {name: getattr(attachment, name) for name in ("name", "kind", "size", "is_public")}
    return {"record": attachment.record_id, "file": attachment.path.stem, **own}


def note(change_set: Any, attachment: Attachment, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    """Note what a change set did to a document; where it did something before, what was before the whole set stays."""
    again = DocumentChange.objects.filter(change_set=change_set, document=attachment.pk)
    if not again.update(record_number=attachment.record_id, after=after):
        DocumentChange.objects.create(
            change_set=change_set,
            record_number=attachment.record_id,
            document=attachment.pk,
            before=before,
            after=after,
        )


def move(change_set: Any, heirs: Mapping[int, int]) -> None:
    """Give the documents of records that are about to be deleted to others, named by the number of each."""
    for one in Attachment.objects.filter(record__in=list(heirs)).select_for_update():
        before = facts(one)
        one.record_id = heirs[one.record_id]
        one.save(update_fields=["record"])
        note(change_set, one, before, facts(one))


def note_gone(change_set: Any, record_numbers: Iterable[int]) -> None:
    """Note the documents of records that are about to be deleted."""
    for one in Attachment.objects.filter(record__in=list(record_numbers)).select_for_update():
        note(change_set, one, facts(one), None)
