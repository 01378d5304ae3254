"""What happened to the documents of a record: who added, removed, published or hid which one, and when.

The history of a record calls `of_record`. A note outlives its document, and the record.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class DocumentChange(models.Model):
    """One thing that somebody did to a document."""

    class What(models.TextChoices):
        ADDED = "added", gettext_lazy("added")
        REPLACED = "replaced", gettext_lazy("replaced")
        REMOVED = "removed", gettext_lazy("removed")
        PUBLISHED = "published", gettext_lazy("made public")
        HIDDEN = "hidden", gettext_lazy("not public any more")

    record_number = models.BigIntegerField(gettext_lazy("record"))
    document = models.UUIDField(gettext_lazy("document"))
    name = models.CharField(gettext_lazy("name"), max_length=200)
    what = models.CharField(gettext_lazy("what"), max_length=10, choices=What.choices)
    user_name = models.CharField(gettext_lazy("by"), max_length=150, blank=True, default="", db_default="")
    made = models.DateTimeField(gettext_lazy("when"), db_default=Now())

    class Meta:
        verbose_name = gettext_lazy("change of a document")
        verbose_name_plural = gettext_lazy("changes of documents")
        ordering = ("-id",)
        indexes = [models.Index(fields=["record_number"], name="documentchange_record")]

    def __str__(self) -> str:
        return f"{self.what} {self.name}"

    @property
    def sentence(self) -> str:
        """What was done, in words, without who and when."""
        sentences = {
            self.What.ADDED: _("The document “%(name)s” was added."),
            self.What.REPLACED: _("The document “%(name)s” was replaced."),
            self.What.REMOVED: _("The document “%(name)s” was removed."),
            self.What.PUBLISHED: _("The document “%(name)s” was made public."),
            self.What.HIDDEN: _("The document “%(name)s” is not public any more."),
        }
        return sentences[self.What(self.what)] % {"name": self.name}


def note(what: DocumentChange.What, document: Any, user: Any) -> None:
    """Note what is done to a document. Belongs inside the transaction that does it."""
    name = user.get_username() if isinstance(user, User) else str(user or "")
    DocumentChange.objects.create(
        record_number=document.record_id, document=document.pk, name=document.name, what=what, user_name=name
    )


def of_record(number: int) -> QuerySet[DocumentChange]:
    """Return what happened to the documents of a record, newest first."""
    return DocumentChange.objects.filter(record_number=number)
