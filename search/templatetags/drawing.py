"""Template tags that draw what a page has many of in one piece; the template engine takes long for each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from search import cards, lists

register = template.Library()


@register.simple_tag
def draw_cards(shown: Iterable[cards.Card], level: int, tick: Any = None) -> SafeString:
    """Draw cards with their titles as headings of a level; `tick` tells whether they can be ticked."""
    return cards.draw(shown, level, bool(tick))


@register.simple_tag
def draw_leaders(entries: Iterable[Mapping[str, Any]]) -> SafeString:
    return lists.leaders(entries)


@register.simple_tag
def draw_links(options: Iterable[Mapping[str, Any]]) -> SafeString:
    return lists.links(options)
