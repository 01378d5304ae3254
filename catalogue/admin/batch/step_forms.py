"""The form of the steps of a batch edit: whatever is filled in it becomes a step."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.admin.record_form import LANGUAGES
from catalogue.admin.widgets import KnownHeading, KnownHeadings, Lines, completing
from catalogue.batch import replacing
from catalogue.batch.models import LONGEST_REASON
from catalogue.batch.replacing import FindAndReplace
from catalogue.batch.steps import ADD, MOST_STEPS, REMOVE, REPLACE, SET_FIELDS, GiveStatus, KeywordStep, SetField
from catalogue.draft import (
    FIRST_YEAR,
    HEADING_LIMIT,
    LAST_YEAR,
    LIMITS,
    Draft,
    clean,
    clean_line,
    validate,
)
from catalogue.models import Keyword, KeywordVariant

CLEAR = gettext_lazy("clear it")


def _clear(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class StepForm(forms.Form):
    """Keywords, single fields, status, find and replace. `steps` are those that a valid form makes, in this order."""

    add = Lines(
        "keywords",
        rows=3,
        label=gettext_lazy("Add keywords"),
        help_text=gettext_lazy("One a line. One that is not known yet is added to the list of keywords."),
    )
    remove = KnownHeadings(
        Keyword,
        KeywordVariant,
        "keywords",
        label=gettext_lazy("Remove keywords"),
        help_text=gettext_lazy("One a line, by any of their forms."),
    )
    instead_of = KnownHeading(Keyword, KeywordVariant, "keywords", label=gettext_lazy("Replace the keyword"))
    put_keyword = forms.CharField(
        label=gettext_lazy("by the keyword"),
        max_length=HEADING_LIMIT,
        required=False,
        widget=forms.TextInput(attrs=completing("keywords")),
    )

    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=LIMITS["country"],
        required=False,
        widget=forms.TextInput(attrs=completing("countries")),
    )
    clear_country = _clear(CLEAR)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    clear_year = _clear(CLEAR)
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=LIMITS["language"],
        required=False,
        widget=forms.TextInput(attrs={"list": "languages", "autocapitalize": "none"}),
    )
    clear_language = _clear(CLEAR)
    document_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of document"),
        choices=[("", gettext_lazy("– as it is –")), *codes.KINDS.items()],
        required=False,
    )
    clear_document_kind = _clear(CLEAR)

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[("", gettext_lazy("– as it is –")), *codes.STATUSES.items()],
        required=False,
    )
    withdrawn_reason = forms.CharField(
        label=gettext_lazy("Reason for withdrawal"),
        help_text=gettext_lazy("Shown to the public where the status is to be “Withdrawn”."),
        max_length=LIMITS["withdrawn_reason"],
        required=False,
    )

    replace_in = forms.ChoiceField(
        label=gettext_lazy("In the field"),
        choices=[(name, label) for name, label in replacing.FIELDS.items()],
        required=False,
    )
    find = forms.CharField(
        label=gettext_lazy("Find"),
        help_text=gettext_lazy("A plain text, as it stands; blanks at its ends count."),
        max_length=replacing.LONGEST,
        required=False,
        strip=False,
    )
    put = forms.CharField(
        label=gettext_lazy("Replace by"),
        help_text=gettext_lazy("Empty: what is found is taken out."),
        max_length=replacing.LONGEST,
        required=False,
        strip=False,
    )
    match_case = forms.BooleanField(label=gettext_lazy("Match case"), required=False)
    whole_words = forms.BooleanField(label=gettext_lazy("Whole words"), required=False)

    def __init__(self, data: Any = None, present: int = 0, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        self.present = present
        self.steps: list[Any] = []
        self.languages = LANGUAGES

    @property
    def settable(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the boxes of single fields, each with the box that clears it."""
        return [(self[name], self[f"clear_{name}"]) for name in ("country", "year", "language", "document_kind")]

    def clean_add(self) -> list[str]:
        lines: list[str] = self.cleaned_data["add"]
        _refuse_problems(Draft(title="-", keywords=tuple(lines)))
        return lines

    def clean_put_keyword(self) -> str:
        return clean_line(self.cleaned_data["put_keyword"])

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"].strip().lower()
        _refuse_problems(Draft(title="-", language=code))
        return code

    def clean_country(self) -> str:
        return clean_line(self.cleaned_data["country"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("instead_of")) != bool(values.get("put_keyword")) and "instead_of" not in self.errors:
            missing = "put_keyword" if values.get("instead_of") else "instead_of"
            self.add_error(missing, _("Name both keywords: the one to replace, and the one to put in its place."))
        said = clean_line(values.get("withdrawn_reason", ""))
        if values.get("status") == codes.WITHDRAWN and not said:
            self.add_error("withdrawn_reason", _("Say why they are withdrawn: the public is told."))
        if values.get("put") and not values.get("find"):
            self.add_error("find", _("Say what is to be found."))
        for name in ("country", "year", "language", "document_kind"):
            if values.get(name) and values.get(f"clear_{name}"):
                self.add_error(name, _("Either a value, or clear it."))
        if not self.errors:
            self.steps = [step for part in (_keywords, _fields, _status, _replacing) for step in part(values)]
            if self.present + len(self.steps) > MOST_STEPS:
                raise ValidationError(_("At most %(most)d steps are done at once.") % {"most": MOST_STEPS})
        return values


def _refuse_problems(draft: Draft) -> None:
    problems = validate(clean(draft))
    if problems:
        raise ValidationError([problem.reason for problem in problems])


def _keywords(values: dict[str, Any]) -> Iterator[Any]:
    for text in values["add"]:
        yield KeywordStep(ADD, text)
    for heading in values["remove"]:
        yield KeywordStep(REMOVE, heading.heading)
    if values["instead_of"]:
        yield KeywordStep(REPLACE, values["instead_of"].heading, values["put_keyword"])


def _fields(values: dict[str, Any]) -> Iterator[Any]:
    for name in SET_FIELDS:
        box = "document_kind" if name == "kind" else name
        if values[f"clear_{box}"]:
            yield SetField(name, None if name == "year" else "")
        elif values[box]:
            yield SetField(name, values[box])


def _status(values: dict[str, Any]) -> Iterator[Any]:
    if values["status"]:
        said = clean_line(values["withdrawn_reason"]) if values["status"] == codes.WITHDRAWN else ""
        yield GiveStatus(values["status"], said)


def _replacing(values: dict[str, Any]) -> Iterator[Any]:
    if values["find"]:
        yield FindAndReplace(
            values["replace_in"] or "title",
            values["find"],
            values["put"],
            values["match_case"],
            values["whole_words"],
        )


class DoForm(forms.Form):
    """The last word: why, and which preview it was that somebody saw (`run`)."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("For the history: colleagues read it beside each of these records. Not public."),
        max_length=LONGEST_REASON,
        error_messages={"required": gettext_lazy("Say why these records are changed.")},
    )
    run = forms.IntegerField(widget=forms.HiddenInput)
