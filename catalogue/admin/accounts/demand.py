"""Keeps those who must set up a second factor from everything else at the desk until they have."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.people import second_factor

# The pages that stay open meanwhile.
OPEN = ("account_factor", "account", "password_change", "password_change_done", "logout", "jsi18n")


def demanding(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        match = request.resolver_match
        if match and match.url_name not in OPEN and second_factor.is_missing(request):
            messages.warning(request, _("Your group demands a second factor. Set it up first."))
            return HttpResponseRedirect(reverse("admin:account_factor"))
        return view(request, *args, **options)

    return guarded
