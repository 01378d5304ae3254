"""What the modules about MARC share: a record as it was decoded, and the punctuation of ISBD taken off its values."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from pymarc import Field

_MARKS = ",;:/= \t\r\n\u00a0"
_ABBREVIATIONS = frozenset(
    (
        "abp", "assn", "assoc", "aufl", "bd", "bros", "co", "comp", "corp", "cos", "dept", "dir", "ed", "eds", "esq",
        "etc", "fig", "gov", "hrsg", "inc", "jr", "jun", "ltd", "mfg", "mme", "mrs", "nat", "natl", "no", "nos", "phil",
        "pp", "prof", "pt", "pts", "pub", "rev", "sen", "ser", "sr", "suppl", "univ", "vol", "vols", "ver",
    )
)  # fmt: skip
_LAST_WORD = re.compile(r"([^\W\d_][^\s,;()-]*)\.$")
_LONGEST_WORD = 30


@dataclass(frozen=True)
class Marc:
    """A record's leader and fields. `bare`: it says that ISBD punctuation is left out, so that a stop is its own."""

    leader: str
    everything: list[Field]
    by_tag: dict[str, list[Field]]
    bare: bool
    # Fields in the original script, by the tag of the romanised ones that they stand beside (880).
    original: dict[str, list[Field]] = field(default_factory=dict)

    def fields(self, *tags: str) -> list[Field]:
        """Return the fields that have one of these tags, tag by tag."""
        return [one for tag in tags if tag in self.by_tag for one in self.by_tag[tag]]

    def in_order(self, tags: Container[str]) -> Iterator[Field]:
        """Yield the fields that have one of these tags, as they stand in the record."""
        return (one for one in self.everything if one.tag in tags)

    def values(self, tag: str, codes: str) -> Iterator[str]:
        """Yield the values of these subfields in all fields of a tag."""
        return (text for one in self.by_tag.get(tag, ()) for text in values(one, codes))

    def control(self, tag: str) -> str:
        """Return the content of the first control field of a tag."""
        return next((one.data or "" for one in self.by_tag.get(tag, ())), "")

    def ended(self, text: str) -> str:
        """Return the text without the punctuation that ends a field."""
        return without_marks(text) if self.bare else ended_by_stop(text)


def marc(leader: str, fields: list[Field]) -> Marc:
    """Return the record that is made of these fields."""
    by_tag: dict[str, list[Field]] = {}
    original: dict[str, list[Field]] = {}
    for one in fields:
        if one.tag == "880":
            original.setdefault(value(one, "6")[:3], []).append(one)
        else:
            by_tag.setdefault(one.tag, []).append(one)
    return Marc(leader, fields, by_tag, leader[18:19] in ("c", "n"), original)


def values(one: Field, codes: str) -> list[str]:
    """Return the values of these subfields of a field, in its order."""
    return [text for code, text in one.subfields if code in codes and text and not text.isspace()]


def first(one: Field) -> str:
    """Return the first indicator; of a field that has none, a blank."""
    return one.indicators[0] if one.indicators else " "


def second(one: Field) -> str:
    """Return the second indicator; of a field that has none, a blank."""
    return one.indicators[1] if one.indicators else " "


def value(one: Field, code: str) -> str:
    """Return the first value of a subfield, or an empty text."""
    return next((text for found, text in one.subfields if found == code), "").strip()


def without_marks(text: str) -> str:
    """Return the text without the commas, colons and slashes that lead to what follows it."""
    return text.rstrip(_MARKS).strip()


def ended_by_stop(text: str) -> str:
    """Return the text without the marks and the stop that end a field where punctuation is written."""
    return without_marks(without_stop(without_marks(text)))


def without_stop(text: str) -> str:
    """Return the text without its final stop; those of initials, abbreviations and ellipses are its own."""
    if not text.endswith(".") or text.endswith(".."):
        return text
    if match := _LAST_WORD.search(text[-_LONGEST_WORD:]):
        word = match[1].lower()
        short = len(word) == 1 or (len(word) == 2 and match[1][0].isupper())  # "John J.", "Brown, Wm.", but "based on."
        if short or "." in word or word in _ABBREVIATIONS:
            return text
    return text[:-1].rstrip()


def joined(pieces: Iterable[tuple[str, str]]) -> str:
    """Return texts joined, each after the mark that leads to it: none stands twice, and none before the first."""
    result: list[str] = []
    for mark, text in pieces:
        text = text.strip()
        if text:
            if result:
                result.append(" " if mark == ". " and result[-1][-1] in ".?!" else mark)
            result.append(text)
    return "".join(result)
