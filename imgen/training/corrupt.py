"""What damages pictures: noise as cameras make it, and holes. The corruption of a denoising autoencoder."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from .transforms import functional

Array = NDArray[np.floating[Any]]


def gaussian(clean: Array, rng: np.random.Generator, sigma: float) -> Array:
    """White Gaussian noise of standard deviation `sigma` (0..1 scale), not clipped."""
    return clean + np.float32(sigma) * rng.standard_normal(clean.shape, dtype=np.float32)


def quantise(image: Array) -> Array:
    """Clip to 0..1 and round to 8 bits, as any saved file is."""
    return (image.clip(0, 1) * 255).round() / np.float32(255)


def box_blur(image: Array, size: int) -> Array:
    """Mean over size x size neighbours (H, W, C), borders wrapped: enough to correlate noise."""
    for axis in (0, 1):
        image = sum((np.roll(image, k, axis) for k in range(1, size)), image) / np.float32(size)
    return image


def camera(clean: Array, rng: np.random.Generator, sigma: float, coarse: float = 0.0, subsampled: float = 1.0) -> Array:
    """What a small sensor and its software do: shot and read noise, chroma blotches, clipping, JPEG.

    Noise grows with the light (Poisson-Gaussian, Foi et al. 2008); the colour part is blurred, as after
    demosaicing and in-camera smoothing.

    Args:
        clean: (H, W, 3) in 0..1; even sides where `coarse` is not 0.
        rng: where its dice come from.
        sigma: of the noise before its parts are blurred, 0..1 scale.
        coarse: how likely the colour part is twice as coarse, as in pictures that a camera has reduced.
        subsampled: how likely a JPEG file keeps its colours at half the size (4:2:0).
    """
    shot = rng.uniform(0, 1)
    spread = np.sqrt((1 - shot) + shot * 2 * clean.clip(0, 1))
    noise = rng.standard_normal(clean.shape, dtype=np.float32) * spread.astype(np.float32)
    grey = noise.mean(2, keepdims=True)
    chroma = noise - grey
    size = int(rng.integers(1, 5))
    chroma = box_blur(chroma, size) * np.float32(size * rng.uniform(0.4, 1))  # blur, most of the energy kept
    if coarse and rng.random() < coarse:
        chroma = doubled(chroma)
    luma = box_blur(grey, 2) * np.float32(1.6) if rng.random() < 0.3 else grey
    noisy = clean + np.float32(sigma) * (luma * np.float32(1.2) + chroma)
    noisy = quantise(noisy)
    if rng.random() >= 0.5:
        return noisy
    quality = int(rng.integers(40, 98))
    return jpeg(noisy, quality, subsampled == 1 or rng.random() < subsampled)


def doubled(noise: Array) -> Array:
    """Noise (H, W, C) of even sides made at half the size and enlarged: twice as coarse, white noise 5/8 as strong."""
    height, width, channels = noise.shape
    small = 2 * noise.reshape(height // 2, 2, width // 2, 2, channels).mean((1, 3))
    planes = torch.from_numpy(small).permute(2, 0, 1)
    return functional.resize(planes, [height, width]).permute(1, 2, 0).numpy()


def jpeg(image: Array, quality: int, subsampled: bool = True) -> Array:
    """`image` (H, W, 3), or grey (H, W, 1), in 0..1 after a JPEG file of that quality, its colours
    kept at half the size or not.

    Pillow's, as torchvision's own files are deprecated and know no `subsampled`.
    """
    file = io.BytesIO()
    coded = (image * 255).round().astype(np.uint8)
    Pillow.fromarray(coded[..., 0] if image.shape[2] == 1 else coded).save(
        file, "JPEG", quality=quality, subsampling="4:2:0" if subsampled else "4:4:4"
    )
    return np.asarray(Pillow.open(file), dtype=np.float32).reshape(image.shape) / np.float32(255)


def scratches(rng: np.random.Generator, size: int, share: float = 0.08) -> Array:
    """Thin wandering lines (size, size), 1 = damaged, until `share` of the pixels are covered."""
    return strokes(rng, size, share, widths=(1, 4), turn=0.25, lengths=(0.3, 1.2))


def free_form(rng: np.random.Generator, size: int, share: float = 0.22) -> Array:
    """Thick brush strokes (size, size), as a person paints over an object (Yu et al., arXiv 1806.03589)."""
    return strokes(rng, size, share, widths=(size // 20 + 2, size // 8 + 3), turn=0.9, lengths=(0.1, 0.4))


def strokes(
    rng: np.random.Generator,
    size: int,
    share: float,
    widths: tuple[int, int],
    turn: float,
    lengths: tuple[float, float],
) -> Array:
    """Random polylines, added one by one until they cover `share` of the square."""
    canvas = Pillow.new("L", (size, size))
    draw = ImageDraw.Draw(canvas)
    while not covered(canvas, share):
        x, y = rng.uniform(0, size, 2)
        width = int(rng.integers(*widths))
        angle = rng.uniform(0, 2 * np.pi)
        for _ in range(int(rng.integers(3, 9))):
            if covered(canvas, share):
                break
            length = size * rng.uniform(*lengths) / 4
            nx, ny = x + length * np.cos(angle), y + length * np.sin(angle)
            draw.line((x, y, nx, ny), fill=255, width=width)
            if width > 3:
                draw.ellipse((nx - width / 2, ny - width / 2, nx + width / 2, ny + width / 2), fill=255)
            x, y, angle = nx, ny, angle + rng.normal(0, turn)
    return binary(canvas)


def covered(canvas: Pillow.Image, share: float) -> bool:
    """Whether that share of the canvas is drawn on."""
    return bool(np.asarray(canvas).mean() >= 255 * share)


def scattered(rng: np.random.Generator, size: int, share: float = 0.5) -> Array:
    """Each pixel lost with probability `share`."""
    return (rng.random((size, size)) < share).astype(np.float32)


def box(rng: np.random.Generator, size: int, side: int) -> Array:
    """One square hole at a random place."""
    mask = np.zeros((size, size), np.float32)
    top, left = rng.integers(0, max(1, size - side), 2)
    mask[top : top + side, left : left + side] = 1
    return mask


def text(rng: np.random.Generator, size: int) -> Array:
    """Lines of letters, such as a caption or a date stamp."""
    canvas = Pillow.new("L", (size, size))
    draw = ImageDraw.Draw(canvas)
    height = int(rng.integers(9, max(10, size // 4)))
    font = ImageFont.load_default(height)
    for y in range(int(rng.integers(0, height)), size, int(height * rng.uniform(1.2, 3))):
        letters = "".join(chr(c) for c in rng.integers(33, 122, 24))
        draw.text((int(rng.integers(-20, 10)), y), letters, fill=255, font=font)
    return binary(canvas)


def binary(canvas: Pillow.Image) -> Array:
    """A drawn canvas as 0 and 1."""
    return (np.asarray(canvas) > 127).astype(np.float32)


def any_hole(rng: np.random.Generator, size: int) -> Array:
    """One of all the kinds of damage, (size, size), 1 = lost."""
    kind = rng.random()
    if kind < 0.3:
        return scratches(rng, size, rng.uniform(0.02, 0.15))
    if kind < 0.5:
        return scattered(rng, size, rng.uniform(0.2, 0.8))
    if kind < 0.75:
        return free_form(rng, size, rng.uniform(0.05, 0.35))
    if kind < 0.9:
        return box(rng, size, int(rng.integers(size // 8, size // 2 + size // 8)))
    return text(rng, size)
