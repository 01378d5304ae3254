"""The sample catalogue in fixtures/: its headings, then its records, through the same import as everything else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from catalogue.folding import fold_heading
from catalogue.formats import ReadOptions, get_format
from catalogue.importing import Report, Run, import_file
from catalogue.models import Country, CountryVariant, Keyword, KeywordVariant

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "sample"
FILES = (("finnish.jsonl", "jsonl"), ("justice.csv", "csv"), ("seed.jsonl", "jsonl"))


def load(say: Callable[[str], None]) -> int:
    """Load the sample into an empty catalogue, all or nothing; return how many records it has."""
    with transaction.atomic():
        load_headings(json.loads((FOLDER / "headings.json").read_text(encoding="utf-8")))
        total = 0
        for name, format_name in FILES:
            with (FOLDER / name).open("rb") as file:
                run = Run(reason=f"Sample catalogue: {name}")
                report: Report = import_file(file, get_format(format_name), ReadOptions(), run)
            say(f"  {name}: {report.created:,} records")
            total += report.created
    return total


def load_headings(headings: dict[str, list[dict[str, Any]]]) -> None:
    """Make the countries and keywords of an authority list with their variants and relations; known ones are kept."""
    countries = _make(Country, CountryVariant, headings["countries"], ("code",))
    for entry in headings["countries"]:
        if entry.get("part_of"):
            countries[entry["heading"]].part_of = countries[entry["part_of"]]
    Country.objects.bulk_update(countries.values(), ["part_of"])
    keywords = _make(Keyword, KeywordVariant, headings["keywords"], ("scope_note",))
    for entry in headings["keywords"]:
        keywords[entry["heading"]].broader.add(*(keywords[name] for name in entry.get("broader", [])))
        keywords[entry["heading"]].related.add(*(keywords[name] for name in entry.get("related", [])))


def _make(model: Any, variants: Any, entries: list[dict[str, Any]], extra: tuple[str, ...]) -> dict[str, Any]:
    rows = [
        model(heading=entry["heading"], **{name: entry[name] for name in extra if entry.get(name)}) for entry in entries
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    by_fold = {heading.fold: heading for heading in model.objects.all()}
    made = {entry["heading"]: by_fold[fold_heading(entry["heading"])] for entry in entries}
    variants.objects.bulk_create(
        [
            variants(authority=made[entry["heading"]], form=form)
            for entry in entries
            for form in entry.get("variants", [])
        ],
        ignore_conflicts=True,
    )
    return made
