"""How noisy is a picture? Estimated from its smoothest parts; texture is no noise, and coarse colour noise is some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from imgen.contract.arrays import Array

from .blocks import BLOCK, block_energy, halved, in_blocks, residual, smoothest, windows

LITTLE = 4.0  # up to here an estimate does no harm to texture, and is not questioned
SMOOTH, ENOUGH, MOST = 0.3, 6, 2000  # share of the smoothest blocks that are questioned; fewest and most of them
PATCH = 5  # side of the patches whose components are looked at, in pixels
CERTAIN = 0.67  # from this share of the estimate on, what is surely noise confirms it
LEAK = 0.36  # what seems surely noise in texture, as a share of the estimate; measured on pictures of grass
GAUSSIAN = (2.2, 3.5)  # kurtosis of what is filtered or compressed noise; 3 is exact
FLAT = 1.4  # at a quarter of the size such noise is at most so many times stronger than white noise would be
EDGES = 7.0  # kurtosis from which on there are so many edges that they hide what is surely noise
CAUTIOUS = 3.5  # the most that is taken for noise on faint evidence

# A logistic regression that tells a camera's correlated noise from a photo's own detail, fitted on pairs of one
# camera and clean photos: its constant and weights of three logarithms, see `of_camera`
CAMERA = (-30.57, 41.24, -3.47, -15.83)
TOLD = 5.0  # what the denoiser, which has learned from such noise, is best told of it
SURE = 0.625  # probability from which on it is told all of that, and nothing at a half; all real pairs come to it
LEAST = 0.3  # as weak as the weakest of real pairs at half the size; what is weaker is less noise, and none at 0
SEEN = 5.0  # the strongest of those pairs; what is stronger and still hardly there at full size is a blurred photo

COARSE = (4, 8)  # scales at which blotches of colour are looked for,
TILE = 8  # in blocks of that side
BLOTCHY = 2.2  # from here on there are some; hardly a photo without any comes to it
# Sums and differences of the channels, orthogonal and of unit length: lightness, then two of colour
OPPONENTS = np.array(
    [[3**-0.5] * 3, [2**-0.5, -(2**-0.5), 0], [6**-0.5, 6**-0.5, -2 * 6**-0.5]],
    np.float32,
)


class Estimate(NamedTuple):
    """What was found, on the 0-255 scale.

    Attributes:
        level: of the grain, what the denoiser is to be told: its standard deviation.
        doubtful: there is much more fine detail than that, which is more like texture.
        blotches: of coarse noise that only colours have, as it is left after an eighth of the size; 0 if there is none.
        camera: how sure it is, 0..1, that a camera has smoothed the grain.
    """

    level: float
    doubtful: bool = False
    blotches: float = 0.0
    camera: float = 0.0


def examine(image: Array) -> Estimate:
    """The noise of an (H, W, 3) picture in 0..1.

    Looks at the full size and at half of it, because demosaicing and JPEG smooth the finest scale. White
    Gaussian noise of 5 to 50 is found within about a tenth. What is found is confirmed if most of it is white, or
    independent between the channels, or at least Gaussian and as strong at a smaller size, as no texture is. Noise that
    a camera has smoothed shows little at full size and more at half of it.
    """
    parts = windows(image)
    fine = smoothest([block_energy(part) for part in parts])
    small = [halved(part) for part in parts]
    coarse = 2 * smoothest([block_energy(part) for part in small])
    # halving also brings texture into reach of the operator, so the coarse scale counts only where it stands out
    at_half = coarse > 1.35 * fine
    level = 255 * (coarse if at_half else fine)
    surely = level if level <= LITTLE else confirmed(level, parts, small if at_half else parts, 2 if at_half else 1)
    smoothed = of_camera(parts, small)
    by_camera = smoothed >= surely
    doubtful = surely < CERTAIN * level and not by_camera
    return Estimate(max(surely, smoothed), doubtful, blotches(parts), smoothed / TOLD if by_camera else 0.0)


def confirmed(level: float, parts: Sequence[Array], seen: Sequence[Array], scale: int) -> float:
    """As much of an estimate as is noise.

    Args:
        level: the estimate.
        parts: of the picture, at its full size.
        seen: the same at the scale at which the estimate was made,
        scale: which is so many times smaller.
    """
    blocks, own = smooth_blocks(seen), smooth_blocks(parts)
    if min(len(blocks), len(own)) < ENOUGH:
        return level
    detail = residual(blocks)
    white, independent = 255 * least_component(own), 255 * scale * apart(detail)
    peaked = kurtosis(detail)
    if max(white, independent) >= CERTAIN * level and peaked < EDGES:
        return level
    quarter = 4 * 255 * smoothest([block_energy(halved(halved(part))) for part in parts])
    if GAUSSIAN[0] < peaked < GAUSSIAN[1] and quarter < FLAT * level:
        return level
    found = max(independent, min(white / 2, CAUTIOUS))
    if GAUSSIAN[0] < peaked < EDGES:
        found = max(found, max(0.0, white**2 - (LEAK * level) ** 2) ** 0.5)
    return min(found, level)


def of_camera(parts: Sequence[Array], small: Sequence[Array]) -> float:
    """What the denoiser is best told of noise that is correlated as a camera's software leaves it; 0 if it is not.

    Such noise is weak, several times stronger at half the size than at full size, and much the same everywhere.

    Args:
        parts: of the picture, at its full size.
        small: the same at half the size.
    """
    fine, half = lightness_noise(parts, 1), lightness_noise(small, 2)
    if not (fine.size and half.size):
        return 0.0
    least, strength, usual = lowest(fine), lowest(half), float(np.median(half)) ** 0.5
    if 255 * strength > SEEN:
        return 0.0
    logs = [math.log(255 * value + 0.05) for value in (least, strength, usual)]
    score = float(np.dot(CAMERA, [1, logs[1] - logs[0], logs[2] - logs[1], logs[1]]))
    probability = 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
    likely = min(1.0, max(0.0, (probability - 0.5) / (SURE - 0.5)))
    return likely * min(1.0, 255 * strength / LEAST) * TOLD


def lightness_noise(parts: Sequence[Array], scale: int) -> Array:
    """Energies (N,) of the lightness's noise in all blocks not near black or white, as of white noise at full size."""
    side, found = BLOCK // scale, [np.zeros(0, np.float32)]
    for part in parts:
        height, width = ((n - 2) // side for n in part.shape[:2])
        if height < 1 or width < 1:
            continue
        light = part.mean(2)
        detail = np.diff(np.diff(light, 2, 0), 2, 1) * np.float32(scale * 3**0.5 / 6)
        cut = np.s_[: height * side, : width * side]
        energy, mean = (
            values[cut].reshape(height, side, width, side).mean((1, 3)) for values in (detail**2, light[1:-1, 1:-1])
        )
        found.append(energy[(mean > 0.05) & (mean < 0.95)])
    return np.concatenate(found)


def lowest(energies: Array) -> float:
    """The root of the mean of the lowest tenth."""
    return float(np.sort(energies)[: max(1, len(energies) // 10)].mean()) ** 0.5


def smooth_blocks(parts: Sequence[Array]) -> Array:
    """The smoothest blocks (N, BLOCK, BLOCK, 3) of all that are not near black or white."""
    whole = [part for part in parts if min(part.shape[:2]) >= BLOCK]
    cut = [in_blocks(part, BLOCK) for part in whole]
    energy = [block_energy(part).mean(1) for part in whole]
    if not whole:
        return np.zeros((0, BLOCK, BLOCK, 3), np.float32)
    values = np.concatenate(energy)
    usable = np.flatnonzero(np.isfinite(values))
    chosen = usable[np.argsort(values[usable])[: int(SMOOTH * usable.size)]]
    return np.concatenate(cut)[chosen[:: 1 + len(chosen) // MOST]]


def least_component(blocks: Array) -> float:
    """White noise in blocks (N, s, s, 3): what is left in the directions in which patches differ least.

    White noise is in all principal components of patches, texture in some (Pyatykh et al. 2013, Chen et al. 2015).
    """
    views = np.lib.stride_tricks.sliding_window_view(blocks, (PATCH, PATCH), (1, 2))[:, ::2, ::2]
    found: list[float] = []
    for c in range(3):
        patches = views[..., c, :, :].reshape(-1, PATCH * PATCH)
        patches = patches - patches.mean(1, keepdims=True)
        values = np.linalg.eigvalsh(patches.T @ patches / np.float32(len(patches)))
        found.append(float(values[1:4].mean()))  # the very least is the mean, which was taken out
    return max(0.0, float(np.mean(found))) ** 0.5


def apart(detail: Array) -> float:
    """What is independent between the channels of (N, h, w, 3): texture is shared by them, noise of a sensor is not."""
    flat = detail.reshape(-1, 3)
    return max(0.0, float(np.linalg.eigvalsh(flat.T @ flat / np.float32(len(flat)))[0])) ** 0.5


def kurtosis(detail: Array) -> float:
    """The mean over blocks (N, h, w, 3) of their kurtosis: 3 for Gaussian noise, filtered or not, more for texture."""
    square = detail.reshape(len(detail), -1) ** 2
    return float(((square**2).mean(1) / (square.mean(1) ** 2 + np.float32(1e-14))).mean())


def blotches(parts: Sequence[Array]) -> float:
    """Coarse noise of the colours on the 0-255 scale; what white noise leaves at those sizes does not count."""
    if all(np.array_equal(part[..., 0], part[..., c]) for part in parts for c in (1, 2)):
        return 0.0
    fine, found, scale = colour_noise(parts), 0.0, 1
    while scale < COARSE[-1]:
        parts, scale = [halved(part) for part in parts], 2 * scale
        if scale in COARSE:
            found = max(found, colour_noise(parts) ** 2 - 1.5 * (fine / scale) ** 2)
    return 255 * found**0.5 if 255 * found**0.5 >= BLOTCHY else 0.0


def colour_noise(parts: Sequence[Array]) -> float:
    """Noise of the colours in the smoothest tenth of the blocks, apart from what lightness explains, 0..1."""
    cut = [in_blocks(part, TILE) for part in parts if min(part.shape[:2]) >= TILE]
    if not cut:
        return 0.0
    blocks = np.concatenate(cut)
    light = blocks.mean((1, 2, 3))
    detail = (residual(blocks[(light > 0.06) & (light < 0.94)]) @ OPPONENTS.T).reshape(-1, (TILE - 2) ** 2, 3)
    if len(detail) < 10:
        return 0.0
    shade, colour = detail[..., :1], detail[..., 1:]
    share = (shade * colour).mean(1, keepdims=True) / ((shade**2).mean(1, keepdims=True) + np.float32(1e-9))
    energy = np.sort(((colour - share * shade) ** 2).mean((1, 2)))
    return float(energy[: len(energy) // 10 + 1].mean()) ** 0.5
