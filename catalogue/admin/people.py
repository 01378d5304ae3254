"""What the desk adds to Django's pages for accounts and groups."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalogue.admin.accounts import access
from catalogue.admin.accounts.account_form import AccountForm, GivenPasswordForm, NewAccountForm
from catalogue.groups import DUTIES, duties_of, give_duties
from catalogue.people import administrators, events
from catalogue.people.models import GroupDemand


class AccountPages:
    """Accounts get their rights from groups. Only a superuser may make or change a superuser."""

    form = AccountForm
    add_form = NewAccountForm
    change_password_form = GivenPasswordForm
    add_form_template = None
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        if obj is None:
            return super().get_fieldsets(request, obj)  # type: ignore[misc]
        rights = ["is_active", "groups"]
        if request.user.is_superuser:
            rights.append("is_superuser")
        return [
            (None, {"fields": ("username",)}),
            (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
            (gettext_lazy("Rights"), {"fields": rights}),
            (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
        ]

    def get_form(self, request: HttpRequest, obj: User | None = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)  # type: ignore[misc]
        form.actor = request.user
        return form

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many accounts in one go: hardly any may be deleted."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return may and (obj is None or not administrators.why_kept(obj))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Say why an account is kept, where it is."""
        desk: Any = self
        account = desk.get_object(request, unquote(object_id))
        sentence = administrators.why_kept(account) if account and self.has_delete_permission(request) else ""
        if sentence:
            messages.error(request, sentence)
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))
        return super().delete_view(request, object_id, extra_context)  # type: ignore[misc]

    def get_deleted_objects(self, chosen: Any, request: HttpRequest) -> tuple[list[str], Any, set[str], list[str]]:
        """Name the accounts, and not each row of a table that leads to one."""
        *_named, lacking, kept = super().get_deleted_objects(chosen, request)  # type: ignore[misc]
        names = [account.get_username() for account in chosen]
        return names, {User._meta.verbose_name_plural: len(names)}, lacking, kept

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave superusers out for everybody else: who cannot be found cannot be changed, not even by an action."""
        accounts = super().get_queryset(request)  # type: ignore[misc]
        return accounts if request.user.is_superuser else accounts.filter(is_superuser=False)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "groups":
            options["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write down which groups an account had and has: Django says only that they changed."""
        account: User = form.instance
        before = _names(account)
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        after = _names(account)
        if before != after:
            values = {"before": before or "–", "after": after or "–"}
            events.note(request.user, account, _("Groups: %(before)s, now %(after)s.") % values)

    def get_urls(self) -> list[URLPattern]:
        desk: Any = self
        view = desk.admin_site.admin_view(partial(access.show, desk=desk))
        return [path("<id>/access/", view, name="auth_user_access"), *super().get_urls()]  # type: ignore[misc]


def _names(account: User) -> str:
    return ", ".join(account.groups.order_by("name").values_list("name", flat=True))


class GroupForm(forms.ModelForm):
    """What a group may do as duties of a library, each of which stands for many rights of Django's."""

    second_factor = forms.BooleanField(
        label=GroupDemand._meta.get_field("second_factor").verbose_name,
        help_text=GroupDemand._meta.get_field("second_factor").help_text,
        required=False,
    )
    duties = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=[(name, duty.label) for name, duty in DUTIES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    drop_parts = forms.BooleanField(label=gettext_lazy("Take away what it may only in part"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.whole, self.parts = duties_of(self.instance) if self.instance.pk else ([], [])
        self.fields["second_factor"].initial = _demands(self.instance)
        self.fields["duties"].initial = self.whole
        if self.parts:
            self.fields["drop_parts"].help_text = "; ".join(str(DUTIES[part].label) for part in self.parts)
        else:
            del self.fields["drop_parts"]

    def clean_name(self) -> str:
        """Refuse a name that another group has but for its case: nobody could tell them apart."""
        name: str = self.cleaned_data["name"].strip()
        if Group.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a group of this name."))
        return name

    def clean_duties(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["duties"]
        for needed in dict.fromkeys(needed for name in chosen for needed in DUTIES[name].needs):
            if needed not in chosen:
                sentence = _("Tick this too, without which the others are of no use: %(needed)s.")
                self.add_error("duties", sentence % {"needed": DUTIES[needed].label})
        return chosen

    def unwanted(self) -> list[str]:
        """Return the duties that the group no longer has: unticked, or in part and to be dropped."""
        parts = self.parts if self.cleaned_data.get("drop_parts") else []
        return [name for name in (*self.whole, *parts) if name not in self.cleaned_data["duties"]]


class _NobodyLeft(Exception):
    """A change of groups would leave nobody who can look after accounts."""


class GroupPages:
    """Groups: what their members may do, and must."""

    form = GroupForm
    filter_horizontal = ()

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        in_part = obj is not None and duties_of(obj)[1]
        return ("name", "duties", *(["drop_parts"] if in_part else []), "second_factor")

    def get_deleted_objects(self, chosen: Any, request: HttpRequest) -> tuple[list[str], Any, set[str], list[str]]:
        """Name the groups and how many members they have, and not each row that leads from one to the other."""
        *_named, lacking, kept = super().get_deleted_objects(chosen, request)  # type: ignore[misc]
        names = [_with_members(group) for group in chosen]
        return names, {Group._meta.verbose_name_plural: len(names)}, lacking, kept

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        return _unless_needed(request, partial(super().changeform_view, request, *args, **options))  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        return _unless_needed(request, partial(super().delete_view, request, *args, **options))  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        return _unless_needed(request, partial(super().changelist_view, request, *args, **options))  # type: ignore[misc]

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        super().delete_model(request, obj)  # type: ignore[misc]
        _refuse_without_administrator()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)  # type: ignore[misc]
        _refuse_without_administrator()

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        give_duties(obj, form.cleaned_data["duties"], form.unwanted())
        _refuse_without_administrator()
        wanted = form.cleaned_data["second_factor"]
        if wanted != _demands(obj):
            GroupDemand.objects.update_or_create(group=obj, defaults={"second_factor": wanted})
            events.note(request.user, obj, _("Demands a second factor.") if wanted else _("Demands no second factor."))


def _refuse_without_administrator() -> None:
    if not administrators.are_there():
        raise _NobodyLeft


def _unless_needed(request: HttpRequest, view: Callable[[], Any]) -> Any:
    """Answer with a page of groups, or change nothing and say why, where nobody could look after accounts any more."""
    try:
        with transaction.atomic():
            return view()
    except _NobodyLeft:
        messages.error(request, administrators.needed())
        return HttpResponseRedirect(request.get_full_path())


def _with_members(group: Group) -> str:
    members = group.user_set.count()
    sentence = ngettext("%(name)s, with %(count)d member", "%(name)s, with %(count)d members", members)
    return sentence % {"name": group.name, "count": members}


def _demands(group: Group) -> bool:
    return bool(group.pk) and GroupDemand.objects.filter(group=group, second_factor=True).exists()
