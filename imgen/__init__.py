"""imgen: a creative image editing toolkit made of plugins. The public names, loaded when first used."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Libraries that call home by default, told not to before any of them is imported: each looks only once. ONNX Runtime
# also writes a device id and a database below the home folder. Every module of imgen is imported after these lines.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from .cache import Cache as Cache
    from .context import Workers as Workers
    from .context import note as note
    from .context import portion as portion
    from .context import progress as progress
    from .errors import Cancelled as Cancelled
    from .errors import ImgenError as ImgenError
    from .hookspecs import hookimpl as hookimpl
    from .models import model as model
    from .photo import Photo as Photo
    from .photo import open as open  # reads like Pillow's and imageio's  # noqa: A004
    from .pipeline import Pipeline as Pipeline
    from .pipeline import Step as Step
    from .places import Box as Box
    from .places import Dots as Dots
    from .places import Points as Points
    from .plugins import tools as tools
    from .tiling import tiled as tiled
    from .tool import Animation as Animation
    from .tool import Image as Image
    from .tool import Mask as Mask
    from .tool import ModelName as ModelName
    from .tool import Tool as Tool
    from .tool import uses as uses

__version__ = "0.1.0"

_HOME = {
    "Animation": "tool",
    "Box": "places",
    "Cache": "cache",
    "Cancelled": "errors",
    "Dots": "places",
    "Image": "tool",
    "ImgenError": "errors",
    "Mask": "tool",
    "ModelName": "tool",
    "Photo": "photo",
    "Pipeline": "pipeline",
    "Points": "places",
    "Step": "pipeline",
    "Tool": "tool",
    "Workers": "context",
    "hookimpl": "hookspecs",
    "model": "models",
    "note": "context",
    "open": "photo",
    "portion": "context",
    "progress": "context",
    "tiled": "tiling",
    "tools": "plugins",
    "uses": "tool",
}
__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]: the names come from __getattr__


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use, so that `import imgen` and `imgen --help` stay quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'imgen' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
