"""How text becomes words: what a reader types finds what a cataloguer wrote, whatever keys each has."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Peer Mentoring", ["peer", "mentoring"]),
        ("U.K.", ["uk"]),
        ("U.K", ["uk"]),
        ("(U.K.)", ["uk"]),
        ("the U.S.A., today", ["the", "usa", "today"]),
        ("UK", ["uk"]),
        ("J.R.R.Tolkien", ["jrr", "tolkien"]),
        ("J. R. Smith A.B.C.D", ["j", "r", "smith", "abcd"]),
        ("Smith.A B.Jones a.b1", ["smith", "a", "b", "jones", "a", "b1"]),
        ("e.g. this", ["eg", "this"]),
        ("end. Begin", ["end", "begin"]),
        ("shu.ac.uk", ["shu", "ac", "uk"]),
        ("version 1.2.3", ["version", "1", "2", "3"]),
        ("Müller Élan ÅNGSTRÖM", ["muller", "elan", "angstrom"]),
        ("Mu\u0308ller E\u0301lan", ["muller", "elan"]),
        ("Straße STRASSE ẞ", ["strasse", "strasse", "ss"]),
        ("Ærø Œuvre Đorđe Łódź Þór ħ", ["aero", "oeuvre", "dorde", "lodz", "thor", "h"]),
        ("İstanbul ısparta", ["istanbul", "isparta"]),
        ("ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]),
        ("Ёлка Йод", ["елка", "иод"]),
        ("ﬁnance ＡＢＣ １２ ²", ["finance", "abc", "12", "2"]),
        ("don't", ["dont"]),
        ("don’t", ["dont"]),
        ("donʼt", ["dont"]),
        ("O`Brien O‘Brien O´Brien", ["o", "brien", "o", "brien", "o", "brien"]),
        ("l'école d’été qu'elle dell'arte", ["l", "ecole", "d", "ete", "qu", "elle", "dell", "arte"]),
        ("Côte d'Azur; aujourd'hui, rock'n'roll", ["cote", "d", "azur", "aujourdhui", "rocknroll"]),
        ("offenders' 'quoted'", ["offenders", "quoted"]),
        ("co-operation", ["co", "operation"]),
        ("co‐operation co‑operation co–operation co—operation co−operation", ["co", "operation"] * 5),
        ("co\u00adoperation", ["co", "operation"]),
        ("-5 a- -", ["5", "a"]),
        ("snake_case", ["snake", "case"]),
        ("C++ & R&D, 50%", ["c", "r", "d", "50"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("中文图书馆", ["中文", "文图", "图书", "书馆"]),
        ("書", ["書"]),
        ("カタカナ", ["カタ", "タカ", "カナ"]),
        ("2012年 iPhone手机", ["2012", "年", "iphone", "手机"]),
        ("한국 도서관", ["한국", "도서관"]),
        ("العَرَبِيَّة العـــربية", ["العربية", "العربية"]),
        ("עִבְרִית עברית", ["עברית", "עברית"]),
        ("", []),
        ("()\"'*?-–—.…", []),
        ("🦉", []),
    ],
)
def test_a_text_is_cut_into_these_words(written, words):
    assert text.tokens(written) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("peer mentoring (u.k.)", "Peer Mentoring (UK)"),
        ("Café", "CAFE"),
        ("O'Brien", "O Brien"),
        ("naïve", "naive"),
        ("Malmø", "Malmo"),
        ("Weiß", "Weiss"),
        ("Μάϊος", "ΜΑΙΟΣ"),
        ("ｶﾀｶﾅ", "カタカナ"),
    ],
)
def test_two_ways_to_write_it_are_the_same_words(one, other):
    assert text.tokens(one) == text.tokens(other)


def test_a_hyphenated_word_is_also_one_piece():
    assert text.joined_hyphenations("co-operation and re–use of O'Brien-Smith") == [
        "cooperation",
        "reuse",
        "obriensmith",
    ]
    assert text.joined_hyphenations("no hyphens here, don't look") == []
    assert text.joined_hyphenations("中-文") == []


def test_a_word_cut_short_and_the_next_are_also_one_piece():
    assert text.joined_hyphenations("O'Brien or O’Brien, l'école-mère, it's") == ["obrien", "obrien", "lecolemere"]


def test_the_accents_of_a_word_are_known_after_one_that_is_cut_short():
    assert text.accented_words("L'École d’été") == ["école", "été"]


def test_only_scripts_without_spaces_are_unspaced():
    assert text.is_unspaced("中文")
    assert text.is_unspaced("ไท")
    assert not text.is_unspaced("uk")
    assert not text.is_unspaced("한국")
    assert not text.is_unspaced("中a")


@given(st.text())
def test_every_text_has_words_without_spaces_or_punctuation(written):
    for token in text.tokens(written):
        assert token
        assert all(unicodedata.category(character)[0] in "LNM" for character in token), token


@given(st.text())
def test_words_stay_the_same_when_they_are_cut_again(written):
    for token in text.tokens(written):
        assert "".join(text.tokens(token)) == token


@given(st.text(), st.text())
def test_a_space_parts_words(one, other):
    assert text.tokens(f"{one} {other}") == text.tokens(one) + text.tokens(other)


@given(st.text())
def test_the_composition_of_characters_does_not_matter(written):
    for form in ("NFC", "NFD"):
        assert text.tokens(unicodedata.normalize(form, written)) == text.tokens(written)


@given(st.text(alphabet="ab.'-_ `\n\tUK,é’\x1c", max_size=20))
def test_the_quick_way_through_plain_text_gives_the_words_of_the_slow_one(written):
    assert text.tokens(written) == [token for word in text.words(written) for token in word]
