"""Whose word on the address of a request is taken."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from catalogue.environment import Environment
from catalogue.people.addresses import network

PROXY = "127.0.0.1"


def asked(rf, remote: str, forwarded: str | None = None) -> str:
    extra = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return network(rf.get("/", REMOTE_ADDR=remote, **extra))


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # no proxy of ours: it may write what it likes
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the first was sent by the client itself
        (PROXY, "203.0.113.9, 198.51.100.1, 127.0.0.1", "198.51.100.1"),
        ("::1", "198.51.100.1:4711", "198.51.100.1"),
        (PROXY, "nonsense", PROXY),
        (PROXY, "198.51.100.1, <script>", PROXY),
        (PROXY, "", PROXY),
        (PROXY, None, PROXY),
        (PROXY, "1," * 3000 + "198.51.100.1", "198.51.100.1"),
        ("::ffff:192.0.2.7", None, "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::"),
        (PROXY, "[2001:db8:1:2:bbbb::2]:443", "2001:db8:1:2::"),
        ("", None, "0.0.0.0"),  # noqa: S104
    ],
)
def test_the_address_is_the_last_that_a_proxy_of_ours_has_seen(rf, remote, forwarded, address):
    assert asked(rf, remote, forwarded) == address


def test_a_proxy_on_another_machine_is_believed_where_it_is_named(rf, settings):
    assert asked(rf, "10.0.0.4", "198.51.100.1") == "10.0.0.4"
    settings.FORWARDED_ALLOW_IPS = Environment({"P": "10.0.0.0/24, ::1"}).proxies("P", "")
    assert asked(rf, "10.0.0.4", "198.51.100.1") == "198.51.100.1"
    settings.FORWARDED_ALLOW_IPS = Environment({"P": "*"}).proxies("P", "")
    assert asked(rf, "203.0.113.5", "198.51.100.1") == "198.51.100.1"


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.4/24", "10.0.0", "10.0.0.4;10.0.0.5", "**"])
def test_a_wrong_list_of_proxies_stops_the_start(value):
    with pytest.raises(ImproperlyConfigured, match="FORWARDED_ALLOW_IPS"):
        Environment({"FORWARDED_ALLOW_IPS": value}).proxies("FORWARDED_ALLOW_IPS", "")
