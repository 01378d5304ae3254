"""One's own account: name, and where one is signed in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalogue.people import events, second_factor, sessions, throttle

FOUND = 302


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show what there is to one's account, and take a new name or e-mail address."""
    account: Any = request.user
    form = NameForm(request.POST if request.method == "POST" else None, instance=account, label_suffix="")
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:account"))
    context = {
        **admin.site.each_context(request),
        "title": _("Your account"),
        "form": form,
        "groups": account.groups.order_by("name"),
        "has_app": second_factor.app(account) is not None,
        "is_demanded": second_factor.is_demanded(account),
        "codes_left": account.recovery_codes.count(),
        "signed_in": sessions.count(account),
    }
    return render(request, "desk/people/own.html", context)


def change_password(request: HttpRequest, show: Callable[[], Any]) -> Any:
    """Change one's own password by Django's view, wrong old ones counted as failed attempts to sign in are."""
    account: Any = request.user
    name = account.get_username()
    if request.method == "POST" and throttle.is_locked(request, name):
        messages.error(request, throttle.sentence(request, name))
        return HttpResponseRedirect(reverse("admin:account"))
    response = show()
    if response.status_code == FOUND:
        throttle.lift_here(request, name)
        events.note(account, account, _("Own password changed."))
        messages.success(request, _("Your password was changed. Everywhere else you are signed out."))
        return HttpResponseRedirect(reverse("admin:account"))
    response.context_data["form"].label_suffix = ""
    if request.method == "POST" and "old_password" in response.context_data["form"].errors:
        throttle.note_failure(request, name)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in, and end one of these or all others."""
    if request.method == "POST":
        _end(request)
        return HttpResponseRedirect(reverse("admin:account_sessions"))
    account: Any = request.user
    context = {
        **admin.site.each_context(request),
        "title": _("Where you are signed in"),
        "sessions": sessions.listed(account, request.session.session_key),
    }
    return render(request, "desk/people/sessions.html", context)


def _end(request: HttpRequest) -> None:
    account: Any = request.user
    if "others" in request.POST:
        ended = sessions.end_all(account, but=request.session.session_key)
    else:
        ended = int(sessions.end(account, request.POST.get("session", "")))
    if not ended:
        messages.info(request, _("Nothing was left to be ended."))
        return
    sentence = ngettext("%(count)d sign-in was ended.", "%(count)d sign-ins were ended.", ended)
    messages.success(request, sentence % {"count": ended})
    events.note(account, account, _("Own sign-ins ended: %(count)d.") % {"count": ended})
