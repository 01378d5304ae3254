"""The page of one heading: its form, and beside it its records, what stands under it, and what can be done with it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import headings
from catalogue.authorities import tree
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.authorities.models import HeadingChange
from catalogue.folding import fold_heading
from catalogue.models import Heading, Record
from catalogue.row_numbers import row_number

NEWEST = 10
MOST_NARROWER = 50


def search_url(file: AuthorityFile, heading: Heading) -> str:
    """Return the address of the public search for a heading."""
    return f"{reverse('results')}?{urlencode({file.name: heading.heading})}"


def context(desk: ModelAdmin, request: HttpRequest, heading: Heading) -> dict[str, Any]:
    """Return what the page shows beside the form, in four queries."""
    file = FILES[str(desk.opts.model_name)]
    numbers = file.using([heading.pk]).order_by(f"-{file.record_column}")
    newest = list(numbers.values_list(file.record_column, flat=True)[:NEWEST])
    below = tree.below(file, [heading.pk], MOST_NARROWER + 1).get(heading.pk, [])
    return {
        "title": heading.heading,
        "subtitle": None,
        "record_total": file.record_counts([heading.pk]).get(heading.pk, 0),
        "newest": Record.objects.filter(pk__in=newest).order_by("-pk").only("pk", "title", "year", "status"),
        "below": below[:MOST_NARROWER],
        "has_more_below": len(below) > MOST_NARROWER,
        "search_url": search_url(file, heading),
        "has_tree": file.has_tree,
        "list_url": f"{reverse('admin:catalogue_record_changelist')}?{urlencode({'q': _query(file, heading)})}",
    }


def _query(file: AuthorityFile, heading: Heading) -> str:
    """Return the query, for the list of records at the desk, of exactly this heading."""
    return f'{file.name}="{heading.heading.replace(chr(34), " ")}"'


def where_it_went(desk: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse | None:
    """Lead from the address of a heading that is gone to the one that its form leads to; None where there is none."""
    file = FILES[str(desk.opts.model_name)]
    number = row_number(object_id)
    gone = HeadingChange.objects.filter(kind=file.name, number=number, after__isnull=True).order_by("-pk").first()
    if gone is None or file.model.objects.filter(pk=number).exists():
        return None
    form = (gone.before or {}).get("heading", "")
    led = headings.find(file.model, file.variants, [fold_heading(form)]).get(fold_heading(form))
    if led is None:
        return None
    messages.info(request, _("“%(form)s” is another form of this heading now.") % {"form": form})
    return HttpResponseRedirect(reverse(f"admin:catalogue_{file.name}_change", args=[led.pk]))
