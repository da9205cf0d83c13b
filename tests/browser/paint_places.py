"""A plugin for the tests: tools that show where they were told to work or look, and one that blinks."""

import time
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

import imgen

Right = Annotated[float, Field(ge=0, le=1, json_schema_extra={"pad": "x"})]
Down = Annotated[float, Field(ge=0, le=1, json_schema_extra={"pad": "y"})]


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


def tint(image: imgen.Image, other: imgen.Image, *, other_points: imgen.Points = []) -> imgen.Image:  # noqa: B006
    """Paint the photo in the colour that another picture has where it was clicked."""
    height, width = other.shape[:2]
    colours = [other[int(y * height), int(x * width)] for x, y in other_points]
    return np.broadcast_to(colours[-1], image.shape) if colours else image


def blink(image: imgen.Image) -> imgen.Animation:
    """Show the photo and its negative by turns."""
    return np.stack([image, 1 - image])


def spot(*, x: Right = 0.5, y: Down = 0.5) -> imgen.Image:
    """Draw a white square on black where the pad says."""
    out = np.zeros((90, 90, 3), np.float32)
    out[int(80 * y) :][:10, int(80 * x) :][:, :10] = 1
    return out


def mix(
    image: imgen.Image,
    *,
    ink: imgen.Colour = "#000000",
    curve: imgen.Curve = [(0, 0), (1, 1)],  # noqa: B006
    channels: list[Literal["red", "green", "blue"]] = [],  # noqa: B006
    table: Annotated[bytes | None, imgen.File(".lut")] = None,
    amount: Annotated[float, imgen.Control(Path(__file__).with_name("paint_dial.js")), Field(ge=0, le=1)] = 0.0,
) -> imgen.Image:
    """Set chosen channels to a colour's, after a curve, by an amount; a table's first byte replaces the amount."""
    xs, ys = zip(*curve, strict=True)
    out = np.interp(image, xs, ys).astype(np.float32)
    part = table[0] / 255 if table else amount
    for i, name in enumerate(("red", "green", "blue")):
        if name in channels:
            out[..., i] += part * (int(ink[1 + 2 * i : 3 + 2 * i], 16) / 255 - out[..., i])
    return out


@imgen.tool(expensive=True)
def negative(image: imgen.Image, *, kind: Literal["plain", "red"] = "plain") -> imgen.Image:
    """Show the negative, for money."""
    return 1 - image * np.float32([1, 1, 1] if kind == "plain" else [1, 0, 0])


def guess(image: imgen.Image) -> imgen.Pictures:
    """Offer the photo, darker and brighter."""
    return imgen.Pictures(np.stack([image, image / 2, image / 2 + 0.5]), ("as it is", "darker", "brighter"))


def dawdle(image: imgen.Image) -> imgen.Image:
    """Take long over nothing."""
    for part in range(200):
        time.sleep(0.05)
        imgen.progress(part, 200)  # ends it where it was cancelled
    return image


@imgen.hookimpl
def imgen_tools():
    """Eight tools."""
    return [paint, tint, blink, spot, mix, negative, guess, dawdle]
