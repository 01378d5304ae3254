"""Latin letters in other encodings of one byte than Windows-1252, told by their languages' alphabets. `decoding` asks.

Windows-1252 reads the bytes of all of them, but as what no language has: "wiêŸniów" for "więźniów", "pøíliš" for
"příliš". Catalogues hold titles in many languages, so what is usual is only left where one language explains all.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

Alphabets = Mapping[str, str]

# The letters of each language beside a to z, without those that hardly occur (the Slovak ĺ and ŕ are å and à).
_WESTERN = {
    "de": "äöüß", "fr": "àâæçéèêëîïôœùûüÿ", "es": "áéíñóúü", "pt": "àáâãçéêíóôõú", "it": "àèéìòù", "nordic": "åäæéöø",
    "is": "áæéíðóöþúý", "nl": "áéèëïóöü", "ca": "àçèéíïòóúü", "et": "äõöü",
}  # fmt: skip
_CENTRAL = {
    "pl": "ąćęłńóśźż", "cs": "áčďéěíňóřšťúůýž", "sk": "áäčďéíľňóôšťúýž", "hu": "áéíóöőúüű", "hr": "čćđšž",
    "ro": "ăâîşţ",
}  # fmt: skip
_OTHERS: Mapping[str, Alphabets] = {
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": {"tr": "âçğiıîöşüû"},
    "cp1257": {"lv": "āčēģīķļņšūž", "lt": "ąčęėįšųūž"},
}
# What a text in a language is full of: Icelandic is more than ð, þ and ý (Turkish, if read so), Portuguese and Estonian
# are more than õ (Hungarian).
_TYPICAL = {"is": "áí", "et": "ä", "pt": "ãç"}
# What may stand between two letters; what Python takes for letters, though it stands in no word; and what stands
# before numbers and capitals.
_BETWEEN = frozenset("’‘´·‐‑–—\xad\xa0…/“”„«»‹›")
_NO_LETTERS, _NEVER_BEFORE_LETTERS = frozenset("ªºˆˇ"), frozenset("£¥¯ªº")
# So few letters say nothing. One language must explain nearly all, and clearly more than two Western ones.
_FEWEST, _NEARLY_ALL, _CLEARLY = 7, 0.95, 0.02
# And there must be some that Windows-1252 reads as others: one "Michèle" among Slovak names says nothing.
_FEWEST_OTHERS, _FEWEST_OTHERS_OF_ALL = 3, 0.08


def guess_latin(sample: bytes) -> str:
    """Return the encoding that the letters of a text surely show; empty where they show none but Windows-1252."""
    letters, wrong = _counted(sample.decode("cp1252", "replace"))
    if letters.total() + wrong < _FEWEST:
        return ""
    western = {name: alphabet for name, alphabet in _WESTERN.items() if _is_typical(name, letters)}
    usual = _covered(letters, wrong, western, 2)
    best, most = "", max(usual + _CLEARLY, _NEARLY_ALL)
    for encoding, languages in _OTHERS.items():
        read, odd = _counted(sample.decode(encoding, "replace"))
        covered = _covered(read, odd, languages, 1)
        others = (read - letters).total()
        if covered > most and others >= _FEWEST_OTHERS and others > _FEWEST_OTHERS_OF_ALL * read.total():
            best, most = encoding, covered
    return best


def _is_typical(language: str, letters: Counter[str]) -> bool:
    typical = _TYPICAL.get(language, "")
    return not typical or sum(letters[letter] for letter in typical) * 10 > letters.total()


def _counted(text: str) -> tuple[Counter[str], int]:
    """Count the letters beside a to z, and the characters that stand where only a letter can."""
    letters: Counter[str] = Counter()
    wrong = 0
    for place, character in enumerate(text):
        if character < "\x80" or character in _BETWEEN:
            continue
        if character.isalpha() and character not in _NO_LETTERS:
            letters[character.lower()[0]] += 1
        elif _is_wrong(character, text[max(place - 3, 0) : place], text[place + 1 : place + 2]):
            wrong += 1
    return letters, wrong


def _is_wrong(character: str, before: str, after: str) -> bool:
    """Tell whether a sign that is no letter stands where one must be."""
    if character < "\xa0" or character == "\ufffd" or (before[-1:].isalpha() and after.isalpha()):
        return True
    if character in "¹³±¶" and len(before) == 3 and before.isalpha():  # more than "cm³"
        return True
    return character in _NEVER_BEFORE_LETTERS and after.islower()


def _covered(letters: Counter[str], wrong: int, languages: Alphabets, together: int) -> float:
    """Return the share of the letters that so many languages have together, at best."""
    every = letters.total() + wrong
    choices = combinations(languages.values(), min(together, len(languages)))
    return max(sum(letters[letter] for letter in set("".join(choice))) for choice in choices) / max(every, 1)
