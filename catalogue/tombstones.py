"""What is left of a record that was deleted for good: its number, whose address answers 410 for ever."""

from collections.abc import Mapping

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalogue.draft import Draft


class Tombstone(models.Model):
    number = models.BigIntegerField(_("record"), primary_key=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    replaced_by = models.ForeignKey(
        "catalogue.Record", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )
    made = models.DateTimeField(_("deleted"), db_default=Now())

    class Meta:
        ordering = ("number",)
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")

    def __str__(self) -> str:
        return str(self.number)


def bury(drafts: Mapping[int, Draft], reason: str, ends: Mapping[int, int | None]) -> None:
    """Leave a tombstone for each of these records, which are about to be deleted; `ends` says where each leads.

    The tombstones that led to one of them lead on.
    """
    for stone in Tombstone.objects.filter(replaced_by__in=list(drafts)):
        stone.replaced_by_id = ends.get(stone.replaced_by_id or 0)
        stone.save(update_fields=["replaced_by"])
    Tombstone.objects.bulk_create(
        [
            Tombstone(number=number, reason=reason or draft.withdrawn_reason, replaced_by_id=ends[number])
            for number, draft in drafts.items()
        ],
        ignore_conflicts=True,
    )
