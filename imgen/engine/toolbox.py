"""The tools as Python code calls them: on any picture, with help and signature of their own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from operator import getitem
from typing import Any

import numpy as np

from ..contract.arrays import Array
from ..contract.given import as_array
from ..contract.tool import Tool
from ..io.arrays import check_range
from ..io.door import as_photo
from ..io.pictures import as_arrays
from .apply import blend, given_mask
from .pipeline import Pipeline
from .plugins import find_tool, installed

BEYOND = 0.9  # what one tool returned and the next is given may leave 0..1 by so much; an array in -1..1 may not


class Offered(Tool):
    """A tool to be called on a picture: `imgen.tools()["denoise"]("photo.jpg", noise=25)`."""

    def __init__(self, tool: Tool) -> None:
        """The same as `tool`, and looking like the function that it stands for."""
        super().__init__(**{name: getattr(tool, name) for name in tool.__dataclass_fields__})
        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            object.__setattr__(self, name, getattr(self.function, name))
        object.__setattr__(self, "__signature__", inspect.signature(self.function))

    def __call__(self, *pictures: Any, **parameters: Any) -> Any:
        """Run the tool on a picture; further pictures, as parameters, are of the same kinds.

        Args:
            pictures: an array, uint8, uint16 or float32 in 0..1, (H, W, 3), or (H, W) for tools of selections; or a
                `Photo`, a path, the bytes of a file, a PIL image, a torch tensor. Nothing for a tool that makes a
                picture from nothing.
            parameters: the tool's own.

        Returns:
            For an array the tool's result as an array; for whatever else a `Photo`, with all that belongs to it.

        Raises:
            ParameterError: a parameter is unknown, missing or out of range; the message names the remedy.
            PhotoError: this is no picture.
        """
        if len(pictures) != 1 or self.takes == "nothing":
            return self.run(*pictures, **as_arrays(self, parameters))
        if self.takes == "photo" or not is_array(pictures[0], 2 if self.takes == "mask" else 3):
            return Pipeline().add(self.name, **parameters).run(pictures[0], cache=None)
        array = pictures[0] if pictures[0].dtype.kind == "f" else as_photo(pictures[0]).pixels
        if self.takes == "mask" and array.ndim == 3:
            array = array[..., 0]
        if array.size:
            check_range(array, BEYOND)
        given = as_arrays(self, parameters)
        return faded(self, array, self.run(array, **given), given)

    def __reduce__(self) -> Any:
        """Pickled by its name: the process that reads it has the same plugins."""
        return getitem, (Toolbox(), self.name)


def is_array(picture: Any, dimensions: int) -> bool:
    """Whether it is an array of a picture's own three channels, or of a mask."""
    return isinstance(picture, np.ndarray) and picture.ndim == dimensions and picture.shape[2:] in ((), (3,))


def faded(tool: Tool, array: Array, made: Any, parameters: Mapping[str, Any]) -> Any:
    """What a tool made of a picture (H, W, 3), inside the parameter `mask` alone, as a pipeline does it."""
    mask = given_mask(tool, parameters)
    if mask is None or (tool.takes, tool.gives) != ("image", "image"):
        return made
    result = as_array(tool.name, "its result", "image", made).copy()
    if result.shape == array.shape:
        blend(result, array, mask)
    return result


class Toolbox(Mapping[str, Offered]):
    """All tools by name; a name that is none of them is answered with the nearest."""

    def __getitem__(self, name: str) -> Offered:
        return offered(find_tool(name))

    def __iter__(self) -> Iterator[str]:
        return iter(installed().tools)

    def __len__(self) -> int:
        return len(installed().tools)

    def __repr__(self) -> str:
        return f"<{len(self)} tools: {', '.join(self)}>"


_made: dict[str, tuple[Tool, Offered]] = {}


def offered(tool: Tool) -> Offered:
    """The same tool, to be called on any picture; made once."""
    kept = _made.get(tool.name)
    if kept is None or kept[0] is not tool:
        kept = _made[tool.name] = tool, Offered(tool)
    return kept[1]


def tools() -> Mapping[str, Offered]:
    """All tools by name; each takes a picture and its parameters: `imgen.tools()["denoise"]("photo.jpg", noise=25)`."""
    return Toolbox()
