"""One step on one photo: fill in the selection, call the tool, put what it returns where it belongs."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..contract.arrays import Array
from ..contract.context import note
from ..contract.given import as_array
from ..contract.kinds import Pictures
from ..contract.tool import Tool
from ..errors import PipelineError, ToolError
from ..image.colour import space_of
from ..image.photo import Photo
from ..image.seen import bring_back, holds, in_own_space, in_srgb, seen
from .contain import contained


class Fade(NamedTuple):
    """How much of a changed picture is seen, beside what the photo's selection says.

    Attributes:
        opacity: 0 nothing .. 1 all of it.
        mask: (H, W) in 0..1, where; None everywhere.
    """

    opacity: float = 1.0
    mask: Array | None = None


def apply(tool: Tool, photo: Photo | None, parameters: dict[str, Any], opacity: float = 1.0) -> Photo:
    """One step: fill in the selection, call the tool, and put what it returns where it belongs.

    Args:
        tool: the step's.
        photo: what it works on; its selection says where.
        parameters: of the tool, pictures as arrays.
        opacity: how much of a changed picture is seen, 0..1.

    Raises:
        ToolError: the tool returned something else than its signature says, or broke.
    """
    fade = Fade(opacity, given_mask(tool, parameters))
    photo, before, results = called(tool, photo, parameters)
    return put_back(tool, photo, before, results, fade)


def apply_all(
    tool: Tool, photo: Photo | None, parameters: dict[str, Any], opacity: float = 1.0
) -> list[tuple[str, Photo]]:
    """One step of a tool that returns `imgen.Pictures`: each label, with the photo after the step; as `apply`.

    Raises:
        ToolError: as for `apply`.
    """
    fade = Fade(opacity, given_mask(tool, parameters))
    photo, before, results = called(tool, photo, parameters)
    made: Any = results[0]
    array = finished(tool, results)
    labels = tuple(made.labels) if isinstance(made, Pictures) and made.labels else tuple(map(str, range(len(array))))
    if len(labels) != len(array):
        raise ToolError(f"{tool.name} returned {len(array)} pictures and {len(labels)} labels; give each one")
    photo = started(tool, photo)
    return [
        (label, with_array(tool, photo, before, one.copy(), fade)) for label, one in zip(labels, array, strict=True)
    ]


def given_mask(tool: Tool, parameters: Mapping[str, Any]) -> Array | None:
    """The mask (H, W) in 0..1 that a step names itself, as the tool's parameter `mask`; None where it names none.

    Asked before the photo's selection takes its place: that fades the result already.
    """
    given = parameters.get("mask") if tool.pictures.get("mask") == "mask" else None
    return None if given is None else np.asarray(given, np.float32).clip(0, 1)


def called(tool: Tool, photo: Photo | None, parameters: dict[str, Any]) -> tuple[Photo | None, Any, list[Any]]:
    """The photo as the tool found it, what the tool saw of it, and, alone in a list, what the tool returned."""
    if photo is None and tool.takes != "nothing":
        raise PipelineError(f"{tool.name} needs a photo; give it one, or start with a step that makes a picture")
    if photo is not None:
        if photo.frames is not None and tool.gives != "measurements":
            if tool.takes != "nothing":
                note(f"{tool.name} works on the first frame; the animation ends here")
            photo = photo.replace(frames=None)
        for name, kind in tool.pictures.items():
            if kind == "mask" and parameters.get(name) is None and photo.selection is not None:
                parameters[name] = photo.selection
    first: tuple[Any, ...] = ()
    if photo is not None and tool.takes != "nothing":
        first = (first_argument(tool, photo),)
    with contained(tool.name, f"{tool.plugin} {tool.version}"):
        results = [tool.run(*first, **parameters)]  # the only reference, if the tool kept none
    if results[0] is None:
        raise ToolError(f"{tool.name} returned nothing; is a return missing?")
    return photo, first[0] if first else None, results


def first_argument(tool: Tool, photo: Photo) -> Any:
    """What the tool's first parameter is filled with."""
    if tool.takes == "photo":
        return photo
    if tool.takes == "image":
        return seen(photo)
    if photo.selection is None:
        raise ToolError(f"{tool.name} needs a selection; add a step that selects, such as select_rectangle")
    return photo.selection


def put_back(tool: Tool, photo: Photo | None, before: Any, results: list[Any], fade: Fade) -> Photo:
    """The photo after a tool that saw `before` and returned the one thing in `results`, which is taken out of it."""
    photo = started(tool, photo)
    if tool.gives == "photo":
        if not isinstance(results[0], Photo):
            raise ToolError(f"{tool.name} returned {type(results[0]).__name__} instead of a Photo")
        return results[0]
    if tool.gives == "measurements":
        assert photo is not None  # such a tool takes a picture
        return measured(tool, photo, results[0])
    array = finished(tool, results)
    if tool.gives == "animation":
        if len(array) > 1:
            return animated(tool, photo, array)
        array = array[0]  # one frame is a picture like any other
    return with_array(tool, photo, before, array, fade)


def started(tool: Tool, photo: Photo | None) -> Photo | None:
    """The photo that a tool's result belongs to: none, if it makes a picture from nothing."""
    if photo is not None and tool.takes == "nothing":
        note(f"{tool.name} makes a picture of its own; the photo before it is not used")
        return None  # nor do its metadata, place and profile belong to that picture
    return photo


def with_array(tool: Tool, photo: Photo | None, before: Any, array: np.ndarray[Any, Any], fade: Fade) -> Photo:
    """The photo after a tool that saw `before` and made that picture, (H, W, 3), or selection, (H, W)."""
    if photo is None:
        return Photo(array if array.ndim == 3 else np.repeat(array[..., None], 3, 2))
    if tool.gives == "mask":
        return photo.replace(selection=array)
    if array.shape != photo.pixels.shape:
        if photo.alpha is not None or photo.selection is not None or fade.opacity < 1:
            note(f"{tool.name} made a picture of another size; transparency, selection and opacity do not apply to it")
        return in_own_space(photo, array)
    return with_picture(photo, before if tool.takes == "image" else seen(photo), array, fade)


def measured(tool: Tool, photo: Photo, found: Any) -> Photo:
    """The photo with what a tool measured on it, which the user is told."""
    if not isinstance(found, Mapping):
        raise ToolError(f"{tool.name} returned {type(found).__name__} instead of a dict of measurements")
    values: dict[str, float | str] = {}
    for name, value in found.items():  # pyright: ignore[reportUnknownVariableType]: a tool's
        if not isinstance(value, (str, int, float, np.number)):
            raise ToolError(f"{tool.name} measured {name} as {type(value).__name__}; give numbers and texts")
        values[str(name)] = value if isinstance(value, (str, bool, int)) else float(value)
    texts = (f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in values.items())
    note(f"{tool.name}: {', '.join(texts)}")
    return photo.replace(measurements={**photo.measurements, tool.name: values})


def with_picture(photo: Photo, before: np.ndarray[Any, Any], array: np.ndarray[Any, Any], fade: Fade) -> Photo:
    """The photo with what a tool made of `before`, an sRGB picture of its size, which becomes the photo's pixels."""
    space = space_of(photo.icc)
    if space is not None and not np.array_equal(array, before) and not holds(space, array):
        photo = in_srgb(photo.replace(pixels=seen(photo.replace(alpha=None))))
    if before is not photo.pixels:
        bring_back(photo, before, array)
    if photo.selection is not None or fade.opacity < 1:
        blend(array, photo.pixels, photo.selection, fade.opacity)
    if fade.mask is not None:
        blend(array, photo.pixels, fade.mask)
    return photo.replace(pixels=array)


def finished(tool: Tool, results: list[Any]) -> np.ndarray[Any, Any]:
    """A tool's result as an array that belongs to the engine alone, clipped to 0..1.

    One that only `results` refers to is taken as it is, so that a large photo is not held twice. One that the tool
    may have kept, to return it again or to change it later, is copied: neither may spoil the other's.
    """
    mine = unshared(results)  # asked before there are views of it
    checked = as_array(tool.name, "its result", tool.gives, results[0])
    return np.clip(checked, 0, 1, out=results.pop() if mine else None)


def unshared(results: list[Any]) -> bool:
    """Whether nothing but this list refers to the float32 array in it, or to the one that it is a view of."""
    if type(results[0]) is not np.ndarray or results[0].dtype != np.float32 or not results[0].flags.writeable:
        return False
    if references(results) > ALONE or weakref.getweakrefcount(results[0]):
        return False
    if results[0].base is None:
        return bool(results[0].flags.owndata)
    if type(results[0].base) is not np.ndarray or not results[0].base.flags.owndata:
        return False
    return sys.getrefcount(results[0].base) <= ALONE and not weakref.getweakrefcount(results[0].base)


def references(results: list[Any]) -> int:
    """How many references there are to what is in the list, the list's own and this call's among them."""
    return sys.getrefcount(results[0])


ALONE = references([np.empty(0)])


def animated(tool: Tool, photo: Photo | None, frames: np.ndarray[Any, Any]) -> Photo:
    """The photo after a tool that made an animation, (N, H, W, 3); its first frame becomes the picture."""
    if photo is None:
        return Photo(frames[0], frames=frames)
    if photo.alpha is not None or photo.selection is not None:
        note(f"{tool.name} made an animation; transparency and selection do not apply to it")
    tall = in_own_space(photo, frames.reshape(-1, *frames.shape[2:]))
    frames = tall.pixels.reshape(frames.shape)
    return tall.replace(pixels=frames[0], frames=frames)


def blend(
    new: np.ndarray[Any, Any],
    old: np.ndarray[Any, Any],
    selection: np.ndarray[Any, Any] | None,
    opacity: float = 1.0,
) -> None:
    """Fade `new`, in place, into `old` where selection times opacity is below 1; where it is 0, `old` stays exactly."""
    for y in range(0, len(new), 256):  # strips keep the temporary arrays small
        rows = slice(y, y + 256)
        weight = np.float32(opacity) if selection is None else np.float32(opacity) * selection[rows, :, None]
        new[rows] = np.where(weight >= 1, new[rows], old[rows] + weight * (new[rows] - old[rows]))
