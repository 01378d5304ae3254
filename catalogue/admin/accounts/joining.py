"""What somebody sees who was sent a link: the link is confirmed, then a user name and a password are chosen.

To look at a link changes nothing, and the server does not see its secret before somebody confirms it.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalogue.people import links
from catalogue.people.models import AccessLink
from catalogue.people.sessions import rules_of_passwords

# In the data of a session: the link that was confirmed in this browser.
CONFIRMED = "link"


class LinkForm(forms.Form):
    link = forms.CharField(
        label=gettext_lazy("Link"),
        help_text=gettext_lazy("If it does not stand here already, paste the whole link that you were sent."),
        max_length=links.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )


class JoinForm(UserCreationForm):
    """User name and password of somebody who was invited; the rest stands in the invitation."""

    class Meta(UserCreationForm.Meta):
        model = User

    def __init__(self, link: AccessLink, data: Any = None) -> None:
        known = {name: getattr(link, name) for name in ("first_name", "last_name", "email")}
        super().__init__(data, instance=User(is_staff=True, **known), label_suffix="")
        self.fields["password1"].help_text = rules_of_passwords()


@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Take the link that somebody opened, or pasted."""
    form = LinkForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            request.session[CONFIRMED] = links.find(form.cleaned_data["link"]).pk
        except links.Gone:
            return _gone(request)
        # Without a fragment of its own the browser would carry the secret on to the next address.
        return HttpResponseRedirect(reverse("admin:access_open") + "#content")
    context = {**admin.site.each_context(request), "title": _("Your link"), "form": form}
    return render(request, "desk/people/link.html", context)


@sensitive_post_parameters()
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest) -> HttpResponse:
    """Let somebody choose what the link is for: user name and password, or a new password."""
    try:
        link = links.still_open(request.session.get(CONFIRMED))
        form = _form(link, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return _used(request, link, form)
    except links.Gone:
        return _gone(request)
    except IntegrityError:
        form.add_error("username", _("A user with that username already exists."))
    return _page(request, link, form)


def _form(link: AccessLink, data: Any) -> Any:
    return SetPasswordForm(link.account, data, label_suffix="") if link.account else JoinForm(link, data)


def _used(request: HttpRequest, link: AccessLink, form: Any) -> HttpResponse:
    with transaction.atomic():
        links.use(link, form.save)
    request.session.pop(CONFIRMED, None)
    messages.success(request, _("That is done. Sign in with your user name and your new password."))
    return HttpResponseRedirect(reverse("admin:login"))


def _page(request: HttpRequest, link: AccessLink, form: Any) -> HttpResponse:
    title = _("Choose a new password") if link.account else _("Welcome to the cataloguing desk")
    context = {**admin.site.each_context(request), "title": title, "form": form, "link": link}
    return render(request, "desk/people/link_open.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    request.session.pop(CONFIRMED, None)
    context = {**admin.site.each_context(request), "title": _("This link does not lead anywhere")}
    return render(request, "desk/people/link_gone.html", context, status=410)
