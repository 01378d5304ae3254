"""The forms of headings. One form of words leads to one heading, whether it is preferred there or another form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin import heading_conflicts
from catalogue.admin.widgets import KnownHeading, KnownHeadings
from catalogue.authorities import circles
from catalogue.authorities.files import FILES
from catalogue.draft import clean_line, is_orcid
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Country, CountryVariant, Heading, Keyword, KeywordVariant

MOST_VARIANTS = 200


class HeadingForm(forms.ModelForm):
    # The model of the other forms.
    variants: Any
    # Why it cannot be saved now whatever it says, "" if it can (see headings.py).
    problem = ""
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    keep_form = forms.BooleanField(
        label=gettext_lazy("If the preferred form changes, keep the old one as another form"),
        help_text=gettext_lazy("Old links, and imports that still have the old form, then lead here."),
        required=False,
        initial=True,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history."), required=False, max_length=500
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and not self.is_bound:
            file = FILES[str(self.instance._meta.model_name)]
            self.initial["version"] = heading_conflicts.version(file, self.instance.pk)

    def clean(self) -> dict[str, Any]:
        if self.problem:
            raise ValidationError(self.problem)
        return super().clean() or self.cleaned_data

    def clean_heading(self) -> str:
        """Refuse a heading that is there already, and one that leads to another heading."""
        heading = clean_line(self.cleaned_data["heading"])
        fold = fold_heading(heading)
        same = type(self.instance)._default_manager.filter(fold=fold).exclude(pk=self.instance.pk).first()
        if same:
            raise ValidationError(_("“%(heading)s” is there already.") % {"heading": same})
        led = self.variants._default_manager.filter(fold=fold).exclude(authority=self.instance.pk)
        other = led.select_related("authority").first()
        if other:
            values = {"form": other.form, "heading": other.authority}
            raise ValidationError(_("“%(form)s” is another form of “%(heading)s”.") % values)
        return heading


class AuthorForm(HeadingForm):
    variants = AuthorVariant

    class Meta:
        model = Author
        fields = ("heading", "kind", "orcid", "notes")
        help_texts = {
            "heading": gettext_lazy("Inverted for a person (“Fletcher, Del Roy”), straight for an organisation."),
            "orcid": gettext_lazy("Like 0000-0002-1825-0097."),
            "notes": gettext_lazy("For colleagues."),
        }

    def clean_orcid(self) -> str:
        orcid = self.cleaned_data["orcid"].upper()
        if orcid and not is_orcid(orcid):
            raise ValidationError(_("This is not a valid ORCID: it looks like 0000-0002-1825-0097."))
        return orcid


class KeywordForm(HeadingForm):
    variants = KeywordVariant
    broader = KnownHeadings(
        Keyword,
        KeywordVariant,
        "keywords",
        label=gettext_lazy("Broader headings"),
        help_text=gettext_lazy("One a line: “Mentoring” is broader than “Peer Mentoring”."),
    )
    related = KnownHeadings(
        Keyword,
        KeywordVariant,
        "keywords",
        label=gettext_lazy("Related headings"),
        help_text=gettext_lazy("One a line."),
    )

    class Meta:
        model = Keyword
        fields = ("heading", "scope_note", "broader", "related", "notes")
        help_texts = {
            "scope_note": gettext_lazy("What the keyword is used for, and what not."),
            "notes": gettext_lazy("For colleagues."),
        }

    def clean_broader(self) -> list[Heading]:
        broader = self.cleaned_data["broader"]
        above = circles.relations(FILES["keyword"])
        if any(circles.leads_back(above, self.instance.pk, keyword.pk) for keyword in broader):
            raise ValidationError(_("A keyword cannot be broader than itself, not even by way of others."))
        return broader

    def clean_related(self) -> list[Heading]:
        if self.instance in self.cleaned_data["related"]:
            raise ValidationError(_("A keyword cannot be related to itself."))
        return self.cleaned_data["related"]


class CountryForm(HeadingForm):
    variants = CountryVariant
    part_of = KnownHeading(
        Country,
        CountryVariant,
        "countries",
        label=gettext_lazy("Part of"),
        help_text=gettext_lazy("The greater place that it belongs to."),
    )

    class Meta:
        model = Country
        fields = ("heading", "code", "part_of", "notes")
        help_texts = {
            "code": gettext_lazy("Two letters, like GB; empty where there is none."),
            "notes": gettext_lazy("For colleagues."),
        }

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].upper()
        if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise ValidationError(_("A country's code has two letters, like GB."))
        return code

    def clean_part_of(self) -> Country | None:
        greater = self.cleaned_data["part_of"]
        if greater and circles.leads_back(circles.relations(FILES["country"]), self.instance.pk, greater.pk):
            raise ValidationError(_("A country cannot be a part of itself, not even by way of others."))
        return greater


class VariantForm(forms.ModelForm):
    """One other form. What it must not be depends on the rest of the page, and is checked by the rows together."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["form"].required = not self.instance.pk  # a row that was emptied is deleted (see Variants)

    def clean_form(self) -> str:
        return clean_line(self.cleaned_data["form"])


class Variants(BaseInlineFormSet):
    max_num = MOST_VARIANTS
    authorities: type[Heading]
    model: Any

    def clean(self) -> None:
        super().clean()
        rows = [row for row in self.forms if row.cleaned_data.get("form") and not self._is_deleted(row)]
        folds = [fold_heading(row.cleaned_data["form"]) for row in rows]
        headings = self.authorities._default_manager.filter(fold__in=folds).exclude(pk=self.instance.pk)
        preferred = {heading.fold: heading for heading in headings}
        others = self.model._default_manager.filter(fold__in=folds).exclude(authority=self.instance.pk)
        led = {variant.fold: variant.authority for variant in others.select_related("authority")}
        own = {fold_heading(self.instance.heading or "")}
        for row, fold in zip(rows, folds, strict=True):
            values = {"form": row.cleaned_data["form"], "heading": preferred.get(fold) or led.get(fold)}
            if fold in preferred:
                row.add_error("form", _("“%(form)s” is a heading itself: “%(heading)s”.") % values)
            elif fold in led:
                row.add_error("form", _("“%(form)s” leads to “%(heading)s” already.") % values)
            elif fold in own:
                row.add_error("form", _("“%(form)s” stands on this page already.") % values)
            own.add(fold)

    def _is_deleted(self, row: Any) -> bool:
        return self._should_delete_form(row)

    def _should_delete_form(self, form: Any) -> bool:
        """Take an emptied row for one to be deleted, which needs no checkbox and no script."""
        is_emptied = form.instance.pk and not form.cleaned_data.get("form") and "form" not in form.errors
        return bool(is_emptied) or bool(form.cleaned_data.get("DELETE"))


class AuthorVariants(Variants):
    authorities = Author


class KeywordVariants(Variants):
    authorities = Keyword


class CountryVariants(Variants):
    authorities = Country
