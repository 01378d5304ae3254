"""The page on which one sets up a second factor, gets new recovery codes, or removes it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalogue.admin.accounts.sign_in import CodeForm, waiting
from catalogue.people import events, second_factor, sessions, throttle

BEGIN, CODES, REMOVE, CONFIRM = "begin", "codes", "remove", "confirm"


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("Once more, so that nobody else does this at your desk."),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class FirstCodeForm(CodeForm):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["code"].help_text = _("The six digits that it shows now.")


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    action = request.POST.get("action", "")
    if request.method == "POST" and action == CONFIRM:
        return _confirm(request)
    if request.method == "POST" and action in (BEGIN, CODES, REMOVE):
        return _with_password(request, action)
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    account: Any = request.user
    device, begun = second_factor.app(account), second_factor.begun(account)
    context = {
        **admin.site.each_context(request),
        "title": _("Second factor"),
        "app": device,
        "is_demanded": second_factor.is_demanded(account),
        "codes_left": account.recovery_codes.count(),
        "password_form": PasswordForm(label_suffix=""),
        "code_form": FirstCodeForm(),
        **shown,
    }
    if begun and not device:
        context |= {"picture": second_factor.drawn(begun), "secret": second_factor.secret(begun)}
    return render(request, "desk/people/second_factor.html", context, status=status)


def _with_password(request: HttpRequest, action: str) -> HttpResponse:
    """Do what needs the password once more."""
    account: Any = request.user
    form = PasswordForm(request.POST, label_suffix="")
    if not form.is_valid() or not _is_own_password(request, form):
        return _page(request, 422, password_form=form, tried=action)
    if action == REMOVE and second_factor.is_demanded(account):
        messages.error(request, _("Your group demands a second factor; it cannot be removed."))
    elif action == REMOVE:
        second_factor.remove(account)
        request.session.pop(second_factor.PASSED, None)
        events.note(account, account, _("Own second factor removed."))
        messages.success(request, _("The second factor was removed. Your password alone signs you in."))
    elif action == BEGIN and second_factor.app(account) is None:
        second_factor.begin(account)
    elif action == CODES and second_factor.app(account):
        events.note(account, account, _("New recovery codes."))
        return _page(request, codes=second_factor.make_codes(account))
    return HttpResponseRedirect(reverse("admin:account_factor"))


def _is_own_password(request: HttpRequest, form: PasswordForm) -> bool:
    """Check the password as signing in does, wrong ones counted; say in the form what is wrong."""
    account: Any = request.user
    name = account.get_username()
    if not throttle.is_locked(request, name):
        found = authenticate(request, username=name, password=form.cleaned_data["password"])
        if found == account:
            throttle.lift_here(request, name)
            return True
    is_locked = throttle.is_locked(request, name)
    form.add_error("password", throttle.sentence(request, name) if is_locked else _("This is not your password."))
    return False


def _confirm(request: HttpRequest) -> HttpResponse:
    """Take the app into use, and show its recovery codes. Whoever is signed in without it elsewhere is signed out."""
    account: Any = request.user
    form = FirstCodeForm(request.POST)
    if second_factor.app(account) or not form.is_valid():
        return _page(request, 422, code_form=form)
    seconds = second_factor.seconds_to_wait(account, form.cleaned_data["code"])
    codes = [] if seconds else second_factor.confirm(account, form.cleaned_data["code"])
    if not codes:
        problem = _("This is not the code that your app shows now. The clock of your device must be right.")
        form.add_error("code", waiting(seconds) if seconds else problem)
        return _page(request, 422, code_form=form)
    request.session.cycle_key()
    request.session[second_factor.PASSED] = True
    sessions.end_all(account, but=request.session.session_key)
    events.note(account, account, _("Second factor set up."))
    return _page(request, codes=codes)
