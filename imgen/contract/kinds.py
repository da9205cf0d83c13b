"""What a tool takes and gives: pictures, masks, animations, a whole photo. Its annotations say which."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
from numpy.typing import NDArray
from pydantic import Field


class Document:
    """The whole photo: what `imgen.Photo` is to a tool. The contract knows no more of it."""


Image = Annotated[NDArray[np.float32], "image"]
"""A picture: float32, (H, W, 3), sRGB, 0..1."""
Mask = Annotated[NDArray[np.float32], "mask"]
"""A selection or hole: float32, (H, W), 0 (not) .. 1 (fully)."""
Animation = Annotated[NDArray[np.float32], "animation"]
"""Pictures to be shown one after the other: float32, (N, H, W, 3), sRGB, 0..1. Tools return it, none takes it."""

ModelName = Annotated[str, Field(json_schema_extra={"format": "model"})]
"""A parameter that names a model to run, "plugin/model"; recipes record which weights it was."""

Kind = Literal["image", "mask", "animation", "photo", "nothing"]
SHAPES = {"mask": "(H, W)", "image": "(H, W, 3)", "animation": "(N, H, W, 3)"}


def kind_of(hint: Any) -> Kind:
    """What a parameter or return annotation stands for; an optional picture counts as a picture."""
    if isinstance(hint, type) and issubclass(hint, Document):
        return "photo"
    if get_origin(hint) is Annotated and get_args(hint)[1] in SHAPES:
        return get_args(hint)[1]
    for option in get_args(hint) if type(None) in get_args(hint) else ():
        if kind_of(option) != "nothing":
            return kind_of(option)
    return "nothing"
