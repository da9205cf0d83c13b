"""Noise as it is after a camera's own software: made on a Bayer mosaic, interpolated, and correlated for that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imgen.training import corrupt

Array = npt.NDArray[np.float32]
WEAKEST, STRONGEST = 1.5, 30.0  # of 255: what cameras leave in their files, each octave as often as any other
# Linear interpolation of what one pixel in four, or two in four, has seen
SPARSE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32)[..., None] / 4
DENSE = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32)[..., None] / 4


def sensor(clean: Array, rng: np.random.Generator) -> Array:
    """A photo (H, W, 3) in 0..1, of even sides, with the noise of a sensor behind a Bayer filter.

    The noise is made where each colour is seen, as strong as light and tone curve make it (Poisson-Gaussian, Foi et
    al. 2008), and interpolated linearly, so that it is correlated; a matrix for saturated colours mixes it. It is
    then smoothed, colours most, or sharpened, as cameras do, and most of it goes through a JPEG file. The photo itself
    stays sharp.
    """
    noise = interpolated(rng.standard_normal(clean.shape, dtype=np.float32) * strength(clean, rng))
    noise = noise @ matrix(rng)
    grey = noise.mean(2, keepdims=True)
    noise = smoothed(noise - grey, rng) * np.float32(rng.uniform(0.1, 1)) + developed(grey, rng)
    sigma = WEAKEST * (STRONGEST / WEAKEST) ** rng.random() / 255
    noisy = corrupt.quantise(clean + np.float32(sigma / max(1e-6, float(noise.std()))) * noise)
    if rng.random() < 0.25:
        return noisy
    return corrupt.jpeg(noisy, int(rng.integers(75, 100)), bool(rng.random() < 0.5))


def strength(clean: Array, rng: np.random.Generator) -> Array:
    """How strong the noise is in each pixel and channel, relative: red and blue are amplified, and shadows lifted."""
    light = clean.clip(0.03, 1) ** np.float32(2.2)
    read = np.float32(rng.uniform(0.01, 0.5))
    slope = light ** np.float32(1 / 2.2 - 1)  # of the tone curve
    gains = np.array([rng.uniform(1, 2), 1, rng.uniform(1, 2)], np.float32)
    return np.sqrt(light + read) * slope ** np.float32(rng.random()) * gains


def interpolated(noise: Array) -> Array:
    """Noise (H, W, 3) of which a Bayer filter lets one channel a pixel through, the others interpolated."""
    seen = np.zeros_like(noise)
    for c, (top, left) in ((0, (0, 0)), (1, (0, 1)), (1, (1, 0)), (2, (1, 1))):
        seen[top::2, left::2, c] = noise[top::2, left::2, c]
    parts = [ndimage.convolve(seen[..., c : c + 1], DENSE if c == 1 else SPARSE, mode="wrap") for c in range(3)]
    return np.concatenate(parts, 2).astype(np.float32, copy=False)


def matrix(rng: np.random.Generator) -> Array:
    """Each colour less a part of the others, grey unchanged: from the sensor's colours to the screen's."""
    taken = np.float32(rng.uniform(0, 0.6))
    return ((1 + 1.5 * taken) * np.eye(3) - taken / 2).astype(np.float32)


def smoothed(noise: Array, rng: np.random.Generator) -> Array:
    """Noise (H, W, C), in half of the pictures a mean of neighbours, as cameras treat colours most of all."""
    return corrupt.box_blur(noise, int(rng.integers(2, 6))) if rng.random() < 0.5 else noise


def developed(grey: Array, rng: np.random.Generator) -> Array:
    """The lightness of noise (H, W, 1) as it is, sharpened, or smoothed; what a camera smooths keeps coarse grain."""
    way = rng.random()
    if way < 0.25:
        return grey
    smooth = ndimage.gaussian_filter(grey, (*[rng.uniform(0.7, 2)] * 2, 0), mode="wrap")
    if way < 0.45:
        return (grey + rng.uniform(0.2, 1) * (grey - smooth)).astype(np.float32)
    return (grey + rng.uniform(0.5, 3) * smooth).astype(np.float32)
