"""Patches of a picture for its hole, at one size (PatchMatch, Barnes et al. 2009; Wexler et al. 2007).

A source that is copied again and again costs more (Kaspar et al. 2015): else the few that are most like a blurry
filling fill a large hole with their own repeats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

from .membrane import faded, membrane

Flags = NDArray[np.bool_]
RADIUS = 3  # patches are 7 x 7
OFTEN = 0.3  # medians of the distances that a source costs more for each time that it is copied beyond its share
TRUST = 1.3  # how many times more a patch counts than one a pixel deeper in the hole (Wexler et al.)


class Search:
    """Patch search at one size. `field` holds, for each patch near the hole, the row and column it copies."""

    def __init__(self, image: Array, hole: Flags, guess: Array, rng: np.random.Generator) -> None:
        self.shape, self.rng = hole.shape, rng
        self.hole = hole
        self.picture = np.where(hole[..., None], guess, image).astype(np.float32)
        self.padded = padded(self.picture)
        square = np.ones((2 * RADIUS + 1,) * 2, bool)
        touching: Flags = np.asarray(ndimage.binary_dilation(hole, square), bool)
        self.sources = ~touching
        self.rows, self.columns = np.nonzero(touching)  # centres of the patches that touch the hole
        self.count = len(self.rows)
        self.number = np.full(self.shape, -1, np.int32)
        self.number[self.rows, self.columns] = np.arange(self.count)
        y, x = np.mgrid[: 2 * RADIUS + 1, : 2 * RADIUS + 1]
        self.offsets = (y * self.padded.shape[1] + x).ravel()
        self.compared = self.offsets[::2]  # every other pixel, like a chessboard: half the work, the same matches
        far = np.asarray(ndimage.distance_transform_edt(hole), np.float32)[self.rows, self.columns]
        self.trust = np.maximum(TRUST**-far, np.float32(1e-6))
        self.possible = bool(self.sources.any()) and self.count > 0

    def start(self, coarser: NDArray[np.int32] | None) -> None:
        """Random sources, or those of the next coarser size."""
        known = np.argwhere(self.sources)
        self.field = known[self.rng.integers(len(known), size=self.count)]
        self.map = np.zeros((*self.shape, 2), np.int32)
        if coarser is not None:
            finer = upscaled(coarser, self.shape)[self.rows, self.columns]
            finer = finer.clip(0, np.array(self.shape) - 1)
            good = self.sources[finer[:, 0], finer[:, 1]]
            self.field[good] = finer[good]
        self.map[self.rows, self.columns] = self.field

    def run(self, rounds: int) -> None:
        """Search and vote in turn; at the end `whole` is the field of the whole picture, for the next size."""
        for _ in range(rounds):
            self.look()
            for step in (4, 1):
                self.propagate(step)
            self.scatter()
            self.vote()
        if rounds == 0:
            self.cost = np.zeros(self.count, np.float32)  # too many to compare: all count the same
            self.charge = np.broadcast_to(np.float32(0), self.shape)
            self.vote()
        self.whole = places(self.shape)
        self.whole[self.rows, self.columns] = self.field

    def patches(self, rows: NDArray[Any], columns: NDArray[Any]) -> Array:
        """Patches around these centres (N, 25, 3)."""
        flat = self.padded.reshape(-1, 3)
        return flat[(rows * self.padded.shape[1] + columns)[:, None] + self.compared]

    def look(self) -> None:
        """Take in the picture as it is now: it has changed since the last vote."""
        self.own = self.patches(self.rows, self.columns)
        self.cost = self.distance(self.field, self.own)
        self.charge = self.repeats()
        self.cost += self.charge[self.field[:, 0], self.field[:, 1]]

    def repeats(self) -> Array:
        """What each source (H, W) costs more because it is copied more often than others."""
        times = np.bincount(np.ravel_multi_index(tuple(self.field.T), self.shape), minlength=self.hole.size)
        used: Any = ndimage.uniform_filter(
            times.reshape(self.shape).astype(np.float32), 2 * RADIUS + 1, mode="constant"
        )
        share = max(1.0, self.count / float(self.sources.sum()))
        return np.float32(OFTEN * np.median(self.cost)) * np.maximum(used / np.float32(share) - 1, 0)

    def distance(self, field: NDArray[Any], own: Array) -> Array:
        """Squared distance of each own patch to the one at `field`."""
        difference = self.patches(field[:, 0], field[:, 1]) - own
        return np.einsum("nkc,nkc->n", difference, difference)

    def offer(self, candidates: NDArray[Any], usable: Flags) -> None:
        """Take each candidate that is a source and better than what is there."""
        inside = (candidates >= 0).all(1) & (candidates < np.array(self.shape)).all(1) & usable
        inside &= (candidates != self.field).any(1)  # neighbours mostly agree already
        chosen = np.flatnonzero(inside)
        chosen = chosen[self.sources[candidates[chosen, 0], candidates[chosen, 1]]]
        if not chosen.size:
            return
        cost = self.distance(candidates[chosen], self.own[chosen])
        cost += self.charge[candidates[chosen, 0], candidates[chosen, 1]]
        better = cost < self.cost[chosen]
        winners = chosen[better]
        self.field[winners], self.cost[winners] = candidates[winners], cost[better]
        self.map[self.rows[winners], self.columns[winners]] = self.field[winners]

    def propagate(self, step: int) -> None:
        """A neighbour's good source, moved along, is likely good here too."""
        for dy, dx in ((0, step), (step, 0), (0, -step), (-step, 0)):
            y, x = self.rows + dy, self.columns + dx
            inside = (y >= 0) & (y < self.shape[0]) & (x >= 0) & (x < self.shape[1])
            y, x = np.where(inside, y, 0), np.where(inside, x, 0)
            known = inside & (self.number[y, x] >= 0)
            self.offer(self.map[y, x] - (dy, dx), known)

    def scatter(self) -> None:
        """Random places around the present source, nearer and nearer."""
        reach = float(max(self.shape))
        while reach >= 1:
            jump = self.rng.uniform(-reach, reach, (self.count, 2)).astype(np.intp)
            self.offer(self.field + jump, np.ones(self.count, bool))
            reach /= 3

    def vote(self) -> None:
        """Each unknown pixel becomes the mean of what the patches over it propose, better ones counting more."""
        cost = self.cost - self.charge[self.field[:, 0], self.field[:, 1]]
        spread = max(1e-4, float(np.percentile(cost, 60)))
        weight = (np.exp(-cost / (2 * spread)) + 1e-6) * self.trust
        total = np.zeros((self.count, 4))
        flat = self.padded.reshape(-1, 3)
        source = self.field[:, 0] * self.padded.shape[1] + self.field[:, 1]
        for k, offset in enumerate(self.offsets):
            dy, dx = divmod(k, 2 * RADIUS + 1)
            y, x = self.rows + dy - RADIUS, self.columns + dx - RADIUS
            inside = (y >= 0) & (y < self.shape[0]) & (x >= 0) & (x < self.shape[1])
            inside[inside] = self.number[y[inside], x[inside]] >= 0
            place, given = self.number[y[inside], x[inside]], weight[inside]
            colour = flat[source[inside] + offset]
            for c in range(3):
                total[:, c] += np.bincount(place, given * colour[:, c], self.count)
            total[:, 3] += np.bincount(place, given, self.count)
        proposed = (total[:, :3] / np.maximum(total[:, 3:], 1e-12)).astype(np.float32)
        unknown = self.hole[self.rows, self.columns]
        # on known pixels beside the hole the proposals show by how much the copy is off
        self.error = np.where(unknown[:, None], 0, self.picture[self.rows, self.columns] - proposed)
        self.picture[self.rows[unknown], self.columns[unknown]] = proposed[unknown]
        self.padded = padded(self.picture)

    def blended(self) -> Array:
        """The picture with the copies' error at the hole's edge carried inwards, so that no seam shows."""
        ring = np.zeros(self.shape, np.float32)
        ring[self.rows, self.columns] = ~self.hole[self.rows, self.columns]
        error = np.zeros_like(self.picture)
        error[self.rows, self.columns] = self.error
        wide, near = (np.asarray(ndimage.gaussian_filter(a, (3, 3, 0)[: a.ndim]), np.float32) for a in (error, ring))
        edge = np.where(ring[..., None] > 0, wide / np.maximum(near, 1e-6)[..., None], 0)
        out = self.picture + membrane(edge, ring > 0, self.hole) + faded(error - edge, self.hole)
        return out.clip(0, 1)


def padded(picture: Array) -> Array:
    """A reflected border, so that patches may reach past the picture's."""
    return np.pad(picture, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="symmetric")


def places(shape: tuple[int, ...]) -> NDArray[np.int32]:
    """(H, W, 2): each pixel's own row and column."""
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.int32) for n in shape), indexing="ij"), 2)


def upscaled(field: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """A field of a coarser size for a finer one: nearest entries, their sources moved along."""
    ratio = (np.array(shape) / np.array(field.shape[:2])).astype(np.float32)
    rows = np.minimum((np.arange(shape[0]) / ratio[0]).astype(np.int32), field.shape[0] - 1)
    columns = np.minimum((np.arange(shape[1]) / ratio[1]).astype(np.int32), field.shape[1] - 1)
    shift = (field - places(field.shape[:2]))[rows][:, columns]
    return places(shape) + np.rint(shift * ratio).astype(np.int32)
