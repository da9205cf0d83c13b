"""What a tool takes and gives: pictures, masks, animations, a whole photo. Its annotations say which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
from numpy.typing import NDArray


class Document:
    """The whole photo: what `imgen.Photo` is to a tool. The contract knows no more of it."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Candidates to choose from, which a tool returns; the user takes one by the parameter `candidate`.

    Attributes:
        pixels: float32, (N, H, W, 3), sRGB, 0..1; the one that the tool itself would choose comes first.
        labels: what to call each, in a word or two; numbers where there are none.
    """

    pixels: NDArray[np.float32]
    labels: tuple[str, ...] = ()


Image = Annotated[NDArray[np.float32], "image"]
"""A picture: float32, (H, W, 3), sRGB, 0..1."""
Mask = Annotated[NDArray[np.float32], "mask"]
"""A selection or hole: float32, (H, W), 0 (not) .. 1 (fully)."""
Animation = Annotated[NDArray[np.float32], "animation"]
"""Pictures to be shown one after the other: float32, (N, H, W, 3), sRGB, 0..1. Tools return it, none takes it."""
Measurements = Annotated[Mapping[str, float | str], "measurements"]
"""What a tool found out, numbers and texts by name. The photo passes through; what was found is told to the user."""

Kind = Literal["image", "mask", "animation", "pictures", "measurements", "photo", "nothing"]
SHAPES: dict[Kind, str] = {
    "mask": "(H, W)",
    "image": "(H, W, 3)",
    "animation": "(N, H, W, 3)",
    "pictures": "(N, H, W, 3)",
}
RESULTS = ("animation", "pictures", "measurements")  # tools return them, none takes them


def kind_of(hint: Any) -> Kind:
    """What a parameter or return annotation stands for; an optional picture counts as a picture."""
    if isinstance(hint, type) and issubclass(hint, Document):
        return "photo"
    if hint is Pictures:
        return "pictures"
    if get_origin(hint) is Annotated and get_args(hint)[1] in (*SHAPES, "measurements"):
        return get_args(hint)[1]
    for option in get_args(hint) if type(None) in get_args(hint) else ():
        if kind_of(option) != "nothing":
            return kind_of(option)
    return "nothing"
