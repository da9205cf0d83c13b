"""What is installed, for the page: plugins with their errors, and models with their cards."""

from __future__ import annotations

from typing import Any

from ...engine.plugins import available
from ...engine.plugins import installed as found
from ...errors import ImgenError
from ...inference.registry import Model
from ...inference.session import choose


def installed(device: str) -> dict[str, Any]:
    """Plugins, models, and the device that models run on."""
    plugins = [
        {"name": p.name, "package": p.package, "version": p.version, "tools": list(p.tools), "error": p.error}
        for p in found().plugins
    ]
    return {"plugins": plugins, "models": [about(m) for m in available().values()], "device": choose(device)}


def about(model: Model) -> dict[str, Any]:
    """One model, with its card as it is."""
    entry: dict[str, Any] = {"name": model.name, "from": model.origin}
    try:
        card = model.card
    except ImgenError as error:
        return {**entry, "error": str(error)}
    entry |= {"task": card.get("task", ""), "terms": card.get("terms", "not stated")}
    entry["size"] = model.path.stat().st_size if model.here else model.about.bytes
    return {**entry, "fetched": model.here, "card": {k: v for k, v in card.items() if k != "measured"}}
