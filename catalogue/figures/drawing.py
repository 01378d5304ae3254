"""Figures drawn on the server as SVG, without text, script or style: what they say stands beside them in a table."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 120
LOWEST = 1.5


def columns(counts: Sequence[int]) -> SafeString:
    """Return counts that follow each other as columns, all in one outline."""
    highest, slot = max(counts, default=0) or 1, WIDTH / max(len(counts), 1)
    wide = max(slot - min(2, slot / 4), 0.5)
    outline = "".join(
        f"M{place * slot:.2f} {HEIGHT}v-{max(LOWEST, HEIGHT * count / highest):.2f}h{wide:.2f}V{HEIGHT}z"
        for place, count in enumerate(counts)
        if count > 0
    )
    return format_html(
        '<svg class="columns-plot" viewBox="0 0 {0} {1}" width="{0}" height="{1}" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false"><path d="{2}"/></svg>',
        WIDTH,
        HEIGHT,
        outline,
    )


def bar(count: int, highest: int) -> SafeString:
    """Return one count as a bar that is as long as its share of the highest."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" width="100" height="10" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false"><rect width="{}" height="10"/></svg>',
        f"{100 * count / (highest or 1):.2f}",
    )
