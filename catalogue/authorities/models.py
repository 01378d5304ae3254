"""The table that notes what happened to headings, beside the one that notes what happened to records."""

from django.db import models
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
