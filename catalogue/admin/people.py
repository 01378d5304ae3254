"""What the desk adds to Django's pages for accounts and groups."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountPages:
    """Accounts get their rights from groups. Only a superuser may make or change a superuser."""

    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    filter_horizontal = ()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        if obj is None:
            return super().get_fieldsets(request, obj)  # type: ignore[misc]
        rights = ["is_active", "is_staff", "groups"]
        if request.user.is_superuser:
            rights.append("is_superuser")
        return [
            (None, {"fields": ("username", "password")}),
            (_("Person"), {"fields": ("first_name", "last_name", "email")}),
            (_("Rights"), {"fields": rights}),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        ]

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


class GroupPages:
    """Groups with their rights as checkboxes, which need neither a script nor a held key."""

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]
