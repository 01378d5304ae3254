"""The headings that begin as somebody types: what the desk's forms complete from."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from catalogue.draft import HEADING_LIMIT
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Country, CountryVariant, Heading, Keyword, KeywordVariant

MOST = 10
LONGEST_NOTE = 160
AUTHORITIES: dict[str, tuple[type[Heading], Any]] = {
    "authors": (Author, AuthorVariant),
    "keywords": (Keyword, KeywordVariant),
    "countries": (Country, CountryVariant),
}


@require_safe
def complete(request: HttpRequest, name: str) -> JsonResponse:
    """Answer with the first headings, by preferred form or variant, that begin with `q`."""
    if name not in AUTHORITIES:
        raise Http404
    model, variants = AUTHORITIES[name]
    if not request.user.has_perm(f"catalogue.view_{model._meta.model_name}"):
        raise PermissionDenied
    fold = fold_heading(request.GET.get("q", "").replace("\0", "")[:HEADING_LIMIT])
    found = list(islice(_matches(model, variants, fold), MOST)) if fold else []
    counts = _counts(model, [heading.pk for heading, _variant in found])
    shown = [{**_shown(heading, variant), "count": counts.get(heading.pk, 0)} for heading, variant in found]
    return JsonResponse({"headings": shown})


def _matches(model: type[Heading], variants: Any, fold: str) -> Iterator[tuple[Heading, str]]:
    """Yield each heading once: those that begin so themselves, then those with a variant that does, with it."""
    seen: set[int] = set()
    for heading in model._default_manager.filter(fold__startswith=fold).order_by("fold")[:MOST]:
        seen.add(heading.pk)
        yield heading, ""
    led = variants._default_manager.filter(fold__startswith=fold).exclude(authority__in=seen)
    for variant in led.select_related("authority").order_by("fold")[: MOST * 2]:
        if variant.authority.pk not in seen:
            seen.add(variant.authority.pk)
            yield variant.authority, variant.form


def _counts(model: type[Heading], numbers: list[int]) -> dict[int, int]:
    """Return on how many records each of these headings stands."""
    headings = model._default_manager.filter(pk__in=numbers).order_by()
    return dict(headings.annotate(records_count=Count("records")).values_list("pk", "records_count")) if numbers else {}


def _shown(heading: Heading, variant: str) -> dict[str, str]:
    shown = {"heading": heading.heading, "variant": variant, "note": _first_words(getattr(heading, "scope_note", ""))}
    if isinstance(heading, Author):
        shown |= {"kind": heading.kind, "orcid": heading.orcid}
    return shown


def _first_words(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(LONGEST_NOTE)
