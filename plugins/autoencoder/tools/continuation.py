"""What lies beyond the known part of a picture where nothing but its trend tells: strips along the border.

First-order normalized convolution (Knutsson and Westin, CVPR 1993; Farnebäck 2002): around each place a plane is fitted
to the known pixels, near ones counting more, and continued. How badly the known pixels fit their plane says where
that is worth nothing, as beside a tree or a tower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.image.resize import resize
from imgen.lazy import ndimage

Flags = NDArray[np.bool_]
DEPTH = 16  # half-width of the hole in pixels at the size at which planes are fitted
SMOOTH = 5 / 255  # residual spread up to which known pixels are a smooth gradient


def continued(image: Array, hole: Flags) -> tuple[Array, Array]:
    """A smooth surface through the known pixels of `image` (H, W, 3), continued into the hole, and its worth.

    Returns:
        The surface (H, W, 3), and (H, W), 1 where the surroundings are a smooth gradient and it is to be trusted,
        0 where they are not. In the hole the surface carries the grain of the known pixels on the other side of
        the hole's edge.
    """
    depth = np.asarray(ndimage.distance_transform_edt(hole), np.float32)
    scale = min(1.0, DEPTH / float(depth.max()))
    size = max(8, round(hole.shape[0] * scale)), max(8, round(hole.shape[1] * scale))
    known = (~hole).astype(np.float32)
    weight = resize(known[..., None], size)
    small = (resize(image * known[..., None], size) / np.maximum(weight, 1e-3)).astype(np.float32)
    surface, spread = planes(small, weight[..., 0] > 0.99, float(depth.max()) * scale)
    surface, spread = resize(surface, image.shape), resize(spread[..., None], image.shape)[..., 0]
    worth = np.exp(-((spread / np.float32(SMOOTH)) ** 4))
    return surface + mirrored(image - surface, hole), worth.astype(np.float32)


def planes(image: Array, known: Flags, reach: float) -> tuple[Array, Array]:
    """The plane through the known pixels around each place, read there; and how far they lie from it.

    Args:
        image: (h, w, 3).
        known: (h, w).
        reach: of a Gaussian, its standard deviation in pixels: how far around a place the known pixels count.
    """

    def blur(values: NDArray[Any]) -> NDArray[np.float64]:
        wide = ndimage.gaussian_filter(values, reach, mode="constant", truncate=4)
        return wide + 1e-7 * ndimage.gaussian_filter(values, 4 * reach, mode="constant", truncate=4)

    here = np.indices(known.shape).astype(np.float64) / reach  # (2, h, w)
    mass = known.astype(np.float64)
    total = blur(mass)
    centre = [blur(mass * axis) / total for axis in here]
    second = {(i, j): blur(mass * here[i] * here[j]) / total - centre[i] * centre[j] for i in (0, 1) for j in (0, 1)}
    ridge = 0.02  # of the squared reach; keeps planes through a few pixels flat
    a, b, d = second[0, 0] + ridge, second[0, 1], second[1, 1] + ridge
    determinant = a * d - b * b
    surface = np.empty(image.shape, np.float32)
    spread = np.zeros(known.shape, np.float64)
    for c in range(image.shape[2]):
        plane = image[..., c] * mass
        mean = blur(plane) / total
        cov = [blur(plane * here[i]) / total - mean * centre[i] for i in (0, 1)]
        slope = [(d * cov[0] - b * cov[1]) / determinant, (a * cov[1] - b * cov[0]) / determinant]
        surface[..., c] = mean + slope[0] * (here[0] - centre[0]) + slope[1] * (here[1] - centre[1])
        explained = slope[0] * cov[0] + slope[1] * cov[1]
        spread += (blur(plane * image[..., c]) / total - mean**2 - explained).clip(0)
    return surface, np.sqrt(spread / image.shape[2]).astype(np.float32)


def mirrored(image: Array, hole: Flags) -> Array:
    """The picture with each pixel of the hole taken from the other side of the hole's nearest edge."""
    found: Any = ndimage.distance_transform_edt(hole, return_distances=False, return_indices=True)
    place = np.indices(hole.shape)
    limit = np.array(hole.shape).reshape(2, 1, 1) - 1
    across = (2 * found - place).clip(0, limit)
    lost = hole[across[0], across[1]]
    source = np.where(lost, found, across)
    return np.where(hole[..., None], image[source[0], source[1]], image)
