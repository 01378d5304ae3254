"""Where a request comes from, as far as it can be believed: what failed attempts to sign in are counted by."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# Whoever has one address of IPv6 has as a rule a network of this size, and may take a new address for each attempt.
PREFIX = 64
MOST_PROXIES = 20
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network(request: HttpRequest) -> str:
    """Return the address of the client; of IPv6 that of its network. "0.0.0.0" where there is none."""
    address = client(request)
    if address is None:
        return "0.0.0.0"  # noqa: S104 - no socket is bound
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, PREFIX), strict=False).network_address)


def client(request: HttpRequest) -> Address | None:
    """Return the last address on the way to us that is not a proxy of ours.

    Each proxy adds at the right of X-Forwarded-For who spoke to it; what stands further left anybody may have written.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", MOST_PROXIES)
    nearest = _address(request.META.get("REMOTE_ADDR", ""))
    while nearest and _is_proxy(nearest) and forwarded:
        further = _address(forwarded.pop())
        if further is None:
            break
        nearest = further
    return nearest


def _is_proxy(address: Address) -> bool:
    return any(address in trusted for trusted in settings.FORWARDED_ALLOW_IPS)


def _address(text: str) -> Address | None:
    """Read an address, with or without a port, in brackets or not; one of IPv4 within IPv6 is one of IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
