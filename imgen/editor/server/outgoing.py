"""The server fetches nothing: no connection leaves this machine, whatever a request asks for."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NoReturn

REFUSED = "the editor opens only files that were uploaded to it, never addresses"
LOCAL = ("localhost", "localhost.localdomain", "ip6-localhost", "")
_shut = 0  # how many editors serve in this process
_hooked = False


def keep_to_itself() -> None:
    """Replace what Gradio downloads files with: a file given as an address is refused without looking up its name."""
    import gradio as gr
    import httpx
    import safehttpx
    from gradio import processing_utils, utils

    class Nowhere(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> NoReturn:
            raise gr.Error(REFUSED, print_exception=False)

    async def refuse(*_: Any, **__: Any) -> NoReturn:
        raise gr.Error(REFUSED, print_exception=False)

    safehttpx.get = safehttpx.async_validate_url = refuse  # pyright: ignore[reportAttributeAccessIssue]: by intent
    processing_utils.async_ssrf_protected_download = refuse
    # around every event it imports matplotlib, which writes a list of fonts below the home folder; nothing here plots
    utils.MatplotlibBackendMananger = nullcontext  # pyright: ignore[reportAttributeAccessIssue]: by intent
    processing_utils.sync_client = httpx.Client(transport=Nowhere(), trust_env=False)


@contextmanager
def shut() -> Iterator[None]:
    """Inside, no code of this process connects to another machine or looks up a name: a second wall behind the first.

    Python's own audit event stops it, so libraries cannot go around it in Python; what is compiled can.
    """
    global _shut, _hooked
    if not _hooked:
        sys.addaudithook(watch)  # cannot be taken off again
        _hooked = True
    _shut += 1
    try:
        yield
    finally:
        _shut -= 1


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what would leave this machine; called by Python for each of its audit events.

    Raises:
        PermissionError: it would.
    """
    if not _shut or not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1] if len(arguments) > 1 else None
        host = address[0] if isinstance(address, tuple) else None  # others are sockets of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not is_local(host):
        raise PermissionError(f"the editor connects to no other machine ({host!r} was asked for)")


def is_local(host: Any) -> bool:
    """Whether a name or address stands for this machine; no name is looked up."""
    if host is None:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text.lower() in LOCAL:
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
