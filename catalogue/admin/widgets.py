"""Form fields for headings: a text box or a box with one heading a line, which desk.js completes while one types."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from catalogue import headings
from catalogue.draft import HEADING_LIMIT, clean_line
from catalogue.folding import fold_heading
from catalogue.models import Heading, Variant


def completing(name: str, **attributes: Any) -> dict[str, Any]:
    """Return the attributes of a box that is completed from one authority file (see completion.py)."""
    return {"data-complete": reverse_lazy("admin:complete", args=[name]), "autocomplete": "off", **attributes}


class Lines(forms.CharField):
    """Several values, one a line; cleaned, a list of those that are not empty."""

    def __init__(self, name: str, rows: int = 5, **options: Any) -> None:
        widget = forms.Textarea(attrs=completing(name, rows=rows, **{"data-list": "lines"}))
        super().__init__(widget=widget, required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        lines = [clean_line(line) for line in super().clean(value).splitlines()]
        return [line for line in lines if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class KnownHeadings(Lines):
    """Headings of an authority file, one a line, that must be there already."""

    def __init__(self, model: type[Heading], variants: type[Variant], name: str, **options: Any) -> None:
        self.model, self.variants = model, variants
        super().__init__(name, rows=3, **options)

    def clean(self, value: Any) -> list[Heading]:
        return list(find_known(self.model, self.variants, super().clean(value)).values())


class KnownHeading(forms.CharField):
    """One heading of an authority file that must be there already, or none."""

    def __init__(self, model: type[Heading], variants: type[Variant], name: str, **options: Any) -> None:
        self.model, self.variants = model, variants
        super().__init__(
            widget=forms.TextInput(attrs=completing(name)), required=False, max_length=HEADING_LIMIT, **options
        )

    def prepare_value(self, value: Any) -> Any:
        return self.model._default_manager.get(pk=value).heading if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        line = clean_line(super().clean(value))
        return next(iter(find_known(self.model, self.variants, [line]).values())) if line else None


def find_known(model: type[Heading], variants: type[Variant], lines: list[str]) -> dict[int, Heading]:
    """Return the headings to which the lines lead, by number. Raises ValidationError where one leads nowhere."""
    found = headings.find(model, variants, map(fold_heading, lines))
    unknown = [line for line in lines if fold_heading(line) not in found]
    if unknown:
        raise ValidationError([_("There is no heading “%(line)s”.") % {"line": line} for line in unknown])
    return {found[fold_heading(line)].pk: found[fold_heading(line)] for line in lines}
