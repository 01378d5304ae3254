"""What the preview of a batch edit shows: the first records that change with their differences marked, new headings."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalogue import records
from catalogue.admin import history
from catalogue.batch.computing import compute, led
from catalogue.batch.models import Batch
from catalogue.batch.steps import COUNTRIES, KEYWORDS
from catalogue.headings import Authorities


@dataclass(frozen=True)
class Example:
    number: int
    title: str
    differences: tuple[history.Difference, ...]


def examples(item: Batch) -> list[Example]:
    """Return the first records that change, as they are now and as the steps would leave them."""
    steps = led(item.read_steps(), Authorities())
    drafts = records.read_drafts(item.report.get("changed_first", []))
    shown = []
    for number, draft in drafts.items():
        result = compute(steps, draft)
        if result.is_changed:
            differed = history.differences(draft.to_dict(), result.after.to_dict())
            shown.append(Example(number, draft.title, tuple(differed)))
    return shown


def new_headings(report: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the headings that are, or will be, new, with a title for each list."""
    titles = {KEYWORDS: _("New keywords"), COUNTRIES: _("New countries")}
    new = report.get("new", {})
    return [(title, new[name]) for name, title in titles.items() if new.get(name)]
