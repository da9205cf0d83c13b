"""What a network takes, and whether it is given that: said in shapes, before ONNX Runtime says it in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ModelError

FREE = ("1", "c", "h", "w")  # what axes of pictures are called where any length goes


def check_inputs(name: str, wanted: Sequence[Any], given: Sequence[Any], named: Mapping[str, Any]) -> None:
    """Refuse what a model cannot be called with.

    Args:
        name: the model's.
        wanted: its inputs, as ONNX Runtime tells them: each with name, shape and type.
        given: what it was called with without a name.
        named: by name.

    Raises:
        ModelError: not its inputs, or not of their shape or kind of numbers.
    """
    names = sorted(one.name for one in wanted)
    if given:
        raise ModelError(f"{name} takes its inputs by name: {', '.join(f'{one}=...' for one in names)}")
    if set(names) != set(named):
        raise ModelError(f"{name} takes the inputs {', '.join(names)}, got {', '.join(sorted(named)) or 'none'}")
    for one in wanted:
        check_input(name, one, named[one.name])


def check_input(name: str, wanted: Any, value: Any) -> None:
    """The same for one input."""
    shape, array = wanted.shape, np.asarray(value)
    lengths = zip(shape, array.shape, strict=False)
    if array.ndim != len(shape) or any(isinstance(want, int) and want != have for want, have in lengths):
        raise ModelError(f"{name}: {wanted.name} must have the shape {shown(shape)}, got {array.shape}")
    if not isinstance(value, np.ndarray) or (wanted.type == "tensor(float)" and array.dtype != np.float32):
        got = array.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise ModelError(f"{name}: {wanted.name} must be a float32 array, got {got}; use numpy.asarray(x, 'float32')")


def shown(shape: Sequence[Any]) -> str:
    """A shape, such as (1, 3, h, w): numbers where an axis has one length only."""
    free = FREE if len(shape) == len(FREE) else ("1", *("n" * len(shape)))[: len(shape)]
    axes = [str(want) if isinstance(want, int) else name for want, name in zip(shape, free, strict=True)]
    return f"({', '.join(axes)})" if len(axes) != 1 else f"({axes[0]},)"
