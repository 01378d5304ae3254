"""Which addresses may be asked for: http and https, on ordinary ports, in networks that are open to everybody.

Whoever can edit a record could otherwise have the server ask its own neighbours. An address is looked at before its
host is looked up, the host's numbers afterwards, and the connection goes to the very number that was looked at.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin

from django.utils.translation import gettext as _
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

PORTS = {"http": 80, "https": 443}
# Below are the services of the machine itself: mail, databases of old, remote shells.
FIRST_FREE_PORT = 1024
LONGEST_ADDRESS = 8_000
MOST_NUMBERS = 20
# Numbers of IPv6 that carry one of IPv4 in their last four bytes, beside those that Python knows of.
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("::/96"), ip_network("64:ff9b:1::/48"))


class NotAllowed(Exception):
    """This address is not asked for. The message says why."""


class NoSuchHost(Exception):
    """The name of the host leads nowhere. The message says so."""


@dataclass(frozen=True)
class Target:
    """An address taken apart. `host` is in ASCII, IPv6 without its brackets; `path` goes on with the query."""

    scheme: str
    host: str
    port: int
    path: str
    # Never sent to a server, and so no difference between two addresses.
    fragment: str = field(default="", compare=False)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        return self.origin + self.path


def read(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Take an address apart. Raises NotAllowed."""
    parsed = _parsed(url)
    scheme = (parsed.scheme or "").lower()
    if scheme not in PORTS:
        raise NotAllowed(_("Only addresses with http:// or https:// are checked."))
    if parsed.auth is not None:
        raise NotAllowed(_("The address holds a name or a password; such addresses are not checked."))
    host = (parsed.host or "").strip("[]")
    if not host or "%" in host:
        raise NotAllowed(_("The address has no host that can be read."))
    port = PORTS[scheme] if parsed.port is None else parsed.port
    if port not in PORTS.values() and not FIRST_FREE_PORT <= port < 2**16:
        raise NotAllowed(_("The address has the port %(port)d, which is not checked.") % {"port": port})
    number = _number(host)
    if number is not None:
        check(number, allowed)
        host = str(number)
    return Target(scheme, host, port, parsed.request_uri, parsed.fragment or "")


def follow(target: Target, location: str, allowed: Sequence[Network] = ()) -> Target:
    """Take apart where a server's answer leads to. Raises NotAllowed."""
    try:
        url = urljoin(target.url, location)
    except ValueError:
        raise NotAllowed(_("The address that it leads to cannot be read.")) from None
    return read(url, allowed)


def _parsed(url: str) -> Url:
    if len(url) > LONGEST_ADDRESS:
        raise NotAllowed(_("The address is too long to be checked."))
    try:
        return parse_url(url)
    except (LocationParseError, ValueError):
        raise NotAllowed(_("The address cannot be read.")) from None


def _number(host: str) -> IPv4Address | IPv6Address | None:
    """Return the number that a host is, however it is spelled (127.0.0.1, 2130706433, 0x7f.1, 0177.0.0.1), or None."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def check(number: IPv4Address | IPv6Address, allowed: Sequence[Network]) -> None:
    """Raise NotAllowed where a number lies in a network that is not open to everybody, and is not allowed either."""
    if any(number in network for network in allowed):
        return
    inner = _carried(number)
    if inner is not None:
        check(inner, allowed)
    elif not number.is_global or number.is_multicast or number.is_reserved or number.is_unspecified:
        sentence = _("The address leads into a network that is not public (%(number)s) and is not checked.")
        raise NotAllowed(sentence % {"number": number})


def _carried(number: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the number of IPv4 to which one of IPv6 leads in the end."""
    if isinstance(number, IPv4Address):
        return None
    if number.ipv4_mapped or number.sixtofour:
        return number.ipv4_mapped or number.sixtofour
    if number.teredo:
        return number.teredo[1]
    if any(number in network for network in TRANSLATED):
        return IPv4Address(int(number) & 0xFFFFFFFF)
    return None


def look_up(host: str, port: int) -> list[str]:
    """Return the numbers of a host, as the machine knows them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def numbers(target: Target, resolver: Resolver, allowed: Sequence[Network]) -> list[str]:
    """Return the numbers to connect to. Raises NoSuchHost, and NotAllowed where any of them is not allowed."""
    try:
        found = list(resolver(target.host, target.port))[:MOST_NUMBERS]
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise NoSuchHost(_("There is no host “%(host)s”.") % {"host": target.host})
    for one in found:
        try:
            check(ip_address(one.partition("%")[0]), allowed)
        except ValueError:
            raise NoSuchHost(_("There is no host “%(host)s”.") % {"host": target.host}) from None
    return found
