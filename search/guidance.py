"""What a page of results says besides its records: what was searched too, perhaps meant, and why nothing was found."""

from typing import Any

from django.http import QueryDict

from search import nothing, spelling
from search.filters import RecordFilter
from search.index import catalogue


def context(data: QueryDict, filterset: RecordFilter, count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"also": filterset.also.context()}
    if count >= spelling.FEW or not filterset.boxes:
        return found
    index = catalogue().opened()
    spellings = spelling.did_you_mean(index, data, filterset.boxes, count)
    if count:
        return {**found, "did_you_mean": spellings}
    return {**found, "nothing": {"spellings": spellings, **nothing.context(index, data, filterset.boxes)}}
