"""Which addresses are asked for: never those of private networks, however they are spelled, hidden or reached."""

from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.linkcheck import networks
from catalogue.linkcheck.fetching import Web, ask
from catalogue.linkcheck.findings import Outcome
from catalogue.linkcheck.networks import NotAllowed, Target
from tests.webserver import LOOPBACK, Server, html, make_checker, make_web, reply, resolve

PRIVATE = [
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://%31%32%37.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
]
UNREADABLE = [
    "http://user:password@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1@example.org/",
    "ftp://example.org/file",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "http://",
    "http:///path",
    "http://example.org:22/",
    "http://example.org:25/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://１２７.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://[::1/",
    "http://exa mple.org/",
    "http://example.org/" + "a" * 9000,
    "",
]


@pytest.mark.parametrize("url", PRIVATE + UNREADABLE)
def test_an_address_that_leads_inside_is_refused_before_anything_is_looked_up(url):
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    finding = make_checker(allowed=(), resolver=never).check(url)
    assert finding.outcome is Outcome.SKIPPED
    assert finding.reason.endswith(".")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://example.org", "http://example.org"),
        ("HTTPS://Example.ORG:443/a b?q=ä#part", "https://example.org"),
        ("http://example.org:8080/", "http://example.org:8080"),
        ("http://straße.example/", "http://xn--strae-oqa.example"),
        ("http://93.184.216.34/", "http://93.184.216.34"),
        ("http://[2606:2800:220:1::1]:8080/", "http://[2606:2800:220:1::1]:8080"),
        ("http://[::ffff:93.184.216.34]/", "http://[::ffff:5db8:d822]"),
    ],
)
def test_an_address_that_is_open_to_everybody_is_taken_apart(url, origin):
    assert networks.read(url).origin == origin


ODD = st.text(alphabet="0123456789abcdefxX.:[]@/\\%?#- \0é１。", max_size=40)


@given(st.one_of(ODD.map("http://{}/".format), ODD, st.ip_addresses().map(str).map("http://[{}]/".format)))
def test_of_any_text_at_all_no_private_number_is_made(url):
    try:
        target = networks.read(url)
    except NotAllowed:
        return
    assert target.url.isascii()
    with suppress(ValueError):
        number = ip_address(target.host)
        assert number.is_global
        assert not number.is_multicast


def test_a_path_is_sent_in_ascii_and_a_fragment_not_at_all():
    target = networks.read("http://example.org/a b\\@c?q=ä#part")
    assert (target.path, target.fragment) == ("/a%20b%5C@c?q=%C3%A4", "part")


def test_a_network_that_the_setting_names_is_allowed_and_no_other():
    assert networks.read("http://127.0.0.1/", LOOPBACK) == Target("http", "127.0.0.1", 80, "/")
    assert networks.read("http://[::ffff:127.0.0.1]/", LOOPBACK).host == "::ffff:7f00:1"
    with pytest.raises(NotAllowed, match="10.0.0.1"):
        networks.read("http://10.0.0.1/", LOOPBACK)


@pytest.fixture
def server():
    made = Server(otherwise=html("A secret of the inner network"))
    yield made
    made.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
def test_without_the_setting_nothing_connects_to_this_machine(server, host):
    finding = make_checker(allowed=(), resolver=networks.look_up).check(server.url("/", host))
    assert finding.outcome is Outcome.SKIPPED
    assert server.connections == 0


def test_with_the_setting_the_same_is_asked(server):
    checker = make_checker(resolver=networks.look_up)
    assert checker.check(server.url("/", "localhost")).outcome is Outcome.ALIVE
    assert server.connections > 0


def test_a_host_that_is_public_by_one_number_and_private_by_another_is_refused(server):
    checker = make_checker(allowed=(), resolver=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    assert checker.check(server.url("/")).outcome is Outcome.SKIPPED
    assert server.connections == 0


@pytest.mark.parametrize(
    "inner", ["http://127.0.0.2:{port}/", "http://[::ffff:127.0.0.2]:{port}/", "//2130706434:{port}/"]
)
def test_a_redirect_into_a_private_network_is_not_followed(inner):
    secret = Server(number="127.0.0.2", otherwise=html("A secret of the inner network"))
    looked_up = []

    def noting(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return resolve(host, port)

    # The outer server alone is allowed: it stands for one that is public.
    outer = Server({"/moved": reply(301, Location=inner.format(port=secret.port))})
    checker = make_checker(allowed=[networks.ip_network("127.0.0.1/32")], resolver=noting)
    finding = checker.check(outer.url("/moved"))
    assert finding.outcome is Outcome.SKIPPED
    assert "127.0.0.2" in finding.reason
    assert "/moved" in outer.paths_asked()
    assert set(looked_up) == {"docs.example"}
    assert secret.connections == 0


def test_a_name_that_leads_elsewhere_the_second_time_is_connected_to_where_it_was_looked_at(server):
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]])
    looked_up = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return next(answers)

    web = make_web(resolver=rebinding)
    target = networks.read(server.url("/"), LOOPBACK)
    assert ask(web, target, "GET").status == 200
    # Looked up once a question: there is no second time at which another number could be given.
    assert looked_up == ["docs.example"]
    assert ask(web, target, "GET").status == 200
    with pytest.raises(NotAllowed, match=r"10\.0\.0\.1"):
        ask(web, target, "GET")


def test_hosts_are_looked_up_by_the_machine_where_nothing_else_is_said():
    assert Web("test").resolver is networks.look_up
    assert "127.0.0.1" in networks.look_up("localhost", 80)
