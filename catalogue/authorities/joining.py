"""Several headings joined into one, as plain data: nothing is lost, and what contradicts itself is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.authorities.entries import Entry, Link
from catalogue.folding import fold_heading


@dataclass(frozen=True)
class Joined:
    """The Entry that the kept heading shall have, and a sentence for each thing of which it could keep only one."""

    entry: Entry
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lost:
    """A value of another heading that the kept one cannot have beside its own."""

    label: str
    heading: str
    value: str

    @property
    def remark(self) -> str:
        """What the notes of the kept heading say of it."""
        return f"{self.heading}: {self.label} {self.value}"

    def sentence(self, kept: str) -> str:
        values = {"kept": kept, "label": self.label, "remark": self.remark}
        return _("“%(kept)s” keeps its own %(label)s; its notes will say “%(remark)s”.") % values


def join(kept: Entry, others: Sequence[Entry], numbers: Iterable[int], one_above: bool = False) -> Joined:
    """Join others into the kept Entry. `numbers` are those of all of them: they are no relations of one another.

    What cannot stand beside what the kept one has (a second ORCID or code, a second greater place) goes into its notes.
    """
    gone = set(numbers)
    conflicts: list[str] = []
    entry = kept
    for other in others:
        entry, lost = _with_single_values(entry, other, one_above, gone)
        conflicts += [one.sentence(kept.heading) for one in lost]
        entry = replace(
            entry,
            notes=_joined(entry.notes, other.notes, *(one.remark for one in lost)),
            scope_note=_joined(entry.scope_note, other.scope_note),
            related=_links(entry.related + other.related, gone),
        )
    forms = [form for other in others for form in (other.heading, *other.variants)]
    return Joined(replace(entry, variants=_forms(kept.heading, [*kept.variants, *forms])), tuple(conflicts))


def _with_single_values(entry: Entry, other: Entry, one_above: bool, gone: set[int]) -> tuple[Entry, list[Lost]]:
    """Return the Entry with what it lacks of the other's, and what of it contradicts its own."""
    above, own = _links(other.broader, gone), _links(entry.broader, gone)
    kind = str(codes.AUTHOR_KINDS.get(other.kind, other.kind))
    kinds = (entry.kind, kind if other.kind != entry.kind else entry.kind)
    lost = [
        Lost(label, other.heading, theirs)
        for label, (ours, theirs) in (
            (_("ORCID"), (entry.orcid, other.orcid)),
            (_("code"), (entry.code, other.code)),
            (_("kind"), kinds),
            (_("part of"), (_words(own), _words(above)) if one_above else ("", "")),
        )
        if ours and theirs and ours != theirs
    ]
    joined = replace(
        entry,
        orcid=entry.orcid or other.orcid,
        code=entry.code or other.code,
        broader=(own or above) if one_above else _links(entry.broader + other.broader, gone),
    )
    return joined, lost


def _words(links: Iterable[Link]) -> str:
    return ", ".join(link.heading for link in links)


def _joined(*texts: str) -> str:
    """Return the texts as paragraphs, each once."""
    return "\n\n".join(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _links(links: Iterable[Link], gone: set[int]) -> tuple[Link, ...]:
    return tuple(dict.fromkeys(link for link in links if link.number not in gone))


def _forms(heading: str, forms: Iterable[str]) -> tuple[str, ...]:
    """Return the forms that differ after folding from the heading and from one another, in their order."""
    found: dict[str, str] = {}
    for form in forms:
        found.setdefault(fold_heading(form), form)
    found.pop(fold_heading(heading), None)
    return tuple(sorted(found.values(), key=fold_heading))
