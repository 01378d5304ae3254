"""The thesaurus in SKOS: brought wholly or not at all, given away, and never more than what a file holds."""

import io

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rdflib import RDF, SKOS, Graph

from catalogue import changes
from catalogue.authorities import entries, rdf, skos, skos_import
from catalogue.authorities.entries import Entry, Link
from catalogue.authorities.files import FILES
from catalogue.authorities.merging import Refused
from catalogue.folding import fold_heading
from catalogue.models import ChangeSet, Keyword, KeywordVariant
from tests.records import make_record

pytestmark = pytest.mark.django_db
KEYWORDS = FILES["keyword"]
BASE = "https://library.example"

TURTLE = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <http://example.org/> .
ex:crime a skos:Concept ; skos:prefLabel "Crime"@en, "Rikos"@fi ; skos:narrower ex:theft .
ex:theft a skos:Concept ; skos:prefLabel "Theft"@en ; skos:altLabel "Stealing"@en, "Larceny" ;
    skos:hiddenLabel "Thefft" ; skos:scopeNote "Taking."@en, "Ottaminen."@fi ; skos:editorialNote "Check." ;
    skos:related ex:fraud .
ex:fraud a skos:Concept ; skos:prefLabel "Fraud" ; skos:broader ex:crime .
"""


def bring(text: str | bytes, language: str = "en", file=KEYWORDS, **options):
    return skos_import.bring(file, text.encode() if isinstance(text, str) else text, language, **options)


def keywords() -> dict[str, Entry]:
    found = entries.read(KEYWORDS, Keyword.objects.values_list("pk", flat=True))
    return {entry.heading: entry for entry in found.values()}


def concept(name: str, label: str, more: str = "") -> str:
    return f'ex:{name} a skos:Concept ; skos:prefLabel "{label}" {more} .\n'


PREFIXES = "".join(line + "\n" for line in TURTLE.splitlines() if line.startswith("@prefix"))


def test_concepts_become_keywords_with_forms_notes_and_relations():
    report = bring(TURTLE, reason="The ministry's list")
    assert (report.concepts, report.made, report.changed, report.forms, report.relations) == (3, 3, 0, 4, 3)
    found = keywords()
    assert found["Crime"].variants == ("Rikos",)
    assert (found["Theft"].variants, found["Theft"].scope_note, found["Theft"].notes) == (
        ("Larceny", "Stealing", "Thefft"),
        "Taking.",
        "Check.",
    )
    assert [link.heading for link in found["Theft"].broader] == ["Crime"]
    assert [link.heading for link in found["Theft"].related] == ["Fraud"]
    assert [link.heading for link in found["Fraud"].broader] == ["Crime"]
    assert ChangeSet.objects.get(pk=report.change_set).reason == "The ministry's list"


def test_another_language_gives_other_preferred_forms():
    bring(TURTLE, "fi")
    assert keywords()["Rikos"].variants == ("Crime",)
    assert keywords()["Theft"].scope_note == "Ottaminen."


def test_a_second_import_of_the_same_file_changes_nothing():
    bring(TURTLE)
    report = bring(TURTLE)
    assert (report.made, report.changed, report.unchanged, report.change_set) == (0, 0, 3, None)
    assert ChangeSet.objects.count() == 1


def test_a_trial_says_what_the_import_does_and_changes_nothing():
    trial = bring(TURTLE, dry=True)
    assert not Keyword.objects.exists()
    assert not ChangeSet.objects.exists()
    report = bring(TURTLE)
    report.change_set = None
    assert report == trial


def test_an_import_adds_to_what_is_there_and_its_undoing_takes_only_that_away():
    make_record(keywords=("Theft",))
    theft = Keyword.objects.get()
    Keyword.objects.filter(pk=theft.pk).update(scope_note="Ours.")
    KeywordVariant.objects.create(form="Thieving", authority=theft)
    before = keywords()
    report = bring(TURTLE)
    entry = keywords()["Theft"]
    assert entry.variants == ("Larceny", "Stealing", "Thefft", "Thieving")
    assert (report.made, report.changed, entry.scope_note) == (2, 1, "Ours.")
    assert report.remarks == ["“Theft” keeps its own scope note."]
    undone = changes.undo(ChangeSet.objects.get(pk=report.change_set))
    assert keywords() == before
    assert undone.headings_left == ()


def test_a_concept_whose_label_is_another_form_joins_that_heading():
    KeywordVariant.objects.create(form="THEFT", authority=Keyword.objects.create(heading="Stealing Things"))
    bring(TURTLE)
    found = keywords()
    assert "Theft" not in found
    assert [link.heading for link in found["Stealing Things"].broader] == ["Crime"]
    assert "Larceny" in found["Stealing Things"].variants


def test_a_form_that_leads_elsewhere_is_left_out_and_named():
    Keyword.objects.create(heading="Larceny")
    report = bring(TURTLE + concept("more", "More", '; skos:altLabel "Stealing"'))
    assert set(report.remarks) == {
        "“Larceny” leads elsewhere and is no form of “Theft”.",
        "“Stealing” leads elsewhere and is no form of “Theft”.",
    }
    forms = list(KeywordVariant.objects.values_list("form", flat=True))
    assert forms.count("Stealing") == 1
    assert "Larceny" not in forms


def test_two_concepts_with_one_label_are_one_keyword():
    bring(PREFIXES + concept("a", "Prisons", '; skos:altLabel "Gaols"') + concept("b", "PRISONS"))
    assert [(entry.heading.lower(), entry.variants) for entry in keywords().values()] == [("prisons", ("Gaols",))]


def test_a_file_that_would_close_a_circle_is_refused_as_a_whole():
    top, low = Keyword.objects.create(heading="Top"), Keyword.objects.create(heading="Low")
    low.broader.add(top)
    text = concept("top", "Top", "; skos:broader ex:low") + concept("low", "Low") + concept("new", "New")
    with pytest.raises(Refused, match="broader than itself: (Top ← Low ← Top|Low ← Top ← Low)"):
        bring(PREFIXES + text)
    assert Keyword.objects.count() == 2
    assert not top.broader.exists()


def test_a_label_that_is_too_long_is_refused_and_such_a_form_left_out():
    with pytest.raises(Refused, match="longer than 400"):
        bring(PREFIXES + concept("a", "x" * 401))
    report = bring(PREFIXES + concept("a", "Short", f'; skos:altLabel "{"x" * 401}"'))
    assert report.remarked == 1


@pytest.mark.parametrize("ending", ["ttl", "rdf"])
def test_what_is_given_away_comes_back_the_same(ending):
    bring(TURTLE)
    before = keywords()
    file = skos.serialize(KEYWORDS, BASE, ending)
    report = bring(file)
    assert (report.made, report.changed, report.remarks) == (0, 0, [])
    Keyword.objects.all().delete()
    bring(file)
    again = keywords()
    assert again.keys() == before.keys()
    for heading, entry in before.items():
        mine = again[heading]
        assert (mine.variants, mine.scope_note, mine.notes) == (entry.variants, entry.scope_note, entry.notes)
        assert [link.heading for link in mine.broader] == [link.heading for link in entry.broader]
        assert [link.heading for link in mine.related] == [link.heading for link in entry.related]


def test_a_file_of_ours_says_what_skos_asks_for():
    bring(TURTLE)
    graph = Graph().parse(data=skos.serialize(KEYWORDS, BASE, "rdf"), format="xml")
    assert len(set(graph.subjects(RDF.type, SKOS.Concept))) == 3
    theft = Keyword.objects.get(heading="Theft").pk
    [name] = [subject for subject, label in graph.subject_objects(SKOS.prefLabel) if str(label) == "Theft"]
    assert str(name) == f"{BASE}/browse/keywords#{theft}"
    assert len(set(graph.subjects(SKOS.narrower, name))) == 1


def xml(doctype: str = "", body: str = "", declaration: str = '<?xml version="1.0"?>') -> bytes:
    head = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"'
    label = f"<skos:Concept><skos:prefLabel>Crime{body}</skos:prefLabel></skos:Concept>"
    return f"{declaration}{doctype}<rdf:RDF {head}>{label}</rdf:RDF>".encode()


NESTED = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (xml(f"<!DOCTYPE x [{NESTED}]>", "&j;"), "could make it grow"),
        (xml(f'<!DOCTYPE x [<!ENTITY a "{"a" * 500}">]>', "&a;" * 20_000), "beyond all bounds"),
        (xml(f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>', "&a;"), "could make it grow"),
        (xml('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"), "refers to other files"),
        (xml('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://evil.example/x.dtd"> %a;]>'), "refers to other files"),
        (xml('<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">'), "refers to another file"),
        (xml('<!DOCTYPE x PUBLIC "-//X//Y" "http://evil.example/x.dtd">'), "refers to another file"),
        (xml(declaration='<?xml version="1.0" encoding="cp037"?>'), "Save it as UTF-8"),
        (xml(body="&unknown;"), "cannot|can be read"),
        (xml()[:-20], "can be read"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe<\0?\0", "can be read"),
        (b"<?xml version='1.0'?><html/>", "no SKOS concept"),
        (b"Author: Fletcher", "can be read"),
        (b"@prefix : <x> .\n:a :b " + b"[ :c " * 5_000 + b"]" * 5_000 + b" .", "nested too deeply|no SKOS"),
        (b"(" * 100_000, "can be read|nested too deeply"),
    ],
    ids=range(17),
)
def test_a_file_that_is_hostile_or_broken_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(Refused, match=sentence):
        bring(content)
    assert not Keyword.objects.exists()


def test_a_file_of_an_editor_with_harmless_entities_is_read():
    bring(
        xml(
            '<!DOCTYPE rdf:RDF [<!ENTITY owl "http://www.w3.org/2002/07/owl#"><!ENTITY amp2 "and">]>',
            " &amp2; &amp; Law",
        )
    )
    assert list(keywords()) == ["Crime and & Law"]


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(rdf, "MOST_BYTES", 100)
    with pytest.raises(Refused, match="the most is 100"):
        bring(TURTLE)
    monkeypatch.setattr(rdf, "MOST_BYTES", 10_000)
    monkeypatch.setattr(skos_import, "MOST_CONCEPTS", 2)
    with pytest.raises(Refused, match="3 concepts; the most is 2"):
        bring(TURTLE)


class AnyThesaurus(TestCase):
    words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)

    @settings(max_examples=15)
    @given(st.lists(words, min_size=1, max_size=6, unique_by=fold_heading), st.sampled_from(["ttl", "rdf"]))
    def test_any_thesaurus_comes_back_the_same(self, forms, ending):
        half = (len(forms) + 1) // 2
        numbers = entries.next_numbers(KEYWORDS, half)
        wanted = {
            number: Entry(
                heading,
                scope_note=heading,
                variants=tuple(forms[half : half + 1]) if not place else (),
                broader=(Link(numbers[0]),) if place else (),
                related=(Link(numbers[-1]),) if 0 < place < half - 1 else (),
            )
            for place, (number, heading) in enumerate(zip(numbers, forms, strict=False))
        }
        entries.write(KEYWORDS, wanted)
        before = keywords()
        file = skos.serialize(KEYWORDS, BASE, ending)
        report = bring(file)
        assert (report.changed, report.made, report.remarks) == (0, 0, [])
        Keyword.objects.all().delete()
        bring(file)
        after = keywords()
        assert {h: (e.variants, e.scope_note, len(e.broader), len(e.related)) for h, e in after.items()} == {
            h: (e.variants, e.scope_note, len(e.broader), len(e.related)) for h, e in before.items()
        }


@pytest.fixture
def desk(client, django_user_model, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def test_a_file_is_tried_and_then_imported_at_the_desk(desk):
    address = "/desk/catalogue/keyword/skos/"
    file = io.BytesIO(TURTLE.encode())
    file.name = "thesaurus.ttl"
    answer = desk.post(address, {"file": file, "language": "en", "reason": "New list", "step": "try"})
    assert "nothing has been changed yet" in answer.content.decode()
    assert not Keyword.objects.exists()
    token = answer.context["token"]
    answer = desk.post(address, {"token": token, "language": "en", "reason": "New list", "step": "import"})
    change_set = ChangeSet.objects.get()
    assert f"/desk/catalogue/changeset/{change_set.pk}/change/" in answer.content.decode()
    assert (change_set.kind, change_set.user_name, change_set.reason) == ("import", "ann", "New list")
    assert Keyword.objects.count() == 3


@pytest.mark.parametrize("data", [{}, {"token": "forged", "language": "en"}, {"language": "english"}, {"token": "\0"}])
def test_the_page_takes_no_forged_token_and_no_nonsense(desk, data):
    answer = desk.post("/desk/catalogue/keyword/skos/", {**data, "step": "import"})
    assert answer.status_code == 200
    assert not ChangeSet.objects.exists()


def test_the_token_of_another_account_opens_no_file(desk, client, django_user_model):
    file = io.BytesIO(TURTLE.encode())
    file.name = "thesaurus.ttl"
    token = desk.post("/desk/catalogue/keyword/skos/", {"file": file, "language": "en"}).context["token"]
    client.force_login(django_user_model.objects.create_superuser("bob"))
    answer = client.post("/desk/catalogue/keyword/skos/", {"token": token, "language": "en", "step": "import"})
    assert "not on the server any more" in answer.content.decode()


@pytest.mark.parametrize(("ending", "media"), [("ttl", "text/turtle"), ("rdf", "application/rdf+xml")])
def test_the_keywords_are_downloaded(desk, ending, media):
    bring(TURTLE)
    answer = desk.get(f"/desk/catalogue/keyword/skos/keywords.{ending}")
    assert answer.headers["Content-Type"].startswith(media)
    assert f'filename="keywords.{ending}"' in answer.headers["Content-Disposition"]
    assert b"Stealing" in answer.content
    assert desk.get("/desk/catalogue/keyword/skos/keywords.exe").status_code == 404


def test_the_commands_bring_and_give_the_thesaurus(tmp_path, capsys):
    file = tmp_path / "thesaurus.ttl"
    file.write_text(TURTLE)
    out = io.StringIO()
    call_command("import_headings", str(file), "--dry-run", stdout=out)
    assert "made: 3" in out.getvalue()
    assert "nothing was changed" in out.getvalue()
    assert not Keyword.objects.exists()
    call_command("import_headings", str(file), stdout=out)
    assert Keyword.objects.count() == 3
    target = tmp_path / "out.rdf"
    call_command("export_headings", "--format", "rdf", "--output", str(target))
    assert b"Stealing" in target.read_bytes()
    for arguments in ((str(tmp_path / "none.ttl"),), (str(tmp_path / "bad.ttl"),)):
        (tmp_path / "bad.ttl").write_text("no turtle")
        with pytest.raises(CommandError):
            call_command("import_headings", *arguments)


AUTHORS, COUNTRIES = FILES["author"], FILES["country"]
PLACES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <http://example.org/> .
ex:europe a skos:Concept ; skos:prefLabel "Europe" .
ex:uk a skos:Concept ; skos:prefLabel "United Kingdom" ; skos:altLabel "Great Britain" ; skos:notation "gb", "826" ;
    skos:broader ex:europe, ex:isles ; skos:scopeNote "Left out." ; skos:related ex:europe .
ex:isles a skos:Concept ; skos:prefLabel "British Isles" .
ex:other a skos:Concept ; skos:prefLabel "Zembla" ; skos:notation "GB" .
"""
NAMES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ex: <http://example.org/> .
ex:a a skos:Concept, foaf:Person ; skos:prefLabel "Carberry, Josiah" ; skos:altLabel "Carberry, J." ;
    skos:exactMatch <http://orcid.org/0000-0002-1825-0097>, <http://viaf.org/1> ; skos:broader ex:b .
ex:b a skos:Concept, foaf:Organization ; skos:prefLabel "Home Office" .
"""


def of(file) -> dict[str, Entry]:
    found = entries.read(file, file.model.objects.values_list("pk", flat=True))
    return {entry.heading: entry for entry in found.values()}


def test_countries_are_brought_with_code_and_the_one_greater_place():
    report = bring(PLACES, file=COUNTRIES)
    uk = of(COUNTRIES)["United Kingdom"]
    assert (uk.code, uk.variants, uk.related) == ("GB", ("Great Britain",), ())
    assert len(uk.broader) == 1
    assert of(COUNTRIES)["Zembla"].code == ""
    assert set(report.remarks) == {
        "GB is not given to “Zembla”, which has another, or another has it.",
        "“United Kingdom” is a part of one other already.",
    }


def test_authors_are_brought_as_people_and_bodies_with_their_orcid():
    bring(NAMES, file=AUTHORS)
    found = of(AUTHORS)
    josiah = found["Carberry, Josiah"]
    assert (josiah.kind, josiah.orcid, josiah.variants) == ("person", "0000-0002-1825-0097", ("Carberry, J.",))
    assert (found["Home Office"].kind, josiah.broader) == ("body", ())


@pytest.mark.parametrize("ending", ["ttl", "rdf"])
@pytest.mark.parametrize(("file", "text"), [(AUTHORS, NAMES), (COUNTRIES, PLACES)], ids=["authors", "countries"])
def test_authors_and_countries_come_back_as_they_were_given_away(file, text, ending):
    bring(text, file=file)
    before = of(file)
    given = skos.serialize(file, BASE, ending)
    assert bring(given, file=file).change_set is None
    file.model.objects.all().delete() if file is AUTHORS else entries.remove(
        file, file.model.objects.values_list("pk", flat=True)
    )
    bring(given, file=file)
    again = of(file)
    assert again.keys() == before.keys()
    for heading, entry in before.items():
        assert [getattr(again[heading], name) for name in ("kind", "orcid", "code", "variants")] == [
            getattr(entry, name) for name in ("kind", "orcid", "code", "variants")
        ]
        assert [one.heading for one in again[heading].broader] == [one.heading for one in entry.broader]


@pytest.mark.parametrize(("name", "plural"), [("author", "authors"), ("country", "countries")])
def test_authors_and_countries_are_brought_and_given_away_at_the_desk(desk, name, plural):
    assert desk.get(f"/desk/catalogue/{name}/skos/").status_code == 200
    answer = desk.get(f"/desk/catalogue/{name}/skos/{plural}.ttl")
    assert f'filename="{plural}.ttl"' in answer.headers["Content-Disposition"]
    assert "skos/" in desk.get(f"/desk/catalogue/{name}/").content.decode()


def test_the_commands_know_the_other_files_too(tmp_path):
    file = tmp_path / "places.ttl"
    file.write_text(PLACES)
    call_command("import_headings", "--of", "country", str(file), stdout=io.StringIO(), stderr=io.StringIO())
    call_command("export_headings", "--of", "country", "--output", str(tmp_path / "out.ttl"))
    assert "Great Britain" in (tmp_path / "out.ttl").read_text()
