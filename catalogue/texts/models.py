"""The tables of documents' texts: how the reading of each went, and its pages."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Length, Now
from django.utils.translation import gettext_lazy as _

from catalogue.texts.bounds import End

# Raised when texts are read otherwise than before: what an older one has read is read again by itself.
VERSION = 1


class DocumentText(models.Model):
    """How the reading of one document went, or that it has begun."""

    class State(models.TextChoices):
        BEGUN = "begun", _("begun")
        # Each time, what read it was cut off: it may be what ends the worker.
        GIVEN_UP = "given_up", _("given up")
        READ = End.READ.value, _("read")
        PROTECTED = End.PROTECTED.value, _("protected")
        MISSING = End.MISSING.value, _("missing")
        DAMAGED = End.DAMAGED.value, _("damaged")
        SLOW = End.SLOW.value, _("too slow")
        HUGE = End.HUGE.value, _("too large")
        LONG = End.LONG.value, _("too long")

    document = models.OneToOneField(
        "catalogue.Attachment", models.CASCADE, primary_key=True, related_name="text", verbose_name=_("document")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    page_count = models.PositiveIntegerField(_("pages"), default=0)
    pages_with_text = models.PositiveIntegerField(_("pages with text"), default=0)
    characters = models.PositiveIntegerField(_("characters"), default=0)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    version = models.PositiveSmallIntegerField(_("version"), default=0)
    made = models.DateTimeField(_("read"), db_default=Now())

    class Meta:
        verbose_name = _("text of a document")
        verbose_name_plural = _("texts of documents")

    def __str__(self) -> str:
        return f"{self.document_id}: {self.state}"


class DocumentPage(models.Model):
    """The text of one page, or of a part where the format has no pages. One without text is not kept."""

    document = models.ForeignKey(
        "catalogue.Attachment",
        models.CASCADE,
        related_name="pages",
        db_index=False,  # the unique constraint's index serves it
        verbose_name=_("document"),
    )
    number = models.PositiveIntegerField(_("page"))
    text = models.TextField(_("text"))
    # By these the search index is compared with the pages, without reading them.
    fingerprint = models.GeneratedField(
        expression=MD5("text"), output_field=models.CharField(max_length=32), db_persist=True
    )
    length = models.GeneratedField(expression=Length("text"), output_field=models.IntegerField(), db_persist=True)

    class Meta:
        verbose_name = _("page of a document")
        verbose_name_plural = _("pages of documents")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="documentpage_unique"),
            models.CheckConstraint(condition=Q(number__gt=0), name="documentpage_number_above_0"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.number}"
