"""Values as other programs left them: what is put right, what is said about it, and what is never touched."""

import pytest

from catalogue.cleaning import repaired
from catalogue.draft import Draft, Identifier, Name, clean_line, clean_text


def title(text: str) -> str:
    return repaired(Draft(title=text))[0].title


def summary(text: str) -> str:
    return repaired(Draft(summary=text))[0].summary


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("GonzÃ¡lez and PÃ©rez", "González and Pérez"),
        ("PÃƒÂ©rez-Aronsson", "Pérez-Aronsson"),
        ("nursesâ€™ â€œthinkingâ€\x9d", "nurses’ “thinking”"),
        ("64Ã¢â‚¬â€°Ã‚Â±Ã¢â‚¬â€°11", "64 ± 11"),
        ("company\x92s", "company’s"),
        ("GaÃ…â€šÃ„â€¦zka", "Gałązka"),
        ("ÐŸÑ€ÐµÑ\x81Ñ‚ÑƒÐ¿Ð½Ð¾Ñ\x81Ñ‚ÑŒ", "Преступность"),
        ("Ã©tude of \ufffdC", "étude of \ufffdC"),
        ("\x98The\x9c prison", "The prison"),
    ],
)
def test_garbled_letters_are_put_right(garbled, meant):
    assert title(garbled) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Curly “quotes” and ‘these’ – a dash… and a ligature: ﬁnal",
        "ＬＯＵＤ full width, ½ and ²",
        "PRÊT À PORTER, Ångström, NZ; NOVA ZELÂNDIA",
        "Ô, Æ, þorn, œuvre, façade, naïve, Čeština, Łódź, Đà Nẵng, Преступность, Ελλάδα, 刑務所",
        "1880–1920 «citation» © 2001",
    ],
)
def test_good_letters_stay_as_they_are(text):
    draft = Draft(title=text, summary=text)
    assert repaired(draft) == (draft, ())


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>First.</p><p>Second<br/>line.</p>", "First.\n\nSecond\nline."),
        ("&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;", "Escaped & twice"),
        ("<jats:title>Aims</jats:title><jats:p>To ask.</jats:p>", "Aims\n\nTo ask."),
        ('<i>Homo</i> H<sub>2</sub>O 10<sup>-3</sup> 13<sup>th</sup> <a href="x">y</a>', "Homo H2O 10⁻³ 13th y"),
        ("It&#8217;s &quot;R&amp;D&quot;&nbsp;pen&shy;guins", 'It’s "R&D" penguins'),
        ("<script>alert(1)</script>Safe<style>p{}</style>", "Safe"),
        ("<i>PÃ©rez</i>", "Pérez"),
    ],
)
def test_html_becomes_text(html, plain):
    assert summary(html) == plain


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c",
        "children <5 years, p<0.05, n>3",
        "AT&T, R&D; Q&A; &c. & more; &nothing;",
        "if a<b> then <unknown>",
        "x <b and c> y",
        "\\'{e} \\emph{x} $a_b$",
    ],
)
def test_what_only_looks_like_html_or_latex_survives(text):
    draft = Draft(title=text, summary=text)
    assert repaired(draft) == (draft, ())


def test_each_change_is_a_sentence_with_the_words_before_and_after():
    draft, notes = repaired(Draft(title="About GonzÃ¡lez", summary="It is <b>bold</b>.", keywords=("R&amp;D",)))
    assert (draft.title, draft.summary, draft.keywords) == ("About González", "It is bold.", ("R&D",))
    assert len(notes) == 3
    assert "“title”" in notes[0] and "“GonzÃ¡lez” became “González”" in notes[0]
    assert "“<b>bold</b>.” became “bold.”" in notes[1]


def test_authors_keywords_and_addresses_are_repaired_and_what_became_one_is_one():
    draft, _notes = repaired(
        Draft(
            title="T",
            authors=(
                Name("PÃ©rez, Ana", "person", "0000-0002-1825-0097"),
                Name("Pérez, Ana"),
                Name("Smith &amp; Co", "body"),
            ),
            keywords=("Santé", "SantÃ©"),
            url="https://example.org/?a=1&amp;b=2",
            identifiers=(Identifier("source", "a&amp;b"),),
        )
    )
    assert draft.authors == (Name("Pérez, Ana", "person", "0000-0002-1825-0097"), Name("Smith & Co", "body"))
    assert draft.keywords == ("Santé",)
    assert draft.url == "https://example.org/?a=1&b=2"
    assert draft.identifiers == (Identifier("source", "a&amp;b"),)


def test_what_is_repaired_once_is_repaired_for_good():
    once, _notes = repaired(
        Draft(title="PÃƒÂ©rez &amp;amp;lt;i&amp;amp;gt;x&lt;/i&gt;", summary="<p>x</p> &amp;#8217;")
    )
    assert repaired(once) == (once, ())


@pytest.mark.parametrize("piece", ["<p ", "<", "&amp", "&", "Ã", "<script>", "<p a=", "â€", "<i></i", "\x98"])
def test_no_value_however_long_takes_long(piece):
    text = piece * (150_000 // len(piece))
    assert isinstance(summary(text), str)


@pytest.mark.parametrize("cleaned", [clean_line, clean_text])
def test_marks_that_turn_a_line_round_go_and_those_within_words_stay(cleaned):
    assert cleaned("\u202eevil\u202c report") == "evil report"
    assert cleaned("\ufeffA \u2067שלום\u2069 report") == "A שלום report"
    assert cleaned("e\u202a\u0301") == "é"
    assert cleaned("می\u200cخواهم \u200fא") == "می\u200cخواهم \u200fא"
    assert cleaned("\u202e\u2066") == ""
