"""How noisy is a picture? Estimated from its smoothest parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float32]
BLOCK = 16
WINDOW = 512
# Immerkaer's operator (1996), scaled to unit gain for white noise; it cancels planes and straight edges
KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / np.float32(6)
# The mean energy of the smoothest tenth of many blocks lies below the true one; measured on pure noise.
LOW_BLOCKS_BIAS = 0.87


def estimate_noise(image: Array) -> float:
    """Standard deviation of the noise of an (H, W, 3) picture in 0..1, on the 0-255 scale.

    Looks at the full size and at half of it, because demosaicing and JPEG smooth the finest scale. White
    Gaussian noise of 5 to 50 is found within about a tenth.
    """
    parts = windows(image)
    fine = smoothest([block_energy(part) for part in parts])
    coarse = 2 * smoothest([block_energy(halved(part)) for part in parts])
    # halving also brings texture into reach of the operator, so the coarse scale counts only where it stands out
    return 255 * (coarse if coarse > 1.35 * fine else fine)


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
