"""Small pictures for the page. The photo itself stays on the server at its full size and depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ...image.areas import area_means
from ...image.levels import as_integers
from ...image.photo import Photo
from ...image.seen import seen
from ...io.write import animation

LONGEST = 1400  # pixels; enough for a large screen, small enough to send at once
LONGEST_MOVING = 700  # pixels of an animation, whose frames are all sent
SPARE = 1.4  # times as many pixels as are wanted: to these a large picture is made smaller by means, which is quick
TINT = (255, 92, 138)  # the selection's colour, as in editor.css


def save_proxy(photo: Photo, folder: Path, longest: int = LONGEST) -> Path:
    """Write what the page shows of a photo: animated WebP, PNG where it is transparent, else JPEG of high quality.

    Args:
        photo: the photo; its colour profile goes along, so that the browser shows the right colours.
        folder: an existing folder.
        longest: pixels that a still picture has at most.
    """
    profile = photo.icc if photo.icc and photo.icc[16:20] == b"RGB " else None
    if photo.frames is not None:
        return save_moving(photo.frames, folder / "proxy.webp", profile)
    clear = photo.alpha is not None and photo.alpha.min() < 1
    # browsers know no grey profiles
    pixels = photo.pixels if profile or not photo.icc else seen(photo.replace(alpha=None))
    if clear:
        assert photo.alpha is not None
        values = np.dstack([as_integers(pixels, 8), as_integers(photo.alpha, 8)])
    else:
        values = as_integers(roughly(pixels, longest), 8)
    picture = reduced(Pillow.fromarray(values), longest)
    path = folder / ("proxy.png" if clear else "proxy.jpg")
    if clear:
        picture.save(path, compress_level=1, icc_profile=profile)
    else:
        picture.save(path, quality=94, subsampling=0, icc_profile=profile)
    return path


def roughly(pixels: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """Pixels (H, W, 3) made smaller by a whole factor, so that some more than wanted are left."""
    height, width = pixels.shape[:2]
    factor = int(max(height, width) / longest / SPARE)
    return pixels if factor < 2 else area_means(pixels, (max(1, height // factor), max(1, width // factor)))


def save_moving(frames: NDArray[np.float32], path: Path, profile: bytes | None) -> Path:
    """Write the frames of an animation, (N, H, W, 3), as an animated WebP."""
    first, *rest = [reduced(Pillow.fromarray(as_integers(frame, 8)), LONGEST_MOVING) for frame in frames]
    first.save(path, quality=90, method=0, icc_profile=profile, **animation(rest))  # 0: the fastest
    return path


def save_overlay(selection: NDArray[np.float32], path: Path) -> Path:
    """Write the selection as a tinted PNG that is transparent where nothing is selected."""
    strength = reduced(Pillow.fromarray(as_integers(selection, 8)))
    picture = Pillow.frombytes("P", strength.size, strength.tobytes())  # one colour, in as many strengths
    picture.putpalette(bytes(TINT) * 256)
    picture.save(path, compress_level=1, transparency=bytes(range(256)))
    return path


def save_thumbnail(photo: Photo, path: Path, longest: int = 160) -> Path:
    """Write a tiny JPEG of a photo; what is transparent is white."""
    values = seen(photo.replace(alpha=None))
    if photo.alpha is not None:
        values = values * photo.alpha[..., None] + 1 - photo.alpha[..., None]
    reduced(Pillow.fromarray(as_integers(values, 8)), longest).save(path, quality=88)
    return path


def thumbnail(path: Path, longest: int = 240) -> bytes:
    """A tiny JPEG of a picture file."""
    import io

    with Pillow.open(path) as file:
        file.thumbnail((longest, longest))
        made = io.BytesIO()
        file.save(made, "JPEG", quality=85)
    return made.getvalue()


def reduced(picture: Pillow.Image, longest: int = LONGEST) -> Pillow.Image:
    """At most that many pixels on its longest side."""
    picture.thumbnail((longest, longest), Pillow.Resampling.BICUBIC, reducing_gap=SPARE)
    return picture
