"""From the lines of a BibTeX file to its entries: divided, abbreviations written out. `bibtex` calls it.

bibtexparser holds whole files, and refuses an entry with quotation marks inside braces inside quotation marks, which
BibTeX reads ("{the "optional" chapter}"; one of 17,000 real entries), or with a comment between its fields (another).
So entries are divided here, one at a time, in bounded memory (16,400 a second, against 9,500, of the largest real file
at hand), and bibtexparser checks in the tests what is written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError, Notes, shorten
from catalogue.formats.bibtex_strings import Strings, read_value
from catalogue.formats.decoding import LINE_LIMIT

# Where an entry begins on a line of its own; its type may stand apart from the sign, and the brace on the next line.
_START = re.compile(r"\s*@[ \t]*[A-Za-z][\w-]*[ \t]*(?:[{(]|\r?\n?$)")
# Further entries on the same line are read, those in a comment are not.
_HEAD = re.compile(r"(?<![^\s})])@\s*([A-Za-z][\w-]*)\s*[{(]")
_KEY = re.compile(r"[^,={}()\"]*")
_NAME = re.compile(r"([^\s=,{}()\"#%]+)\s*=\s*")
# What may stand between two fields: commas, and comments, which BibTeX does not know but people write.
_BETWEEN = re.compile(r"(?:[\s,]++|%[^\r\n]*+)*+")
_BRACE = re.compile("[{}]")
# The fields that are read; of all others not even the abbreviations matter.
_FIELDS = (
    "abstract addendum address archiveprefix author booksubtitle booktitle country crossref date doi edition editor "
    "eid eprint eprinttype fjournal howpublished identifiers ids institution isbn issn issue journal journalsubtitle "
    "journaltitle keyword keywords langid language link location mainsubtitle maintitle note number organization pages "
    "pagetotal publisher rights school series shelfnumber subtitle title titleaddon translator type url urldate volume "
    "xdata year"
)
FIELDS = frozenset(_FIELDS.split())
_LONGEST_COMMENT = 1_000
_NO_RECORDS = frozenset(("comment", "preamble", "set", "control", "ieeetranbstctl"))


@dataclass(frozen=True, slots=True)
class Parsed:
    """One entry: its type and key, and its fields by their names in small letters, abbreviations written out."""

    line: int
    kind: str
    key: str
    fields: Mapping[str, str]
    notes: Notes


def divide(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each stretch of a file that begins with an entry, and its line; what stands before the first is none.

    An entry that is never closed ends where the next begins: it costs no other.
    """
    stretch: list[str] = []
    begun = length = 0
    for number, line in enumerate(lines, start=1):
        if "@" in line and _START.match(line):
            if begun:
                yield begun, "".join(stretch)
            stretch, begun, length = [line], number, len(line)
        elif begun:
            stretch.append(line)
            length += len(line)
            if length > LINE_LIMIT:
                message = _(
                    "The entry that begins at line %(line)d is longer than %(limit)d characters: the file is damaged, "
                    "or in another format."
                )
                raise FormatError(message % {"line": begun, "limit": LINE_LIMIT})
    if begun:
        yield begun, "".join(stretch)


def parse(line: int, text: str, strings: Strings) -> Iterator[Parsed]:
    """Yield the entries of a stretch, nearly always one; abbreviations are added to the strings."""
    position = counted = 0
    while head := _HEAD.search(text, position):
        kind = head.group(1).lower()
        line += text.count("\n", counted, head.start())
        counted = head.start()
        before = text[max(position, head.start() - _LONGEST_COMMENT) : head.start()]
        if "%" in before[before.rfind("\n") + 1 :]:
            position = head.end()
        elif kind in _NO_RECORDS:
            position = _end_of_group(text, head.end())
        elif kind == "string":
            position = strings.read(text, head.end())
        else:
            entry = _Entry(line, kind)
            position = entry.read_fields(text, entry.read_key(text, head.end()), strings)
            yield entry.parsed()


def _end_of_group(text: str, start: int) -> int:
    """Return where the brace before `start` is closed; the end of the text where it is not."""
    depth = 1
    for match in _BRACE.finditer(text, start):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(text)


class _Entry:
    """One entry while it is read."""

    def __init__(self, line: int, kind: str) -> None:
        self._line = line
        self._kind = kind
        self._key = ""
        self._fields: dict[str, str] = {}
        self._notes = Notes()

    def parsed(self) -> Parsed:
        """Return the entry as it stands."""
        return Parsed(self._line, self._kind, self._key, self._fields, self._notes)

    def read_key(self, text: str, position: int) -> int:
        """Read the key; return where the fields begin. Without one they begin at once."""
        match = _KEY.match(text, position)
        if not match or not text.startswith((",", "}", ")"), match.end()):
            self._notes.warn(_("The entry at line %(line)d has no key.") % {"line": self._line})
            return position
        self._key = match.group().strip()
        return match.end()

    def read_fields(self, text: str, position: int, strings: Strings) -> int:
        """Read the fields to the brace that closes the entry; return where it ends."""
        while True:
            between = _BETWEEN.match(text, position)
            position, has_comma = (between.end(), "," in between.group()) if between else (position, False)
            if text.startswith(("}", ")"), position):
                return position + 1
            name = _NAME.match(text, position)
            if not name:
                self._break(text[position : position + 200])
                return len(text) if not _HEAD.search(text, position) else position
            if not has_comma and self._fields:
                message = _("A comma is missing before “%(field)s”.")
                self._notes.warn(message % {"field": shorten(name.group(1))})
            position = self._read_field(name.group(1).lower(), text, name.end(), strings)

    def _read_field(self, name: str, text: str, position: int, strings: Strings) -> int:
        """Read a value. Of a field that is there twice the first is kept, as BibTeX does it."""
        known = name in FIELDS
        value, end = read_value(text, position, strings if known else None, self._notes)
        if end < 0:
            self._break(f"{name} = {text[position : position + 200]}")
            return len(text)
        if known and "\x00" not in value:
            self._fields.setdefault(name, value)
        elif known:
            message = _("The entry “%(key)s” at line %(line)d holds a zero byte: the file is damaged here.")
            self._notes.problem(name, "", message % {"key": shorten(self._key), "line": self._line})
        return end

    def _break(self, rest: str) -> None:
        message = _(
            "The entry “%(key)s” at line %(line)d cannot be read from here on: a brace or a quotation mark is never "
            "closed, or a comma or an equals sign is missing."
        )
        value = " ".join(rest.split())
        self._notes.problem("", value, message % {"key": shorten(self._key), "line": self._line})
