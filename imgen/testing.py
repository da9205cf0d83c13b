"""The conformance kit: what every tool promises, as checks that any plugin's tests can run.

Example of a plugin's whole test file:

    import pytest, imgen
    from imgen.testing import problems

    @pytest.mark.parametrize("name", ["posterize"])
    def test_my_tools(name):
        assert problems(imgen.tools()[name]) == []
"""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .contract.tool import Tool
from .engine.pipeline import Pipeline, Step
from .errors import Cancelled, ImgenError
from .image.photo import Photo

SIZES = ((48, 64), (37, 51), (1, 1), (5, 90))  # (height, width): even, odd, a pixel, a strip


def problems(tool: Tool, **parameters: Any) -> list[str]:
    """Everything that a tool does wrong, in sentences; empty when it keeps all promises.

    Args:
        tool: one of `imgen.tools()`.
        parameters: for a tool that cannot run with its defaults.
    """
    found = declaration_problems(tool)
    for size in SIZES:
        found += [f"{size[1]}x{size[0]}: {text}" for text in run_problems(tool, size, parameters)]
    return found


def declaration_problems(tool: Tool) -> list[str]:
    """What is wrong before it even runs."""
    found: list[str] = []
    if not tool.summary.endswith("."):
        found.append("the docstring's first line must be a sentence that ends with a full stop")
    for name, field in tool.fields.items():
        described = field.description or tool.schema["properties"][name].get("description")
        if not described:
            found.append(f"the parameter {name!r} needs a description: Annotated[..., Field(description=...)]")
    json.dumps(tool.schema)
    return found


def run_problems(tool: Tool, size: tuple[int, int], parameters: dict[str, Any]) -> list[str]:
    """What is wrong when it runs on a picture of that size."""
    photo = sample(size)
    before = photo.pixels.copy()
    step = Step(tool.name, masks(tool, size) | parameters)
    try:
        first, second = (Pipeline((step,)).run(photo, cache=None) for _ in range(2))
    except ImgenError as error:
        return [f"fails: {error}"]
    found: list[str] = []
    pairs = ((first.pixels, second.pixels), (first.selection, second.selection), (first.frames, second.frames))
    if not all(same(a, b) for a, b in pairs):
        found.append("two runs differ; take randomness from a `seed` parameter only")
    if not np.array_equal(before, photo.pixels):
        found.append("the input was changed")
    if first.pixels.min() < 0 or first.pixels.max() > 1:
        found.append("pixels outside 0..1")
    if tool.gives == "image" and first.pixels.shape == before.shape and photo.selection is not None:
        outside = photo.selection == 0
        if not np.array_equal(first.pixels[outside], before[outside]):
            found.append("pixels outside the selection were changed")
    return found + cancel_problems(step, photo)


def cancel_problems(step: Step, photo: Photo) -> list[str]:
    """A run that is cancelled from the start must not finish."""
    stop = threading.Event()
    stop.set()
    try:
        Pipeline((step,)).run(photo, cancel=stop, cache=None)
    except Cancelled:
        return []
    return ["a cancelled run went on"]


def sample(size: tuple[int, int]) -> Photo:
    """A small photo with soft colours, some noise, and its left half selected."""
    height, width = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    waves = [0.5 + 0.4 * np.sin(x / 7 + c) * np.cos(y / 5 - c) for c in range(3)]
    noise = np.random.default_rng(0).normal(0, 0.03, (height, width, 3))
    selection = np.zeros(size, np.float32)
    selection[:, : (width + 1) // 2] = 1
    pixels = np.clip(np.stack(waves, 2) + noise, 0, 1).astype(np.float32)
    return Photo(pixels, selection=selection)


def masks(tool: Tool, size: tuple[int, int]) -> dict[str, NDArray[np.float32]]:
    """Pictures for parameters that must have one."""
    made: dict[str, NDArray[np.float32]] = {}
    for name, kind in tool.pictures.items():
        if kind == "image" and tool.fields[name].is_required():
            made[name] = sample(size).pixels[::-1].copy()
    return made


def same(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> bool:
    """Equal arrays, or both missing."""
    return a is b or (a is not None and b is not None and np.array_equal(a, b))
