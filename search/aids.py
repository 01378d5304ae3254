"""The pages that help on the way: completion while somebody types, the lists from A to Z, the help page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from search import browse, completion, guide
from search.fields import FIELDS

CACHED_SECONDS = 60


@require_safe
def complete(request: HttpRequest, name: str) -> HttpResponseBase:
    """How what was typed in a box goes on: as JSON for whoever asks for it, else as a page of links."""
    if name not in completion.COMPLETED:
        raise Http404
    form = completion.TypedForm(request.GET)
    typed = form.typed_text()
    entries = completion.complete(name, typed)
    if "application/json" in request.headers.get("Accept", ""):
        response: HttpResponse = JsonResponse({"completions": [vars(entry) for entry in entries]})
    else:
        page: dict[str, Any] = {"field": FIELDS[name], "typed": typed, "entries": entries}
        page["browse_list_url"] = browse.list_url(name)
        response = render(request, "search/complete.html", page)
    patch_cache_control(response, public=True, max_age=CACHED_SECONDS)
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
def browse_overview(request: HttpRequest) -> HttpResponse:
    return render(request, "search/browse.html", browse.overview())


@require_safe
def browse_list(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in browse.SHELVES:
        raise Http404
    form = browse.PageForm(request.GET)
    return render(request, "search/browse.html", browse.context(browse.SHELVES[slug], form))


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "search/help.html", {**guide.context(), "form_url": reverse("form")})
