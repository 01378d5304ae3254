"""The figure of links: of how many records the address is alive, moved or dead."""

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from catalogue.figures.base import Figure, Row, list_url
from catalogue.linkcheck.models import Link

_COUNTS = """
SELECT coalesce(link.status, 'new'), count(*)
FROM catalogue_record record LEFT JOIN catalogue_link link ON link.url = record.url
WHERE record.url <> '' AND record.status <> 'withdrawn'
GROUP BY 1
"""


def figures() -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        counts = dict(cursor.fetchall())
    rows = tuple(
        Row(str(status.label).capitalize(), (counts[status],), list_url(link=status))
        for status in Link.Status
        if status in counts
    )
    note = _("Records that are withdrawn are not counted.")
    yield Figure("links", _("Links"), _("The address is"), (_("Records"),), rows, note=note)
