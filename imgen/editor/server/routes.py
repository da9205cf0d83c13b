"""The addresses that the editor answers. Gradio has more; what is not listed here does not exist, new ones neither."""

from __future__ import annotations

import re

from starlette.types import Scope

API = "/gradio_api"
READ = ("GET", "HEAD")
PAGE = "/"
LOGIN = "/login"
FILE = (f"{API}/file=", f"{API}/file/")  # the second is an older spelling
UPLOAD = f"{API}/upload"
STARTUP = f"{API}/startup-events"  # Gradio asks this itself, once; afterwards it does nothing
OPEN = (LOGIN, f"{LOGIN}/", STARTUP)  # what is answered before the password is known, beside the page that asks for it
HEARTBEAT = f"{API}/heartbeat/"
MCP = f"{API}/mcp/"
SCRIPTS = "/web/"  # the page's own modules, under their version
KNOWN = "/web/known.json"  # tools and starters as they are now
CONTROL = "/web/control/"  # tool and parameter: a control that a plugin brings

READS = re.compile(
    r"/|/config/?|/web/\w+/[\w-]+\.js|/web/known\.json|/web/control/[\w.-]{1,200}/\w{1,100}|/(gradio_api/)?theme\.css|/favicon\.ico|/manifest\.json|/robots\.txt|/(assets|static|svelte)/.+|"
    r"/gradio_api/(info/?|openapi\.json|app_id/?|startup-events|heartbeat/[\w-]{1,100}|queue/(data|status)|"
    r"call(/v2)?/\w+/\w+|file[=/].+)",
    re.DOTALL,  # a line break is as good as any other junk in a path
)
WRITES = re.compile(r"/login/?|/gradio_api/(queue/join|(run|api|call|call/v2)/\w+/?|cancel|reset/?|upload)")


def exists(method: str, path: str, mcp: bool = False) -> bool:
    """Whether there is anything at that address.

    Args:
        method: of HTTP.
        path: without the root path.
        mcp: whether the page also serves tools for language models.
    """
    if mcp and path.startswith(MCP):
        return True
    return bool((READS if method in READ else WRITES).fullmatch(path)) and method in (*READ, "POST")


def path_of(scope: Scope) -> str:
    """The path of a request without the root path, behind which a proxy may have put the editor."""
    path: str = scope["path"]
    root = (scope.get("root_path") or "").rstrip("/")
    return path.removeprefix(root) if root and path.startswith(root + "/") else path
