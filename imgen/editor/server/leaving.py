"""A first script in the page: whoever leaves it is asked by imgen before Gradio hears of it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import routes

# Browsers call a window's listeners in the order in which they came. Gradio's ends the session, breaks off what is
# under way and drops all later events, also where the answer is to stay: one after it could not keep it from that.
SCRIPT = b"<script>addEventListener('beforeunload', (event) => window.imgenLeaving?.(event));</script>"  # opening.js
HEAD = b"<head>"


class AskedFirst:
    """ASGI middleware inside the application, where answers are not yet compressed: puts the script before all others.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the page gets the script."""
        page = scope["type"] == "http" and scope["method"] == "GET" and routes.path_of(scope) == routes.PAGE
        await self.app(scope, receive, with_script(send) if page else send)


def with_script(send: Send) -> Send:
    """The same, for an answer that has the page's head in its first part."""
    start: Message | None = None

    async def answer(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message  # it tells the length
            return
        if start is not None:
            body = message.get("body", b"").replace(HEAD, HEAD + SCRIPT, 1)
            longer = len(body) - len(message.get("body", b""))
            headers = MutableHeaders(scope=start)
            if "content-length" in headers:
                headers["content-length"] = str(int(headers["content-length"]) + longer)
            await send(start)
            start, message = None, {**message, "body": body}
        await send(message)

    return answer
