"""What a page of results says besides its records: what was searched too, perhaps meant, stands in documents, and why
nothing was found.
"""

from typing import Any

from django.http import QueryDict

from search import in_documents, nothing, spelling
from search.filters import RecordFilter
from search.index import catalogue


def context(data: QueryDict, filterset: RecordFilter, count: int) -> dict[str, Any]:
    index = catalogue().opened()
    in_document = in_documents.link(index, data, filterset.boxes)
    found: dict[str, Any] = {"also": filterset.also.context(), "in_documents": in_document}
    if count >= spelling.FEW or not filterset.boxes:
        return found
    spellings = spelling.did_you_mean(index, data, filterset.boxes, count)
    if count:
        return {**found, "did_you_mean": spellings.whole}
    return {**found, "nothing": {"spellings": spellings, **nothing.context(index, data, filterset.boxes)}}
