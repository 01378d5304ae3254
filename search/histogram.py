"""Years as bars, drawn on the server as one outline in units of the drawing, by decade where years are many."""

from collections.abc import Callable, Mapping
from typing import Any

WIDTH, HEIGHT = 320, 64
MOST_BARS = 60


def histogram(counts: Mapping[int, int], url: Callable[[int, int], str]) -> dict[str, Any]:
    """Return the bars for counts by year, oldest first; an empty list of bars where there are no years.

    `url` gives the address of a bar from its first and last year.
    """
    if not counts:
        return {"bars": [], "width": WIDTH, "height": HEIGHT}
    first, last = min(counts), max(counts)
    step = 1 if last - first < MOST_BARS else 10
    while (last - first) // step >= MOST_BARS:
        step *= 10
    grouped: dict[int, int] = {}
    for year, count in counts.items():
        grouped[year // step * step] = grouped.get(year // step * step, 0) + count
    start, end = first // step * step, last // step * step
    slots = (end - start) // step + 1
    slot = WIDTH / slots
    highest = max(grouped.values())
    wide = max(slot - min(1, slot / 4), 0.5)
    bars, outlines = [], []
    for year, count in sorted(grouped.items()):
        high = max(1.5, HEIGHT * count / highest)
        label = str(year) if step == 1 else f"{year}-{year + step - 1}"
        bars.append({"label": label, "count": count, "url": url(year, year + step - 1)})
        outlines.append(f"M{(year - start) / step * slot:.2f} {HEIGHT}v-{high:.2f}h{wide:.2f}v{high:.2f}z")
    outline = "".join(outlines)
    return {"bars": bars, "outline": outline, "width": WIDTH, "height": HEIGHT, "first": first, "last": last}
