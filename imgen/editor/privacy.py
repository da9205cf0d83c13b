"""Keep the page and the server to themselves: no request goes to another host."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio builds its templates with new Function and inline scripts, hence the two "unsafe" ones
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'"
)


class Private:
    """ASGI middleware: a content policy on every page, and no fetching of other hosts' files by the server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "/file=http" in scope["path"]:  # Gradio would download that address itself
            await PlainTextResponse("only files of this editor", status_code=403)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = POLICY
            await send(message)

        await self.app(scope, receive, answer)


def app_options() -> dict[str, Any]:
    """What Gradio passes on to FastAPI."""
    from starlette.middleware import Middleware

    return {"middleware": [Middleware(Private)]}
