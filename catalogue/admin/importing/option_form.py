"""The form of the wizard's second step: how the file is read, which column is what, what is done with known records."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes, matching
from catalogue.admin.importing import columns
from catalogue.formats import FORMATS
from catalogue.formats.base import STRAIGHT
from catalogue.formats.identifiers import is_source_name
from catalogue.jobs.models import LONGEST_NAME
from catalogue.jobs.options import Options

ENCODINGS = (
    *("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "windows-1250", "windows-1251"),
    *("windows-1253", "mac_roman", "cp437", "cp850", "shift_jis", "gb18030", "big5", "euc_kr"),
)
DELIMITERS = {",": gettext_lazy("comma"), ";": gettext_lazy("semicolon"), "tab": gettext_lazy("tab"), "|": "|"}
OVERWRITTEN = (
    *("title", "authors", "summary", "details", "source", "year", "country", "url", "shelf_number"),
    *("keywords", "language", "kind", "rights", "identifiers"),
)
AUTOMATIC = ("", gettext_lazy("told from the file"))


class OptionForm(forms.Form):
    format = forms.ChoiceField(label=gettext_lazy("Format"))
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), required=False, choices=[AUTOMATIC, *((name, name) for name in ENCODINGS)]
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Between columns"), required=False, choices=[AUTOMATIC, *DELIMITERS.items()]
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Its name, or its number. Empty: the first."),
    )
    separator = forms.CharField(
        label=gettext_lazy("Between several values in one cell"),
        required=False,
        max_length=5,
        strip=False,
        help_text=gettext_lazy("As in “Smith, Ann; Jones, Bo”."),
    )
    keyword_separator = forms.CharField(
        label=gettext_lazy("Between several keywords"),
        required=False,
        max_length=5,
        strip=False,
        help_text=gettext_lazy("Empty: the same as between other values."),
    )
    names = forms.ChoiceField(
        label=gettext_lazy("How people are written"),
        required=False,
        choices=[("", gettext_lazy("Collins, Suzanne")), (STRAIGHT, gettext_lazy("Suzanne Collins"))],
        help_text=gettext_lazy("Names written straight are turned round; bodies stay as they are."),
    )
    rules = forms.MultipleChoiceField(
        label=gettext_lazy("A row is about a record if they have in common"),
        required=False,
        choices=[(rule.name, rule.label) for rule in matching.RULES.values()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The first that is true decides. None ticked: every row is a new record."),
    )
    on_match = forms.ChoiceField(
        label=gettext_lazy("A row about a record that is in the catalogue"),
        choices=list(matching.ON_MATCH.items()),
        widget=forms.RadioSelect,
    )
    overwrite = forms.MultipleChoiceField(
        label=gettext_lazy("Fields to overwrite"),
        required=False,
        choices=[(name, columns.FIELDS[name]) for name in OVERWRITTEN],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: every field that the row fills."),
    )
    on_near = forms.ChoiceField(
        label=gettext_lazy("A row that is near a record, but not surely about it"),
        choices=list(matching.ON_NEAR.items()),
        widget=forms.RadioSelect,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("A new record is"),
        required=False,
        choices=list(codes.NEW.items()),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Unless the file has a column for it, or says that it is something else."),
    )
    skip_bad = forms.TypedChoiceField(
        label=gettext_lazy("A row with something wrong in it"),
        choices=[("no", gettext_lazy("stop: import nothing")), ("yes", gettext_lazy("leave it out"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=gettext_lazy("Name of the source"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Where the file comes from. Numbers of records of different sources are kept apart."),
    )
    reason = forms.CharField(label=gettext_lazy("Note for the history"), required=False, max_length=LONGEST_NAME)

    def __init__(self, preview: columns.Preview, options: Options, data: Any = None) -> None:
        parted = {"keyword_separator": options.separators.get("keywords", "")}
        values = {**options.to_dict(), **parted, "skip_bad": "yes" if options.skip_bad else "no"}
        super().__init__(data, initial=values)
        self.preview, self.options = preview, options
        fields: Any = self.fields
        unknown = [] if options.format in FORMATS else [("", gettext_lazy("choose"))]
        fields["format"].choices = [*unknown, *((name, item.label) for name, item in FORMATS.items())]
        for place, column in enumerate(preview.columns):
            fields[f"column-{place}"] = forms.ChoiceField(
                label=_("Field for “%(header)s”") % {"header": column.header},
                required=False,
                disabled=column.is_repeated,
                initial=column.field,
                choices=[("", gettext_lazy("– not used –")), *columns.FIELDS.items()],
            )

    @property
    def column_rows(self) -> list[tuple[columns.Column, Any]]:
        return [(column, self[f"column-{place}"]) for place, column in enumerate(self.preview.columns)]

    def clean_source(self) -> str:
        name: str = self.cleaned_data["source"]
        if name and not is_source_name(name):
            raise ValidationError(_("Use small letters, digits, dots and hyphens, at most 33 of them."))
        return name

    def clean_status(self) -> str:
        return self.cleaned_data["status"] or codes.PUBLISHED

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = [values.get(f"column-{place}", "") for place in range(len(self.preview.columns))]
        try:
            values["mapping"] = columns.wanted(self.preview, chosen) if chosen else dict(self.options.mapping)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return values

    def chosen(self) -> Options:
        """Return what the valid form says."""
        known = set(Options.__dataclass_fields__)
        values = {name: value for name, value in self.cleaned_data.items() if name in known}
        separator = values["separator"] or self.options.separator
        own = {"keywords": parted} if (parted := self.cleaned_data["keyword_separator"]) else {}
        several = {name: tuple(values[name]) for name in ("rules", "overwrite")}
        return replace(self.options, **{**values, **several, "separator": separator, "separators": own})

    def is_about_another_reading(self, chosen: Options) -> bool:
        """Tell whether the columns must be read anew before anything can be tried."""
        names = ("format", "encoding", "delimiter", "sheet")
        return any(getattr(chosen, name) != getattr(self.options, name) for name in names)
