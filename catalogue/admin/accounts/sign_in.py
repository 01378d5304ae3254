"""Signing in: the form with its lock after too many failures, and the second step where an account has one."""

import time
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalogue.people import rights, second_factor, throttle

BACKEND = "django.contrib.auth.backends.ModelBackend"
# In the data of a session: whose password was right, and until when the code is waited for.
HALF = "half_signed_in"
SECONDS = 600
TOO_MANY = 429


class SignInForm(AdminAuthenticationForm):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy(
            "This user name and this password do not go together, or are not for the desk. Capital letters count."
        ),
    }
    is_locked = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, label_suffix="", **options)

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username") or ""
        self._refuse_if_locked(name)
        try:
            return super().clean()
        except ValidationError:
            self._refuse_if_locked(name)
            raise

    def confirm_login_allowed(self, user: Any) -> None:
        if not rights.may_enter(user):
            raise self.get_invalid_login_error()

    def _refuse_if_locked(self, name: str) -> None:
        if name and self.request is not None and throttle.is_locked(self.request, name):
            self.is_locked = True
            raise ValidationError(throttle.sentence(self.request, name))


def sign_in(request: HttpRequest, desk: dict[str, Any]) -> Any:
    """Show the page with name and password, and take them; `desk` is what every page of the desk knows."""
    user: Any = request.user
    context = {**desk, "title": _("Log in"), "app_path": request.get_full_path(), "username": user.get_username()}
    request.current_app = "admin"
    return SignIn.as_view(extra_context=context)(request)


class SignIn(LoginView):
    authentication_form = SignInForm
    template_name = "desk/login.html"
    next_page = "admin:index"

    def form_valid(self, form: Any) -> HttpResponse:
        account = form.get_user()
        if second_factor.app(account) is None:
            return super().form_valid(form)
        self.request.session[HALF] = {
            "account": account.pk,
            "hash": account.get_session_auth_hash(),
            "until": time.time() + SECONDS,
            "next": self.get_success_url(),
        }
        return HttpResponseRedirect(reverse("admin:login_code"))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.is_locked:
            response.status_code = TOO_MANY
        return response


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("The six digits that your app shows now. Without the app: one of your recovery codes."),
        max_length=second_factor.LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )


@sensitive_post_parameters("code")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for a code, and sign them in."""
    half = request.session.get(HALF, {})
    account = _half_signed_in(half)
    if account is None:
        return HttpResponseRedirect(reverse("admin:login"))
    form = CodeForm(request.POST if request.method == "POST" else None, label_suffix="")
    status = 200
    if request.method == "POST" and form.is_valid():
        problem = why_refused(request, account, form.cleaned_data["code"])
        if not problem:
            del request.session[HALF]
            login(request, account, BACKEND)
            request.session[second_factor.PASSED] = True
            return HttpResponseRedirect(half["next"])
        form.add_error("code", problem)
        status = TOO_MANY if throttle.is_locked(request, account.get_username()) else 200
    context = {**admin.site.each_context(request), "title": _("Second step"), "form": form}
    return render(request, "desk/people/code.html", context, status=status)


def why_refused(request: HttpRequest, account: User, text: str) -> str:
    """Check a code, and count a wrong one; return why it is refused, or nothing."""
    name = account.get_username()
    if throttle.is_locked(request, name):
        return throttle.sentence(request, name)
    seconds = second_factor.seconds_to_wait(account, text)
    if seconds:
        return waiting(seconds)
    if second_factor.check(account, text):
        return ""
    throttle.note_failure(request, name)
    if throttle.is_locked(request, name):
        return throttle.sentence(request, name)
    return _("This code is wrong, or was used before. Wait for the next one; the clock of your device must be right.")


def waiting(seconds: int) -> str:
    sentence = ngettext(
        "Too many wrong codes. Wait %(seconds)d second, then take the code that your app shows.",
        "Too many wrong codes. Wait %(seconds)d seconds, then take the code that your app shows.",
        seconds,
    )
    return sentence % {"seconds": seconds}


def _half_signed_in(half: dict[str, Any]) -> User | None:
    """Return whose password was right a moment ago, if it is still theirs."""
    if not half or half["until"] < time.time():
        return None
    account = User.objects.filter(pk=half["account"], is_active=True).first()
    if account is None or not constant_time_compare(account.get_session_auth_hash(), half["hash"]):
        return None
    return account
