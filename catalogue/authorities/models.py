"""What happened to headings, noted beside what happened to records; and which of them only look alike."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

KINDS = {"author": _("author"), "keyword": _("keyword"), "country": _("country")}


class HeadingChange(models.Model):
    """What one change set did to one heading: its Entry before (null: it is new) and after (null: it is gone).

    The heading's number is no foreign key: the history outlives the heading.
    """

    change_set = models.ForeignKey(
        "catalogue.ChangeSet", models.PROTECT, related_name="heading_changes", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=list(KINDS.items()))
    number = models.BigIntegerField(_("heading"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("change of a heading")
        verbose_name_plural = _("changes of headings")
        indexes = [models.Index(fields=["kind", "number"], name="headingchange_heading")]
        constraints = [
            models.UniqueConstraint(fields=["change_set", "kind", "number"], name="headingchange_unique"),
            models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="headingchange_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.change_set} → {self.kind} {self.number}"


class KeptApart(models.Model):
    """Two headings of which somebody has said that they only look alike: the lists of those do not show them again."""

    kind = models.CharField(_("kind"), max_length=10, choices=list(KINDS.items()))
    # The smaller number first. No foreign keys: a number is never given twice.
    first = models.BigIntegerField(_("heading"))
    second = models.BigIntegerField(_("heading"))
    user_name = models.CharField(_("who"), max_length=150, blank=True, default="", db_default="")
    made = models.DateTimeField(_("when"), auto_now_add=True, db_default=Now())

    class Meta:
        verbose_name = _("headings kept apart")
        verbose_name_plural = _("headings kept apart")
        constraints = [
            models.UniqueConstraint(fields=["kind", "first", "second"], name="keptapart_unique"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="keptapart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first} ≠ {self.second}"
