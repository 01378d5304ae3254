"""The query language: what people type becomes a tree of small frozen nodes, and is printed back as text.

    peer mentoring          both words                 "peer support"      this phrase, as it stands
    prison OR jail          either                     "peer prison"~5     these words at most 5 apart
    NOT drugs, -drugs       without                    rehab*  wom?n       words that begin so; one letter
    (a OR b) c              brackets                   author:fletcher     in one field
    year:2010-2015          a range                    keyword="Peer Support"   this whole heading

NOT binds closest, then words side by side (AND may stand between them), then OR. Every string has a tree: what cannot
be understood is searched as plain words, and `Parsed.notes` says so. No Django is known here.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from search import text
from search.nodes import (
    And,
    Everything,
    Heading,
    HistoryLine,
    In,
    Node,
    Not,
    Note,
    Or,
    Parsed,
    Phrase,
    Range,
    Truncated,
    Word,
    all_of,
    any_of,
    leaves,
    range_text,
    to_text,
)
from search.query_words import WordReader, parse_years
from search.query_words import marked as _

__all__ = [
    "And",
    "Everything",
    "Heading",
    "HistoryLine",
    "In",
    "Node",
    "Not",
    "Note",
    "Or",
    "Parsed",
    "Phrase",
    "Range",
    "Truncated",
    "Word",
    "all_of",
    "any_of",
    "cut",
    "leaves",
    "parse",
    "parse_years",
    "range_text",
    "to_text",
    "without_control_characters",
]


LONGEST_QUERY = 4_000
MOST_CLAUSES = 200
DEEPEST_NESTING = 20
LONGEST_JOINED = 5
YEAR_FIELD = "year"


# Word processors put these in the place of what was typed.
_QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_DASHES = "‐‑−–﹣－"
_LEXEME = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<history>\#[0-9]{{1,4}}(?![^\s()]))
  | (?P<field>[A-Za-z_]+)(?P<operator>[:=])(?=[^\s)])
  | (?P<phrase>"[^"]*"(?:\s*~\s*[0-9]+)?)
  | (?P<quote>")
  | (?P<minus>-(?=["(\w#])|[{_DASHES}](?=["(]|[^\W\d_]))
  | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str
    operator: str = ""


def parse(query: str, field: str = "", fields: frozenset[str] = frozenset()) -> Parsed:
    """Return the tree of a query, every word of it looked for in `field` where one is given.

    `fields` are the names that may stand before a colon; where a field is given, none may.
    """
    return _Parser(query, field, fields).parse()


def cut(query: str) -> str:
    """Return as much of a query as is searched."""
    return query if len(query) <= LONGEST_QUERY else query[:LONGEST_QUERY].rsplit(" ", 1)[0]


def without_control_characters(value: str) -> str:
    """Return the text with a space for every character that no catalogue holds."""
    return _CONTROL.sub(" ", value)


@functools.cache
def _spaced(fields: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(fields)))
    return re.compile(rf"""(?<![^\s(-])({names})(?::\s+(?=(?!(?:AND|OR|NOT)\b)[^\s)])|\s*=\s*(?="))""")


def _closed_up(query: str, fields: frozenset[str]) -> str:
    """Return a query without the spaces in `title: word` and `keyword = "..."`. "Title: word" may be one: it stays."""
    if not fields or not (":" in query or "=" in query):
        return query
    return _spaced(fields).sub(lambda match: match[1] + match[0][len(match[1]) :].strip(), query)


class _Parser(WordReader):
    """Recursive descent over the lexemes. Nothing here raises: each method does the best with what comes next."""

    def __init__(self, query: str, field: str, fields: frozenset[str]) -> None:
        super().__init__()
        self.field = field
        self.fields = frozenset() if field else fields
        query = without_control_characters(query).translate(_QUOTATION_MARKS)
        if len(query) > LONGEST_QUERY:
            self._note(_("Only the first %(count)d characters were searched."), count=LONGEST_QUERY)
            query = cut(query)
        self.lexemes = list(self._lex(_closed_up(query, self.fields)))
        self._note_small_operators()
        self.position = 0
        self.clauses = 0
        self.depth = 0
        self.in_years = False

    def _note_small_operators(self) -> None:
        """Tell who joins a few words with "and" that only capitals do so; titles have such words too."""
        if len(self.lexemes) > LONGEST_JOINED:
            return
        for lexeme in self.lexemes[1:-1]:
            if lexeme.kind == "word" and lexeme.text in ("and", "or", "not"):
                note = _("“%(word)s” was searched as a word. In capitals, as %(operator)s, it is an operator.")
                self._note(note, word=lexeme.text, operator=lexeme.text.upper())

    def _lex(self, query: str) -> Iterator[_Lexeme]:
        for match in _LEXEME.finditer(query):
            kind = match.lastgroup or ""
            if kind == "quote":
                self._note(_("A quotation mark has no partner; its words were searched one by one."))
            elif kind == "operator":
                yield from self._lex_field(match["field"].lower(), match["operator"])
            elif kind == "word" and match[0][:-1].lower() in self.fields and match[0][-1] in ":=":
                self._note(_("Nothing follows “%(field)s”; it was searched as a word."), field=match[0])
                yield _Lexeme(kind, match[0][:-1])
            elif kind == "word" and match[0] in ("AND", "OR", "NOT"):
                yield _Lexeme(match[0], match[0])
            elif kind == "minus" and match[0] != "-":
                note = _("The dash in “%(value)s” was taken for a minus: what follows it is left out.")
                self._note(note, value=query[match.start() :].split()[0][:40])
                yield _Lexeme(kind, match[0])
            elif kind != "space":
                yield _Lexeme(kind, match[0])

    def _lex_field(self, name: str, operator: str) -> Iterator[_Lexeme]:
        if name in self.fields:
            yield _Lexeme("field", name, operator)
        else:
            if not self.field and name not in ("http", "https", "ftp"):
                self._note(_("“%(name)s” is not the name of a field; it was searched as a word."), name=name)
            yield _Lexeme("word", name)

    def parse(self) -> Parsed:
        nodes = []
        while self.position < len(self.lexemes):
            nodes.append(self._or())
            if self.position < len(self.lexemes):  # only a closing bracket stops _or before the end
                self._note(_("A closing bracket has no partner; it was left out."))
                self.position += 1
        tree = all_of(nodes)
        if self.field and not isinstance(tree, Everything):
            tree = In(self.field, tree)
        return Parsed(tree, tuple(self.notes))

    def _peek(self) -> str:
        return self.lexemes[self.position].kind if self.position < len(self.lexemes) else "end"

    def _take(self) -> _Lexeme:
        self.position += 1
        return self.lexemes[self.position - 1]

    def _or(self) -> Node:
        branches = [self._and()]
        while self._peek() == "OR":
            self._take()
            branch = self._and()
            is_one_empty = isinstance(branches[-1], Everything) or isinstance(branch, Everything)
            if is_one_empty and self.clauses <= MOST_CLAUSES:
                self._note(_("An OR has nothing on one of its sides; it was left out."))
            branches.append(branch)
        branches = [branch for branch in branches if not isinstance(branch, Everything)]
        return any_of(branches) if branches else Everything()

    def _and(self) -> Node:
        nodes: list[Node] = []
        while self._peek() not in ("end", "OR", "close"):
            if self._peek() == "AND":
                self._take()
                if not nodes or self._peek() in ("end", "OR", "close", "AND"):
                    self._note(_("An AND has nothing on one of its sides; it was left out."))
                continue
            nodes.append(self._unary())
        return all_of(nodes)

    def _unary(self) -> Node:
        if self._peek() not in ("NOT", "minus"):
            return self._primary()
        self._take()
        if self._peek() in ("end", "OR", "close", "AND"):
            self._note(_("A NOT has nothing after it; it was left out."))
            return Everything()
        self.depth += 1
        node = self._unary() if self.depth < DEEPEST_NESTING else self._primary()
        self.depth -= 1
        if isinstance(node, Not):
            return node.node
        return node if isinstance(node, Everything) else Not(node)

    def _primary(self) -> Node:
        lexeme = self._take()
        if lexeme.kind == "open":
            return self._group()
        self.clauses += 1
        if self.clauses > MOST_CLAUSES:
            self._note(_("Only the first %(count)d words were searched."), count=MOST_CLAUSES)
            return Everything()
        return self._fielded(lexeme) if lexeme.kind == "field" else self._leaf(lexeme)

    def _group(self) -> Node:
        if self.depth >= DEEPEST_NESTING:
            self._note(_("Brackets inside brackets go no deeper than %(count)d."), count=DEEPEST_NESTING)
            return Everything()
        self.depth += 1
        node = self._or()
        self.depth -= 1
        if self._peek() == "close":
            self._take()
        else:
            self._note(_("An opening bracket has no partner; it was closed at the end."))
        return node

    def _fielded(self, lexeme: _Lexeme) -> Node:
        name = lexeme.text
        kind = self._peek()
        if name == YEAR_FIELD and kind in ("minus", "word", "phrase"):
            return self._years(self._year_text())
        if kind == "minus" and self.lexemes[self.position + 1].kind in ("open", "phrase", "word"):
            self._take()
            node = self._fielded(lexeme)
            return node if isinstance(node, Everything) else Not(node)
        if kind in ("end", "close", "OR", "AND", "NOT", "minus", "field", "history"):
            return self._words(_Lexeme("word", name))
        if lexeme.operator == "=" and kind in ("phrase", "word"):
            return self._heading(name, self._take().text)
        node = self._group_in(name) if kind == "open" else self._words(self._take())
        return node if isinstance(node, Everything) or name == YEAR_FIELD else In(name, node)

    def _group_in(self, name: str) -> Node:
        outer, self.in_years = self.in_years, name == YEAR_FIELD
        self._take()
        node = self._group()
        self.in_years = outer
        return node

    def _heading(self, name: str, value: str) -> Node:
        value = " ".join(value.partition('"')[2].rpartition('"')[0].split()) if value.startswith('"') else value
        self._note_truncation(value)
        return Heading(name, value) if text.tokens(value) else Everything()

    def _year_text(self) -> str:
        """Take what stands after `year:`. The minus of "-1999" is a lexeme of its own."""
        lexeme = self._take()
        if lexeme.kind == "minus" and self._peek() == "word":
            return f"-{self._take().text}"
        return lexeme.text.strip('"')

    def _years(self, value: str) -> Node:
        node = parse_years(value)
        if node is None:
            self._note(_("“%(value)s” is not a year or a range like 2010-2015."), value=value)
            return self._words(_Lexeme("word", value)) if value else Everything()
        return node

    def _leaf(self, lexeme: _Lexeme) -> Node:
        if self.in_years and lexeme.kind in ("word", "phrase"):
            return self._years(lexeme.text.strip('"'))
        return self._words(lexeme)

    def _words(self, lexeme: _Lexeme) -> Node:
        if lexeme.kind == "history":
            return HistoryLine(int(lexeme.text[1:]))
        if lexeme.kind == "phrase":
            return self._phrase(lexeme.text)
        if "*" in lexeme.text or "?" in lexeme.text:
            return self._truncated(lexeme.text)
        return self._word(lexeme.text)
