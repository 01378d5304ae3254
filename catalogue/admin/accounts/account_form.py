"""The form of an account at the desk. It shuts out neither whoever fills it in nor the last administrator."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from catalogue.people import administrators


class AccountForm(UserChangeForm):
    # Who fills it in; the desk says so of each form that it makes.
    actor: User

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
