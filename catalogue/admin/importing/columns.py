"""What the wizard shows of a file before anything is done: its format, its columns with samples, its first records."""

from collections import abc
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats import FORMATS, FormatError, Row, detect, get_format, headers
from catalogue.formats.base import Columns
from catalogue.formats.decoding import SAMPLE_SIZE
from catalogue.jobs import uploads
from catalogue.jobs.models import Import, Mapping
from catalogue.jobs.options import KEPT, OF_THE_FILE, Options

MOST_SAMPLES = 3
MOST_ROWS = 20
LONGEST_SAMPLE = 120

# What a column can hold, in the order of a record, with its name for people.
FIELDS: dict[str, Any] = {
    "title": gettext_lazy("Title"),
    "subtitle": gettext_lazy("Subtitle (part of the title)"),
    "authors": gettext_lazy("Authors"),
    "family_names": gettext_lazy("Authors: surnames"),
    "given_names": gettext_lazy("Authors: first names"),
    "summary": gettext_lazy("Summary"),
    "details": gettext_lazy("Details"),
    "publisher": gettext_lazy("Publisher (part of the details)"),
    "source": gettext_lazy("Source"),
    "year": gettext_lazy("Year"),
    "country": gettext_lazy("Country"),
    "url": gettext_lazy("URL"),
    "shelf_number": gettext_lazy("Shelf number"),
    "keywords": gettext_lazy("Keywords"),
    "language": gettext_lazy("Language"),
    "kind": gettext_lazy("Kind of document"),
    "rights": gettext_lazy("Rights"),
    "identifier": gettext_lazy("Number of the record where it comes from"),
    "doi": gettext_lazy("DOI"),
    "isbn": gettext_lazy("ISBN"),
    "issn": gettext_lazy("ISSN"),
    "report": gettext_lazy("Report number"),
    "identifiers": gettext_lazy("Identifiers, each with its scheme"),
    "status": gettext_lazy("Status"),
    "withdrawn_reason": gettext_lazy("Reason for withdrawal"),
    "replaced_by": gettext_lazy("Replaced by record number"),
}


@dataclass(frozen=True)
class Column:
    header: str
    samples: tuple[str, ...]
    # The field that it goes into; "" for none.
    field: str
    # A second column of the same name goes where the first goes, or cannot be read.
    is_repeated: bool = False


@dataclass(frozen=True)
class Preview:
    """A file as it would be read. `problem` is a sentence where it cannot be."""

    encoding: str = ""
    columns: tuple[Column, ...] = ()
    records: tuple[Draft, ...] = ()
    problem: str = ""
    # Sentences on columns that may be meant otherwise.
    notes: tuple[str, ...] = ()


def recognise(item: Import) -> None:
    """Note the format of a file that has just come, or in `problem` why it has none."""
    options = Options.from_dict(item.options)
    item.problem = ""
    try:
        with uploads.opened(item) as file:
            options = replace(options, format=detect(file.read(SAMPLE_SIZE), item.name).name)
    except (FormatError, uploads.UploadRefused) as error:
        item.problem = str(error)
    item.options = _as_saved(item, options).to_dict()
    item.save(update_fields=["options", "problem", "touched"])


def _as_saved(item: Import, options: Options) -> Options:
    """Return the options with the mapping that was saved last for a table of the very same columns, if there is one."""
    columns = preview(item, options).columns
    saved = Mapping.objects.filter(options__headers=[column.header for column in columns]).order_by("-touched").first()
    if not columns or saved is None:
        return options
    kept = {name: saved.options[name] for name in KEPT if name in saved.options and name not in OF_THE_FILE}
    return Options.from_dict({**asdict(options), **kept, "mapped_by": saved.name})


def preview(item: Import, options: Options) -> Preview:
    """Read the beginning of the file. Raises nothing that a file could cause."""
    if options.format not in FORMATS:
        return Preview()
    try:
        understood = _understood(item, options)
        if understood:
            rows = _first_rows(item, replace(options, mapping={"title": next(filter(None, understood.headers))}))
            cells = [list(row.cells) for row in rows]
            columns = _columns(understood.headers, understood.mapping, cells)
            return Preview(understood.encoding, columns, notes=understood.notes)
        return Preview(records=tuple(row.draft for row in _first_rows(item, options) if row.draft))
    except (FormatError, uploads.UploadRefused) as error:
        return Preview(problem=str(error))


def _understood(item: Import, options: Options) -> Columns | None:
    """Return the columns of a table; guessed anew where they are others than those that somebody chose from."""
    file_format = get_format(options.format)
    with uploads.opened(item) as file:
        try:
            return file_format.columns(file, options.reading())
        except FormatError:
            return file_format.columns(file, replace(options, mapping={}).reading())


def _first_rows(item: Import, options: Options) -> list[Row]:
    with uploads.opened(item) as file:
        return list(islice(get_format(options.format).read(file, options.reading()), MOST_ROWS))


def _columns(
    names: tuple[str, ...], mapping: abc.Mapping[str, tuple[str, ...]], rows: list[list[str]]
) -> tuple[Column, ...]:
    fields = {header: name for name, given in mapping.items() for header in given}
    columns, seen = [], set()
    for place, header in enumerate(names):
        cells = [row[place].strip() for row in rows if len(row) > place]
        samples = tuple(_shortened(cell) for cell in dict.fromkeys(cells) if cell)[:MOST_SAMPLES]
        repeated = not header or header in seen
        field = fields.get(header, "")
        columns.append(Column(header, samples, "" if repeated and field not in headers.SEVERAL else field, repeated))
        seen.add(header)
    return tuple(columns)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SAMPLE else line[:LONGEST_SAMPLE] + "…"


def wanted(preview: Preview, chosen: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the mapping that somebody chose, a field a column: field to headers, none for a field that is not wanted.

    Raises ValueError where one field is chosen twice that takes one column only.
    """
    # What is not wanted must be said, or it would be guessed again.
    mapping: dict[str, tuple[str, ...]] = dict.fromkeys(headers.FIELDS, ())
    for column, field in zip(preview.columns, chosen, strict=True):
        if not field or column.is_repeated:
            continue
        for other in mapping[field]:
            if not headers.can_share(field, other, column.header):
                message = _("“%(one)s” and “%(other)s” are both to be “%(field)s”. Choose one of them.")
                raise ValueError(message % {"one": other, "other": column.header, "field": FIELDS[field]})
        mapping[field] = (*mapping[field], column.header)
    return mapping


def fitting(mapping: abc.Mapping[str, Any], preview: Preview) -> dict[str, tuple[str, ...]]:
    """Return what of a saved mapping this file has the columns for."""
    there = {headers.fold_header(column.header) for column in preview.columns}
    kept = {
        name: tuple(header for header in headers.listed(given) if headers.fold_header(header) in there)
        for name, given in mapping.items()
    }
    return {name: given for name, given in kept.items() if given or not headers.listed(mapping[name])}
