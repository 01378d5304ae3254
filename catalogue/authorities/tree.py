"""The thesaurus as a tree, a level at a time: what stands under headings, and what stands under nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from catalogue.authorities import circles
from catalogue.authorities.files import AuthorityFile
from catalogue.models import Country, Heading, Keyword

# So many levels are drawn at once, and so many headings in all; what is deeper has a page of its own.
LEVELS = 3
MOST_SHOWN = 600
MOST_UNDER_ONE = 100


@dataclass
class Node:
    """One heading in the tree; `is_whole` is False where more stand under it than are drawn here."""

    number: int
    heading: str
    children: list["Node"] = field(default_factory=list)
    is_whole: bool = True


def top(file: AuthorityFile) -> QuerySet[Heading]:
    """Return the headings under which others stand, and which stand under none themselves."""
    return file.model.objects.filter(_has_below(file), ~_has_above(file)).order_by("fold")


def alone(file: AuthorityFile) -> QuerySet[Heading]:
    """Return the headings that stand in no tree."""
    return file.model.objects.filter(~_has_below(file), ~_has_above(file)).order_by("fold")


def under(file: AuthorityFile, heading: Heading) -> QuerySet[Heading]:
    """Return number and heading of all that stands right under one heading."""
    above = {"part_of": heading.pk} if file.model is Country else {"broader": heading.pk}
    return file.model.objects.filter(**above).order_by("fold").values_list("pk", "heading")


def _has_below(file: AuthorityFile) -> Exists:
    if file.model is Country:
        return Exists(Country.objects.filter(part_of=OuterRef("pk")))
    return Exists(Keyword.broader.through.objects.filter(to_keyword=OuterRef("pk")))


def _has_above(file: AuthorityFile) -> Exists:
    if file.model is Country:
        return Exists(Country.objects.filter(pk=OuterRef("pk"), part_of__isnull=False))
    return Exists(Keyword.broader.through.objects.filter(from_keyword=OuterRef("pk")))


_BELOW = {
    "keyword": "SELECT b.to_keyword_id, h.id, h.heading, h.fold FROM catalogue_keyword_broader b "
    "JOIN catalogue_keyword h ON h.id = b.from_keyword_id WHERE b.to_keyword_id = ANY(%(numbers)s)",
    "country": "SELECT h.part_of_id, h.id, h.heading, h.fold FROM catalogue_country h "
    "WHERE h.part_of_id = ANY(%(numbers)s)",
}


def below(file: AuthorityFile, numbers: Sequence[int], most: int) -> dict[int, list[tuple[int, str]]]:
    """Return what stands right under each heading: at most `most` numbers and headings, in order, in one query."""
    if file.name not in _BELOW or not numbers:
        return {}
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT above, id, heading FROM (
                SELECT *, row_number() OVER (PARTITION BY above ORDER BY fold) AS place
                FROM ({_BELOW[file.name]}) AS pairs(above, id, heading, fold)
            ) AS numbered WHERE place <= %(most)s ORDER BY above, place
            """,  # noqa: S608 - our own text
            {"numbers": list(numbers), "most": most},
        )
        for number, other, heading in cursor.fetchall():
            found[number].append((other, heading))
    return found


def grow(file: AuthorityFile, roots: Iterable[tuple[int, str]]) -> list[Node]:
    """Return the trees under some headings, drawn to a bounded depth and size, in one query a level."""
    trees = [Node(number, heading) for number, heading in roots]
    level, shown = trees, len(trees)
    for depth in range(LEVELS + 1):
        found = below(file, [node.number for node in level], MOST_UNDER_ONE + 1)
        following = []
        for node in level:
            under = found.get(node.number, [])
            room = MOST_UNDER_ONE if depth < LEVELS and shown + len(under) <= MOST_SHOWN else 0
            node.children = [Node(number, heading) for number, heading in under[:room]]
            node.is_whole = len(under) <= room
            shown += len(node.children)
            following += node.children
        level = following
    return trees


def path(file: AuthorityFile, heading: Heading) -> list[Heading]:
    """Return one way from the top of the tree down to a heading, itself left out."""
    above = circles.relations(file)
    way: list[int] = []
    number = heading.pk
    while (upper := above.get(number)) and min(upper) not in way:
        number = min(upper)
        way.insert(0, number)
    found = file.headings(way)
    return [found[one] for one in way if one in found]
