"""Failed attempts to sign in, counted by django-axes for a user name from an address: when it is locked, for how long,
and how a lock is lifted. What is noted goes as soon as it counts no more.
"""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Attempts(AxesDatabaseHandler):
    """Keeps of a failed attempt the user name, the address and the time, and nothing that was sent beside them."""

    def user_login_failed(self, sender: Any, credentials: Any, request: Any = None, **options: Any) -> None:
        if request is None:
            return
        request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        sent = request.GET, request.POST
        request.GET, request.POST = QueryDict(), QueryDict()
        try:
            super().user_login_failed(sender, credentials, request, **options)
        finally:
            request.GET, request.POST = sent


def is_locked(request: HttpRequest, name: str) -> bool:
    return not AxesProxyHandler.is_allowed(request, {"username": name})


def note_failure(request: HttpRequest, name: str) -> None:
    """Count a wrong code of a second factor as a wrong password is counted."""
    user_login_failed.send(__name__, credentials={"username": name}, request=request)


def sentence(request: HttpRequest, name: str) -> str:
    """Return for how long it is locked, and what to do."""
    attempts = AxesProxyHandler.get_implementation().filter_user_attempts(request, {"username": name})[0]
    last = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    left = settings.AXES_COOLOFF_TIME - (timezone.now() - last) if last else settings.AXES_COOLOFF_TIME
    minutes = max(1, -int(-left.total_seconds() // 60))
    return _("There were too many failed attempts to sign in under this name. %(when)s") % {
        "when": ngettext(
            "Wait %(minutes)d minute, then try again, or ask an administrator to lift the lock.",
            "Wait %(minutes)d minutes, then try again, or ask an administrator to lift the lock.",
            minutes,
        )
        % {"minutes": minutes}
    }


def is_anywhere_locked(name: str) -> bool:
    """Tell whether somebody has failed so often under this name, from any one address, that it is locked there."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    noted = AccessAttempt.objects.filter(username=name, attempt_time__gt=since)
    return noted.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists()


def lift(name: str) -> None:
    """Forget the failed attempts under a user name, wherever they came from."""
    AxesProxyHandler.reset_attempts(username=name)


def lift_here(request: HttpRequest, name: str) -> None:
    """Forget the failed attempts from this address, as signing in does."""
    AxesProxyHandler.get_implementation().reset_user_attempts(request, {"username": name})


def forget_old() -> None:
    AccessAttempt.objects.filter(attempt_time__lte=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
