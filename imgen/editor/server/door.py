"""The door: every request passes it before Gradio sees it, and most rules of docs/security.md are kept here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import ImgenError
from ..state.desk import Desk
from ..web.assets import scripts, version
from . import routes
from .bodies import checked
from .controls import POLICY as FRAMED
from .controls import control_page, known
from .leaving import AskedFirst
from .login import Login
from .names import Names

# Gradio builds its templates with new Function and inline scripts, hence the two "unsafe" ones
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers would hide where the login form comes from, too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}
LASTING = (
    "/assets/",
    "/static/",
    "/svelte/",
    "/favicon.ico",
)  # scripts and pictures of Gradio, the same for everybody
FOREVER = "private, max-age=31536000, immutable"
PASSED = "imgen.passed"  # in the scope of a request that came through the door


class Door:
    """ASGI middleware around the whole application, Gradio's own middleware included.

    Args:
        app: what is behind it.
        desk: whose files go in and out.
        names: which names are answered, and which pages may ask.
        login: None lets in everybody who may ask.
        mcp: whether the page also serves tools for language models.
    """

    def __init__(self, app: ASGIApp, desk: Desk, names: Names, login: Login | None = None, mcp: bool = False) -> None:
        self.app = app
        self.desk = desk
        self.names = names
        self.login = login
        self.mcp = mcp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            scope[PASSED] = True
            path = routes.path_of(scope)
            framed = FRAMED if path.startswith(routes.CONTROL) else {}
            send = with_headers(send, lasting=path.startswith(LASTING), other=framed)
            answer = self._refusal(scope, path) or await self._own(scope, path, receive)
            if answer is None and scope["method"] == "POST":
                try:
                    receive = await checked(Request(scope, receive), self.desk.files.may_be_upload)
                except ImgenError as error:
                    answer = JSONResponse({"detail": str(error)}, 400)
            await self._rest(path, answer or self.app)(scope, receive, send)
        else:  # a WebSocket: the editor has none
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope, path: str) -> Response | None:
        """The answer to a request that is not let in."""
        if trouble := self.names.trouble(scope):
            return PlainTextResponse(trouble, 403)
        if self.login and path not in routes.OPEN and not self.login.inside(scope):
            return self.login.refuse(page=scope["method"] in routes.READ and path == routes.PAGE)
        if not routes.exists(scope["method"], path, self.mcp):
            return PlainTextResponse("there is nothing at this address", 404)
        return None

    async def _own(self, scope: Scope, path: str, receive: Receive) -> Response | None:
        """The answer to what Gradio is not asked for: files, uploads and the login."""
        if path.rstrip("/") == routes.LOGIN:
            request = Request(scope, receive)
            return await self.login.log_in(request) if self.login else JSONResponse({"success": True})
        if path == routes.UPLOAD:
            return await self.desk.files.upload(Request(scope, receive))
        if path == routes.KNOWN:
            return JSONResponse(await run_in_threadpool(known))  # plugins tell, and may take a moment
        if path.startswith(routes.CONTROL):
            return await run_in_threadpool(control_page, path.removeprefix(routes.CONTROL))
        if path.startswith(routes.SCRIPTS):
            return script(path)
        for prefix in routes.FILE:
            if path.startswith(prefix):
                return self.desk.files.answer(path.removeprefix(prefix), scope["method"] == "HEAD")
        return None

    def _rest(self, path: str, app: ASGIApp) -> ASGIApp:
        """The application, which is told of the page whose heartbeat this is."""
        if not path.startswith(routes.HEARTBEAT):
            return app
        session = path.removeprefix(routes.HEARTBEAT)

        async def beating(scope: Scope, receive: Receive, send: Send) -> None:
            self.desk.workspaces.arrived(session)
            try:
                await app(scope, receive, send)
            finally:
                self.desk.workspaces.left(session)

        return beating


class Closed:
    """ASGI middleware inside the application: nothing is answered that did not come through the door."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, if the door did."""
        if scope["type"] == "lifespan" or scope.get(PASSED):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse("the editor is not ready", 503)(scope, receive, send)


def script(path: str) -> Response:
    """One of the page's modules. Its address has its version in it, so that browsers may keep it."""
    text = scripts().get(path.removeprefix(f"{routes.SCRIPTS}{version()}/"))
    if text is None:
        return PlainTextResponse("there is nothing at this address", 404)
    return PlainTextResponse(text, media_type="text/javascript", headers={"Cache-Control": FOREVER})


def with_headers(send: Send, lasting: bool, other: Mapping[str, str]) -> Send:
    """The same, with the headers that every answer has, some of them others; only what is for everybody may be kept."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, **other}.items():
                headers[name] = value
            if not lasting and headers.get("Cache-Control") != FOREVER:
                headers["Cache-Control"] = "no-store"
        await send(message)

    return answer


def app_options(host: str | None, allowed: Iterable[str], password: str | None) -> dict[str, Any]:
    """What Gradio passes on to FastAPI, so that the door stands before everything.

    Raises:
        ImgenError: the password is empty.
    """
    names, login = Names(host, allowed), None if password is None else Login(password)
    return {"middleware": [Middleware(Closed), Middleware(AskedFirst)], "lifespan": hang(names, login)}


def hang(names: Names, login: Login | None) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Hang the door in while the server starts: Gradio's own middleware is around that which it is given."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        page = app.get_blocks()
        app.middleware_stack = Door(app.middleware_stack, page.desk, names, login, bool(page.mcp_server))
        yield

    return lifespan
