"""The cataloguing desk measured: ten thousand records changed at once, a heading of ten thousand merged, every page.

What is changed is undone afterwards, and the next run finds the catalogue as it was.
"""

import http.client
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import QueryDict

from catalogue import changes, importing
from catalogue.authorities import merging
from catalogue.authorities.files import FILES
from catalogue.batch import running, selecting, steps
from catalogue.batch.models import Batch
from catalogue.batch.steps import KeywordStep
from catalogue.jobs import tasks
from catalogue.models import Author, ChangeSet, Country, Keyword, Record
from catalogue.people.session_store import SessionStore
from search.desk_selection import found
from tests.benchmarks import generated, pages

MANY = 10_000
MOST_ROUNDS = 20
PAGES = {
    "first page": "/desk/",
    "records": "/desk/catalogue/record/",
    "records, searched": f"/desk/catalogue/record/?q={generated.COMMON}",
    "records, searched, most of them": f"/desk/catalogue/record/?q={generated.UNIVERSAL}",
    "records, filtered": "/desk/catalogue/record/?status__exact=published&country=5",
    "records, last page": "/desk/catalogue/record/?p=2000",
    "record, form": "/desk/catalogue/record/{record}/change/",
    "record, new": "/desk/catalogue/record/add/",
    "record, history": "/desk/catalogue/record/{record}/history/",
    "records, to change many": f"/desk/batch/?q={generated.COMMON}",
    "records, to change all": "/desk/batch/",
    "batch edit, preview": "/desk/batch/{batch}/",
    "authors": "/desk/catalogue/author/",
    "authors, searched": "/desk/catalogue/author/?q=ba",
    "author, form": "/desk/catalogue/author/{author}/change/",
    "authors, unused": "/desk/catalogue/author/?used=none",
    "authors, look-alike": "/desk/catalogue/author/near/",
    "keywords": "/desk/catalogue/keyword/",
    "keywords, most used": "/desk/catalogue/keyword/?used=more",
    "keyword, form": "/desk/catalogue/keyword/{keyword}/change/",
    "keyword, to merge": "/desk/catalogue/keyword/merge/?heading={keyword}&heading={other}",
    "keyword, to split": "/desk/catalogue/keyword/{keyword}/split/",
    "keywords, look-alike": "/desk/catalogue/keyword/near/",
    "keywords, tree": "/desk/catalogue/keyword/tree/",
    "countries": "/desk/catalogue/country/",
    "country, form": "/desk/catalogue/country/{country}/change/",
    "countries, look-alike": "/desk/catalogue/country/near/",
    "completion": "/desk/headings/keywords/?q=b",
    "change sets": "/desk/catalogue/changeset/",
    "change set": "/desk/catalogue/changeset/{set}/change/",
    "change set, to undo": "/desk/catalogue/changeset/{set}/undo/",
    "change sets, of a field": "/desk/catalogue/changeset/?field=record.keywords",
    "figures": "/desk/figures/",
    "records, of a figure": "/desk/catalogue/record/?without=keywords",
    "links": "/desk/links/",
    "links, to replace": "/desk/links/replace/?old=https://example.org/&new=https://example.com/",
    "imports": "/desk/import/",
    "people": "/desk/auth/user/",
    "own account": "/desk/account/",
    "searches": "/desk/searches/",
}


def run(rounds: int) -> None:
    user, _made = User.objects.get_or_create(username="benchmark", defaults={"is_staff": True, "is_superuser": True})
    batch = _batch_edit(user)
    _merge(user)
    _pages(user, batch, min(rounds, MOST_ROUNDS))


def _timed(what: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    done = work()
    print(f"{what:56}{time.perf_counter() - started:>8.1f} s", flush=True)
    return done


def _batch_edit(user: User) -> Batch:
    """Add a keyword to ten thousand records, as a worker does, until all of them are found by it; take it back."""
    word = f"batchword{int(time.time())}"
    item = selecting.of_numbers(user, Record.objects.order_by("pk").values_list("pk", flat=True)[:MANY])
    item.steps = steps.to_dicts([KeywordStep("add", word)])
    item.save()
    _timed(f"preview of {item.count:,}", lambda: _work(item, Batch.Work.PREVIEW))

    def do() -> None:
        _work(item, Batch.Work.DO)
        if len(found(QueryDict(f"keyword={word}")).numbers) != item.count:
            raise AssertionError("not all of them are found")

    _timed(f"batch edit of {item.count:,}, until found", do)
    _timed(f"undo of {item.count:,}, until found", lambda: _undo(item.change_set, user))
    shown = selecting.of_numbers(user, item.numbers[:500])
    shown.steps = item.steps
    shown.save()
    _work(shown, Batch.Work.PREVIEW)
    return shown


def _work(item: Batch, work: str) -> None:
    tasks._set_to_wait(item, work)
    running.do(str(item.pk), lambda: False)
    item.refresh_from_db()
    if item.problem:
        raise AssertionError(item.problem)


def _merge(user: User) -> None:
    """Merge the keyword that about ten thousand records have into one that few have; take it back."""
    counted = Keyword.objects.annotate(count=Count("record_links")).order_by("-count").values_list("pk", "count")
    number, count = min(counted[:200], key=lambda row: abs(row[1] - MANY))
    kept = Keyword.objects.order_by("-pk").values_list("pk", flat=True)[10]

    def merge() -> ChangeSet:
        change_set = merging.merge(FILES["keyword"], [number], kept, user)
        importing.make_searchable()
        return change_set

    change_set = _timed(f"merge of a keyword with {count:,} records, until found", merge)

    _timed(f"undo of the merge of {count:,}, until found", lambda: _undo(change_set, user))


def _undo(change_set: ChangeSet | None, user: User) -> None:
    if change_set is None:
        raise AssertionError("there is nothing to undo")
    changes.undo(change_set, user)
    importing.make_searchable()


def _pages(user: User, batch: Batch, rounds: int) -> None:
    numbers = {
        "record": Record.objects.order_by("pk").values_list("pk", flat=True)[1_000],
        "author": _most_used(Author),
        "keyword": _most_used(Keyword),
        "other": Keyword.objects.order_by("-pk").values_list("pk", flat=True)[100],
        "country": _most_used(Country),
        "set": ChangeSet.objects.order_by("-pk").values_list("pk", flat=True).first(),
        "batch": batch.pk,
    }
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session(user)}"}
    with pages.site() as (port, _server):
        print(f"\n{'page of the desk':40}{'median ms':>12}{'95 % ms':>12}{'bytes':>10}")
        for name, path in PAGES.items():
            client = http.client.HTTPConnection("127.0.0.1", port)
            taken, size = [], 0
            for number in range(rounds + 2):
                started = time.perf_counter()
                size = _fetch(client, path.format(**numbers), cookie)
                if number > 1:
                    taken.append((time.perf_counter() - started) * 1000)
            taken.sort()
            most = taken[int(len(taken) * 0.95) - 1]
            print(f"{name:40}{statistics.median(taken):>12.1f}{most:>12.1f}{size:>10,}", flush=True)


def _most_used(model: Any) -> int:
    links = "records" if model is Country else "record_links"
    return model.objects.annotate(count=Count(links)).order_by("-count").values_list("pk", flat=True)[0]


def _session(user: User) -> str:
    """Return the key of a session of somebody who has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key or ""


def _fetch(client: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> int:
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise OSError(f"{path} answers {answer.status}")
    return len(body)
