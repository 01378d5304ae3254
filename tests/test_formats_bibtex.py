"""BibTeX: real files give the Drafts beside them, what is written is read by bibtexparser and by ourselves."""

import io
import re
from dataclasses import replace
from itertools import pairwise

import bibtexparser
import pytest
from bibtexparser.middlewares import SeparateCoAuthors
from hypothesis import example, given, settings
from pylatexenc import latex2text

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean, clean_line
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect
from catalogue.formats.bibtex_writing import key
from tests.citing import (
    HEADING,
    NAMES,
    ODD_NAMES,
    back,
    check_golden,
    drafts,
    endure,
    golden,
    in_order,
    mutations,
    only,
    read,
    sample,
    without_orcid,
    write,
)

BIBTEX = FORMATS["bibtex"]


@pytest.mark.parametrize("path", golden("bibtex"), ids=lambda path: path.name)
def test_a_real_file_gives_the_drafts_beside_it(path):
    assert detect(path.read_bytes()).name == "bibtex"
    check_golden("bibtex", path)


# What is written


MACROS = latex2text.get_default_latex_context_db()
MACROS.add_context_category(
    "braces",
    prepend=True,
    macros=[
        latex2text.MacroTextSpec("textbraceleft", simplify_repl="{"),
        latex2text.MacroTextSpec("textbraceright", simplify_repl="}"),
    ],
)
LATEX = re.compile(r"[\\{}~$%#&^_]|--|<<|>>|,,|''|``|[!?]`")
DECODER = latex2text.LatexNodes2Text(latex_context=MACROS)


def read_bibtex(text: str) -> list[dict[str, object]]:
    library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()])
    assert not library.failed_blocks, library.failed_blocks
    assert not library.comments
    return [{"key": entry.key, **{one.key: one.value for one in entry.fields}} for entry in library.entries]


def plain(text: str) -> str:
    return " ".join(text.split())


def decoded(latex: str) -> str:
    """Return what LaTeX prints for a value. The decoder takes \\textasciicircum for the accent without its letter."""
    text = DECODER.latex_to_text(latex) if LATEX.search(latex) else latex
    return plain(text.replace("ˆ", "^"))


def in_parts(name: Name) -> list[str]:
    """Return the parts of a person's name as it is written, and none of what is written as a whole."""
    parts = [part.strip() for part in name.heading.split(",")]
    is_one = len(parts) in (2, 3) or " " not in name.heading
    is_one = is_one and all(part[:1].isalnum() for part in parts) and name.heading.lower() != "others"
    is_joined = re.search(r"\sand\s", name.heading, re.IGNORECASE)
    return parts if name.kind == codes.PERSON and is_one and not is_joined else []


def written(name: Name) -> str:
    """Return the name in the order of BibTeX: "Last, Jr., First"."""
    parts = in_parts(name)
    return ", ".join((parts[0], *reversed(parts[1:]))) if parts else name.heading


def check_bibtex(draft: Draft, found: dict) -> None:
    def same(name: str, expected: str) -> None:
        assert decoded(found.get(name, "")) == plain(expected.replace("ˆ", "^")), (name, draft)

    same("title", draft.title)
    authors = found.get("author", [])
    expected = [plain(written(name).replace("ˆ", "^")) for name in draft.authors]
    assert [decoded(one) for one in authors] == expected, draft
    same("abstract", clean_line(draft.summary))
    same("year", "" if draft.year is None else f"{draft.year:04d}")
    same("note", draft.details)
    same("howpublished", draft.source)
    same("country", draft.country)
    same("shelfnumber", draft.shelf_number)
    same("language", draft.language)
    same("rights", draft.rights)
    same("keywords", ", ".join(draft.keywords))
    assert re.fullmatch(r"[a-z0-9-]+", found["key"])


def verbatim(text: str) -> list[tuple[str, str]]:
    """Return the addresses of the file, which are no LaTeX."""
    return re.findall(r"^  (url|doi) = \{(.*)\},?$", text, re.MULTILINE)


def test_bibtexparser_reads_every_record_of_the_sample():
    written = sample(5)
    text = write("bibtex", written)
    found = read_bibtex(text)
    assert len(found) == len({entry["key"] for entry in found}) == len(written)
    for draft, record in zip(written, found, strict=True):
        check_bibtex(draft, record)
    assert [url for name, url in verbatim(text) if name == "url"] == [draft.url for draft in written if draft.url]


@settings(max_examples=60)
@given(written=drafts(HEADING | NAMES | ODD_NAMES).map(lambda draft: [draft, draft]))
@example([Draft(title="}\n@book{x,"), Draft(title="\\"), Draft(title="@misc{"), Draft(title="{")])
def test_bibtexparser_reads_any_record(written):
    text = write("bibtex", written)
    assert text.count("{") == text.count("}")
    found = read_bibtex(text)
    assert len(found) == len({entry["key"] for entry in found}) == len(written)
    for draft, record in zip(written, found, strict=True):
        check_bibtex(draft, record)


def said(draft: Draft) -> Draft:
    """Return the Draft as far as BibTeX can say it: see the table in README.md."""
    names = tuple(as_read(without_orcid(name)) for name in draft.authors)
    return in_order(clean(replace(draft, authors=names, summary=clean_line(draft.summary))))


def as_read(name: Name) -> Name:
    """A person whose name is in another form than "Last, First" is written as a whole, and is a body when read."""
    parts = in_parts(name)
    return Name(", ".join(parts)) if parts else Name(name.heading, codes.BODY)


@settings(max_examples=150)
@given(written=drafts(HEADING | NAMES).map(lambda draft: [draft]))
def test_a_record_comes_back_as_far_as_the_format_can_say_it(written):
    assert back("bibtex", written) == [said(draft) for draft in written]


def test_every_record_of_the_sample_comes_back():
    written = sample(3)
    assert back("bibtex", written) == [said(draft) for draft in written]


def test_keys_are_made_of_author_year_and_title():
    seed = Draft("Offender Peer Interventions", (Name("Fletcher, Del Roy"),), year=2012)
    assert key(seed) == "fletcher2012offender"
    assert key(Draft("The Évaluation", (Name("Ministry of Justice", codes.BODY),))) == "ministryndevaluation"
    assert key(Draft("Über Größe", (Name("Ånström-Łukasz, É"),), year=1)) == "anstromlukasz0001uber"
    assert key(Draft("中文", (Name("王, 小明"),))) == "anonnd"
    keys = [entry["key"] for entry in read_bibtex(write("bibtex", [seed, seed, Draft("x"), seed]))]
    assert keys == ["fletcher2012offender", "fletcher2012offender-2", "anonndx", "fletcher2012offender-3"]


def test_bodies_are_not_turned_round():
    text = write("bibtex", [Draft("x", (Name("Leeds, School of Law", codes.BODY), Name("Fletcher, Del Roy")))])
    assert "author = {{Leeds, School of Law} and Fletcher, Del Roy}" in text


def test_what_must_keep_its_capitals_keeps_them():
    assert "title = {The {NHS} in the {U.K.} and A\\_B}" in write("bibtex", [Draft("The NHS in the U.K. and A_B")])


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("a {b} c", r"a \{b\} c"),
        ("a }b{ c", r"a {\textbraceright}b{\textbraceleft} c"),
        ("a {b", r"a {\textbraceleft}b"),
        ("a @b", "a {@}b"),
        ("a -- b", "a -{}- b"),
        ("a\\b", r"a{\textbackslash}b"),
        ("5 % of $1 & #2", r"5 \% of \$1 \& \#2"),
    ],
)
def test_what_latex_would_obey_is_written_so_that_it_does_not(title, written):
    assert f"title = {{{written}}}" in write("bibtex", [Draft(title)])


# What is read


def entry(*fields: str, kind: str = "report") -> str:
    return f"@{kind}{{key,\n  title = {{T}},\n" + "".join(f"  {field},\n" for field in fields) + "}\n"


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"G{\"o}del, {\'\i}, \ss{}, {\o}, {\AE}sop", "Gödel, í, ß, ø, Æsop"),
        (r"K{\"{u}}ster, \v{S}, \c{c}, \H{o}, {\v S}, \'{\i}n", "Küster, Š, ç, ő, Š, ín"),
        (r"\L{}\'od\'z {\aa}ngstr\"om stra\ss e", "Łódź ångström straße"),
        (r"1900--1910 --- ``quoted'' J.~Amer.", "1900–1910 — “quoted” J. Amer."),
        (r"\emph{Big} {\bf and} \textit{small} {NASA}", "Big and small NASA"),
        (r"See \url{http://a.b/~c_d%20e} now", "See http://a.b/~c_d%20e now"),
        (r"\href{http://a.b/c}{Here} it is", "Here http://a.b/c it is"),
        (r"{\TeX}book, \AmSTeX, \LaTeX\ Users", "TeXbook, AmSTeX, LaTeX Users"),
        (r"5 \% of \$1 \& \#2 \_ \{x\}", "5 % of $1 & #2 _ {x}"),
        (r"$O(n \log n)$, H$_2$O, $x_{i+1} \leq \frac{1}{2}$, 20$^{th}$, $\alpha^2$",
         "O(n log n), H₂O, x_(i+1) ≤ 1/2, 20th, α²"),
        ("costs $5", "costs $5"),
        (r"\noopsort{1973b}1973", "1973"),
        (r"\~{} \^{} a\slash b", "~ ^ a/b"),
        ("{" * 5_000 + "x" + "}" * 5_000, "x"),
        (r"p {\textless} 0.05, n {\textgreater}3, a{\textbar}b, a{\textunderscore}b", "p < 0.05, n >3, a|b, a_b"),
        (r"{\textquotedbl}x{\textquotedbl}, 5{\textpercent}, {\euro}6, \texteuro{}7, \EUR{8}", '"x", 5%, €6, €7, €8'),
        (r"\glqq{}Haus\grqq{}, \glq{}a\grq{}, \flqq{}b\frqq{}, \textonehalf", "„Haus“, ‚a‘, «b», ½"),
        (r"a\textperiodcentered{}b, 5\,\textmu{}m, \textalpha-helix", "a·b, 5 µm, α-helix"),
        (r"10\textsuperscript{2}, CO\textsubscript{2}, 5\textsuperscript{th}", "10², CO₂, 5th"),
        (r"M\textsuperscript{me} X\textsuperscript{\textregistered} x\textsuperscript{2n}", "Mme X® x^(2n)"),
        (r"On \enquote{grey literature}, \mkbibquote{so}", "On “grey literature”, “so”"),
    ],
)  # fmt: skip
def test_latex_is_read_as_what_it_prints(latex, text):
    row = next(iter(read("bibtex", f"@book{{k, title = {{{latex}}}}}")))
    assert row.draft.title == text
    assert not row.warnings


def test_a_command_that_is_not_known_is_left_out_with_a_warning():
    text = r"@book{k, title = {On \frobnicate{this} and \oddly\oddly}, abstract = {\textit{x} \oddly}, url = {C:\dir}}"
    (row,) = read("bibtex", text)
    assert row.draft.title == "On this and"
    assert [warning for warning in row.warnings if "LaTeX" in warning] == [
        "These commands of LaTeX are not known, and are left out: \\frobnicate, \\oddly"
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"http://x.org/a{\textunderscore}b{\_}c", "http://x.org/a_b_c"),
        (r"http://x.org/\textasciitilde smith/\%20", "http://x.org/~smith/%20"),
        (r"http://x.org/$\sim$smith/a\textendash{}b", "http://x.org/~smith/a–b"),
    ],
)
def test_an_address_is_read_as_it_is_meant(written, meant):
    assert only("bibtex", f"@misc{{k, title = {{T}}, url = {{{written}}}}}").url == meant


def test_a_doi_is_read_as_it_is_meant():
    doi = r"10.1002/(SICI)1097-4571(199806)49:8{\textless}693::AID-ASI4{\textgreater}3.0.CO;2-O"
    (found,) = only("bibtex", f"@misc{{k, title = {{T}}, doi = {{{doi}}}}}").identifiers
    assert found.value == "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Donald E. Knuth", Name("Knuth, Donald E.")),
        ("Ludwig van Beethoven", Name("van Beethoven, Ludwig")),
        ("van Beethoven, Ludwig", Name("van Beethoven, Ludwig")),
        ("Charles de la Vall{\\'e}e Poussin", Name("de la Vallée Poussin, Charles")),
        ("King, Jr., Martin", Name("King, Martin, Jr.")),
        ("{World Bank}", Name("World Bank", codes.BODY)),
        ("{Barnes and Noble, Inc.}", Name("Barnes and Noble, Inc.", codes.BODY)),
        ("World Health Organization", Name("World Health Organization", codes.BODY)),
        ("family=Vela, given={Ura Ru}, prefix={von}, suffix={Sr}", Name("von Vela, Ura Ru, Sr")),
        ("{\\v S}omeone Smith", Name("Smith, Šomeone")),
        ("{John Henry} Ford", Name("Ford, John Henry")),
        ("Plato", Name("Plato")),
    ],
)
def test_names_are_inverted_as_bibtex_understands_them(written, name):
    assert only("bibtex", entry(f"author = {{{written} and Ann Smith}}")).authors == (name, Name("Smith, Ann"))


def test_others_are_no_author_but_the_details_say_that_there_are_some():
    [row] = read("bibtex", entry("author = {Ann Smith and others}", "editor = {{others}}"))
    assert row.draft.authors == (Name("Smith, Ann"),)
    assert row.draft.details == "[et al.]"
    assert "more authors" in row.warnings[0]


def test_an_address_that_was_escaped_is_whole_again():
    fields = (r"url = {http://a.org/\~{}b\_c\%20d}", r"doi = {10.1/a\_b}", "urldate = {2012-05-01}")
    draft = only("bibtex", entry(*fields))
    assert (draft.url, draft.identifiers) == ("http://a.org/~b_c%20d", (Identifier("doi", "10.1/a_b"),))
    assert draft.source == "Internet Resource: Accessed 2012-05-01 at: http://a.org/~b_c%20d"


def test_an_address_stands_where_older_styles_have_it():
    assert only("bibtex", entry(r"howpublished = {\url{http://a.org}}")).url == "http://a.org"


def test_biblatex_is_read():
    draft = only(
        "bibtex",
        entry(
            "subtitle = {Or not}", "date = {2012-05}", "institution = {Leeds Press}", "location = {Leeds and York}",
            "type = {resreport}", "number = {RR 7}", "langid = {ngerman}", "keywords = {a, b}", "eprint = {1207.1}",
            "eprinttype = {arXiv}", "isbn = {978-3-16-148410-0}", "pagetotal = 26", "abstract = {What.}",
        ),
    )  # fmt: skip
    assert (draft.title, draft.year, draft.kind, draft.language) == ("T: Or not", 2012, "report", "de")
    assert (draft.details, draft.keywords) == ("Leeds and York: Leeds Press, 2012. 26p.", ("a", "b"))
    assert {(item.scheme, item.value) for item in draft.identifiers} == {
        ("report", "RR 7"), ("arxiv", "1207.1"), ("isbn", "978-3-16-148410-0"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "work", "expected"),
    [
        ("techreport", "", "report"),
        ("techreport", "Working paper", "working-paper"),
        ("misc", "Evaluation", "evaluation"),
        ("misc", "", ""),
        ("MASTERSTHESIS", "Diploma", "thesis"),
        ("online", "", "web"),
        ("incollection", "", "chapter"),
    ],
)
def test_kinds_are_told_from_the_type_of_entry_and_of_the_work(kind, work, expected):
    assert only("bibtex", entry(f"type = {{{work}}}", kind=kind)).kind == expected


def test_an_article_has_its_journal_as_source():
    fields = ("journal = {Bell {J}ournal}", "volume = 27", "number = 3", "pages = {379--423}")
    assert only("bibtex", entry(*fields, kind="article")).source == "Bell Journal 27(3), 379–423"


def test_abbreviations_are_written_out_wherever_they_are_joined():
    text = '@string{p = "Leeds" # { Press}}\n@STRING(q = P # "!")\n' + entry("publisher = q # { Ltd}", "year = 1999")
    assert only("bibtex", text).details == "Leeds Press! Ltd, 1999."


def test_an_abbreviation_that_nobody_defined_is_told_of_once():
    one, two = read("bibtex", entry("publisher = pub-X") + entry("publisher = pub-X"))
    assert (one.draft.details, two.draft.details) == ("pub-X", "pub-X")
    assert "pub-X" in one.warnings[0]
    assert not two.warnings


def test_abbreviations_made_of_one_another_cannot_fill_the_memory():
    text = "@string{a0 = {xxxxxxxxxx}}\n"
    text += "".join(f"@string{{a{n} = a{n - 1} # a{n - 1}}}\n" for n in range(1, 60))
    with pytest.raises(FormatError, match="abbreviations"):
        read("bibtex", text + entry("publisher = a59"))


CHILD = "@incollection{c, title = {Part}, author = {Ann Smith}, crossref = {P}}\n"
PARENT = "@book{p, title = {Whole}, editor = {Bo Jones}, publisher = {Press}, year = 1999, doi = {10.1/p}}\n"


@pytest.mark.parametrize("text", [CHILD + PARENT, PARENT + CHILD], ids=["before", "after"])
def test_a_part_takes_over_what_its_whole_says(text):
    [part] = [row.draft for row in read("bibtex", text) if row.draft.title == "Part"]
    assert (part.source, part.details, part.year) == ("Whole, ed. Jones, Bo", "Press, 1999.", 1999)
    assert part.identifiers == ()


def test_a_file_that_cannot_go_back_is_read_the_same():
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_place: int) -> int:
            raise OSError

    data = (CHILD + PARENT).encode()
    assert list(BIBTEX.read(Pipe(data), ReadOptions())) == read("bibtex", data)


def test_references_in_a_circle_come_to_an_end():
    text = "@book{a, title={A}, crossref={b}}\n@book{b, title={B}, crossref={a}}\n@xdata{x, xdata={x}}"
    assert [row.draft.title for row in read("bibtex", text + "@misc{m, title={M}, xdata={x}}")] == ["A", "B", "M"]


def test_references_that_spread_at_every_step_come_to_an_end():
    keys = [[f"of{step}and{place}" for place in range(10)] for step in range(9)]
    shared = [f"@xdata{{{key}, xdata = {{{','.join(following)}}}}}" for own, following in pairwise(keys) for key in own]
    entry = f"@book{{a, title = {{A}}, xdata = {{{','.join(keys[0])}}}}}"
    assert only("bibtex", "\n".join((entry, *shared))).title == "A"


def test_a_reference_to_what_is_not_there_is_told_of():
    [row] = read("bibtex", CHILD)
    assert "“p”" in row.warnings[0]


@pytest.mark.parametrize(
    "broken",
    [
        "@book{a, title = {never closed",
        '@book{a, title = "never closed',
        "@book{a, title {no sign}}",
        "@book{a title = {no comma}}",
        "@book{a, title = {one} brace too many}}, year = 1}",
        "@book",
    ],
)
def test_a_broken_entry_costs_no_other(broken):
    rows = read("bibtex", f"{broken}\n{entry()}")
    assert rows[-1].draft.title == "T"
    assert all(row.problems or row.warnings for row in rows[:-1])


def test_a_broken_entry_is_told_of_by_line_and_key():
    [_good, bad] = read("bibtex", entry() + "\n\n@book{knuth, year = 1999, title = {never closed\n")
    assert (bad.number, bad.draft.year) == (6, 1999)
    assert "“knuth” at line 6" in bad.problems[0].reason


def test_a_missing_comma_is_made_up_for():
    [row] = read("bibtex", "@book{k, title = {T} year = 1999}")
    assert (row.draft.title, row.draft.year) == ("T", 1999)
    assert "comma" in row.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        '@book{k, title = "a {the "optional" part} b"}',
        '@book{k,\n  title = {a the "optional" part b}, % a remark with a {\n}',
        '@Book (k, title = {a {the} "optional" part b})',
        '@book\n{\nk\n,\ntitle\n=\n{a the "optional" part b}}',
        '%@book{z, title = {out}}\n@comment{@book{y, title = {out}}} @book{k, TITLE = {a the "optional" part b}}',
        '@book{k, title = {a the "optional" part b}, title = {another}}',
    ],
)
def test_what_bibtex_reads_is_read(text):
    assert only("bibtex", text).title == 'a the "optional" part b'


def test_an_encoding_that_the_file_names_is_believed():
    text = "% -*- coding: iso-8859-2-unix -*-\n" + entry("author = {Žižek, Slavoj}")
    assert only("bibtex", text.encode("iso-8859-2")).authors == (Name("Žižek, Slavoj"),)


def test_a_zero_byte_costs_its_entry_alone():
    bad, good = read("bibtex", entry("abstract = {a\x00b}") + entry("abstract = {" + "c" * 3000 + "}"))
    assert "zero byte" in bad.problems[0].reason
    assert (good.draft.title, good.problems) == ("T", ())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no record"),
        (b"@string{a = {b}}", "no record"),
        (b"@book{k, title = {" + b"x" * 5_000_000, "longer than"),
        (b"@book{k, title = {" + b"word\n" * 1_000_000, "line 1 is longer than"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read("bibtex", data)


def test_damaged_files_are_read_or_refused_in_words():
    for data in mutations(2, golden("bibtex"), 150):
        endure("bibtex", data)
