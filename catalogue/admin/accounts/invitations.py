"""Invitations: somebody is invited to a group, and gets a link that an administrator sends by whatever means."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalogue.people import links
from catalogue.people.models import AccessLink
from catalogue.row_numbers import row_number

RIGHTS = ("auth.add_user", "auth.change_user")
MOST_LISTED = 100


class InvitationForm(forms.ModelForm):
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label=gettext_lazy("Group"), empty_label="–")

    class Meta:
        model = AccessLink
        fields = ("first_name", "last_name", "email", "group")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("last_name", "email"):
            self.fields[name].required = True

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody with this e-mail address has an account already."))
        return email


def check_right(request: HttpRequest) -> None:
    user: Any = request.user
    if not user.has_perms(RIGHTS):
        raise PermissionDenied


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List invitations; make one, and show its link this once; withdraw one."""
    check_right(request)
    if "withdraw" in request.POST:
        return _withdraw(request)
    form = InvitationForm(request.POST if request.method == "POST" else None, label_suffix="")
    made = None
    if request.method == "POST" and form.is_valid():
        actor: Any = request.user
        made = {"link": link_address(request, links.invite(actor, form.instance)), "name": str(form.instance)}
        form = InvitationForm(label_suffix="")
    context = {
        **admin.site.each_context(request),
        "title": _("Invitations"),
        "form": form,
        "made": made,
        "invitations": _listed(),
        "days": links.DAYS,
    }
    return render(request, "desk/people/invitations.html", context)


def link_address(request: HttpRequest, secret: str) -> str:
    site = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
    return links.address(site, secret, reverse("admin:access"))


def _listed() -> list[AccessLink]:
    """Return the invitations of late; `can_join` tells which can be used."""
    found: Any = AccessLink.objects.filter(kind=AccessLink.Kind.INVITATION).select_related("group", "made_by")
    listed = list(found.order_by("-made")[:MOST_LISTED])
    usable = set(AccessLink.objects.open().filter(pk__in=[one.pk for one in listed]).values_list("pk", flat=True))
    for one in listed:
        one.can_join = one.pk in usable
    return listed


def _withdraw(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    if links.withdraw(actor, row_number(request.POST["withdraw"])):
        messages.success(request, _("The invitation was withdrawn; its link leads nowhere any more."))
    else:
        messages.warning(request, _("This invitation was used or withdrawn before."))
    return HttpResponseRedirect(reverse("admin:invitations"))
