"""What the wizard shows of a report: counts, the first records of each sort before and after, and every problem."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from catalogue import import_report as reports
from catalogue.admin import history
from catalogue.admin.importing.columns import FIELDS
from catalogue.codes import WITHDRAWN
from catalogue.formats.headers import listed
from catalogue.matching import RULES
from catalogue.models import Record

MOST_SHOWN = 50
MOST_ALIKE = 10
SORTS: dict[str, Any] = {
    reports.CREATED: gettext_lazy("New"),
    reports.NEAR: gettext_lazy("Of the new ones, near a record"),
    reports.UPDATED: gettext_lazy("Changed"),
    reports.UNCHANGED: gettext_lazy("Known and unchanged"),
    reports.SET_ASIDE: gettext_lazy("Set aside"),
    reports.REJECTED: gettext_lazy("Refused"),
}
NEAR_ASIDE = gettext_lazy("Of those set aside, near a record")
HEADINGS: dict[str, Any] = {
    "authors": gettext_lazy("New authors"),
    "keywords": gettext_lazy("New keywords"),
    "countries": gettext_lazy("New countries"),
}


@dataclass(frozen=True)
class Shown:
    """One row of the file and what becomes of it."""

    row: int
    title: str
    record: int | None
    rule: str
    differences: tuple[history.Difference, ...]
    # A new record has nothing before.
    is_new: bool
    # Of a trial, a record that a row before this one made is not there any more.
    is_there: bool
    # Of a row that is near a record: that record beside the row, the record that the row has become, and the page that
    # makes one of the two.
    is_near: bool = False
    made: int | None = None
    merge_url: str = ""


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    count: int
    examples: tuple[Shown, ...]


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong in a row."""

    row: int
    field: str
    value: str
    reason: str


def _titles(report: dict[str, Any]) -> dict[str, str]:
    """Return the sorts of rows with their names: those that are near a record are new ones, or all were set aside."""
    titles = {sort: str(title) for sort, title in SORTS.items()}
    first: dict[str, Any] = next(iter(report.get("examples", {}).get(reports.NEAR, [])), {})
    if first.get("made", 0) is None:  # a report of before 0.3.0 does not say it
        titles[reports.NEAR] = str(NEAR_ASIDE)
    return titles


def sections(report: dict[str, Any]) -> list[Section]:
    """Return the sorts of rows that there are, each with its first examples."""
    examples = report.get("examples", {})
    there = _there(example for some in examples.values() for example in some[:MOST_SHOWN])
    found = []
    for sort, title in _titles(report).items():
        count = report.get(sort, 0)
        if count and sort != reports.REJECTED:
            show = _beside if sort == reports.NEAR else _shown
            shown = tuple(show(example, there) for example in examples.get(sort, [])[:MOST_SHOWN])
            found.append(Section(sort, title, count, shown))
    return found


def _there(examples: Iterable[dict[str, Any]]) -> dict[int, str]:
    """Return the status of each record that examples name and that is there."""
    numbers = {example[name] for example in examples for name in ("record", "made") if example.get(name)}
    return dict(Record.objects.filter(pk__in=numbers).values_list("pk", "status")) if numbers else {}


def _beside(example: dict[str, Any], there: dict[int, str]) -> Shown:
    """Return a row that is near a record, with all that both say."""
    shown = _shown(example, there)
    before, after = example.get("before") or {}, example.get("after") or {}
    said = (name for name in history.FIELDS if before.get(name) or after.get(name))
    both = tuple(history.difference(name, before, after) for name in said)
    made = example.get("made") if example.get("made") in there else None
    pair = [number for number in (shown.record, made) if number and there.get(number, WITHDRAWN) != WITHDRAWN]
    merge_url = reverse("admin:record_merge", args=pair) if len(set(pair)) == 2 else ""
    return replace(shown, differences=both, is_near=True, made=made, merge_url=merge_url)


def _shown(example: dict[str, Any], there: dict[int, str]) -> Shown:
    before, after = example.get("before"), example.get("after")
    title = str((after or before or {}).get("title", ""))
    differences = tuple(history.differences(before, after))
    rule = _rule(example.get("rule", ""))
    record = example.get("record")
    return Shown(example["row"], title, record, rule, differences, before is None, record in there)


def _rule(name: str) -> str:
    return str(RULES[name].label) if name in RULES else name


def counts(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return each sort of rows with its name and count, those that any run has even where they are none."""
    always = (reports.CREATED, reports.UPDATED, reports.UNCHANGED, reports.REJECTED)
    rows = [(sort, title, report.get(sort, 0)) for sort, title in _titles(report).items()]
    return [row for row in rows if row[2] or row[0] in always]


def troubles(report: dict[str, Any]) -> Iterator[Trouble]:
    for row in report.get("rejected_rows", [])[:MOST_SHOWN]:
        for problem in row["problems"]:
            name = problem["field"]
            yield Trouble(row["row"], str(FIELDS.get(name, name)), problem["value"], problem["reason"])


def fields(report: dict[str, Any]) -> list[tuple[str, int]]:
    """Return in how many records each field changes, the most frequent first."""
    changed = sorted(report.get("fields", {}).items(), key=lambda item: -item[1])
    return [(str(FIELDS.get(name, name)), count) for name, count in changed]


def mapping(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each column with the field that it went into, "" for none."""
    columns = report.get("columns") or {}
    given = {name: listed(headers) for name, headers in columns.get("mapping", {}).items()}
    used = {header: str(FIELDS.get(name, name)) for name, headers in given.items() for header in headers}
    return [(header, used.get(header, "")) for header in columns.get("headers", [])]


def headings(report: dict[str, Any]) -> list[tuple[str, int, list[str]]]:
    made = report.get("new_headings", {})
    found = []
    for kind, title in HEADINGS.items():
        count = report.get("headings", {}).get(kind, 0)
        if count:
            found.append((str(title), count, made.get(kind, [])[:MOST_SHOWN]))
    return found


def remarks(report: dict[str, Any]) -> list[tuple[list[dict[str, Any]], int]]:
    """Return the first remarks of each kind (row and sentence), and how many more of it there are."""
    # A report of before 0.3.0 has one list of all kinds.
    kinds = report.get("remarks", [{"first": report.get("warnings", []), "count": report.get("warned", 0)}])
    firsts = [(kind["first"][:MOST_ALIKE], kind["count"]) for kind in kinds]
    return [(first, count - len(first)) for first, count in firsts if count]


def shown(report: dict[str, Any]) -> dict[str, Any]:
    """Return all that the page of a report shows."""
    return {
        "counts": counts(report),
        "read": report.get("read", 0),
        "sections": sections(report),
        "troubles": list(troubles(report)),
        "rejected": report.get(reports.REJECTED, 0),
        "remarks": remarks(report),
        "warned": report.get("warned", 0),
        "fields": fields(report),
        "matched": [(_rule(name), count) for name, count in report.get("matched", {}).items()],
        "mapping": mapping(report),
        "headings": headings(report),
        "proposed": report.get("proposed_headings", [])[:MOST_SHOWN],
        "undone": report.get("undone"),
        "most": MOST_SHOWN,
    }
