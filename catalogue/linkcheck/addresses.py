"""The addresses of records as link care knows them: kept in step with the records, found, and looked up in archives."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import MD5

from catalogue import codes
from catalogue.linkcheck.models import Link
from catalogue.models import URL_KEY_SQL, Record

# An address that no record has any more is forgotten after so many days; until then an undo finds its state again.
KEPT_DAYS = 90

_ADD = """
INSERT INTO catalogue_link (url, host)
SELECT DISTINCT url, left(lower(substring(url FROM '^[A-Za-z]+://(?:[^/?#@]*@)?([^/?#]*)')), 255)
FROM catalogue_record record
WHERE url <> '' AND status <> 'withdrawn'
AND NOT EXISTS (SELECT FROM catalogue_link link WHERE md5(link.url) = md5(record.url))
ORDER BY url ON CONFLICT DO NOTHING
"""
_FORGET = """
DELETE FROM catalogue_link link
WHERE greatest(made, checked) < now() - make_interval(days => %s)
AND NOT EXISTS (SELECT FROM catalogue_record record WHERE record.url = link.url)
"""


def keep_in_step() -> None:
    """Take up the addresses that are new in the records, and forget those that are long gone from them."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD)
        cursor.execute(_FORGET, [KEPT_DAYS])


def used() -> QuerySet[Link]:
    """Return the addresses that records have. Of those that are withdrawn nobody reads any more."""
    records = Record.objects.exclude(status=codes.WITHDRAWN)
    return Link.objects.filter(Exists(records.filter(url=OuterRef("url"))))


def find(url: str) -> Link | None:
    """Return what is known of an address, in one query by its digest."""
    if not url:
        return None
    return Link.objects.annotate(digest=MD5("url")).filter(digest=_digest(url), url=url).first()


def take_up(urls: Iterable[str]) -> list[Link]:
    """Return what is known of addresses, those that are new among them."""
    wanted = [url for url in dict.fromkeys(urls) if url]
    keep_in_step()
    digests = [_digest(url) for url in wanted]
    return list(Link.objects.annotate(digest=MD5("url")).filter(digest__in=digests, url__in=wanted))


def _digest(url: str) -> str:
    return hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()


def in_archive(url: str, link: Link | None = None) -> str:
    """Return where the Internet Archive lists its copies of an address, near the day when it was last seen alive."""
    day = f"{link.alive:%Y%m%d}" if link and link.alive else ""
    return f"https://web.archive.org/web/{day}*/{url}"


@dataclass(frozen=True)
class Holder:
    """A record that has an address, and a document kept with it, if any."""

    number: int
    title: str
    document: str = ""
    document_name: str = ""


_HOLDERS = """
SELECT wanted.id, count.records, record.id, record.title, kept.id, kept.name
FROM unnest(%s::bigint[], %s::text[]) AS wanted(id, url)
CROSS JOIN LATERAL (SELECT count(*) AS records FROM catalogue_record r WHERE {key} AND r.url = wanted.url) AS count
LEFT JOIN LATERAL (SELECT r.id, r.title FROM catalogue_record r WHERE {key} AND r.url = wanted.url
                   ORDER BY r.id LIMIT %s) AS record ON true
LEFT JOIN LATERAL (SELECT a.id, a.name FROM catalogue_attachment a WHERE a.record_id = record.id
                   ORDER BY a.made, a.id LIMIT 1) AS kept ON true
ORDER BY wanted.id, record.id
"""


def holders(links: Iterable[Link], most: int = 5) -> dict[int, tuple[int, list[Holder]]]:
    """Return for each address how many records have it, and the first of them, in one query."""
    wanted = list(links)
    # By the key that the index of records has; the rest of the comparison leaves one spelling.
    key = f"{URL_KEY_SQL.format(column='r.url')} = {URL_KEY_SQL.format(column='wanted.url')} AND r.url <> ''"
    found: dict[int, tuple[int, list[Holder]]] = defaultdict(lambda: (0, []))
    with connection.cursor() as cursor:
        query = _HOLDERS.replace("{key}", key.replace("%", "%%"))
        cursor.execute(query, [[link.pk for link in wanted], [link.url for link in wanted], most])
        for number, count, record, title, document, name in cursor.fetchall():
            listed = found[number][1]
            if record is not None:
                listed.append(Holder(record, title, str(document or ""), name or ""))
            found[number] = (count, listed)
    return found
