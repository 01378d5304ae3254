"""The form of one record, in the order in which a cataloguer works. It is filled from a Draft and builds one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.admin.form_values import Values
from catalogue.admin.record_rows import author_rows, identifier_rows
from catalogue.admin.widgets import Lines, completing
from catalogue.draft import FIRST_YEAR, LAST_YEAR, LIMITS, Draft, Identifier, Name, Problem, clean, clean_line, validate
from catalogue.formats.base import Notes
from catalogue.formats.languages import ENGLISH_NAMES, read_language
from catalogue.models import Record

# Suggested, not prescribed: any code of two or three letters can be typed.
LANGUAGES = sorted(ENGLISH_NAMES.items())
SCHEMES = ("doi", "isbn", "issn", "report", "source")
# What the form carries besides the record.
NOT_OF_THE_RECORD = ("reason", "modified", "token")


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
    language = forms.CharField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("A code like en, or a name like English."),
        max_length=40,
        required=False,
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
        help_text=gettext_lazy(
            "The public sees published records; of withdrawn ones, that they were withdrawn and why; nothing of drafts "
            "and those in review."
        ),
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
    # Tells this opened form from every other one, so that what is typed in it can be kept (see catalogue/unsaved.py).
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, number: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number
        self.fields["language"].widget.attrs.update({"list": "languages", "autocapitalize": "none"})
        if number is None and not self.is_bound:
            self.fields["title"].widget.attrs["autofocus"] = True

    def clean_language(self) -> str:
        text, notes = self.cleaned_data["language"].strip().lower(), Notes()
        code = read_language(text, notes)
        if not notes.problems:
            return code
        if text.isascii() and text.isalpha() and len(text) < 4:
            return text  # perhaps a code that the table does not have; it is doubted
        raise ValidationError(notes.problems[0].reason)

    def clean(self) -> None:
        """Have nobody withdraw a record without a word: its address says why, or leads to what replaces it."""
        sent = self.cleaned_data
        said = clean_line(sent.get("withdrawn_reason", "")) or sent.get("replaced_by") or "replaced_by" in self.errors
        if sent.get("status") == codes.WITHDRAWN and not said:
            self.add_error("withdrawn_reason", _("Say why it is withdrawn, or which record replaces it."))

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


@dataclass
class RecordForms:
    """The form and its rows of authors and identifiers, as one."""

    main: RecordForm
    authors: Any
    identifiers: Any
    shown: Values

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
        values = {name: value for name, value in self.main.cleaned_data.items() if name not in NOT_OF_THE_RECORD}
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


def make_forms(values: Values, number: int | None = None, data: Mapping[str, Any] | None = None) -> RecordForms:
    """Return the forms of a record with these values, or (with `data`) as somebody sent them."""
    bare = {"label_suffix": ""}
    authors = author_rows(blank=1 if values.authors else 3)
    return RecordForms(
        RecordForm(data, number=number, label_suffix="", initial=values.main),
        authors(data, prefix="authors", initial=values.authors, form_kwargs=bare),
        identifier_rows()(data, prefix="identifiers", initial=values.identifiers, form_kwargs=bare),
        values,
    )
