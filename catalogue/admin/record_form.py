"""The form of one record, in the order in which a cataloguer works. It is filled from a Draft and builds one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes, headings
from catalogue.admin.widgets import Lines, completing
from catalogue.draft import (
    FIRST_YEAR,
    HEADING_LIMIT,
    LAST_YEAR,
    LIMITS,
    MOST_HEADINGS,
    Draft,
    Identifier,
    Name,
    Problem,
    clean,
    clean_line,
    is_orcid,
    validate,
)
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Record

# Suggested, not prescribed: any code of two or three letters can be typed.
LANGUAGES = sorted((code, info["name"]) for code, info in LANG_INFO.items() if len(code) == 2 and "name" in info)
SCHEMES = ("doi", "isbn", "issn", "report", "source")
MOST_IDENTIFIERS = 200


def _text(name: str, label: Any, help_text: Any, rows: int = 0, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, help_text=help_text, max_length=LIMITS[name], widget=widget, required=name == "title", **options
    )


class RecordForm(forms.Form):
    """Everything of a record that is one value, and its keywords."""

    title = _text(
        "title", gettext_lazy("Title"), gettext_lazy("As on the title page, with its subtitle after a colon."), 2
    )
    year = forms.IntegerField(
        label=gettext_lazy("Year"),
        help_text=gettext_lazy("Of publication, in four digits. Leave it empty if it is unknown."),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
    )
    country = forms.CharField(
        label=gettext_lazy("Country"),
        help_text=gettext_lazy("What it is about, by any of its names. “International” and “Europe” are values too."),
        max_length=LIMITS["country"],
        widget=forms.TextInput(attrs=completing("countries")),
        required=False,
    )
    language = _text(
        "language", gettext_lazy("Language"), gettext_lazy("An ISO 639 code of two or three letters, like en.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of document"),
        help_text=gettext_lazy("What sort of publication this is."),
        choices=[("", "–"), *codes.KINDS.items()],
        required=False,
    )
    summary = _text(
        "summary", gettext_lazy("Summary"), gettext_lazy("What it says. An empty line begins a new paragraph."), 10
    )
    details = _text(
        "details",
        gettext_lazy("Details"),
        gettext_lazy("Place: publisher, year, pages. “Sheffield, UK: Sheffield Hallam University, 2012. 26p.”"),
        2,
    )
    source = _text(
        "source",
        gettext_lazy("Source"),
        gettext_lazy("Where the library has it from. “Internet Resource: Accessed January 29, 2013 at: …”"),
        2,
    )
    url = _text("url", gettext_lazy("URL"), gettext_lazy("The address of the document, with http:// or https://."))
    shelf_number = _text("shelf_number", gettext_lazy("Shelf number"), gettext_lazy("Its place in the library."))
    keywords = Lines(
        "keywords",
        label=gettext_lazy("Keywords"),
        help_text=gettext_lazy("One a line. A keyword that is not known yet is added to the list of keywords."),
    )
    rights = _text("rights", gettext_lazy("Rights"), gettext_lazy("Who may use it how, if it says so."), 2)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        help_text=gettext_lazy("The public sees published records; of withdrawn ones only that they were withdrawn."),
        choices=list(codes.STATUSES.items()),
        initial=codes.PUBLISHED,
    )
    withdrawn_reason = _text(
        "withdrawn_reason", gettext_lazy("Reason for withdrawal"), gettext_lazy("Shown to the public."), 2
    )
    replaced_by = forms.IntegerField(
        label=gettext_lazy("Replaced by"),
        help_text=gettext_lazy("The number of the record that takes its place when it is withdrawn."),
        min_value=1,
        max_value=2**63 - 1,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Note for the history"),
        help_text=gettext_lazy("Why it was changed, for colleagues. Not public."),
        max_length=500,
        required=False,
    )
    modified = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, number: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number
        self.fields["language"].widget.attrs.update({"list": "languages", "autocapitalize": "none"})

    def clean_language(self) -> str:
        return self.cleaned_data["language"].lower()

    def clean_replaced_by(self) -> int | None:
        """Refuse a record that is not there, and one that would lead visitors round in a circle."""
        wanted = number = self.cleaned_data["replaced_by"]
        passed: set[int] = set()
        while number is not None and number not in passed:
            passed.add(number)
            if number == self.number:
                raise ValidationError(_("The records would replace each other in a circle."))
            row = Record.objects.filter(pk=number).values_list("replaced_by", flat=True)
            if not row:
                raise ValidationError(_("There is no record %(number)d.") % {"number": number})
            number = row[0]
        return wanted


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


def _rows(form: type[forms.Form], most: int, blank: int, **options: Any) -> Any:
    return forms.formset_factory(form, extra=blank, max_num=most, absolute_max=most + 50, validate_max=True, **options)


@dataclass
class RecordForms:
    """The form and its rows of authors and identifiers, as one."""

    main: RecordForm
    authors: Any
    identifiers: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        return (self.main, self.authors, self.identifiers)

    def is_valid(self) -> bool:
        """Tell whether the forms build a Draft that the catalogue takes; if not, they say why not."""
        if not all(part.is_valid() for part in self.parts):
            return False
        for problem in validate(self.draft):
            self._add(problem)
        return self.main.is_valid()

    def _add(self, problem: Problem) -> None:
        if problem.field in self.main.fields:
            self.main.add_error(problem.field, problem.reason)
        else:
            self.main.add_error(None, f"{problem.value}: {problem.reason}")

    @cached_property
    def draft(self) -> Draft:
        values = {name: value for name, value in self.main.cleaned_data.items() if name not in ("reason", "modified")}
        rows = [form.cleaned_data for form in self.identifiers.forms]
        return clean(
            Draft(
                **{**values, "keywords": tuple(values["keywords"])},
                authors=tuple(
                    Name(form.cleaned_data["heading"], form.cleaned_data["kind"], form.cleaned_data["orcid"])
                    for form in self.authors.in_order()
                ),
                identifiers=tuple(Identifier(row["scheme"], row["value"]) for row in rows if row.get("value")),
            )
        )


def make_forms(
    draft: Draft, version: str, number: int | None = None, data: Mapping[str, Any] | None = None
) -> RecordForms:
    """Return the forms of a record as it is kept, or (with `data`) as somebody sent them."""
    blank = 1 if draft.authors else 3
    authors = _rows(AuthorForm, MOST_HEADINGS, blank, formset=AuthorRows, can_order=True)
    identifiers = _rows(IdentifierForm, MOST_IDENTIFIERS, 1)
    values = {name: getattr(draft, name) for name in RecordForm.base_fields if hasattr(draft, name)}
    names = [{"heading": name.heading, "kind": name.kind, "orcid": name.orcid} for name in draft.authors]
    numbers = [{"scheme": item.scheme, "value": item.value} for item in draft.identifiers]
    bare = {"label_suffix": ""}
    return RecordForms(
        RecordForm(data, number=number, label_suffix="", initial={**values, "modified": version}),
        authors(data, prefix="authors", initial=names, form_kwargs=bare),
        identifiers(data, prefix="identifiers", initial=numbers, form_kwargs=bare),
    )
