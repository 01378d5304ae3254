"""LaTeX in the values of a reference, to the text that it prints. `bibtex_entries` and its neighbours call it.

What each command of a symbol prints is taken from pylatexenc, which knows some 900; what it lacks stands here. Its own
walk through a text is not used: it takes 3 ms for an abstract with commands in it (five hundred entries a second), and
ends in IndexError or KeyError at commands that are cut off, in RecursionError at deep braces. Here braces are dropped
as they come.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from pylatexenc import latex2text, latexwalker

# Values without any of these are as they are.
_LATEX = re.compile(r"[\\{}$~]|--|``|''|[?!]`")
_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]+)\*?(?P<gap>[ \t\r\n]*)|\\(?P<sign>.)|(?P<mark>[{}$~])|(?P<pair>---?|``|''|[?!]`)"
    r"|(?P<raised>[\^_])(?P<script>\{[^{}\\$]*\}|[^\s{}\\$])",
    re.DOTALL,
)
_PAIRS = {"---": "—", "--": "–", "``": "“", "''": "”", "?`": "¿", "!`": "¡"}
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
    "r": "\u030a", "t": "\u0361", "h": "\u0309", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303",
    "widetilde": "\u0303", "bar": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "acute": "\u0301",
    "grave": "\u0300", "check": "\u030c", "breve": "\u0306", "mathring": "\u030a",
}  # fmt: skip
# An accent over nothing is the sign itself.
_ALONE = {"\u0302": "^", "\u0303": "~", "\u0300": "`", "\u0301": "´", "\u0308": "¨", "\u0304": "¯", "\u0307": "˙"}
_DOTLESS = {"ı": "i", "ȷ": "j"}
_SIGNS = {",": " ", ";": " ", ":": " ", " ": " ", ">": " ", "\\": " ", "\n": " ", "\t": " ", "\r": " ", "|": "‖"}
_SIGNS |= dict.fromkeys("-/!*+@()[]<", "") | {sign: sign for sign in "&%$#_{}"}
_OWN = {
    "textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^", "textasciitilde": "~", "slash": "/",
    "hyphen": "-", "pounds": "£", "copyright": "©", "S": "§", "P": "¶", "newline": " ", "linebreak": " ", "par": "\n\n",
    "space": " ", "quad": " ", "qquad": " ", "thinspace": " ", "enspace": " ", "TeX": "TeX", "LaTeX": "LaTeX",
    "LaTeXe": "LaTeX2e", "Dash": "—", "dash": "–", "textdegree": "°", "degree": "°",
    "textnumero": "№", "mathbb": "", "SS": "SS", "textless": "<", "textgreater": ">", "textbar": "|", "textbardbl": "‖",
    "textunderscore": "_", "textquotedbl": '"', "textpercent": "%", "textampersand": "&", "textnumbersign": "#",
    "textperiodcentered": "·", "euro": "€", "EUR": "€", "eurosymbol": "€", "ddag": "‡", "glqq": "„", "grqq": "“",
    "glq": "‚", "grq": "‘", "flqq": "«", "frqq": "»", "flq": "‹", "frq": "›", "guillemetleft": "«",
    "guillemetright": "»", "og": "« ", "fg": " »", "psq": " sq.", "psqq": " sqq.",
}  # fmt: skip
_NAMED = "log ln sin cos tan exp lim max min sup inf det dim deg mod bmod gcd arg ker hom"
# Commands whose argument is not for print.
_SILENT_WORDS = (
    "noopsort SortNoop cite sortas label index hspace vspace color textcolor selectlanguage foreignlanguage "
    "fontencoding fontfamily fontsize usefont hphantom phantom vphantom begin end bibrangesep"
)
_SILENT = frozenset(_SILENT_WORDS.split())
# Commands that change how something looks, beside those that pylatexenc knows.
_LOOKS_WORDS = (
    "bf bfseries em it itshape mdseries normalfont rm rmfamily sc scshape sf sffamily sl slshape tt ttfamily upshape "
    "textnormal uppercase lowercase MakeUppercase MakeLowercase MakeCapital MakeSentenceCase tiny scriptsize "
    "footnotesize small normalsize large Large LARGE huge Huge protect relax noindent nobreak allowbreak unskip xspace "
    "hbox vbox makebox displaystyle textstyle left right big Big bigl bigr limits nolimits natexlab bibinfo bibfield "
    "bibnamefont bibfnamefont mkbibemph mkbibitalic mkbibbold mkbibparens mkbibbrackets autocap bibstring "
    "enquote mkbibquote"
)
_LENGTHS = frozenset(["kern", "hskip", "vskip", "raise", "lower", "hglue", "penalty"])
_LENGTH = re.compile(r"\s*=?\s*-?[\d.]*\s*(?:em|ex|pt|mm|cm|in|sp|mu|plus|minus)?")
_VERBATIM = frozenset(("url", "path", "nolinkurl", "href"))
_GROUP = re.compile(r"\s*\{[^{}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_QUOTED = re.compile(r"\\(?:enquote|mkbibquote)\*?\s*\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_SCRIPTS = {"textsuperscript": "^", "textsubscript": "_"}
_SCRIPT = re.compile(r"\s*\{((?:[^{}]|\{[^{}]*\})*+)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_TEXT_COMMAND = re.compile(r"\\(text[a-z]+)(?:\{\}|[ \t]+)?")
_ESCAPED = re.compile(r"\\([%#&_~^{}$])")
_ORDINALS = frozenset(["th", "st", "nd", "rd", "e", "er", "re", "o", "a"])
_UP = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_DOWN = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_PLACEHOLDER = re.compile("%|<[a-z]")
_NUMBER = re.compile(r"[0-9+-]+")


def plain(latex: str) -> str:
    """Return the text that a value prints: accents as letters, commands and braces dropped, mathematics readable."""
    if not _LATEX.search(latex):
        return latex
    if "frac" in latex or "sqrt" in latex:
        latex = _ROOT.sub(r"√(\1)", _FRACTION.sub(r"\1/\2", latex))
    if "quote" in latex:
        latex = _QUOTED.sub(r"“\1”", latex)
    return _Printer(latex).text()


def verbatim(latex: str) -> str:
    """Return an address or a number as it is meant: it is no LaTeX, but people escape in it what LaTeX would obey."""
    if "\\" not in latex and "{" not in latex:
        return latex
    text = re.sub(r"\\(?:url|path|nolinkurl|href)\b", "", latex)
    text = text.replace("\\string", "").replace("\\~{}", "~").replace(r"$\sim$", "~")
    text = _TEXT_COMMAND.sub(lambda match: _symbols().get(match[1], match[0]), text)
    return re.sub(r"[{}]", "", _ESCAPED.sub(r"\1", text)).strip()


def unknown(values: Iterable[str]) -> list[str]:
    """Return the commands in these values that are left out because nobody here knows what they print."""
    words = dict.fromkeys(word for value in values if "\\" in value for word in _COMMAND.findall(value))
    return [f"\\{word}" for word in words if word.islower() and _printed(word) is None and word not in _silent()]


@cache
def _symbols() -> dict[str, str]:
    """Return what each command of a symbol prints; those with arguments, and the date of today, are none."""
    found = {}
    for macro in latex2text.get_default_latex_context_db().iter_macro_specs():
        text = macro.simplify_repl
        if isinstance(text, str) and not _PLACEHOLDER.search(text) and macro.macroname != "today":
            found[macro.macroname] = text
    return found | {name: f"{name} " for name in _NAMED.split()} | _OWN


@cache
def _silent() -> frozenset[str]:
    """Return the commands that print nothing of their own."""
    libraries = (latex2text, latexwalker)
    known = {macro.macroname for one in libraries for macro in one.get_default_latex_context_db().iter_macro_specs()}
    return _SILENT | _LENGTHS | _VERBATIM | known.union(_LOOKS_WORDS.split(), _ACCENTS, _SCRIPTS)


def _printed(word: str) -> str | None:
    """Return what a command prints: a symbol, one of the letters as text (\\textalpha), or a name (\\AmSTeX)."""
    known = _symbols().get(word, _symbols().get(word.removeprefix("text")))
    if known is None and len(word) > 2 and not word.islower() and word not in _silent():
        return word
    return known


def _script(sign: str, text: str, is_word: bool) -> str:
    """Return an index or a power; one that is a word ("th", "me", "®") stands as it is."""
    if _NUMBER.fullmatch(text):
        return text.translate(_UP if sign == "^" else _DOWN)
    if is_word:
        return text
    return sign + (text if len(text) == 1 else f"({text})")


class _Printer:
    """One value while it is read from left to right, once."""

    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._printed: list[str] = []
        self._accent = ""
        self._math = False
        # A lone dollar is one.
        self._dollars = len(re.findall(r"(?<!\\)\$", latex)) % 2 == 0

    def text(self) -> str:
        """Return the text."""
        position = 0
        while match := _TOKEN.search(self._latex, position):
            self._print(self._latex[position : match.start()])
            position = self._take(match)
        self._print(self._latex[position:])
        self._print_accent()
        return "".join(self._printed)

    def _take(self, match: re.Match[str]) -> int:
        """Print what a token stands for; return where to go on."""
        kind = match.lastgroup
        if kind == "gap":
            return self._word(match["word"], match["gap"], match.end())
        if kind == "sign":
            self._sign(match["sign"])
        elif kind == "mark":
            self._mark(match["mark"])
        elif kind == "pair":
            self._print(match["pair"] if self._math else _PAIRS[match["pair"]])
        else:
            return self._raised(match)
        return match.end()

    def _word(self, word: str, gap: str, end: int) -> int:
        if word in _ACCENTS:
            self._accent += _ACCENTS[word]
        elif word in _VERBATIM:
            return self._verbatim(word, end)
        elif word in _SCRIPTS and (script := _SCRIPT.match(self._latex, end)):
            text = plain(script.group(1)).strip()
            self._print(_script(_SCRIPTS[word], text, not any(map(str.isdecimal, text))))
            return script.end()
        elif word in _SILENT:
            group = _GROUP.match(self._latex, end)
            return group.end() if group else end
        elif word in _LENGTHS:
            length = _LENGTH.match(self._latex, end)
            return length.end() if length else end
        else:
            self._print((_printed(word) or "") + (" " if self._math and gap else ""))
        return end

    def _verbatim(self, word: str, end: int) -> int:
        match = _GROUP.match(self._latex, end)
        if not match:
            return end
        address = verbatim(match.group().strip())
        shown = _GROUP.match(self._latex, match.end()) if word == "href" else None
        if shown:
            self._print(plain(shown.group().strip()[1:-1]) + " ")
            match = shown
        self._print(address)
        return match.end()

    def _sign(self, sign: str) -> None:
        if sign in _ACCENTS:
            self._accent += _ACCENTS[sign]
        else:
            self._math = self._math if sign not in "()[]" else sign in "(["
            self._print(_SIGNS.get(sign, sign))

    def _mark(self, mark: str) -> None:
        if mark == "}":
            self._print_accent()
        elif mark == "~":
            self._print(" ")
        elif mark == "$" and self._dollars:
            self._math = not self._math
        elif mark == "$":
            self._print(mark)

    def _raised(self, match: re.Match[str]) -> int:
        """Print an index or a power; outside of mathematics the sign is one like any other."""
        sign, script = match["raised"], match["script"].strip("{}")
        if not self._math:
            self._print(sign)
            return match.end("raised")
        self._print(_script(sign, script, sign == "^" and script in _ORDINALS))
        return match.end()

    def _print(self, text: str) -> None:
        if self._accent:
            text = text.lstrip()
        if not text:
            return
        if self._accent:
            letter = _DOTLESS.get(text[0], text[0])
            text = unicodedata.normalize("NFC", letter + self._accent) + text[1:]
            self._accent = ""
        self._printed.append(text)

    def _print_accent(self) -> None:
        if self._accent:
            self._printed.append(_ALONE.get(self._accent, ""))
            self._accent = ""
