"""What the form of a record shows before anybody sends it: of a Draft, or as it was typed and is no Draft yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from catalogue import codes
from catalogue.draft import LAST_YEAR, MOST_HEADINGS, Draft, Identifier, Name, clean, is_orcid

_ROWS = ("authors", "identifiers")
_MAIN = tuple(one.name for one in fields(Draft) if one.name not in _ROWS)
_NO_TEXTS = ("year", "replaced_by", "keywords")
# What the form carries besides the record.
_BESIDE = ("reason", "modified", "token")
_AUTHOR = ("heading", "kind", "orcid")
_IDENTIFIER = ("scheme", "value")


@dataclass(frozen=True)
class Values:
    """`main` by the names of the fields; the rows of authors and identifiers in order, the empty ones left out."""

    main: Mapping[str, Any]
    authors: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]

    @classmethod
    def of(cls, draft: Draft, **beside: Any) -> Self:
        return cls(
            {**{name: getattr(draft, name) for name in _MAIN}, **beside},
            [{name: getattr(author, name) for name in _AUTHOR} for author in draft.authors],
            [{name: getattr(item, name) for name in _IDENTIFIER} for item in draft.identifiers],
        )

    @classmethod
    def typed(cls, data: Mapping[str, Any]) -> Self:
        """Return what somebody typed, right or wrong."""
        main = {name: data[name] for name in (*_MAIN, *_BESIDE) if name in data}
        authors = sorted(_rows(data, "authors", (*_AUTHOR, "ORDER")), key=_place)
        return cls(main, authors, list(_rows(data, "identifiers", _IDENTIFIER)))

    def draft(self) -> Draft:
        """Return these values as a cleaned Draft, as far as they can be one; it may be no valid one."""
        main = {name: self.main.get(name) for name in _MAIN}
        texts = {name: str(value or "") for name, value in main.items() if name not in _NO_TEXTS}
        keywords = main["keywords"] or ()
        draft = Draft(
            **texts,
            year=_whole(main["year"], LAST_YEAR),
            replaced_by=_whole(main["replaced_by"], 10**18),
            keywords=tuple(keywords.splitlines() if isinstance(keywords, str) else keywords),
            authors=tuple(_name(row) for row in self.authors),
            identifiers=tuple(Identifier(row["scheme"], row["value"]) for row in self.identifiers),
        )
        return clean(draft)

    def sent(self) -> dict[str, str]:
        """Return what a browser would send of a form that shows these values; `typed` reads it back."""
        lines = {name: "\n".join(value) for name, value in self.main.items() if isinstance(value, tuple | list)}
        main = {name: "" if value is None else str(value) for name, value in self.main.items()} | lines
        rows = {
            f"{prefix}-{place}-{name}": str(value)
            for prefix, found in (("authors", self.authors), ("identifiers", self.identifiers))
            for place, row in enumerate(found)
            for name, value in {**row, **({"ORDER": place + 1} if prefix == "authors" else {})}.items()
        }
        totals = {"authors-TOTAL_FORMS": len(self.authors), "identifiers-TOTAL_FORMS": len(self.identifiers)}
        return {**main, **rows, **{name: str(total) for name, total in totals.items()}}

    def filled(self, draft: Draft) -> Self:
        """Return these values with those of a Draft where nothing stands yet."""
        other = Values.of(draft)
        main = {**self.main, **{name: value for name, value in other.main.items() if not self.main.get(name) and value}}
        if self.main.get("status"):
            main["status"] = self.main["status"]
        known = [tuple(row[name] for name in _IDENTIFIER) for row in self.identifiers]
        new = [row for row in other.identifiers if tuple(row.values()) not in known]
        return replace(self, main=main, authors=self.authors or other.authors, identifiers=[*self.identifiers, *new])


def _name(row: Mapping[str, Any]) -> Name:
    kind = row["kind"] if row["kind"] in codes.AUTHOR_KINDS else codes.PERSON
    return Name(row["heading"], kind, row["orcid"] if is_orcid(row["orcid"]) else "")


def _whole(value: Any, most: int) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= most else None


def _rows(data: Mapping[str, Any], prefix: str, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    total = str(data.get(f"{prefix}-TOTAL_FORMS", ""))
    for place in range(min(int(total), MOST_HEADINGS) if total.isascii() and total.isdigit() and len(total) < 6 else 0):
        row = {name: data.get(f"{prefix}-{place}-{name}", "") for name in names}
        if any(row[name] for name in row if name not in ("kind", "ORDER")):
            yield row


def _place(row: dict[str, Any]) -> int:
    number = str(row.pop("ORDER"))
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else MOST_HEADINGS


def copied(draft: Draft) -> Draft:
    """Return what a new record has in common with one that is there: all but what belongs to that one alone."""
    return replace(
        draft,
        url="",
        shelf_number="",
        identifiers=(),
        status=codes.PUBLISHED,
        withdrawn_reason="",
        replaced_by=None,
    )
