"""By which names the service may be called, from which pages, and what must not stand in an address: looked at before anything
else, for requests and websockets alike."""

from collections.abc import Collection, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Scope = MutableMapping[str, Any]

SECRETS = frozenset({"token", "access_token", "ticket", "authorization", "api_key", "bearer", "invite"})
"""Parameters of a URL that would carry a secret into logs and histories."""


def header(scope: Scope, name: bytes) -> str | None:
    """The header, or None where there is none. One that is given twice is the joined text, which no check below lets in."""
    found = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return ", ".join(found) if found else None


def host_allowed(host: str | None, hosts: Collection[str]) -> bool:
    """A page of a foreign name may have its name point at this machine (DNS rebinding), and is same-origin with us then. So the
    service goes by `hosts`, and where that is empty by what nobody else's name can be: addresses and names without a dot."""
    if host is None:
        return False
    name, _, port = host.rpartition(":") if _has_port(host) else (host, "", "")
    if not name or (port and not (port.isascii() and port.isdigit())):
        return False
    if host.lower() in hosts or name.lower() in hosts:
        return True
    return not hosts and (_is_address(name) or _is_bare(name))


def origin_allowed(origin: str | None, host: str | None, origins: Collection[str]) -> bool:
    """Browsers name the page that asks; only ours may, and those of `origins`. Other clients name none. Exact, in every part: no
    suffix, no other port, no `null`."""
    if origin is None or origin in origins:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    exact = f"{parts.scheme}://{parts.netloc}".lower() == origin.lower()
    return exact and parts.scheme in ("http", "https") and host is not None and parts.netloc.lower() == host.lower()


def secret_in(scope: Scope) -> str | None:
    """The name of the parameter of the URL that carries a secret, if any."""
    query = scope["query_string"].decode("latin-1")
    return next((name for name, _ in parse_qsl(query, keep_blank_values=True) if _secret(name)), None)


def _secret(name: str) -> bool:
    return name.lower().replace("-", "_") in SECRETS


def _has_port(host: str) -> bool:
    return host.rfind(":") > host.rfind("]")


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_bare(name: str) -> bool:
    return all(c.isascii() and (c.isalnum() or c == "-") for c in name)
