"""A password for the whole editor: nothing is answered without it but the page that asks for it."""

from __future__ import annotations

import hmac
import ipaddress
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Scope

from ...errors import ImgenError
from ..web.assets import asset

USER = "imgen"  # the name that programs log in with; the page does not ask for it
FREE = 3  # wrong passwords from one address that cost nothing
FREE_FOR_ALL = 30  # and from all addresses together
LONGEST = 900.0  # seconds that an address is locked at most
LONGEST_FOR_ALL = 30.0  # so that nobody can lock the others out for long
MOST = 10_000  # addresses and logins that are remembered
LARGEST_FORM = 4096  # bytes


class Locks:
    """Wrong passwords: after a few, an address waits one second, then two, four and so on.

    Args:
        now: the time in seconds; tests give their own.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how often, and locked until when
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Seconds for which nothing is tried from that address; 0 if it may try."""
        with self._lock:
            until = max(self._failed.get(who, (0, 0.0))[1] for who in (network(address), ""))
        return max(0.0, until - self.now())

    def failed(self, address: str) -> None:
        """A wrong password came from that address."""
        with self._lock:
            for who, free, longest in ((network(address), FREE, LONGEST), ("", FREE_FOR_ALL, LONGEST_FOR_ALL)):
                times, until = self._failed.pop(who, (0, 0.0))
                times = 1 if self.now() > until + 2 * LONGEST else times + 1  # long ago: forgiven
                pause = min(longest, 2.0 ** min(times - free - 1, 30)) if times > free else 0.0
                self._failed[who] = times, self.now() + pause
            while len(self._failed) > MOST:
                self._failed.popitem(last=False)

    def passed(self, address: str) -> None:
        """The right one came: the address starts anew."""
        with self._lock:
            self._failed.pop(network(address), None)


def network(address: str) -> str:
    """What counts as one address: of IPv6 the first half, as one household has all of the other."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Login:
    """Who knows the password gets a cookie, and with it in.

    Args:
        password: not empty.

    Raises:
        ImgenError: it is empty; better no editor than an open one.
    """

    def __init__(self, password: str, locks: Locks | None = None) -> None:
        if not password.strip():
            raise ImgenError("the password is empty; the editor does not start without one when it is asked for")
        self.password = password.encode()
        self.locks = locks or Locks()
        self.cookie = f"imgen-{secrets.token_hex(4)}"  # editors on other ports of this host get the same cookies
        self._tokens: OrderedDict[str, None] = OrderedDict()

    def inside(self, scope: Scope) -> bool:
        """Whether the request carries the cookie of a login."""
        given = Headers(scope=scope).get("cookie", "")
        try:
            morsel = SimpleCookie(given).get(self.cookie)
        except CookieError:
            return False
        return morsel is not None and morsel.value in self._tokens

    def refuse(self, page: bool) -> Response:
        """The answer to a request without a login: the page that asks for the password, or 401."""
        if page:
            return asked()
        return JSONResponse({"error": "log in first: open the page, or give the password to your program"}, 401)

    async def log_in(self, request: Request) -> Response:
        """Answer the form of the page, or a program's: fields `username` (ignored) and `password`."""
        address = request.client.host if request.client else ""
        given = await form_field(request, "password")
        # from here on nothing waits: of many requests at once, each sees the failures of those before it
        html = "text/html" in request.headers.get("accept", "")
        if wait := math.ceil(self.locks.wait(address)):
            text = f"too many wrong passwords; try again in {wait} second{'s' if wait > 1 else ''}"
            headers = {"Retry-After": str(wait)}
            return asked(text, 429, headers) if html else PlainTextResponse(text, 429, headers)
        if not hmac.compare_digest(given.encode(), self.password):
            self.locks.failed(address)
            text = "this is not the password"
            return asked(text, 400) if html else PlainTextResponse(text, 400)
        self.locks.passed(address)
        return self._welcome(request)

    def _welcome(self, request: Request) -> Response:
        token = secrets.token_urlsafe(32)
        self._tokens[token] = None
        while len(self._tokens) > MOST:
            self._tokens.popitem(last=False)
        root = (request.scope.get("root_path") or "").rstrip("/") + "/"
        html = "text/html" in request.headers.get("accept", "")
        answer = RedirectResponse(root, 303) if html else JSONResponse({"success": True})
        answer.set_cookie(self.cookie, token, path=root, httponly=True, samesite="lax", secure=is_https(request))
        return answer


def asked(message: str = "", status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The page that asks for the password, with what was wrong about the last one."""
    return HTMLResponse(asset("login.html").replace("{message}", escape(message)), status, headers)


def is_https(request: Request) -> bool:
    """Whether the browser speaks TLS, with this server or with the proxy before it."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").partition(",")[0].strip())


async def form_field(request: Request, name: str) -> str:
    """One field of a small form; empty where there is none."""
    size = 0
    parts: list[bytes] = []
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST_FORM:
                return ""
            parts.append(part)
    except ClientDisconnect:
        return ""
    return parse_qs(b"".join(parts).decode("utf-8", "replace"), keep_blank_values=True).get(name, [""])[0]
