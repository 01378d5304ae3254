"""The pages of accounts: signing in, one's own account, invitations, and what administrators may do for others."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from catalogue.admin.accounts import factor, invitations, joining, log, own, sign_in


def urls(admin_view: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses; those of signing in and joining are open to everybody."""
    return [
        path("login/code/", sign_in.code, name="login_code"),
        path("access/", joining.find, name="access"),
        path("access/open/", joining.use, name="access_open"),
        path("account/", admin_view(own.show), name="account"),
        path("account/sessions/", admin_view(own.sign_ins), name="account_sessions"),
        path("account/second-factor/", admin_view(factor.show), name="account_factor"),
        path("people/invitations/", admin_view(invitations.show), name="invitations"),
        path("people/log/", admin_view(log.show), name="people_log"),
    ]


def pages(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages for administrators, as the first page of the desk lists them."""
    user: Any = request.user
    listed = []
    if user.has_perms(invitations.RIGHTS):
        listed.append({"title": _("Invitations"), "url": reverse("admin:invitations")})
    if user.has_perm(log.RIGHT):
        listed.append({"title": str(log.TITLE), "url": reverse("admin:people_log")})
    return listed
