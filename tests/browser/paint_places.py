"""A plugin for the tests: one tool shows where on the photo it was told to work, the other one blinks."""

import numpy as np

import imgen


def paint(
    image: imgen.Image,
    *,
    hints: imgen.Dots = [],  # noqa: B006
    points: imgen.Points = [],  # noqa: B006
    box: imgen.Box | None = None,
) -> imgen.Image:
    """Paint what was placed on the photo."""
    out = image.copy()
    height, width = image.shape[:2]
    for x, y, colour in hints:
        out[int(y * height), int(x * width)] = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    for x, y in points:
        out[int(y * height), int(x * width)] = 0
    if box:
        left, top, wide, high = np.multiply(box, (width, height, width, height)).astype(int)
        out[top : top + high, left : left + wide] = 1
    return out


def blink(image: imgen.Image) -> imgen.Animation:
    """Show the photo and its negative by turns."""
    return np.stack([image, 1 - image])


@imgen.hookimpl
def imgen_tools():
    """Two tools."""
    return [paint, blink]
