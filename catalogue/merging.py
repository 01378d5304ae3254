"""What a record learns from a row that is about it: what it lacks, or what somebody chose to overwrite."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from catalogue import codes
from catalogue.draft import Draft
from catalogue.formats.identifiers import SOURCE

_OF_WITHDRAWAL = ("withdrawn_reason", "replaced_by")


def is_source(scheme: str) -> bool:
    """Tell whether a scheme is that of numbers which a source gave: "source", or "source:name" of a named one."""
    return scheme == SOURCE or scheme.startswith(f"{SOURCE}:")


def brought_back(record: Draft) -> Draft:
    """Return a record whose creation was undone as it was before that; any other as it is."""
    if record.status == codes.WITHDRAWN and record.withdrawn_reason == str(codes.CREATION_UNDONE):
        return replace(record, status=codes.PUBLISHED, withdrawn_reason="")
    return record


def filled(row: Draft, record: Draft) -> Draft:
    """Return the record with what the row says where the record says nothing, and back if its creation was undone."""
    if row is record or row == record:  # as when a file is imported again
        return record
    if row.status == codes.PUBLISHED:
        record = brought_back(record)
    values = {name: value for name, value in _said(row, record.status) if getattr(record, name) in ("", None, ())}
    if row.identifiers and record.identifiers:
        schemes = {item.scheme for item in record.identifiers}
        new = (item for item in row.identifiers if item.scheme not in schemes or is_source(item.scheme))
        values["identifiers"] = tuple(dict.fromkeys((*record.identifiers, *new)))
    return replace(record, **values) if values else record


def overwritten(row: Draft, record: Draft, fields: Sequence[str] = ()) -> Draft:
    """Return the record with what the row says in these fields, or in all, and with the others filled.

    Where the row says nothing, the record keeps what it has; identifiers are never taken away.
    """
    if row is record or row == record:
        return record
    wanted = set(fields) or set(Draft.__dataclass_fields__)
    status = row.status if row.status != codes.PUBLISHED and "status" in wanted else record.status
    values: dict[str, Any] = {name: value for name, value in _said(row, status) if name in wanted}
    values["status"] = status
    values["identifiers"] = tuple(dict.fromkeys((*record.identifiers, *row.identifiers)))
    if "identifiers" not in wanted:
        values["identifiers"] = filled(row, record).identifiers
    return filled(row, replace(record, **values))


def _said(row: Draft, status: str) -> Iterator[tuple[str, Any]]:
    """Yield what a row says of a record that has, or is given, a status: why it was withdrawn only of one that was."""
    for name in Draft.__dataclass_fields__:
        value = getattr(row, name)
        if name == "status" or (name in _OF_WITHDRAWAL and status != codes.WITHDRAWN):
            continue
        if value not in ("", None, ()):
            yield name, value
