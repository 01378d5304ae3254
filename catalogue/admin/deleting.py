"""What the page before deleting says: which records go for good, and what becomes of their documents."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue import codes, successors
from catalogue.attachments import Attachment
from catalogue.models import Record

MOST_NAMED = 100


def named(chosen: list[Record] | QuerySet[Record]) -> tuple[list[Any], dict[Any, int]]:
    """Return the titles of the records, each with its documents, and how many there are of what."""
    numbers = [record.pk for record in chosen]
    merged = Record.objects.filter(
        pk__in=numbers, replaced_by__isnull=False, status=codes.WITHDRAWN, withdrawn_reason=""
    )
    heirs = successors.heirs(dict(merged.values_list("pk", "replaced_by_id")), set(numbers))
    shown: list[Any] = []
    documents = _documents(numbers[:MOST_NAMED], heirs)
    for record in chosen[:MOST_NAMED]:
        shown.append(f"{record.pk}: {record.title}")
        if record.pk in documents:
            shown.append(documents[record.pk])
    if len(numbers) > MOST_NAMED:
        shown.append("…")
    going = Attachment.objects.filter(record__in=numbers).exclude(record__in=list(heirs)).count()
    counts: dict[Any, int] = {Record._meta.verbose_name_plural: len(numbers)}
    return shown, counts | ({_("Documents removed for good"): going} if going else {})


def _documents(numbers: list[int], heirs: dict[int, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in Attachment.objects.filter(record__in=numbers).values_list("record_id", "name"):
        sentence = _("%(name)s: stays, with record %(number)d") if number in heirs else _("%(name)s: removed for good")
        found[number].append(sentence % {"name": name, "number": heirs.get(number, 0)})
    return found
