"""Noise in blocks of a picture: which it is cut into, and what is left of each when planes and edges are gone."""

from __future__ import annotations

import numpy as np

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

BLOCK = 16
WINDOW = 512
# Immerkaer's operator (1996), scaled to unit gain for white noise; it cancels planes and straight edges
KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / np.float32(6)
# The mean energy of the smoothest tenth of many blocks lies below the true one; measured on pure noise.
LOW_BLOCKS_BIAS = 0.87


def in_blocks(image: Array, side: int) -> Array:
    """(H, W, 3) as blocks (N, side, side, 3), row by row; what is left over at the border is left out."""
    height, width = (n // side for n in image.shape[:2])
    whole = image[: height * side, : width * side].reshape(height, side, width, side, 3)
    return whole.swapaxes(1, 2).reshape(-1, side, side, 3)


def residual(blocks: Array) -> Array:
    """Immerkaer's operator inside each block: (N, s, s, 3) to (N, s - 2, s - 2, 3)."""
    return np.diff(np.diff(blocks, 2, 1), 2, 2) / np.float32(6)


def windows(image: Array) -> list[Array]:
    """The whole picture, or sixteen windows spread over a large one."""
    if image.shape[0] * image.shape[1] <= 16 * WINDOW * WINDOW:
        return [image]
    tops = np.linspace(0, max(0, image.shape[0] - WINDOW), 4).astype(int)
    lefts = np.linspace(0, max(0, image.shape[1] - WINDOW), 4).astype(int)
    return [image[t : t + WINDOW, x : x + WINDOW] for t in tops for x in lefts]


def halved(image: Array) -> Array:
    """Means of 2 x 2 pixels; white noise falls to half."""
    even = image[: max(1, image.shape[0] // 2 * 2), : max(1, image.shape[1] // 2 * 2)]
    if min(even.shape[:2]) < 2:
        return image
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / np.float32(4)


def block_energy(image: Array) -> Array:
    """Mean energy of the noise in each block (blocks, 3); blocks near black or white, where noise is cut, are nan."""
    tall, wide = (max(1, n // BLOCK) for n in image.shape[:2])
    side = tuple(min(BLOCK, n) for n in image.shape[:2])
    cut = np.s_[: tall * side[0], : wide * side[1]]

    def mean(values: Array) -> Array:
        return values[cut].reshape(tall, side[0], wide, side[1]).mean((1, 3)).ravel()

    channels: list[Array] = []
    for c in range(3):
        residual: Array = np.asarray(ndimage.convolve(image[..., c], KERNEL, mode="reflect"), np.float32)
        light = mean(image[..., c])
        channels.append(np.where((light > 0.04) & (light < 0.96), mean(residual**2), np.nan))
    return np.stack(channels, 1)


def smoothest(energies: list[Array]) -> float:
    """Noise (0..1 scale) of the smoothest tenth of the usable blocks, as the root mean square over the channels."""
    found: list[float] = []
    for channel in np.concatenate(energies).T:
        usable = np.sort(channel[np.isfinite(channel)])
        if usable.size:
            found.append(float(usable[: max(1, usable.size // 10)].mean()))
    return float(np.sqrt(np.mean(found))) / LOW_BLOCKS_BIAS if found else 0.0
