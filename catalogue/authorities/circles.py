"""No heading stands under itself, not even by way of others. The database refuses it too (migration 0006)."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.authorities.files import AuthorityFile
from catalogue.models import Country, Keyword

Above = Mapping[int, Iterable[int]]


def relations(file: AuthorityFile) -> dict[int, list[int]]:
    """Return what stands right above each heading of a file; headings under nothing are left out."""
    rows: Iterable[Any] = ()
    if file.model is Keyword:
        rows = Keyword.broader.through.objects.values_list("from_keyword", "to_keyword")
    elif file.model is Country:
        rows = Country.objects.filter(part_of__isnull=False).values_list("pk", "part_of")
    found: dict[int, list[int]] = {}
    for number, other in rows:
        found.setdefault(number, []).append(other)
    return found


def leads_back(above: Above, number: int, start: int) -> bool:
    """Tell whether one comes to a heading by climbing from another, or from itself."""
    seen, todo = set[int](), [start]
    while todo:
        one = todo.pop()
        if one == number:
            return True
        if one not in seen:
            seen.add(one)
            todo += above.get(one, ())
    return False


def find(above: Above) -> list[int]:
    """Return the headings of one circle, in the order of climbing; nothing where there is none."""
    done: set[int] = set()
    for first in above:
        path: dict[int, None] = {}
        todo = [(first, False)]
        while todo:
            number, is_left = todo.pop()
            if is_left:
                path.popitem()
                done.add(number)
            elif number in path:
                return list(path)[list(path).index(number) :]
            elif number not in done:
                path[number] = None
                todo.append((number, True))
                todo += [(other, False) for other in above.get(number, ())]
    return []
