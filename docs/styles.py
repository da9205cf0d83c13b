"""Draw the pictures whose styles are shipped, so that nobody's rights are touched: strokes in waves, and hatching.

python docs/styles.py OUT      writes OUT/NAME/NAME.png, each a folder for `imgen train cyclegan/style-NAME --data`
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

SIDE = 384
Y, X = np.mgrid[:SIDE, :SIDE].astype(float)
SEA = ("#0d1b48", "#1c3c84", "#3e70b2", "#78aacd", "#ebe1aa", "#f4be3c", "#e27828")


def waves(rng: np.random.Generator) -> np.ndarray:
    """Strokes along a flow: noise smeared along its lines (Cabral & Leedom, SIGGRAPH 1993)."""
    angle = 1.6 * smooth(rng, 40) + np.pi * Y / SIDE
    noise = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE, 3)), (1.6, 1.6, 0), mode="wrap")
    noise /= noise.std()
    dots = colours(SEA, smooth(rng, 22) + 0.9 * noise[..., 0]) * (1 + 0.12 * noise[..., 1:2])
    total = np.zeros_like(dots)
    for sign in (1, -1):
        place = np.stack([Y, X])
        for _ in range(14):
            total += np.stack([at(dots[..., c], place) for c in range(3)], 2) / 28
            place = place + sign * np.stack([at(np.sin(angle), place), at(np.cos(angle), place)])
    middle = total.mean((0, 1))
    return middle + 2 * (total - middle)


def hatching(rng: np.random.Generator) -> np.ndarray:
    """Lines on paper, crossed where it is dark."""
    tone = smooth(rng, 30)
    tone = (tone - tone.min()) / np.ptp(tone)
    white = np.ones((SIDE, SIDE))
    for angle, darker in ((0.7, 0.6), (-0.7, 0.35), (0.0, 0.15)):
        phase = (X * np.cos(angle) + Y * np.sin(angle) + 2 * smooth(rng, 25)) / 5.5
        line = 2 * np.abs(phase % 1 - 0.5)
        white = np.minimum(white, np.where(tone < darker, (4 * (line - 0.35)).clip(0, 1), 1))
    dark, paper = (colours((colour, colour), np.zeros(1)) for colour in ("#282228", "#f4ecda"))
    return ndimage.gaussian_filter(dark + (paper - dark) * white[..., None], (0.7, 0.7, 0))


def smooth(rng: np.random.Generator, size: float) -> np.ndarray:
    """Random hills (SIDE, SIDE) of that size, spread 1, which continue beyond the border."""
    hills = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), size, mode="wrap")
    return hills / hills.std()


def at(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Values (SIDE, SIDE) at places (2, SIDE, SIDE)."""
    return ndimage.map_coordinates(values, place, order=1, mode="grid-wrap")


def colours(palette: tuple[str, ...], hue: np.ndarray) -> np.ndarray:
    """Colours (..., 3) along a palette, from -2 to 2."""
    known = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in palette])
    return np.stack([np.interp(hue, np.linspace(-2, 2, len(known)), known[:, c]) for c in range(3)], -1)


def main() -> None:
    """Draw both."""
    for draw in (waves, hatching):
        folder = Path(sys.argv[1]) / draw.__name__
        folder.mkdir(parents=True, exist_ok=True)
        bytes_ = (draw(np.random.default_rng(3)).clip(0, 1) * 255).round().astype(np.uint8)
        Image.fromarray(bytes_).save(folder / f"{draw.__name__}.png")


if __name__ == "__main__":
    main()
