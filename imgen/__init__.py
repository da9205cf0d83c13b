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
    from .contract.attached import File as File
    from .contract.context import Workers as Workers
    from .contract.context import context as context
    from .contract.context import note as note
    from .contract.context import portion as portion
    from .contract.context import progress as progress
    from .contract.control import Control as Control
    from .contract.declaration import tool as tool
    from .contract.declaration import uses as uses
    from .contract.dynamic import Choice as Choice
    from .contract.dynamic import Slider as Slider
    from .contract.dynamic import Sliders as Sliders
    from .contract.hookspecs import API as API
    from .contract.hookspecs import hookimpl as hookimpl
    from .contract.kinds import Animation as Animation
    from .contract.kinds import Image as Image
    from .contract.kinds import Mask as Mask
    from .contract.kinds import Measurements as Measurements
    from .contract.kinds import Pictures as Pictures
    from .contract.parameters import Colour as Colour
    from .contract.parameters import Curve as Curve
    from .contract.parameters import ModelName as ModelName
    from .contract.places import Box as Box
    from .contract.places import Dots as Dots
    from .contract.places import Points as Points
    from .contract.starter import Starter as Starter
    from .contract.tool import Tool as Tool
    from .engine.cache import Cache as Cache
    from .engine.pipeline import Pipeline as Pipeline
    from .engine.pipeline import Step as Step
    from .engine.plugins import model as model
    from .engine.toolbox import tools as tools
    from .errors import Cancelled as Cancelled
    from .errors import DeviceError as DeviceError
    from .errors import ImgenError as ImgenError
    from .errors import ModelError as ModelError
    from .errors import ParameterError as ParameterError
    from .errors import PhotoError as PhotoError
    from .errors import PipelineError as PipelineError
    from .errors import PluginError as PluginError
    from .errors import ToolError as ToolError
    from .image.tiling import tiled as tiled
    from .io import Photo as Photo
    from .io.door import open as open  # reads like Pillow's and imageio's  # noqa: A004

__version__ = "0.1.0"

_NAMES = {
    "contract.attached": "File",
    "contract.context": "context note portion progress Workers",
    "contract.control": "Control",
    "contract.declaration": "tool uses",
    "contract.dynamic": "Choice Slider Sliders",
    "contract.hookspecs": "API hookimpl",
    "contract.kinds": "Animation Image Mask Measurements Pictures",
    "contract.parameters": "Colour Curve ModelName",
    "contract.places": "Box Dots Points",
    "contract.starter": "Starter",
    "contract.tool": "Tool",
    "engine.cache": "Cache",
    "engine.pipeline": "Pipeline Step",
    "engine.plugins": "model",
    "engine.toolbox": "tools",
    "errors": "Cancelled DeviceError ImgenError ModelError ParameterError PhotoError PipelineError PluginError "
    "ToolError",
    "image.tiling": "tiled",
    "io": "Photo",
    "io.door": "open",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
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
