"""What the page asks for when it begins: the tools as they are now, and the controls that plugins bring along."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ...engine.toolbox import tools
from ..state.controls import palette, title
from ..state.recipes import starters
from ..web.assets import asset

# a plugin's script runs in a page without an origin: no cookies, no storage, no network, nothing of the editor's page
POLICY = {
    "Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' blob:; "
    "style-src 'unsafe-inline'; img-src data: blob:; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


def known() -> dict[str, Any]:
    """The tools and starters, with the choices that there are now."""
    found = tools()
    return {"tools": palette(found.values()), "starters": starters(found)}


def control_page(name: str) -> Response:
    """The page in which a plugin's control of a parameter runs: web/control.html around the plugin's module.

    Args:
        name: "tool/parameter".
    """
    tool, _, parameter = name.partition("/")
    found = tools().get(tool)
    control = found.signature.controls.get(parameter) if found else None
    if control is None:
        return PlainTextResponse("there is nothing at this address", 404)
    source = json.dumps(control.text()).replace("<", "\\u003c")  # nothing in it may end the script
    page = asset("control.html").replace("{title}", escape(title(parameter))).replace("{source}", source)
    return HTMLResponse(page)
