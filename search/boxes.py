"""The boxes of the search form as HTML, with their lists and what completes them, for the pages that have the form.

Each stands once in memory, in two pieces between which what was typed is put.
"""

import functools
from collections.abc import Mapping
from html import escape
from typing import Any

from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from search import browse
from search.addresses import path
from search.completion import COMPLETED
from search.filters import RecordFilter


def draw(typed: Mapping[str, str]) -> dict[str, SafeString]:
    """Return the box for any field and the boxes of single fields, filled with what was typed in them."""
    language = get_language() or ""
    drawn = {name: _box(name, typed.get(name, ""), language) for name in RecordFilter.base_filters}
    return {"any_box": mark_safe(drawn.pop("q")), "boxes": mark_safe("".join(drawn.values()))}  # noqa: S308 - see _box


def _box(name: str, typed: str, language: str) -> str:
    before, after = _around(name, language)
    return f'{before} value="{escape(typed)}"{after}' if typed else f"{before}{after}"


@functools.cache
def _around(name: str, language: str) -> tuple[str, str]:
    """Return what stands before and after the text of a box, in the language that is active."""
    field = RecordFilter.base_filters[name].field
    url = browse.list_url(name)
    aside = format_html('<span class="unseen">: {}</span>', field.label)
    link = format_html(' <a class="list" href="{}">{}{}</a>', url, _("list"), aside) if url else ""
    label = format_html('<div class="box">\n<label for="id_{}">{}</label>{}\n', name, field.label, link)
    example = format_html('>\n<p class="example" id="id_{}_helptext">{}</p>\n</div>\n', name, field.help_text)
    return f"{label}<input{flatatt(_attributes(name))}", example


def _attributes(name: str) -> dict[str, Any]:
    attributes = {
        "type": "text",
        "name": name,
        "id": f"id_{name}",
        "autocomplete": "off",
        "spellcheck": "false",
        "aria-describedby": f"id_{name}_helptext",
    }
    if name not in COMPLETED:
        return attributes
    return attributes | {
        "data-complete": path("complete", name),
        "data-some": _("suggestions: %(number)s. Use the arrow keys.") % {"number": "#"},
        "data-list": _("suggestions"),
        "data-none": _("no suggestions"),
    }
