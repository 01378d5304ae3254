"""Template tags that draw what a page has many of in one piece; the template engine takes long for each."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from search import cards

register = template.Library()


@register.simple_tag
def draw_cards(shown: Iterable[cards.Card], level: int, tick: Any = None) -> SafeString:
    """Draw cards with their titles as headings of a level; `tick` tells whether they can be ticked."""
    return cards.draw(shown, level, bool(tick))
