"""The figure of searches by day, for the desk's page of figures (settings.FIGURES)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalogue.figures.base import Figure, Row
from search import counts
from search.models import SearchCount

DAYS = 60
What = SearchCount.What


def figures() -> Iterator[Figure]:
    counts.BUFFER.write()
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    counted = SearchCount.objects.filter(day__gte=days[0], what__in=(What.SEARCHES, What.NOTHING)).values_list("day")
    by_day = counted.order_by("day").annotate(
        searches=Sum("count", filter=Q(what=What.SEARCHES)), nothing=Sum("count", filter=Q(what=What.NOTHING))
    )
    found = {day: (searches or 0, nothing or 0) for day, searches, nothing in by_day}
    url = reverse("admin:searches")
    rows = [Row(formats.date_format(day, "DATE_FORMAT"), found.get(day, (0, 0)), url) for day in days]
    title, note = _("Searches of the public"), _("Searches are counted, people are not.")
    series = (_("Searches"), _("Found nothing"))
    yield Figure("searches", title, _("Day"), series, tuple(rows) if found else (), True, note)
