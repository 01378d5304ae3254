"""DOIs and ISBNs looked up elsewhere: only where that is switched on, never in private networks, never for long."""

import json

import pytest

from catalogue import lookups, pasting
from catalogue.draft import Identifier
from catalogue.environment import Environment
from tests.records import make_record
from tests.test_admin_records import ADD
from tests.test_admin_records import filled as form_data
from tests.webserver import LOOPBACK, SOON, Server, make_web, reply

DOI, ISBN = "10.1000/xyz(1)", "9780306406157"
CSL = {
    "type": "report",
    "title": "Peer mentoring in prisons",
    "author": [{"family": "Fletcher", "given": "Del Roy"}],
    "issued": {"date-parts": [[2012, 5]]},
    "DOI": DOI,
}
MARCXML = """<?xml version="1.0"?>
<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:numberOfRecords>1</zs:numberOfRecords>
<zs:records><zs:record><zs:recordData><record xmlns="http://www.loc.gov/MARC21/slim">
<leader>00000nam a2200000 a 4500</leader><controlfield tag="001">77</controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">9780306406157</subfield></datafield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Found by its ISBN</subfield></datafield>
</record></zs:recordData></zs:record></zs:records></zs:searchRetrieveResponse>"""


@pytest.fixture
def server(settings):
    made = Server()
    settings.LOOKUP_DOI = made.url("/doi/{doi}")
    settings.LOOKUP_ISBN = made.url("/sru?isbn={isbn}")
    yield made
    made.close()


def csl(**changes) -> bytes:
    return reply(200, json.dumps({**CSL, **changes}), Content_Type="application/vnd.citationstyles.csl+json")


def looked_up(text: str, **options):
    return lookups.completed(pasting.read(text), make_web(accept=lookups.ACCEPT, limits=lookups.LIMITS, **options))


def test_a_doi_is_looked_up_through_redirects_and_fills_what_is_known(server):
    server.paths["/doi/10.1000/xyz%281%29"] = reply(302, Location=server.url("/works/1"))
    server.paths["/works/1"] = csl()
    found = looked_up(DOI)
    assert (found.draft.title, found.draft.year, found.draft.authors[0].heading) == (
        "Peer mentoring in prisons",
        2012,
        "Fletcher, Del Roy",
    )
    assert found.draft.url == f"https://doi.org/{DOI}"
    assert found.draft.identifiers == (Identifier("doi", DOI),)
    assert "looked up at docs.example" in found.what
    assert "csl+json" in server.asked[-1].headers["accept"]


def test_an_isbn_is_looked_up_in_a_catalogue_that_answers_in_marcxml(server):
    server.paths[f"/sru?isbn={ISBN}"] = reply(200, MARCXML, Content_Type="application/xml")
    found = looked_up(ISBN)
    assert found.draft.title == "Found by its ISBN"
    assert Identifier("isbn", ISBN) in found.draft.identifiers


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (reply(404), "does not know it"),
        (reply(500), "answered with code 500"),
        (reply(200, ""), "answered with code 200"),
        (reply(200, "<html><body>Sign in first</body></html>", Content_Type="text/html"), "not understood"),
        (reply(200, "title,year\nA table,2012\n", Content_Type="text/csv"), "not understood"),
        (reply(200, "[" * 5_000), "not understood"),
        (reply(200, b"\xff\xfe\0" * 200), "not understood"),
        (reply(200, "x" * 1_000_001), "too long"),
        (reply(302, Location="/doi/10.1000/xyz%281%29"), "from address to address"),
        (reply(302, Location="file:///etc/passwd"), "http"),
        (reply(302, Location="http://10.0.0.1/secret"), "not public"),
        (b"nonsense\r\n\r\n", "makes no sense"),
    ],
)
def test_whatever_a_service_answers_the_number_is_filled_and_the_reason_said(server, answer, sentence):
    server.otherwise = answer
    found = looked_up(DOI)
    assert found.draft.identifiers == (Identifier("doi", DOI),)
    assert "Only the number was filled in" in found.notes[-1]
    assert sentence in found.notes[-1]


def endless(asked, send) -> None:
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        send(b"[")


def test_a_service_that_never_ends_holds_nobody_up(server):
    server.otherwise = endless
    limits = lookups.Limits(connect_seconds=SOON, seconds=SOON, body=10**12)
    found = lookups.completed(pasting.read(DOI), make_web(limits=limits, accept=lookups.ACCEPT))
    assert "Only the number was filled in" in found.notes[-1]


def test_a_service_in_a_private_network_is_not_asked(server):
    found = lookups.completed(pasting.read(DOI), make_web(allowed=()))
    assert "not public" in found.notes[-1]
    assert server.connections == 0


def test_nothing_is_looked_up_unless_it_is_switched_on(settings, server):
    settings.LOOKUP_DOI = settings.LOOKUP_ISBN = ""
    for text in (DOI, ISBN):
        found = looked_up(text)
        assert found.draft == pasting.read(text).draft
        assert "not switched on here" in found.notes[-1]
    whole = "TY  - RPRT\nAU  - Fletcher, Del Roy\nDO  - 10.1000/182\nER  - \n"
    assert looked_up(whole).notes == pasting.read(whole).notes
    assert looked_up("https://example.org/a").draft.url == "https://example.org/a"
    assert server.connections == 0


@pytest.mark.django_db
def test_the_form_is_filled_by_what_was_looked_up(client, django_user_model, settings, server):
    settings.LINK_CHECK_NETWORKS = LOOPBACK
    settings.LOOKUP_DOI = server.url("/{doi}", host="127.0.0.1")
    server.otherwise = csl()
    client.force_login(django_user_model.objects.create_superuser("ann"))
    make_record("Another")
    assert "looked up: DOI" in client.get(ADD).content.decode()
    page = client.post(ADD, {**form_data(), "title": "", "pasted": DOI, "_paste": "1"})
    assert page.context["form"]["title"].value() == "Peer mentoring in prisons"
    assert "looked up at 127.0.0.1" in page.content.decode()


@pytest.mark.parametrize(
    ("value", "service"),
    [
        ("", ""),
        ("off", ""),
        ("on", "https://doi.org/{doi}"),
        ("http://a.example/x?d={doi}&y", "http://a.example/x?d={doi}&y"),
    ],
)
def test_a_service_is_off_the_usual_one_or_an_address(value, service):
    assert Environment({"X": value}).service("X", "doi", "https://doi.org/{doi}") == service


@pytest.mark.parametrize(
    "value", ["yes", "doi.org/{doi}", "https://a/{isbn}", "https://a/", "ftp://a/{doi}", "https://a/{doi}{doi}"]
)
def test_a_wrong_service_is_refused_by_the_name_of_its_setting(value):
    with pytest.raises(Exception, match="LOOKUP_DOI is"):
        Environment({"LOOKUP_DOI": value}).service("LOOKUP_DOI", "doi", "")


def test_a_whole_record_that_was_pasted_is_taken_as_it_is(server):
    server.paths["/doi/10.1000/xyz%281%29"] = csl(title="What the service calls it")
    found = looked_up(f"TY  - RPRT\nTI  - What we call it\nAB  - Our abstract.\nDO  - {DOI}\nER  - \n")
    assert (found.draft.title, found.draft.summary) == ("What we call it", "Our abstract.")
    assert server.asked == []
