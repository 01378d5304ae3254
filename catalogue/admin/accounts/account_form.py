"""The forms of an account at the desk. None shuts out whoever fills it in, or the last administrator."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.people import administrators
from catalogue.people.sessions import rules_of_passwords

HELP = {
    "username": gettext_lazy("Letters, digits and @ . + - _, at most 150."),
    "is_active": gettext_lazy(
        "Not ticked, the account is switched off: nobody signs in with it, and all that it did stays."
    ),
    "groups": gettext_lazy("What somebody may do comes from groups. Who is in none cannot sign in."),
    "is_superuser": gettext_lazy("May do everything, whatever the groups allow."),
}


class NewAccountForm(UserCreationForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["username"].help_text = HELP["username"]
        self.fields["password1"].help_text = rules_of_passwords()


class GivenPasswordForm(AdminPasswordChangeForm):
    """A password that an administrator gives to somebody; an account without one is of no use here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("usable_password", None)
        self.fields["password1"].required = self.fields["password2"].required = True
        self.fields["password1"].help_text = rules_of_passwords()


class AccountForm(UserChangeForm):
    # Who fills it in; the desk says so of each form that it makes.
    actor: User

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, text in HELP.items():
            if name in self.fields:
                self.fields[name].help_text = text

    def clean_is_active(self) -> bool:
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and self.instance == self.actor:
            raise forms.ValidationError(_("You cannot switch your own account off. Another administrator can."))
        return is_active

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not self._is_to_look_after_accounts(values) and administrators.is_needed(self.instance):
            raise forms.ValidationError(administrators.needed())
        return values

    def _is_to_look_after_accounts(self, values: dict[str, Any]) -> bool:
        is_superuser = values.get("is_superuser", self.instance.is_superuser)
        return values["is_active"] and (is_superuser or administrators.are_of_administrators(values["groups"]))
