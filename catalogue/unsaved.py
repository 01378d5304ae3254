"""What people have typed into the form of a record and not saved yet, kept for each of them until it is saved.

The form sends it while somebody types (catalogue/admin/typing.py). It is offered again, never applied by itself.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=30)
# As many are kept of one account; the oldest go first.
MOST = 20
LONGEST = 1_000_000
_NOT_KEPT = ("csrfmiddlewaretoken", "pasted")


class UnsavedForm(models.Model):
    """One opened form of one account. Once the form is saved, `data` is empty and stays so: what is still on its way
    from the browser comes too late.
    """

    token = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    # No foreign key: what was typed outlives the record. Null for a new record.
    record_number = models.BigIntegerField(_("record"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True, default="", db_default="")
    data = models.TextField(blank=True, default="", db_default="")
    touched = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ("-touched",)
        verbose_name = _("unsaved form")
        verbose_name_plural = _("unsaved forms")
        indexes = [models.Index(fields=["user", "record_number"], name="unsavedform_user_record")]

    def __str__(self) -> str:
        return self.title

    @property
    def values(self) -> dict[str, str]:
        return dict(parse_qsl(self.data, keep_blank_values=True))


def keep(user: Any, token: uuid.UUID, number: int | None, sent: Mapping[str, Any]) -> None:
    """Keep what was typed into one form, in place of what was kept of it before.

    Raises ValueError, with a sentence for people, where that is too long.
    """
    wanted = {name: sent[name] for name in sent if name not in _NOT_KEPT and not name.startswith("_")}
    data = urlencode(wanted).replace("%00", "")
    if len(data) > LONGEST:
        raise ValueError(_("This is too long to be kept while you type. Save it in good time."))
    title = " ".join(str(sent.get("title", "")).replace("\0", "").split())[:200]
    own = UnsavedForm.objects.filter(user=user)
    if own.filter(pk=token).exclude(data="").update(data=data, title=title, touched=timezone.now()):
        return
    # One that was saved, or belongs to somebody else, stays as it is.
    new = UnsavedForm(token=token, user=user, record_number=number, title=title, data=data)
    UnsavedForm.objects.bulk_create([new], ignore_conflicts=True)
    own.filter(pk__in=own.order_by("-touched").values("pk")[MOST:]).delete()


def forget(user: Any, token: uuid.UUID | None, number: int | None = None) -> None:
    """Forget what was typed into a form, now that it is saved or not wanted any more."""
    if token is None:
        return
    own = UnsavedForm.objects.filter(user=user, pk=token)
    if not own.update(data="", title="", record_number=number, touched=timezone.now()):
        done = UnsavedForm(token=token, user=user, record_number=number)
        UnsavedForm.objects.bulk_create([done], ignore_conflicts=True)


def saved_as(user: Any, token: uuid.UUID | None) -> int | None:
    """Return the number of the record that a form was saved as, or None where it was not saved yet."""
    if token is None:
        return None
    own = UnsavedForm.objects.filter(user=user, pk=token, data="")
    return own.values_list("record_number", flat=True).first()


def forget_old() -> None:
    """Forget what nobody has touched for long, of people too who do not come any more."""
    UnsavedForm.objects.filter(touched__lt=timezone.now() - KEPT).delete()


def kept_of(user: Any, number: int | None) -> list[UnsavedForm]:
    """Return what this account typed into forms of a record, or of new ones, and did not save; the newest first."""
    found = UnsavedForm.objects.filter(user=user, record_number=number, touched__gt=timezone.now() - KEPT)
    return list(found.exclude(data="").order_by("-touched")[:MOST])


def find(user: Any, token: str, number: int | None) -> UnsavedForm | None:
    """Return one of those, or None where there is none of this account and record."""
    try:
        wanted = uuid.UUID(token)
    except ValueError:
        return None
    return UnsavedForm.objects.filter(user=user, record_number=number, pk=wanted).exclude(data="").first()
