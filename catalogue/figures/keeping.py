"""Figures counted when they are asked for; those that took long are kept for some minutes, and say as of when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from catalogue.figures.base import Figure

# What is counted faster than this, in seconds, is counted anew each time.
QUICK = 0.1
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Counted:
    """The figures of one provider; `when` they were counted, or None for just now."""

    figures: tuple[Figure, ...]
    when: datetime | None = None


def counted(provider: str, anew: bool = False) -> Counted:
    """Return the figures of a provider, which is named by its dotted name; `anew` counts them again."""
    key = f"figures:{provider}:{get_language()}"
    kept: Counted | None = None if anew else cache.get(key)
    if kept is not None:
        return kept
    count: Callable[[], Iterable[Figure]] = import_string(provider)
    began = perf_counter()
    found = Counted(tuple(count()))
    if perf_counter() - began > QUICK:
        cache.set(key, Counted(found.figures, timezone.now()), KEPT_SECONDS)
    else:
        cache.delete(key)
    return found
