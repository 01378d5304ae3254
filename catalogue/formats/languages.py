"""The languages that people name in their own ways: "English", "eng", "en-GB" and "suomi" become ISO 639 codes."""

import re

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from catalogue.folding import fold_heading
from catalogue.formats.base import Notes, shorten

# Every code of two letters in ISO 639-1.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
CODES = frozenset(_CODES.split())
# The names in English that Django knows, by the codes of two letters.
ENGLISH_NAMES = {code: info["name"] for code, info in LANG_INFO.items() if len(code) == 2 and "name" in info}

# The code, then its codes of three letters (ISO 639-2, both kinds) and its names in several languages, folded.
NAMES: tuple[tuple[str, str], ...] = (
    ("ar", "ara arabic arabisch arabe arabia"),
    ("bg", "bul bulgarian bulgarisch bulgare bulgaria"),
    ("ca", "cat catalan katalanisch catala"),
    ("cs", "cze ces czech tschechisch tcheque cestina tsekki"),
    ("cy", "wel cym welsh cymraeg"),
    ("da", "dan danish danisch danois dansk danska tanska"),
    ("de", "ger deu german deutsch allemand aleman saksa tyska tedesco"),
    ("el", "gre ell greek griechisch grec kreikka ελληνικα"),
    ("en", "eng english englisch anglais ingles englanti engelska inglese"),
    ("es", "spa spanish spanisch espagnol espanol castellano espanja spanska"),
    ("et", "est estonian estnisch estonien eesti viro"),
    ("eu", "baq eus basque baskisch euskara"),
    ("fa", "per fas persian farsi persisch"),
    ("fi", "fin finnish finnisch finnois suomi finska finlandes"),
    ("fr", "fre fra french franzosisch francais frances ranska franska francese"),
    ("ga", "gle irish gaeilge irisch"),
    ("gd", "gla gaelic"),
    ("gl", "glg galician gallego galego"),
    ("he", "heb hebrew hebraisch hebreu"),
    ("hi", "hin hindi"),
    ("hr", "hrv scr croatian kroatisch hrvatski"),
    ("hu", "hun hungarian ungarisch hongrois magyar unkari"),
    ("id", "ind indonesian indonesisch"),
    ("is", "ice isl icelandic islandisch islenska islanti"),
    ("it", "ita italian italienisch italien italiano italia italienska"),
    ("ja", "jpn japanese japanisch japonais japani 日本語"),
    ("ko", "kor korean koreanisch coreen"),
    ("la", "lat latin latein"),
    ("lt", "lit lithuanian litauisch lietuviu liettua"),
    ("lv", "lav latvian lettisch latviesu latvia"),
    ("mk", "mac mkd macedonian"),
    ("ms", "may msa malay"),
    ("nb", "nob bokmal"),
    ("nl", "dut nld dutch niederlandisch neerlandais nederlands hollanti"),
    ("nn", "nno nynorsk"),
    ("no", "nor norwegian norwegisch norvegien norsk norja norska"),
    ("pl", "pol polish polnisch polonais polski puola"),
    ("pt", "por portuguese portugiesisch portugais portugues portugali"),
    ("ro", "rum ron romanian rumanisch roumain romana"),
    ("ru", "rus russian russisch russe русскии русский venaja ryska"),
    ("se", "sme northernsami pohjoissaame davvisamegiella"),
    ("sk", "slo slk slovak slowakisch"),
    ("sl", "slv slovenian slovene slowenisch"),
    ("sq", "alb sqi albanian"),
    ("sr", "srp scc serbian serbisch"),
    ("sv", "swe swedish schwedisch suedois svenska ruotsi sueco"),
    ("sw", "swa swahili"),
    ("tr", "tur turkish turkisch turc turkce turkki"),
    ("uk", "ukr ukrainian ukrainisch"),
    ("ur", "urd urdu"),
    ("vi", "vie vietnamese"),
    ("zh", "chi zho chinese chinesisch chinois kiina 中文"),
)
_BY_NAME = {name: code for code, names in NAMES for name in names.split()}
_SEVERAL = re.compile(r"[;|,/]")
_REGION = re.compile(r"([a-z]{2,3})[-_][a-z0-9]{2,4}([-_].*)?")
_UNKNOWN = frozenset(("", "und", "unknown", "zxx", "mis", "nolinguisticcontent"))
_NOT_SAID = frozenset(("N/A", "n/a"))


def read_language(text: str, notes: Notes) -> str:
    """Return the ISO 639 code of a language, of two letters where there is one; of several languages, the first.

    A code of three letters that is not in the table is kept, with a warning. Any other text is a problem.
    """
    if text in CODES:
        return text
    if text.strip() in _NOT_SAID:
        return ""
    first, *others = [part for part in _SEVERAL.split(text) if part.strip()] or [""]
    if others:
        notes.warn(_("Of the languages in “%(value)s”, the first was taken.") % {"value": text[:80]})
    word = fold_heading(first)
    if match := _REGION.fullmatch(word):
        word = match.group(1)
    word = "".join(character for character in word if character.isalpha())
    if word in _UNKNOWN:
        return ""
    if word in CODES or word in _BY_NAME:
        return _BY_NAME.get(word, word)
    if len(word) == 3 and word.isascii():
        notes.warn(_("The language “%(value)s” is not in the table of languages; kept.") % {"value": word})
        return word
    notes.problem("language", text, _("This is not a known language. Write a code like “en” or a name like “English”."))
    return ""


def known_language(text: str, notes: Notes) -> str:
    """Return the code of a language as `read_language` does; one that nobody knows costs a warning, not the record."""
    if not text or text in CODES:
        return text
    own = Notes()
    code = read_language(text, own)
    if own.problems:
        notes.warn(_("The language “%(value)s” is not known, and is left out.") % {"value": shorten(text)})
    else:
        notes.warnings.extend(own.warnings)
    return code


def language_name(code: str) -> str:
    """Return what a reader sees for a language; the code itself where it has no name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return {"se": _("Northern Sami")}.get(code, code)
