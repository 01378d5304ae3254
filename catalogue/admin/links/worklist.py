"""The pages of the worklist: addresses that want a look, one address with its history, and what is done with them."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from catalogue.admin.guards import changers_only
from catalogue.admin.links import listing, run_pages
from catalogue.admin.links.listing import ListForm, Wanted
from catalogue.linkcheck import addresses
from catalogue.linkcheck.models import Link, LinkRun
from catalogue.models import Record
from catalogue.row_numbers import row_number, row_numbers

MOST_RECORDS = 100


@changers_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    wanted = Wanted.read(form)
    found = listing.counts()
    links = listing.listed(wanted)
    page = Paginator(links, listing.PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "title": _("Links to look after"),
        "form": ListForm({"state": wanted.state, "q": wanted.text, "o": wanted.order}, label_suffix=""),
        "states": [(name, label, found[name]) for name, label in listing.STATES.items()],
        "wanted": wanted,
        "hosts": listing.hosts(links),
        "page": page,
        "rows": listing.rows(list(page.object_list)),
        **about_runs(),
    }
    return render(request, "desk/links.html", context)


def about_runs() -> dict[str, Any]:
    """Return what pages say of checks in general."""
    return {"is_on": settings.LINK_CHECK, "last_run": LinkRun.objects.order_by("-pk").first()}


@changers_only
@require_safe
def show_one(request: HttpRequest, number: int) -> HttpResponse:
    """Show one address with its records and its last checks."""
    link = addresses.used().filter(pk=number).first() if number < 2**63 else None
    if link is None:
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": _("Address"),
        "row": listing.rows([link], MOST_RECORDS)[0],
        "checks": link.checks.all(),
        **about_runs(),
    }
    return render(request, "desk/link.html", context)


@changers_only
@require_POST
def do(request: HttpRequest) -> HttpResponse:
    """Do what was asked for with addresses that were ticked, or with the one of a record."""
    numbers = _numbers(request)
    action = request.POST.get("action", "")
    if not numbers:
        messages.error(request, _("Tick the addresses first."))
    elif action == "check":
        return run_pages.make(request, LinkRun.Scope.CHOSEN, numbers, back(request))
    elif action in ("leave", "unleave"):
        _leave(request, numbers, is_known=action == "leave")
    return HttpResponseRedirect(back(request))


def ticked(request: HttpRequest) -> list[int]:
    return row_numbers(request.POST.getlist("number"), listing.PER_PAGE)


def _numbers(request: HttpRequest) -> list[int]:
    """Return the addresses that are ticked; of a record's form its own, which may be new."""
    record = row_number(request.POST.get("record", ""))
    if not record:
        return ticked(request)
    urls = Record.objects.filter(pk=record).values_list("url", flat=True)
    return [link.pk for link in addresses.take_up(urls)]


def _leave(request: HttpRequest, numbers: list[int], is_known: bool) -> None:
    name = request.user.get_username()[:150] if is_known else ""
    count = Link.objects.filter(pk__in=numbers).update(is_known=is_known, known_by=name)
    if is_known:
        sentence = ngettext(
            "%(n)d address is left as it is. It comes back when its state changes.",
            "%(n)d addresses are left as they are. They come back when their state changes.",
            count,
        )
    else:
        sentence = ngettext("%(n)d address is on the list again.", "%(n)d addresses are on the list again.", count)
    messages.success(request, sentence % {"n": count})


def back(request: HttpRequest) -> str:
    """Return the page of the desk where somebody was."""
    address = request.POST.get("next", "")
    is_ours = address.startswith(reverse("admin:index"))
    if is_ours and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return reverse("admin:links")
