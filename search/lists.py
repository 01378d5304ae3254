"""Lists of links as HTML: a name, dots and a number, as at the back of a book, and plain ones."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe


def leaders(entries: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return entries of `label`, `count` and `url` as a list; one without a `url` leads nowhere."""
    items = "".join(
        f'<li>{_name(entry)} <span class="count">{_number(entry["count"])}</span></li>\n' for entry in entries
    )
    return mark_safe(f'<ul class="leaders">\n{items}</ul>')  # noqa: S308 - names are escaped


def _name(entry: Mapping[str, Any]) -> str:
    name = escape(str(entry["label"]))
    return f'<a href="{escape(entry["url"])}" rel="nofollow">{name}</a>' if entry["url"] else f"<span>{name}</span>"


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def links(options: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return options of `label` and `url` as the items of a list, the `current` one told from the others."""
    return mark_safe("".join(map(_link, options)))  # noqa: S308 - labels and addresses are escaped


def _link(option: Mapping[str, Any]) -> str:
    current = ' aria-current="true"' if option.get("current") else ""
    label = escape(str(option["label"]))
    return f'<li><a href="{escape(option["url"])}" rel="nofollow"{current}>{label}</a></li>'
