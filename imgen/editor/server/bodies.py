"""The bodies of requests, looked at once before Gradio reads them: JSON of a sane size that names only uploads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from ...errors import ImgenError
from ..state.files import LOST
from .outgoing import REFUSED

LARGEST = 64 * 2**20  # bytes: a recipe with its pictures
SENSELESS = "the request is no JSON that the editor reads"


async def checked(request: Request, may_be_upload: Callable[[str], bool]) -> Receive:
    """Read a body; returns what hands it on to the application.

    Args:
        request: with a body of JSON; others are passed on as they are, and refused there.
        may_be_upload: whether a path is one that an upload may have.

    Raises:
        ImgenError: the request is refused; the message says why.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return request.receive
    body = await whole(request)
    try:
        look(json.loads(body), may_be_upload)
    except (ValueError, RecursionError) as error:  # ValueError: also a number with thousands of digits
        raise ImgenError(SENSELESS) from error
    return replay(body, request.receive)


async def whole(request: Request) -> bytes:
    """All of the body.

    Raises:
        ImgenError: it is too long, or its sender went away.
    """
    parts, size = list[bytes](), 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST:
                raise ImgenError(f"a request may have {LARGEST >> 20} MiB at most")
            parts.append(part)
    except ClientDisconnect as error:
        raise ImgenError(SENSELESS) from error
    return b"".join(parts)


def look(value: Any, may_be_upload: Callable[[str], bool]) -> None:
    """Look for files in any depth: Gradio takes every "path" for one, and would look for it.

    Raises:
        ImgenError: one is named that was not uploaded here.
    """
    if isinstance(value, list):
        for part in value:
            look(part, may_be_upload)
    elif isinstance(value, dict):
        path = value.get("path")
        if isinstance(path, str):
            if "://" in path or "://" in str(value.get("url")):
                raise ImgenError(REFUSED)
            if not may_be_upload(path):
                raise ImgenError(LOST)
        for part in value.values():
            look(part, may_be_upload)


def replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on once; what comes later, such as the end of the connection, as it comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
