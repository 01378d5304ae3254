"""Figures of the work at the desk: headings that are used most, imports by month, documents that are kept."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.attachments import Attachment
from catalogue.authorities.files import FILES
from catalogue.changed_fields import CHANGED, MADE, RECORD, ChangedField
from catalogue.figures.base import Figure, Row, in_time, list_url, month_name, months
from catalogue.jobs.models import Import

MOST_USED = 20
MOST_MONTHS = 36
MEGABYTE = 1024 * 1024


def headings() -> Iterator[Figure]:
    titles = {"keyword": (_("Most used keywords"), _("Keyword")), "author": (_("Most used authors"), _("Author"))}
    for name, (title, label) in titles.items():
        file = FILES[name]
        links = file.links.objects.order_by().values_list(file.link_field)
        most = links.annotate(count=Count("pk")).order_by("-count", file.link_field)[:MOST_USED]
        counts = dict(most)
        found = file.model.objects.in_bulk(counts)
        rows = (Row(found[one].heading, (count,), list_url(**{name: one})) for one, count in counts.items())
        yield Figure(f"{name}s", title, label, (_("Records"),), tuple(rows))


def imports() -> Iterator[Figure]:
    """What imports did by month. Of rows that were rejected the wizard alone keeps the number."""
    counts: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    done = ChangedField.objects.filter(what=RECORD, change_set__kind=codes.IMPORT)
    for place, field in enumerate((MADE, CHANGED)):
        for month, count in _by_month(done.filter(field=field), "change_set__made", Sum("count")):
            counts[month][place] = count
    written = Import.objects.filter(change_set__isnull=False, report__has_key="rejected")
    for month, count in _by_month(written, "made", Sum(Cast(KT("report__rejected"), BigIntegerField()))):
        counts[month][2] = count
    listed = in_time({month: tuple(three) for month, three in counts.items()}, timezone.localdate(), MOST_MONTHS, 3)
    rows = (Row(month_name(month), three, _imports_of(month)) for month, three in listed)
    note = _("Rejected rows are counted of imports made at the desk.")
    series = (_("Made"), _("Updated"), _("Rejected"))
    yield Figure("imports", _("Imports"), _("Month"), series, tuple(rows), True, note)


def _by_month(rows: QuerySet[Any], when: str, count: Any) -> Iterator[tuple[date, int]]:
    for month, total in rows.order_by().annotate(month=TruncMonth(when)).values_list("month").annotate(total=count):
        yield timezone.localtime(month).date(), total or 0


def _imports_of(month: date) -> str:
    """Return the address of the account of the imports of a month."""
    last = months(month, month + timedelta(days=31))[1] - timedelta(days=1)
    asked = {"kind": codes.IMPORT, "since": month.isoformat(), "until": last.isoformat()}
    return f"{reverse('admin:catalogue_changeset_changelist')}?{urlencode(asked)}"


def documents() -> Iterator[Figure]:
    counted = Attachment.objects.order_by().values_list("kind")
    kinds = counted.annotate(count=Count("pk"), public=Count("pk", filter=Q(is_public=True)), size=Sum("size"))
    rows = (
        Row(kind.upper(), (count, public, round(size / MEGABYTE)), list_url(document=kind))
        for kind, count, public, size in kinds.order_by("-count", "kind")
    )
    series = (_("Documents"), _("Public"), _("Megabytes"))
    yield Figure("kept-documents", _("Documents kept with records"), _("Kind"), series, tuple(rows))
