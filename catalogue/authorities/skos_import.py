"""Brings SKOS into an authority file: wholly or not at all. A dry run is the very same run, rolled back.

An import only adds. A concept whose label leads to a heading already gives it what it lacks; nothing is renamed and
nothing goes. What cannot be added beside what is there is left out and named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rdflib.term import Node

from catalogue import changes, codes, headings
from catalogue.authorities import circles, entries, files, rdf, skos
from catalogue.authorities.entries import Entry, Link
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.merging import Refused, refuse_beside_import
from catalogue.authorities.noting import note
from catalogue.authorities.skos import Concept
from catalogue.draft import HEADING_LIMIT
from catalogue.folding import fold_heading

MOST_CONCEPTS = 50_000
MOST_REMARKS = 200


@dataclass
class Report:
    """What an import did, or, run dry, would do. `remarks` name what was left out; `remarked` counts all of it."""

    concepts: int = 0
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    forms: int = 0
    relations: int = 0
    remarked: int = 0
    remarks: list[str] = field(default_factory=list)
    change_set: int | None = None

    def remark(self, sentence: str) -> None:
        self.remarked += 1
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(sentence)


def bring(
    file: AuthorityFile, content: bytes, language: str, user: Any = None, reason: str = "", dry: bool = False
) -> Report:
    """Import a file of SKOS in one change set. Raises Refused; then nothing was changed."""
    concepts = [concept for concept in skos.concepts(rdf.read(content), language) if concept.heading]
    _check(concepts)
    with transaction.atomic():
        files.lock()
        refuse_beside_import()
        report = Report(concepts=len(concepts))
        change_set = changes.open_change_set(codes.IMPORT, user, reason)
        before, wanted = _Plan(file, concepts, report).entries()
        _refuse_circles(file, wanted)
        entries.write(file, wanted)
        after = entries.read(file, wanted)
        changed = note(change_set, file, before, after)
        _count(report, before, after, changed)
        if dry:
            transaction.set_rollback(True)
        elif changed:
            report.change_set = change_set.pk
        else:
            change_set.delete()
    return report


def _check(concepts: list[Concept]) -> None:
    if not concepts:
        raise Refused(_("There is no SKOS concept with a label in this file."))
    if len(concepts) > MOST_CONCEPTS:
        values = {"n": len(concepts), "most": MOST_CONCEPTS}
        raise Refused(_("The file has %(n)d concepts; the most is %(most)d. Divide it.") % values)
    for concept in concepts:
        if len(concept.heading) > HEADING_LIMIT:
            sentence = _("The label “%(label)s…” is longer than %(most)d characters.")
            raise Refused(sentence % {"label": concept.heading[:60], "most": HEADING_LIMIT})


def _refuse_circles(file: AuthorityFile, wanted: dict[int, Entry]) -> None:
    if not file.has_tree:
        return
    above = circles.relations(file)
    above.update({number: [link.number for link in entry.broader] for number, entry in wanted.items()})
    circle = circles.find(above)
    if circle:
        known = {number: str(heading) for number, heading in file.headings(circle).items()}
        names = [wanted[n].heading if n in wanted else known[n] for n in [*circle, circle[0]]]
        sentence = _("With this file a heading would be broader than itself: %(names)s. Nothing was imported.")
        raise Refused(sentence % {"names": " ← ".join(names[:10])})


def _count(report: Report, before: dict[int, Entry], after: dict[int, Entry], changed: Iterable[int]) -> None:
    for number in changed:
        old, new = before.get(number), after[number]
        report.forms += len(new.variants) - len(old.variants if old else ())
        report.relations += len(new.broader) - len(old.broader if old else ())
        report.relations += sum(
            link.number > number or link.number not in after
            for link in new.related
            if not old or link not in old.related
        )
    report.changed = sum(number in before for number in changed)
    report.made = len(after) - len(before)
    report.unchanged = len(after) - report.made - report.changed


class _Plan:
    """Which heading each concept is, and what every heading of the file shall be."""

    def __init__(self, file: AuthorityFile, concepts: list[Concept], report: Report) -> None:
        self.file = file
        self.report = report
        self.concepts = concepts
        self.led: dict[str, int] = self._known()
        self.numbers: dict[Node, int] = self._numbers()

    def _known(self) -> dict[str, int]:
        """Return where the forms of the file lead by now."""
        forms = {fold_heading(form) for one in self.concepts for form in (one.heading, *one.variants)}
        found = headings.find(self.file.model, self.file.variants, forms)
        return {fold: heading.pk for fold, heading in found.items()}

    def _numbers(self) -> dict[Node, int]:
        """Lead every concept to its heading; two labels that fold to one are one heading."""
        new = list(dict.fromkeys(fold for one in self.concepts if (fold := fold_heading(one.heading)) not in self.led))
        self.led |= dict(zip(new, entries.next_numbers(self.file, len(new)), strict=True))
        return {concept.name: self.led[fold_heading(concept.heading)] for concept in self.concepts}

    def entries(self) -> tuple[dict[int, Entry], dict[int, Entry]]:
        """Return the Entries of the headings as they are, and as they shall be."""
        before = entries.read(self.file, self.numbers.values())
        wanted = dict(before)
        self.taken = {name: self._taken(name) for name in entries.UNIQUE if name in self.file.columns}
        for concept in self.concepts:
            number = self.numbers[concept.name]
            wanted[number] = self._grown(number, wanted.get(number) or self._new(concept), concept)
        return before, wanted

    def _taken(self, name: str) -> dict[str, int]:
        """Return which headings have the ORCIDs or codes of the file by now."""
        wanted = {getattr(concept, name) for concept in self.concepts} - {""}
        return dict(self.file.model.objects.filter(**{f"{name}__in": wanted}).values_list(name, "pk"))

    def _new(self, concept: Concept) -> Entry:
        kind = concept.kind or codes.PERSON
        return Entry(concept.heading, kind=kind if "kind" in self.file.columns else "")

    def _grown(self, number: int, entry: Entry, concept: Concept) -> Entry:
        """Return a heading with what a concept adds to it."""
        has_scope = "scope_note" in self.file.columns
        if has_scope and entry.scope_note and concept.scope_note and concept.scope_note not in entry.scope_note:
            self.report.remark(_("“%(heading)s” keeps its own scope note.") % {"heading": entry.heading})
        notes = concept.notes if concept.notes not in entry.notes else ""
        return replace(
            entry,
            variants=(*entry.variants, *self._free(number, entry, concept)),
            scope_note=(entry.scope_note or concept.scope_note) if has_scope else "",
            **{name: self._own(name, number, entry, concept) for name in self.taken},
            notes="\n\n".join(filter(None, (entry.notes, notes))),
            broader=self._broader(number, entry, concept),
            related=self._links(number, entry.related, concept.related) if self.file.name == "keyword" else (),
        )

    def _own(self, name: str, number: int, entry: Entry, concept: Concept) -> str:
        """Return the ORCID or code of a heading: the one it has, else that of the concept, which no other may have."""
        wanted = getattr(concept, name)
        if not wanted or entry.column(name) == wanted:
            return entry.column(name)
        if entry.column(name) or self.taken[name].setdefault(wanted, number) != number:
            values = {"value": wanted, "heading": entry.heading}
            self.report.remark(
                _("%(value)s is not given to “%(heading)s”, which has another, or another has it.") % values
            )
            return entry.column(name)
        return wanted

    def _broader(self, number: int, entry: Entry, concept: Concept) -> tuple[Link, ...]:
        """Return what a heading stands under; a country is a part of one other at most, and an author of none."""
        if not self.file.has_tree:
            return ()
        found = self._links(number, entry.broader, concept.broader)
        if self.file.name == "country" and len(found) > 1:
            self.report.remark(_("“%(heading)s” is a part of one other already.") % {"heading": entry.heading})
            return found[:1]
        return found

    def _free(self, number: int, entry: Entry, concept: Concept) -> Iterable[str]:
        """Yield the other forms that a heading receives, and name those that lead elsewhere."""
        for form in (concept.heading, *concept.variants):
            fold = fold_heading(form)
            if len(form) > HEADING_LIMIT:
                self.report.remark(
                    _("A form of “%(heading)s” is too long and is left out.") % {"heading": entry.heading}
                )
            elif fold not in self.led:
                self.led[fold] = number
                yield form
            elif self.led[fold] != number:
                values = {"form": form, "heading": entry.heading}
                self.report.remark(_("“%(form)s” leads elsewhere and is no form of “%(heading)s”.") % values)

    def _links(self, number: int, links: tuple[Link, ...], names: Iterable[Node]) -> tuple[Link, ...]:
        known = [self.numbers[name] for name in names if name in self.numbers]
        return tuple(dict.fromkeys((*links, *(Link(other) for other in known if other != number))))
