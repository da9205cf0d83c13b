"""Photos as old prints show them before anything is damaged: what is thin in them, their tones, softness and grain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from imgen.training.data import Pictures

from .marks import Array, blurred, likely

FINE = 3  # drawn at so many times the size
SCALES = (0.45, 2.2)  # of the photos: what fills a large photo is seen larger than in these small ones
OWN = 0.45  # part of the crops into which something thin is drawn that belongs there
Draw = Callable[[np.random.Generator, ImageDraw.ImageDraw, int], None]


def prints(rng: np.random.Generator, pictures: Pictures, side: int, own: float = OWN) -> tuple[Array, float]:
    """A crop (side, side, 3) in 0..1, and its grain's standard deviation; into the part `own` thin things are drawn."""
    scale = likely(rng, *SCALES)
    crop = pictures.crops(rng, 1, round(side / scale))[0]
    way = Pillow.Resampling.BICUBIC if scale > 1 else Pillow.Resampling.BOX
    photo = np.asarray(Pillow.fromarray(crop).resize((side, side), way), np.float32) / np.float32(255)
    for draw in THIN if rng.random() < own else ():
        if rng.random() < 1.6 / len(THIN):
            photo = with_drawn(rng, photo, draw)
    softness = rng.uniform(-0.6, 1.2)
    if softness > 0.4:
        photo = blurred(photo, softness)
    photo = toned(rng, photo)
    if rng.random() < 0.12:
        photo = framed(rng, photo)
    return grained(rng, photo)


def with_drawn(rng: np.random.Generator, photo: Array, draw: Draw) -> Array:
    """The photo with thin things in it, in one colour."""
    side = len(photo)
    canvas = Pillow.new("L", (side * FINE, side * FINE))
    draw(rng, ImageDraw.Draw(canvas), side * FINE)
    alpha = np.asarray(canvas.reduce(FINE), np.float32)[..., None] / np.float32(255) * np.float32(rng.uniform(0.4, 1))
    colour = rng.choice([rng.uniform(0, 0.3), rng.uniform(0.6, 1)]) + rng.normal(0, 0.08, 3)
    return photo + alpha * (colour.clip(0, 1).astype(np.float32) - photo)


def words(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """Some lines of letters."""
    height = FINE * int(rng.integers(7, 44))
    font = ImageFont.load_default(height)
    top = int(rng.integers(0, size))
    for line in range(int(rng.integers(1, 4))):
        letters = "".join(chr(c) for c in rng.choice([*range(97, 123), *range(65, 91), 32, 32, 32, *range(48, 58)], 20))
        draw.text((int(rng.integers(-20, size // 2)), top + int(1.3 * height * line)), letters, 255, font)


def wires(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """A few that hang side by side, from border to border."""
    start, end, sag = rng.uniform(0, size, 2), rng.uniform(0, size, 2), rng.uniform(-0.2, 0.2) * size
    start[0], end[0] = -5, size + 5
    turned = rng.random() < 0.3
    share = np.linspace(0, 1, 40)[:, None]
    width = max(1, round(FINE * rng.uniform(0.6, 3)))
    for _ in range(int(rng.integers(1, 5))):
        points = start * (1 - share) + end * share + np.array([0, 4 * sag]) * share * (1 - share)
        draw.line([tuple(p[::-1] if turned else p) for p in points], 255, width, "curve")
        shift = rng.uniform(4, 30) * FINE
        start[1], end[1] = start[1] + shift, end[1] + shift * rng.uniform(0.7, 1.3)


def lattice(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """Fences, nets, blinds and cloth: lines at equal distances, in one direction or two."""
    for angle in rng.uniform(0, np.pi) + np.array([0, np.pi / 2])[: rng.integers(1, 3)]:
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        period, width = FINE * rng.uniform(5, 26), max(1, round(FINE * rng.uniform(0.6, 3)))
        for k in np.arange(-size, size, period):
            middle = size / 2 + k * across
            draw.line([tuple(middle - 2 * size * along), tuple(middle + 2 * size * along)], 255, width)


def lace(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """Dots, pearls or rings in rows."""
    period, radius = FINE * rng.uniform(5, 20), FINE * rng.uniform(0.8, 4)
    left, top, width, height = (*rng.uniform(-0.2, 0.6, 2) * size, *rng.uniform(0.2, 1, 2) * size)
    rows = [top] if rng.random() < 0.3 else np.arange(top, top + height, period)
    ring = rng.random() < 0.5
    for row, y in enumerate(rows):
        for x in np.arange(left + (row % 2) * period / 2, left + width, period):
            box = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse(box, None if ring else 255, 255 if ring else None, FINE if ring else 1)


def hair(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """Strands that run nearly side by side: hair, grass, twigs."""
    root, angle, length = rng.uniform(0, size, 2), rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1) * size
    bend = rng.normal(0, 0.08)
    for _ in range(int(rng.integers(8, 50))):
        steps = np.arange(20)
        angles = angle + rng.normal(0, 0.12) + steps * (bend + rng.normal(0, 0.01))
        start = root + rng.normal(0, 0.12 * size, 2)
        points = start + np.cumsum(length / 20 * np.stack([np.cos(angles), np.sin(angles)], 1), 0)
        draw.line([tuple(p) for p in points], int(rng.integers(90, 256)), max(1, round(FINE * rng.uniform(0.4, 1.4))))


def outlines(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: int) -> None:
    """A drawing: boxes, rings and arcs, of one pen; horizons, frames of windows, spectacles."""
    width = max(1, round(FINE * rng.uniform(0.7, 3)))
    for _ in range(int(rng.integers(2, 9))):
        (x, y), (w, h) = rng.uniform(-0.2, 1, 2) * size, rng.uniform(0.05, 0.8, 2) * size
        kind = rng.integers(3)
        if kind == 0:
            draw.rectangle((x, y, x + w, y + h), None, 255, width)
        elif kind == 1:
            draw.ellipse((x, y, x + w, y + h), None, 255, width)
        else:
            draw.arc((x, y, x + w, y + h), rng.uniform(0, 360), rng.uniform(0, 360), 255, width)


THIN: tuple[Draw, ...] = (words, wires, lattice, lace, hair, outlines)


def toned(rng: np.random.Generator, photo: Array) -> Array:
    """In grey, in a tone, or in colours; often faded."""
    kind = rng.random()
    if kind < 0.75:
        grey = photo @ np.array([0.299, 0.587, 0.114], np.float32)
        photo = np.repeat(grey[..., None], 3, 2)
    low, high = rng.uniform(0, 0.25), rng.uniform(0.7, 1)
    photo = low + (high - low) * photo if rng.random() < 0.6 else photo
    if kind > 0.45:  # sepia where it is grey, a cast where it is not
        power = np.array([rng.uniform(0.7, 1), 1, rng.uniform(1, 1.4)], np.float32)
        photo = photo.clip(0, 1) ** power
    return photo.astype(np.float32)


def framed(rng: np.random.Generator, photo: Array) -> Array:
    """A print's white border along one or two sides."""
    photo, value = photo.copy(), np.float32(rng.uniform(0.8, 1))
    for side in rng.choice(4, int(rng.integers(1, 3)), replace=False):
        np.rot90(photo, side)[: int(rng.integers(3, 40))] = value
    return photo


def grained(rng: np.random.Generator, photo: Array) -> tuple[Array, float]:
    """Film grain, fine or coarse, in all colours alike or not; and its standard deviation."""
    sigma = rng.uniform(0, 16) / 255 if rng.random() < 0.8 else 0.0
    noise = rng.standard_normal((*photo.shape[:2], 1 if rng.random() < 0.7 else 3), dtype=np.float32)
    softness = rng.uniform(0, 1.3)
    if softness > 0.35:
        noise = blurred(noise, softness)
        noise /= noise.std() + np.float32(1e-6)
    return (photo + np.float32(sigma) * noise).clip(0, 1), float(sigma)
