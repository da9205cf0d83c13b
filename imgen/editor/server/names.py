"""Which names the editor answers to, and which pages may ask it: its own, and no other site's."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# no address is bound here; these mean every one of this machine
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104
HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
OWN = (b"none", b"same-origin")  # what browsers say of requests by the user and by the page itself


class Names:
    """The rule for every request, whatever its method or path.

    A page of another site can make a browser send requests here, under any name that leads to this machine. So Host
    must be a name that the editor knows, and what a browser says of the page that asks must name the editor itself.

    Args:
        host: the address that the editor listens on.
        allowed: further names under which people reach it, such as a reverse proxy's; with or without a port.
    """

    def __init__(self, host: str | None = None, allowed: Iterable[str] = ()) -> None:
        self.allowed = {name_of(name) for name in allowed} - {""}
        own = {name_of(host)} if host and host not in ANYWHERE else set[str]()
        self.known = {*LOOPBACK, *own, *self.allowed}

    def trouble(self, scope: Scope) -> str:
        """Why the request is refused, in one sentence; empty if it is not.

        Args:
            scope: of an ASGI request or WebSocket.
        """
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name in (b"host", b"x-forwarded-host")]
        if not any(name == b"host" for name, _ in headers):
            return "the request names no host"
        for host in hosts:
            if not self.knows(host, scope):
                shown = name_of(host)[:100] or host[:100]
                return f"the editor does not answer to the name {shown!r}; start it with --allow-host {shown}"
        if is_link(scope, headers):
            return ""
        for name, value in headers:
            if name == b"origin" and not self.same(value.decode("latin-1"), hosts):
                return "pages of other sites may not use the editor"
            if name == b"sec-fetch-site" and value not in OWN:
                return "pages of other sites may not use the editor"
        return ""

    def knows(self, host: str, scope: Scope) -> bool:
        """Whether a Host header names this editor: a known name, or the address at which the request arrived."""
        name = name_of(host)
        if name in self.known:
            return True
        arrived = (scope.get("server") or ("",))[0]
        return is_address(name) and name == name_of(arrived)

    def same(self, origin: str, hosts: Iterable[str]) -> bool:
        """Whether an Origin header is the editor's own: the host that was asked, or one behind --allow-host."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if parts.scheme not in ("http", "https"):
            return False
        return parts.netloc.lower() in {host.lower() for host in hosts} or name_of(parts.netloc) in self.allowed


def is_link(scope: Scope, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a link or a bookmark leads to the page itself, which is harmless and useful.

    The page has no address but this one, loading it changes nothing, the site that holds the link cannot read what
    comes, and no site can put it into a frame.
    """
    said = {name: value for name, value in headers if name.startswith(b"sec-fetch-")}
    navigates = said.get(b"sec-fetch-mode") == b"navigate" and said.get(b"sec-fetch-dest") == b"document"
    plain = scope["path"] == (scope.get("root_path") or "").rstrip("/") + "/" and not scope.get("query_string")
    return (
        scope.get("method") in ("GET", "HEAD") and navigates and plain and not any(n == b"origin" for n, _ in headers)
    )


def name_of(host: str) -> str:
    """The name in a Host header, without port and brackets, in small letters; empty where it makes no sense."""
    if is_address(host):  # an IPv6 address without brackets, as sockets and people write it
        return host.lower()
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def is_address(name: str) -> bool:
    """Whether it is an IP address: a page cannot make another machine's address lead here, as it can a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
