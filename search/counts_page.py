"""The librarians' page of searches: the most frequent, those that found nothing and how to mend it, times taken."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalogue import changes, codes, headings
from catalogue.authorities.files import FILES
from catalogue.authorities.noting import noting
from catalogue.draft import HEADING_LIMIT, clean_line
from catalogue.folding import fold_heading
from catalogue.models import Keyword, KeywordVariant
from search import counts
from search.index import find
from search.models import SearchCount
from search.transactions import read_text

DAYS = 30
MOST = 50
What = SearchCount.What


class VariantForm(forms.Form):
    """Makes what people type another form of the keyword that they mean."""

    form = forms.CharField(max_length=counts.LONGEST_TEXT)
    keyword = forms.CharField(
        max_length=HEADING_LIMIT,
        error_messages={"required": gettext_lazy("Name the keyword that it shall lead to.")},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        form, name = clean_line(values["form"]), clean_line(values["keyword"])
        led = headings.find(Keyword, KeywordVariant, [fold_heading(name), fold_heading(form)])
        if fold_heading(name) not in led:
            raise ValidationError(_("There is no heading “%(line)s”.") % {"line": name})
        if (other := led.get(fold_heading(form))) and fold_heading(other.heading) == fold_heading(form):
            raise ValidationError(_("“%(heading)s” is a keyword of its own.") % {"heading": other})
        values["variant"] = KeywordVariant(form=form, authority=led[fold_heading(name)])
        values["variant"].full_clean()
        return values


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("catalogue.view_record"):
        raise PermissionDenied
    can_mend = request.user.has_perm("catalogue.add_keywordvariant")
    if request.method == "POST":
        if not can_mend:
            raise PermissionDenied
        return _mend(request)
    counts.BUFFER.write()
    page = {
        **admin.site.each_context(request),
        "title": _("What people search for"),
        "days": DAYS,
        "searches": _top(What.WORDS),
        "nothing": _top(What.NOTHING, today=True),
        "times": _times(),
        "can_mend": can_mend,
    }
    return render(request, "search/desk_searches.html", page)


def _mend(request: HttpRequest) -> HttpResponse:
    form = VariantForm(request.POST)
    if not form.is_valid():
        for error in dict.fromkeys(text for texts in form.errors.values() for text in texts):
            messages.error(request, str(error))
    else:
        variant = form.cleaned_data["variant"]
        try:
            with transaction.atomic(), changes.without_waiting():
                change_set = changes.open_change_set(codes.EDIT, request.user, _("What people searched for"))
                with noting(change_set, FILES["keyword"], [variant.authority_id]):
                    variant.save()
        except IntegrityError:
            messages.error(request, _("This form already leads to a heading."))
        except changes.Busy:
            messages.error(request, _("An import, or somebody else, is writing this heading. Try again in a minute."))
        else:
            values = {"form": variant.form, "heading": variant.authority}
            messages.success(request, _("“%(form)s” now leads to “%(heading)s”.") % values)
    return HttpResponseRedirect(request.path)


def _since() -> date:
    return timezone.localdate() - timedelta(days=DAYS - 1)


def _top(what: str, today: bool = False) -> list[dict[str, Any]]:
    """Return the most frequent words of the last days; with `today`, with what they find by now."""
    rows = SearchCount.objects.filter(what=what, day__gte=_since()).values("text")
    most = rows.annotate(total=Sum("count"), last=Max("day")).order_by("-total", "text")[:MOST]
    found = []
    for row in most:
        url, request = read_text(row["text"])
        found.append({**row, "url": url, "now": find(request).answer.count if today else None})
    return found


def _times() -> list[dict[str, Any]]:
    """Return for each day, the last first, how many searches there were and how long they took."""
    rows = SearchCount.objects.filter(what__in=(What.SEARCHES, What.TIME), day__gte=_since()).order_by("-day")
    days: dict[date, dict[str, Any]] = {}
    for row in rows:
        day = days.setdefault(row.day, {"day": row.day, "searches": 0, "times": []})
        if row.what == What.SEARCHES:
            day["searches"] = row.count
        else:
            day["times"].append((int(row.text), row.count))
    for day in days.values():
        day["median"], day["most"] = share(day["times"], 0.5), share(day["times"], 0.95)
    return list(days.values())


def share(times: Iterable[tuple[int, int]], part: float) -> int | None:
    """Return the time within which this part of all searches was answered; None where there are none."""
    ordered = sorted(times)
    left = part * sum(count for _time, count in ordered)
    for time, count in ordered:
        left -= count
        if left <= 0:
            return time
    return None
