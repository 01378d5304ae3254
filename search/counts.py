"""Counts of searches a day, for the librarians: how many, of what words, what found nothing, how long they took.

Nothing of who searched is known here. Counts are gathered in memory and written by a thread every few seconds, many in
one statement, so that no reader waits for them; a process that is killed loses the last few.
"""

import functools
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from search import query
from search.models import SearchCount

logger = logging.getLogger(__name__)

SECONDS = 10.0
MOST_SEARCHES = 100
# What floods the list of words (a machine that searches for all there is) is counted only as searches.
MOST_TEXTS_A_DAY = 20_000
LONGEST_TEXT = 100
KEPT_DAYS = 90
TIMES_KEPT_DAYS = 400

What = SearchCount.What
Key = tuple[date, str, str]
View = Callable[..., HttpResponse]

_ROBOT = re.compile(
    r"bot\b|bot[/_;-]|crawl|spider|slurp|scrap|archiver|monitor|preview|fetch|feed|headless"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|http-?client|axios|node|ruby|perl|php|scan|check",
    re.IGNORECASE,
)

# The number of searches left out of the list of words is of no interest to anybody; that of the searches is exact.
_STATEMENT = """
    WITH noted AS (
        SELECT * FROM unnest(%(days)s::date[], %(whats)s::text[], %(texts)s::text[], %(counts)s::int[])
        AS noted(day, what, text, count)
    )
    INSERT INTO search_searchcount AS kept (day, what, text, count)
    SELECT * FROM noted
    WHERE what IN ('searches', 'time')
       OR EXISTS (SELECT FROM search_searchcount AS there
                  WHERE (there.day, there.what, there.text) = (noted.day, noted.what, noted.text))
       OR (SELECT count(*) FROM search_searchcount AS there WHERE there.day = noted.day) < %(most)s
    ORDER BY day, what, text
    ON CONFLICT (day, what, text) DO UPDATE SET count = kept.count + EXCLUDED.count
"""


class Buffer:
    """The counts of this process that are not written yet. Safe from many threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._searches = 0
        self._full = threading.Event()
        self._writer: threading.Thread | None = None
        self._pruned: date | None = None

    def note(self, text: str, count: int, milliseconds: float) -> None:
        """Count one search; never waits, never fails."""
        day = timezone.localdate()
        text = normal(text)
        keys: list[Key] = [(day, What.SEARCHES, ""), (day, What.TIME, str(rounded(milliseconds)))]
        if text:
            keys.append((day, What.WORDS, text))
        if text and not count:
            keys.append((day, What.NOTHING, text))
        with self._lock:
            self._counts.update(keys)
            self._searches += 1
            if self._searches >= MOST_SEARCHES:
                self._full.set()
            if self.seconds and self._writer is None:
                self._writer = threading.Thread(target=self._write_soon, name="counts", daemon=True)
                self._writer.start()

    def _write_soon(self) -> None:
        self._full.wait(self.seconds)
        with self._lock:
            self._writer = None
        try:
            self.write()
        finally:
            connection.close()

    def write(self) -> None:
        """Write all counts in one statement. What cannot be written is noted in the log and forgotten."""
        with self._lock:
            counts, self._counts, self._searches = self._counts, Counter(), 0
            self._full.clear()
        if not counts:
            return
        try:
            with connection.cursor() as cursor:
                days, whats, texts = zip(*counts, strict=True)
                columns = {"days": days, "whats": whats, "texts": texts, "counts": counts.values()}
                cursor.execute(
                    _STATEMENT, {**{name: list(rows) for name, rows in columns.items()}, "most": MOST_TEXTS_A_DAY}
                )
            if self._pruned != timezone.localdate():
                prune()
                self._pruned = timezone.localdate()
        except DatabaseError as error:
            logger.error("The counts of %d searches could not be written: %s", sum(counts.values()), error)


BUFFER = Buffer()


def prune() -> None:
    """Forget words that were searched once, long ago, and times taken longer ago."""
    today = timezone.localdate()
    old = SearchCount.objects.filter(what__in=(What.WORDS, What.NOTHING), count=1)
    old.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()
    SearchCount.objects.filter(what=What.TIME, day__lt=today - timedelta(days=TIMES_KEPT_DAYS)).delete()


def normal(text: str) -> str:
    """Return the words of a search as they are counted: in lower case, single spaces, not too long."""
    return " ".join(query.without_control_characters(text).casefold().split())[:LONGEST_TEXT].strip()


def rounded(milliseconds: float) -> int:
    """Return a time in milliseconds with its first two figures only, so that few different ones are kept."""
    whole = min(round(milliseconds), 600_000)
    step = 10 ** max(0, len(str(whole)) - 2)
    return -(-whole // step) * step


def is_robot(request: HttpRequest) -> bool:
    agent = request.headers.get("User-Agent", "")
    return not agent or _ROBOT.search(agent) is not None


def counted(view: View) -> View:
    """Have the searches of a view of results counted: the first page of each, asked for by people."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        began = perf_counter()
        response = view(request, *arguments, **named)
        first_page = request.method == "GET" and request.GET.get("page", "1") in ("", "1")
        page = response.context_data if isinstance(response, TemplateResponse) else None
        if page and "stamp" in page and first_page and not is_robot(request):
            words, stamp = page["words"], page["stamp"]

            def note(_rendered: HttpResponse) -> None:
                BUFFER.note(words, stamp.count, (perf_counter() - began) * 1000)

            response.add_post_render_callback(note)  # type: ignore[attr-defined]
        return response

    return wrapped
