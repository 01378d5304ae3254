"""What the options of `import_records` mean to an import, and what is refused of them before a file is opened."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalogue.draft import Draft
from catalogue.formats import ReadOptions
from catalogue.formats.base import STRAIGHT
from catalogue.formats.headers import FIELDS, SEVERAL
from catalogue.formats.identifiers import is_source_name
from catalogue.matching import OVERWRITE, RULES, Matching

# How the names of people are written, by what it is called here and in ReadOptions.
NAMES = {"as-written": "", "first-last": STRAIGHT}


class WrongOption(Exception):
    """An option that cannot be meant so. The message says which, and what can be."""


def matching(options: dict[str, Any]) -> Matching:
    chosen = Matching(
        rules=tuple(RULES) if options["match"] is None else _chosen("--match", options["match"], RULES),
        on_match=options["on_match"],
        overwrite=_chosen("--overwrite", options["overwrite"], Draft.__dataclass_fields__),
        on_near=options["on_near"],
    )
    if options["source"] and not is_source_name(options["source"]):
        raise WrongOption("--source takes small letters, digits, dots and hyphens, at most 33 of them.")
    if chosen.overwrite and chosen.on_match != OVERWRITE:
        raise WrongOption("--overwrite names fields that --on-match overwrite replaces; give both.")
    return chosen


def _chosen(option: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            message = f"{option} cannot be “{name}”; choose among {', '.join(known)}."
            raise WrongOption(message)
    return names


def reading(options: dict[str, Any]) -> ReadOptions:
    separators = dict(map(_separator, options["separator"]))
    return ReadOptions(
        mapping=_mapping(options["map"]),
        separator=separators.pop("", ReadOptions.separator),
        separators=separators,
        encoding=options["encoding"],
        sheet=options["sheet"],
        names=NAMES[options["names"]],
    )


def _separator(text: str) -> tuple[str, str]:
    """Return the field, "" for all, and what parts its values."""
    field, equals, separator = text.partition("=")
    if not equals or not field:
        return "", text
    if field not in FIELDS:
        raise WrongOption(f"--separator: “{text}” names no field; the fields are {', '.join(FIELDS)}.")
    return field, separator


def _mapping(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    mapping: dict[str, tuple[str, ...]] = {}
    for field, header in map(_pair, texts):
        before = mapping.get(field, ())
        if before and field not in SEVERAL:
            raise WrongOption(f"--map names two columns for “{field}”, “{before[0]}” and “{header}”; it takes one.")
        mapping[field] = (*before, header)
    return mapping


def _pair(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals or field not in FIELDS:
        fields = ", ".join(FIELDS)
        raise WrongOption(f"“{text}” does not say which column holds a field: --map FIELD=HEADER, fields: {fields}.")
    return field, header


def errors_path(options: dict[str, Any], place: int) -> Path | None:
    """Return the file for the bad rows of a file: of several, each has its own, with its place in the name."""
    if not options["report"]:
        return None
    path = Path(options["report"])
    if len(options["files"]) > 1:
        path = path.with_stem(f"{path.stem}-{place + 1}")
    for name in options["files"]:
        if path.exists() and Path(name).exists() and path.samefile(name):
            raise WrongOption(f"--report would write over {name}, which is to be imported; name another file.")
    return path
