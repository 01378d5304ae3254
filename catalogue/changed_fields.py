"""How many records, headings and documents each change set made, changed and removed, and in which fields.

Triggers (migration 0011) count as changes are noted, so that the account of all changes need not read the changes.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

RECORD, DOCUMENT = "record", "document"
# Counted in the place of a field: how many are new, are others than before, are gone.
MADE, CHANGED, GONE = "made", "changed", "gone"


class ChangedField(models.Model):
    change_set = models.ForeignKey("catalogue.ChangeSet", models.CASCADE, related_name="changed_fields", db_index=False)
    what = models.CharField(max_length=10)
    field = models.CharField(max_length=40)
    count = models.IntegerField()

    class Meta:
        verbose_name = _("changed field")
        verbose_name_plural = _("changed fields")
        indexes = [models.Index(fields=["field", "what", "change_set"], name="changedfield_field")]
        constraints = [models.UniqueConstraint(fields=["change_set", "what", "field"], name="changedfield_unique")]

    def __str__(self) -> str:
        return f"{self.change_set_id} {self.what} {self.field}: {self.count}"
