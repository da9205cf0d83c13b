"""One step on one photo: fill in the selection, call the tool, put what it returns where it belongs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .context import note
from .errors import ImgenError, PipelineError, ToolError
from .photo import Photo
from .tool import Tool, as_array


def apply(tool: Tool, photo: Photo | None, parameters: dict[str, Any]) -> Photo:
    """One step: fill in the selection, call the tool, and put what it returns where it belongs.

    Raises:
        ToolError: the tool returned something else than its signature says, or broke.
    """
    if photo is None and tool.takes != "nothing":
        raise PipelineError(f"{tool.name} needs a photo; name one before -s, or start with a step that makes a picture")
    if photo is not None:
        if photo.frames is not None:
            if tool.takes != "nothing":
                note(f"{tool.name} works on the first frame; the animation ends here")
            photo = photo.replace(frames=None)
        for name, kind in tool.pictures.items():
            if kind == "mask" and parameters.get(name) is None and photo.selection is not None:
                parameters[name] = photo.selection
    first: tuple[Any, ...] = ()
    if photo is not None and tool.takes != "nothing":
        first = (first_argument(tool, photo),)
    try:
        result = tool(*first, **parameters)
    except ImgenError:
        raise
    except (Exception, SystemExit) as error:
        raise ToolError(f"{tool.name} (plugin {tool.plugin} {tool.version}) failed: {error!r}") from error
    return put_back(tool, photo, result)


def first_argument(tool: Tool, photo: Photo) -> Any:
    """What the tool's first parameter is filled with."""
    if tool.takes == "photo":
        return photo
    if tool.takes == "image":
        return photo.pixels
    if photo.selection is None:
        raise ToolError(f"{tool.name} needs a selection; add a step that selects, such as select_rectangle")
    return photo.selection


def put_back(tool: Tool, photo: Photo | None, result: Any) -> Photo:
    """The photo after a tool that returned `result`."""
    if photo is not None and tool.takes == "nothing":
        note(f"{tool.name} makes a picture of its own; the photo before it is not used")
        photo = None  # nor do its metadata, place and profile belong to that picture
    if tool.gives == "photo":
        if not isinstance(result, Photo):
            raise ToolError(f"{tool.name} returned {type(result).__name__} instead of a Photo")
        return result
    checked = as_array(tool.name, "its result", tool.gives, result)
    # a new float32 array of the tool's own is finished in place, so that a large photo is not held twice
    own = (
        isinstance(result, np.ndarray) and result.dtype == np.float32 and result.flags.writeable and result.base is None
    )
    array = np.clip(checked, 0, 1, out=result if own else None)
    if tool.gives == "animation":
        if len(array) > 1:
            return animated(tool, photo, array)
        array = array[0]  # one frame is a picture like any other
    if photo is None:
        return Photo(array if array.ndim == 3 else np.repeat(array[..., None], 3, 2))
    if tool.gives == "mask":
        return photo.replace(selection=array)
    if array.shape != photo.pixels.shape:
        if photo.alpha is not None or photo.selection is not None:
            note(f"{tool.name} made a picture of another size; transparency and selection do not apply to it")
        return photo.replace(pixels=array, alpha=None, selection=None)
    if photo.selection is not None:
        blend(array, photo.pixels, photo.selection)
    return photo.replace(pixels=array)


def animated(tool: Tool, photo: Photo | None, frames: np.ndarray[Any, Any]) -> Photo:
    """The photo after a tool that made an animation, (N, H, W, 3); its first frame becomes the picture."""
    if photo is None:
        return Photo(frames[0], frames=frames)
    if photo.alpha is not None or photo.selection is not None:
        note(f"{tool.name} made an animation; transparency and selection do not apply to it")
    return photo.replace(pixels=frames[0], frames=frames, alpha=None, selection=None)


def blend(new: np.ndarray[Any, Any], old: np.ndarray[Any, Any], selection: np.ndarray[Any, Any]) -> None:
    """Fade `new`, in place, into `old` where the selection is below 1; where it is 0, `old` stays exactly."""
    for y in range(0, len(new), 256):  # strips keep the temporary arrays small
        rows = slice(y, y + 256)
        weight = selection[rows, :, None]
        new[rows] = np.where(weight >= 1, new[rows], old[rows] + weight * (new[rows] - old[rows]))
