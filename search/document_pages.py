"""The pages of documents that are searched with a record: those that the public may have, within bounds.

Whatever is for the library alone is left out here, and so is in no index.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalogue.models import DocumentPage
from search.engine.base import Page

# The characters of all documents of one record; what is beyond is not searched.
MOST_CHARACTERS = 10_000_000
READ_AT_ONCE = 200

# As attachments.of_record: the documents of a record, and of those that were merged into it.
_PAGES = """
WITH own AS (
    SELECT record_id AS number, id, made, is_public FROM catalogue_attachment WHERE record_id = ANY(%(numbers)s)
    UNION ALL
    SELECT r.replaced_by_id, a.id, a.made, a.is_public
    FROM catalogue_record r JOIN catalogue_attachment a ON a.record_id = r.id
    WHERE r.replaced_by_id = ANY(%(numbers)s) AND r.status = 'withdrawn' AND r.withdrawn_reason = ''
), placed AS (
    SELECT own.*, row_number() OVER (PARTITION BY number ORDER BY made, id) AS place FROM own
)
SELECT d.number, p.id, p.fingerprint, p.length
FROM placed d JOIN catalogue_documentpage p ON p.document_id = d.id
WHERE d.is_public ORDER BY d.number, d.place, p.number
"""
_LENGTH = """
SELECT coalesce(sum(p.length), 0) FROM catalogue_documentpage p JOIN catalogue_attachment a ON a.id = p.document_id
WHERE a.is_public AND a.record_id = ANY(%s)
"""


@dataclass(frozen=True)
class Pages:
    """The pages of one record's documents: what tells whether they have changed, and each when it is asked for.

    Their texts are read while they are gone through, a few at a time: those of one record may be as long as a shelf.
    """

    numbers: tuple[int, ...]
    fingerprint: str = ""

    def __iter__(self) -> Iterator[Page]:
        for first in range(0, len(self.numbers), READ_AT_ONCE):
            some = self.numbers[first : first + READ_AT_ONCE]
            texts = dict(DocumentPage.objects.filter(pk__in=some).values_list("pk", "text"))
            yield from (Page(number, texts[number]) for number in some if number in texts)


def of_records(numbers: Iterable[int]) -> dict[int, Pages]:
    """Return the pages of those records that have any, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, {"numbers": list(numbers)})
        rows = cursor.fetchall()
    found: dict[int, list[int]] = {}
    read: dict[int, int] = {}
    fingerprints: dict[int, Any] = {}
    for record, page, fingerprint, length in rows:
        read[record] = read.get(record, 0) + length
        if read[record] > MOST_CHARACTERS:
            continue
        found.setdefault(record, []).append(page)
        # The number of its row is in it: the index leads to the page by it.
        fingerprints.setdefault(record, hashlib.blake2b(digest_size=16)).update(f"{page}:{fingerprint}\n".encode())
    return {record: Pages(tuple(pages), fingerprints[record].hexdigest()) for record, pages in found.items()}


def length(numbers: Iterable[int]) -> int:
    """Return how many characters the documents of these records have, without those of records merged into them."""
    with connection.cursor() as cursor:
        cursor.execute(_LENGTH, [list(numbers)])
        return int(cursor.fetchone()[0])
