"""The records that are likely to be about the document that somebody catalogues, and what makes them likely."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import candidates, likeness, matching, records
from catalogue.draft import Draft
from catalogue.models import Record

MOST = 8
# Of the records that share anything with it, so many are looked at.
MOST_READ = 300
# While no year is typed yet, titles of so many years are looked at.
YEARS_BACK = 100
# The strongest first; what matching calls "same" is the title alone.
_STRENGTH = ("source", "doi", "url", "isbn", "report", "shelf_number", "same")


@dataclass(frozen=True)
class Likely:
    """A record that is perhaps about the same document; `reasons` are what both have in common."""

    number: int
    draft: Draft
    reasons: tuple[str, ...]

    @property
    def first_author(self) -> str:
        return self.draft.authors[0].heading if self.draft.authors else ""


def find(draft: Draft, number: int | None = None) -> list[Likely]:
    """Return the likeliest duplicates of a cleaned Draft, the strongest evidence first; never the record itself."""
    found = set(candidates.candidate_numbers([draft, replace(draft, year=None)]))
    found.update(_near(draft))
    found.discard(number or 0)
    drafts = records.read_drafts(sorted(found)[-MOST_READ:])
    likely = [
        (_place(draft, other), Likely(one, other, tuple(_reasons(draft, other))))
        for one, other in drafts.items()
        if not (number and other.replaced_by == number)
    ]
    likely.sort(key=lambda item: (item[0], item[1].number))
    return [item for _place_, item in likely if item.reasons][:MOST]


def _near(draft: Draft) -> set[int]:
    """Return the records with a title that is alike, of a year that is near or unknown."""
    # Most people type the title before the year.
    now = timezone.now().year
    years = range(draft.year - 1, draft.year + 2) if draft.year else range(now - YEARS_BACK, now + 2)
    drafts = [replace(draft, year=year) for year in (None, *years)]
    keys = [key for one in drafts for key in likeness.start_keys(one)]
    begun = Record.objects.filter(near_start__in=keys).order_by("pk").values_list("pk", "title")[:MOST_READ]
    found = {number for number, title in begun if likeness.alike(title, draft.title)}
    return found.union(*candidates.near_numbers(drafts).values())


def _place(draft: Draft, other: Draft) -> tuple[int, int]:
    """Return by what duplicates are put in order: the strongest thing in common, then how far the years are apart."""
    strongest = next(_shared(draft, other), "")
    apart = abs(draft.year - other.year) if draft.year and other.year else 0
    return (_STRENGTH.index(strongest) if strongest else len(_STRENGTH)), apart


def _shared(draft: Draft, other: Draft) -> Iterator[str]:
    """Yield the names of the rules by which both have a key in common."""
    for name in _STRENGTH:
        keys = matching.RULES[name].keys
        if set(keys(draft)) & set(keys(other)) - {""}:
            yield name


def _reasons(draft: Draft, other: Draft) -> Iterator[str]:
    """Yield what both have in common, in words; the year is no reason by itself."""
    shared = list(_shared(draft, other))
    for name in shared:
        yield _("the same title") if name == "same" else _("the same %(what)s") % {"what": matching.RULES[name].label}
    is_near = "same" not in shared and draft.title and likeness.alike(draft.title, other.title)
    if is_near:
        yield _("a title that is nearly the same")
    if (shared or is_near) and draft.year and draft.year == other.year:
        yield _("the same year")
