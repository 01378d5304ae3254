"""What happened to accounts, groups and invitations, for administrators."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalogue.admin import history
from catalogue.people import events

RIGHT = "auth.view_user"
TITLE = _("What happened to accounts")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not user.has_perm(RIGHT):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "page": history.page_of(events.noted(), request),
    }
    return render(request, "desk/people/log.html", context)
