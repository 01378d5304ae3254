"""The rows of a record's form: its authors, in their order, and its identifiers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes, headings
from catalogue.admin.widgets import completing
from catalogue.draft import HEADING_LIMIT, MOST_HEADINGS, Draft, Identifier, clean, clean_line, is_orcid, validate
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant

MOST_IDENTIFIERS = 200


class AuthorForm(forms.Form):
    """One author's row. Kind and ORCID are for new authors; known ones keep what the list of authors says."""

    heading = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=HEADING_LIMIT,
        required=False,
        widget=forms.TextInput(attrs=completing("authors", **{"aria-describedby": "authors_help"})),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=list(codes.AUTHOR_KINDS.items()), initial=codes.PERSON, required=False
    )
    orcid = forms.CharField(label=gettext_lazy("ORCID"), max_length=60, required=False)

    def clean_heading(self) -> str:
        return clean_line(self.cleaned_data["heading"])

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or codes.PERSON

    def clean_orcid(self) -> str:
        text = self.cleaned_data["orcid"].rstrip("/").rpartition("/")[2].upper()
        if text and not is_orcid(text):
            raise ValidationError(_("This is not a valid ORCID: it looks like 0000-0002-1825-0097."))
        return text

    def clean(self) -> None:
        if self.cleaned_data.get("orcid") and not self.cleaned_data.get("heading"):
            self.add_error("heading", _("Whose ORCID is this?"))


class AuthorRows(forms.BaseFormSet):
    def clean(self) -> None:
        """Refuse an ORCID that says something else than the list of authors does, instead of passing it over."""
        if any(self.errors):
            return
        for form in self.initial_forms:
            if "heading" not in form.changed_data and (_emptied(form, "orcid") or "kind" in form.changed_data):
                form.add_error("heading", _("Its kind and ORCID are kept in the list of authors; change them there."))
        rows = [form for form in self.forms if form.cleaned_data.get("orcid")]
        orcids = [form.cleaned_data["orcid"] for form in rows]
        owners = {author.orcid: author for author in Author.objects.filter(orcid__in=orcids)} if rows else {}
        folds = [fold_heading(form.cleaned_data["heading"]) for form in rows]
        known = headings.find(Author, AuthorVariant, folds) if rows else {}
        for form, fold in zip(rows, folds, strict=True):
            owner, author = owners.get(form.cleaned_data["orcid"]), known.get(fold)
            if owner and owner != author:
                form.add_error("orcid", _("This is the ORCID of “%(name)s”.") % {"name": owner.heading})
            elif author and author.orcid and not owner:
                values = {"name": author.heading, "orcid": author.orcid}
                form.add_error("orcid", _("“%(name)s” has the ORCID %(orcid)s; change it there.") % values)

    def in_order(self) -> list[forms.Form]:
        """Return the filled rows in the order of their places; a row that was given a taken place goes before."""

        def place(form: forms.Form) -> tuple[float, bool]:
            number = form.cleaned_data.get("ORDER")
            return (float("inf") if number is None else number, "ORDER" not in form.changed_data)

        return sorted((form for form in self.forms if form.cleaned_data.get("heading")), key=place)


def _emptied(form: forms.Form, name: str) -> bool:
    return bool(form.initial.get(name)) and not form.cleaned_data.get(name)


class IdentifierForm(forms.Form):
    scheme = forms.CharField(
        label=gettext_lazy("Scheme"),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={"list": "schemes", "autocapitalize": "none", "aria-describedby": "identifiers_help"}
        ),
    )
    value = forms.CharField(label=gettext_lazy("Number"), max_length=HEADING_LIMIT, required=False)

    def clean(self) -> None:
        scheme, value = self.cleaned_data.get("scheme"), self.cleaned_data.get("value")
        if value and not scheme:
            self.add_error("scheme", _("Which kind of number is this?"))
        if scheme and value:
            for problem in validate(clean(Draft(title="-", identifiers=(Identifier(scheme, value),)))):
                self.add_error("scheme", problem.reason)


def author_rows(blank: int) -> Any:
    return _rows(AuthorForm, MOST_HEADINGS, blank, formset=AuthorRows, can_order=True)


def identifier_rows() -> Any:
    return _rows(IdentifierForm, MOST_IDENTIFIERS, 1)


def _rows(form: type[forms.Form], most: int, blank: int, **options: Any) -> Any:
    return forms.formset_factory(form, extra=blank, max_num=most, absolute_max=most + 50, validate_max=True, **options)
