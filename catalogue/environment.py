"""Reads the settings from the environment, strictly: a wrong value stops the start with the variable's name."""

import ipaddress
import os
import re
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Environment:
    """The variables of a process. Every method returns the variable's value, or the default where it is unset.

    All raise ImproperlyConfigured, with a sentence that names the variable, where the value is wrong.
    """

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.variables = variables

    def text(self, name: str, default: str) -> str:
        return self.variables.get(name, "").strip() or default

    def switch(self, name: str, default: bool) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value not in ("on", "off"):
            raise ImproperlyConfigured(f"{name} is “{value}”; it must be “on” or “off”.")
        return value == "on"

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ImproperlyConfigured(f"{name} is “{value}”; it must be a number from {lowest} to {highest}.")
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is “{value}”; it must be one of: {', '.join(choices)}.")
        return value

    def time_zone(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            zoneinfo.ZoneInfo(value)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            raise ImproperlyConfigured(f"{name} is “{value}”; it must be a name like “Europe/London”.") from None
        return value

    def hosts(self, name: str, default: list[str]) -> list[str]:
        value = self.text(name, "")
        hosts = [host.strip() for host in value.split(",") if host.strip()] or default
        for host in hosts:
            if not re.fullmatch(r"\.?[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]", host):
                raise ImproperlyConfigured(f"{name} holds “{host}”; it must be host names separated by commas.")
        return hosts

    def networks(self, name: str) -> list[Network]:
        """Return networks such as `10.1.0.0/16`, or none where it is unset."""
        found = []
        for network in filter(None, (one.strip() for one in self.text(name, "").split(","))):
            try:
                found.append(ipaddress.ip_network(network))
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} holds “{network}”; it must be networks like “10.1.0.0/16”, separated by commas."
                ) from None
        return found

    def proxies(self, name: str, default: str) -> list[Network]:
        """Return addresses and networks separated by commas; `*` is every address."""
        value = self.text(name, default)
        try:
            parts = [part.strip() for part in value.split(",") if part.strip()]
            listed = [part for part in parts if part != "*"] + ["0.0.0.0/0", "::/0"] * ("*" in parts)
            return [ipaddress.ip_network(part) for part in listed]
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} is “{value}”; it must be addresses or networks separated by commas, like “10.0.0.4”."
            ) from None

    def service(self, name: str, number: str, usual: str) -> str:
        """Return the address of a service with a place for a number, like `{doi}`; `usual` for `on`, "" for `off`."""
        value = self.text(name, "off")
        if value.lower() in ("on", "off"):
            return usual if value.lower() == "on" else ""
        if not re.fullmatch(r"https?://[^\s{}]+\{" + number + r"\}[^\s{}]*", value):
            raise ImproperlyConfigured(
                f"{name} is “{value}”; it must be “on”, “off”, or an address like “https://example.org/{{{number}}}”."
            )
        return value

    def site_address(self, name: str) -> str:
        """Return an address such as `https://catalogue.example.org`, without a path, or "" where it is unset."""
        value = self.text(name, "").rstrip("/")
        if value and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?", value):
            raise ImproperlyConfigured(f"{name} is “{value}”; it must look like “https://catalogue.example.org”.")
        return value

    def shelf_pattern(self, name: str) -> str:
        """Return a text with one place for a running number, like `R-{number:06}`, or "" where it is unset."""
        value = self.text(name, "")
        if value and not re.fullmatch(r"[^{}]{0,60}\{number(:0[1-9])?\}[^{}]{0,20}", value):
            raise ImproperlyConfigured(f"{name} is “{value}”; it must hold one “{{number}}”, like “R-{{number:06}}”.")
        return value

    def folder(self, name: str, default: Path) -> Path:
        """Return a folder as an absolute path. It need not exist yet."""
        value = Path(self.text(name, str(default))).expanduser()
        if "\0" in str(value) or (value.exists() and not value.is_dir()):
            raise ImproperlyConfigured(f"{name} is “{value}”, which is not a folder.")
        return value.resolve()


def host_of(address: str) -> str:
    """Return the host name in an address, without its port; IPv6 addresses in brackets."""
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host
