"""What an administrator does for somebody else's account: a link to a new password, sign-ins ended, a lock lifted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalogue.admin.accounts.invitations import link_address
from catalogue.people import events, links, second_factor, sessions, throttle


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, desk: ModelAdmin, id: str) -> HttpResponse:
    account = desk.get_object(request, unquote(id))
    if not desk.has_change_permission(request, account):
        raise PermissionDenied
    if account is None:
        raise Http404
    if request.method != "POST":
        return _page(desk, request, account)
    action = request.POST.get("action", "")
    if action == "link" and account.is_active:
        actor: Any = request.user
        link = link_address(request, links.renew_password(actor, account))
        return _page(desk, request, account, link=link, days=links.DAYS)
    if action in _ACTIONS:
        _ACTIONS[action](request, account)
    return HttpResponseRedirect(reverse("admin:auth_user_access", args=[account.pk]))


def _page(desk: ModelAdmin, request: HttpRequest, account: User, **shown: Any) -> HttpResponse:
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Access of %(name)s") % {"name": account.get_username()},
        "opts": desk.opts,
        "account": account,
        "signed_in": sessions.count(account),
        "app": second_factor.app(account),
        "codes_left": account.recovery_codes.count(),
        "is_demanded": second_factor.is_demanded(account),
        "is_locked": throttle.is_anywhere_locked(account.get_username()) or second_factor.is_slowed(account),
        **shown,
    }
    return render(request, "desk/people/access.html", context)


def _say(request: HttpRequest, account: User, sentence: str) -> None:
    actor: Any = request.user
    events.note(actor, account, sentence)
    messages.success(request, sentence)


def _end_sessions(request: HttpRequest, account: User) -> None:
    is_own = account == request.user
    ended = sessions.end_all(account, but=request.session.session_key if is_own else None)
    _say(request, account, _("Sign-ins ended: %(count)d.") % {"count": ended})


def _remove_factor(request: HttpRequest, account: User) -> None:
    if second_factor.remove(account):
        sessions.end_all(account, but=request.session.session_key if account == request.user else None)
        _say(request, account, _("Second factor removed, and all sign-ins ended."))


def _lift(request: HttpRequest, account: User) -> None:
    throttle.lift(account.get_username())
    second_factor.forgive(account)
    _say(request, account, _("Lock after failed attempts to sign in lifted."))


_ACTIONS: dict[str, Callable[[HttpRequest, User], None]] = {
    "sessions": _end_sessions,
    "factor": _remove_factor,
    "lift": _lift,
}
