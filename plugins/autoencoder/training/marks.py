"""What time does to a print, drawn: scratches, fibres, dust, spots, cracks, creases and torn corners.

Sizes are in pixels of a photo of about 1.5 megapixels; `unit` scales them for larger ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

Array = NDArray[np.floating[Any]]
UNIT = 1.5  # megapixels of a photo in which a unit is a pixel
AREA = 160 * 160  # square units for which the numbers of marks are meant


class Layer(NamedTuple):
    """One kind of mark.

    Attributes:
        alpha: how much it covers (H, W), 0..1.
        colour: (3,).
        torn: the photo is gone there, whether one sees a difference or not.
    """

    alpha: Array
    colour: Array
    torn: bool = False


def blurred(image: Array, softness: float) -> Array:
    """(H, W) or (H, W, C) after a Gaussian of that standard deviation in pixels; OpenCV's, which is quick."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), softness), np.float32).reshape(image.shape)


class Sheet:
    """Where marks are drawn, smoothly: (height, width) in pixels, and how many pixels a unit has."""

    def __init__(self, shape: tuple[int, int], unit: float = 1.0) -> None:
        self.shape, self.unit = shape, unit
        self.fine = 3 if unit < 1.5 else 2 if unit < 3 else 1
        self.canvas = Pillow.new("L", (shape[1] * self.fine, shape[0] * self.fine))
        self.draw = ImageDraw.Draw(self.canvas)

    @property
    def size(self) -> tuple[float, float]:
        """Height and width in units."""
        return self.shape[0] / self.unit, self.shape[1] / self.unit

    @property
    def share(self) -> float:
        """How many times the area is that for which numbers are meant."""
        return self.size[0] * self.size[1] / AREA

    def line(self, points: Array, width: float, strength: int) -> None:
        """A polyline (N, 2) of x and y in units."""
        wide = max(1, round(width * self.unit * self.fine))
        self.draw.line([tuple(p) for p in points * self.unit * self.fine], strength, wide, "curve")

    def area(self, points: Array, strength: int = 255) -> None:
        """A filled polygon (N, 2)."""
        self.draw.polygon([tuple(p) for p in points * self.unit * self.fine], strength)

    def alpha(self) -> Array:
        """What was drawn, (H, W) in 0..1."""
        small = self.canvas.reduce(self.fine) if self.fine > 1 else self.canvas
        return np.asarray(small, np.float32) / np.float32(255)


def walk(rng: np.random.Generator, start: Array, angle: float, length: float, step: float, turn: float) -> Array:
    """Points (N, 2) of a line that wanders: its direction changes by about `turn` radians at each step."""
    count = max(2, int(length / step))
    angles = angle + np.cumsum(rng.normal(0, turn, count))
    return start + np.cumsum(step * np.stack([np.cos(angles), np.sin(angles)], 1), 0)


def place(rng: np.random.Generator, sheet: Sheet) -> Array:
    """A random place (x, y) in units."""
    return rng.uniform(0, 1, 2) * np.array(sheet.size[::-1])


def likely(rng: np.random.Generator, low: float, high: float) -> float:
    """Between the two, small as likely as large by their ratio."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def scratches(rng: np.random.Generator, sheet: Sheet) -> None:
    """Long lines, nearly straight, alone or side by side; often along the film."""
    for _ in range(1 + rng.poisson(1.5 * sheet.share)):
        angle = rng.choice([0, 0.5, 1.0, 1.5]) * np.pi + rng.normal(0, 0.08)
        if rng.random() < 0.5:
            angle = rng.uniform(0, 2 * np.pi)
        length, turn, width = likely(rng, 20, 600), likely(rng, 0.003, 0.1), likely(rng, 0.7, 4.5)
        points = walk(rng, place(rng, sheet), angle, length, 5.0, turn)
        strength = int(rng.integers(130, 256))
        sheet.line(points, width, strength)
        for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.15 else 0):
            sheet.line(points + rng.normal(0, 6, 2), likely(rng, 0.7, 2), strength)


def fibres(rng: np.random.Generator, sheet: Sheet) -> None:
    """Short curls: hairs and lint on the scanner's glass."""
    for _ in range(1 + rng.poisson(2 * sheet.share)):
        angle, turn = rng.uniform(0, 2 * np.pi), likely(rng, 0.05, 0.5)
        points = walk(rng, place(rng, sheet), angle, likely(rng, 8, 90), 2.5, turn)
        sheet.line(points, likely(rng, 0.7, 2), int(rng.integers(150, 256)))


def specks(rng: np.random.Generator, sheet: Sheet, sizes: tuple[float, float] = (0.6, 3.5), number: float = 14) -> None:
    """Dust, many small ones."""
    for _ in range(1 + rng.poisson(sheet.share * likely(rng, 0.15, 1) * number)):
        sheet.area(place(rng, sheet) + ragged(rng, likely(rng, *sizes)), int(rng.integers(160, 256)))


def spots(rng: np.random.Generator, sheet: Sheet) -> None:
    """Where the emulsion has come off, or mould has grown."""
    specks(rng, sheet, (3, 14), 2)


def ragged(rng: np.random.Generator, radius: float) -> Array:
    """A small polygon (N, 2) about (0, 0), longer in one direction."""
    count = int(rng.integers(5, 12))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = radius * rng.uniform(0.6, 1.25, count)
    stretch, turn = rng.uniform(0.45, 1), rng.uniform(0, np.pi)
    x, y = reach * np.cos(angles), stretch * reach * np.sin(angles)
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1)


def cracks(rng: np.random.Generator, sheet: Sheet) -> None:
    """Lines that branch, as in dry emulsion and glass."""
    for _ in range(1 + rng.poisson(0.4 * sheet.share)):
        branch(rng, sheet, place(rng, sheet), rng.uniform(0, 2 * np.pi), likely(rng, 30, 200), likely(rng, 0.7, 2.2), 2)


def branch(
    rng: np.random.Generator, sheet: Sheet, start: Array, angle: float, length: float, width: float, depth: int
) -> None:
    """A crack and those that leave it."""
    points = walk(rng, start, angle, length, 6.0, 0.25)
    sheet.line(points, width, int(rng.integers(150, 256)))
    for _ in range(int(rng.integers(0, 4)) if depth else 0):
        side = angle + rng.choice([-1, 1]) * rng.uniform(0.5, 1.4)
        branch(rng, sheet, points[int(rng.integers(len(points)))], side, length / 2, 0.8 * width, depth - 1)


def crease(rng: np.random.Generator, sheet: Sheet) -> Array:
    """A fold across the photo: its broken line is drawn, and the light on both sides is returned, (H, W) about 0."""
    middle, angle = place(rng, sheet), rng.choice([0.0, 0.5]) * np.pi + rng.normal(0, 0.25)
    length = 2 * sum(sheet.size)
    along = np.array([np.cos(angle), np.sin(angle)])
    points = walk(rng, middle - along * length / 2, angle, length, 4.0, 0.004)
    points += middle - points[len(points) // 2] + rng.normal(0, 0.35, points.shape)
    sheet.line(points, likely(rng, 0.8, 4), 255)
    y, x = np.mgrid[: sheet.shape[0], : sheet.shape[1]].astype(np.float32) / np.float32(sheet.unit)
    away = (x - middle[0]) * -along[1] + (y - middle[1]) * along[0]
    return np.sign(away) * np.exp(-np.abs(away) / rng.uniform(3, 14)) * rng.uniform(0.02, 0.12)


def torn(rng: np.random.Generator, sheet: Sheet, rim: Sheet) -> None:
    """A corner or a piece of an edge that is gone; white fibres along the tear are drawn on `rim`."""
    height, width = sheet.size
    corner = np.array([rng.choice([0.0, width]), rng.choice([0.0, height])])
    inward = np.where(corner > 0, -1.0, 1.0)
    reach = inward * np.array([likely(rng, 12, 90), likely(rng, 12, 90)])
    if rng.random() < 0.3:  # from an edge
        corner[0] = rng.uniform(0, width)
    beyond = -4 * inward
    a, b = corner + np.array([reach[0], beyond[1]]), corner + np.array([beyond[0], reach[1]])
    if 0 < corner[0] < width:
        b = corner + np.array([-reach[0], beyond[1]])
    count = int(rng.integers(6, 30))
    share = np.linspace(0, 1, count)[:, None]
    bulge = 4 * share * (1 - share) * reach * rng.uniform(-0.2, 0.5)
    jagged = rng.normal(0, likely(rng, 0.4, 3), (count, 2))
    path = a * (1 - share) + b * share + bulge + jagged
    sheet.area(np.concatenate([path, [corner - 20 * inward]]))
    rim.line(path, likely(rng, 1, 6), 255)
