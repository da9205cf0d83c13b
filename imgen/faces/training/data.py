"""Scenes to learn faces from: aligned faces, whose eyes are at known places, pasted into photos.

A paste has a seam, which must not be what gives the face away. So masks are soft and of many shapes, and pieces of
photos and spoilt faces are pasted in the same way as things that are no faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract.arrays import Array
from ...training.augment import jitter
from ...training.corrupt import jpeg
from ...training.data import Crop, DataError, Decoding, Pictures, cut
from ...training.pairs import resize
from ..crop import EYES, SIZE, bounds

STORED = 320  # photos are kept with at most this shorter side
LEAST, MOST = 7.5, 18.0  # eye distances in pixels that the network answers for: a little more than one octave
FACES = (0.2, 0.35, 0.2, 0.15, 0.1)  # how likely 0, 1, 2, ... faces are in a scene
DECOYS = (0.3, 0.3, 0.2, 0.2)


class Scene(NamedTuple):
    """A picture with faces in it.

    Attributes:
        picture: (S, S, 3) in 0..1.
        eyes: (N, 4): x, y of the left and of the right eye of each face, in pixels from the upper left corner.
    """

    picture: Array
    eyes: Array


class Scenes:
    """Random scenes.

    Args:
        folders: the first one holds aligned faces of 64x64 pixels, in itself or in `images`; all others hold photos
            without people. Each of them is drawn from as often as its part of all pictures, but none less often than
            in one scene of ten, so that a small folder of hard pictures counts.
        held_out: so many of the last faces are never shown.
        without: names of photos that are left out, because they show people whom nobody marked.

    Raises:
        DataError: no photo of a folder or no face is left, or faces have another size.
    """

    def __init__(self, folders: Sequence[Path], held_out: int, without: frozenset[str] = frozenset()) -> None:
        if len(folders) < 2:
            raise DataError("give --data a folder of aligned faces and then one or more folders of photos")
        self.faces = aligned(folders[0])
        self.count = len(self.faces) - held_out
        if self.count < 1:
            raise DataError(f"{folders[0]} holds {len(self.faces)} faces, of which held_out={held_out} are kept back")
        self.photos = [Pictures([folder], Decoding(side=STORED)) for folder in folders[1:]]
        self.kept = [[i for i, p in enumerate(photos.paths) if p.name not in without] for photos in self.photos]
        counts = np.array([len(kept) for kept in self.kept])
        if not counts.all():
            raise DataError(
                f"every photo of {folders[1 + int(counts.argmin())]} is left out; drop the folder from --data"
            )
        share = np.maximum(0.1, counts / counts.sum())
        self.chances = share / share.sum()

    def draw(self, rng: np.random.Generator, size: int) -> Scene:
        """One scene of `size` x `size` pixels."""
        picture = self.ground(rng, size)
        for _ in range(rng.choice(len(DECOYS), p=DECOYS)):
            paste(picture, self.decoy(rng), place(rng, size), rng)
        eyes: list[Array] = []
        for _ in range(rng.choice(len(FACES), p=FACES)):
            matrix = place(rng, size)
            found = moved(matrix, np.array(EYES))
            if all(apart(found, other) for other in eyes) and ((found > 2) & (found < size - 2)).all():
                paste(picture, jitter(self.face(rng), rng), matrix, rng)
                eyes.append(found)
        return Scene(aged(picture, rng), np.array(eyes, np.float32).reshape(-1, 4))

    def ground(self, rng: np.random.Generator, size: int) -> Array:
        """A part of a random photo, anything from its whole shorter side to a detail."""
        photo = self.photo(rng)
        side = round(min(photo.shape[:2]) * float(np.exp(rng.uniform(np.log(0.3), 0))))
        made = resize(cut(photo, rng, max(16, side)), size, size)
        return jitter(made if rng.random() < 0.5 else made[:, ::-1], rng)

    def photo(self, rng: np.random.Generator) -> Crop:
        """A random photo, folder first."""
        folder = int(rng.choice(len(self.photos), p=self.chances))
        return self.photos[folder][int(rng.choice(self.kept[folder]))]

    def face(self, rng: np.random.Generator) -> Crop:
        """A random face, mirrored or not; the eyes are at EYES in both."""
        face = self.faces[int(rng.integers(self.count))]
        return face if rng.random() < 0.5 else mirrored(face)

    def decoy(self, rng: np.random.Generator) -> Array:
        """(64, 64, 3) that is no face: a piece of a photo, or a face upside down, in pieces, or only a part of it."""
        kind = rng.random()
        if kind < 0.5:
            photo = self.photo(rng)
            side = round(min(photo.shape[:2]) * rng.uniform(0.15, 1))
            return jitter(resize(cut(photo, rng, max(8, side)), SIZE, SIZE), rng)
        face = self.face(rng)
        if kind < 0.6:
            return jitter(face[::-1], rng)
        if kind < 0.8:
            return jitter(shuffled(face, rng), rng)
        return jitter(resize(cut(face, rng, int(rng.integers(12, 30))), SIZE, SIZE), rng)


def aligned(folder: Path) -> Pictures:
    """The faces of a folder, or of its `images`.

    Raises:
        DataError: one has another size.
    """
    faces = Pictures([folder / "images" if (folder / "images").is_dir() else folder])
    for path, entry in zip(faces.paths, faces.index, strict=True):
        if entry[1:] != (SIZE, SIZE):
            raise DataError(f"{path} is {entry.width}x{entry.height}; faces must be aligned crops of {SIZE}x{SIZE}")
    return faces


def mirrored(face: Crop) -> Crop:
    """A face (64, 64, 3) mirrored about the middle between the eyes, so that they stay at EYES."""
    shift = round(EYES[0][0] + EYES[1][0] - SIZE)
    return np.roll(face[:, ::-1], shift, axis=1) if shift else face[:, ::-1]


def shuffled(face: Crop, rng: np.random.Generator) -> Crop:
    """A face with its four quarters in another order: all the texture, and no face."""
    half = SIZE // 2
    parts = [face[y : y + half, x : x + half] for y in (0, half) for x in (0, half)]
    order = np.roll(np.arange(4), int(rng.integers(1, 4)))
    a, b, c, d = (parts[i] for i in order)
    return np.vstack([np.hstack([a, b]), np.hstack([c, d])])


def place(rng: np.random.Generator, size: int) -> Array:
    """Where a crop goes: the map (2, 3) from places in it to places in the scene.

    Eye distances of 5 to 26 pixels, mostly within LEAST..MOST; turned by up to 32 degrees, mostly little; stretched.
    """
    low, high = (LEAST, MOST) if rng.random() < 0.9 else (5.0, 26.0)
    scale = float(np.exp(rng.uniform(np.log(low), np.log(high)))) / (EYES[1][0] - EYES[0][0])
    angle = np.radians(np.clip(rng.normal(0, 14), -32, 32))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.diag([1, rng.uniform(0.9, 1.1)])
    middle = rng.uniform(0.08, 0.92, 2) * size
    return np.column_stack([linear, middle - linear @ (SIZE / 2, SIZE / 2)]).astype(np.float32)


def moved(matrix: Array, points: NDArray[np.floating]) -> Array:
    """Points (N, 2) through a map (2, 3), flat."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32).ravel()


def apart(first: Array, second: Array) -> bool:
    """Whether two faces, given by their eyes, do not cover each other's middle."""
    (a, b), (c, d) = first.reshape(2, 2), second.reshape(2, 2)
    return bool(np.hypot(*(a + b - c - d)) / 2 > np.hypot(*(a - b)) + np.hypot(*(c - d)))


def paste(picture: Array, crop: Array, matrix: Array, rng: np.random.Generator) -> None:
    """Put a crop (64, 64, 3) into `picture`, through a soft mask, sometimes in its light and sometimes covered."""
    mask = soft_mask(rng)
    if rng.random() < 0.15:
        cover(mask, rng)
    scale = float(np.hypot(*matrix[:, 0]))
    if scale < 1:  # as a camera would average
        crop = cv2.GaussianBlur(crop, (0, 0), max(0.01, rng.uniform(0.3, 0.6) / scale)).astype(np.float32)
    rows, columns = bounds(matrix, (SIZE, SIZE), picture.shape, margin=1)
    part = picture[rows, columns]
    index = matrix.copy()  # OpenCV counts from the middle of the first pixel
    index[:, 2] += 0.5 * index[:, :2].sum(1) - 0.5 - (columns.start, rows.start)
    warped = cv2.warpAffine(np.dstack([crop, mask]), index, part.shape[1::-1], flags=cv2.INTER_LINEAR)
    alpha, warped = np.asarray(warped[..., 3:], np.float32), warped[..., :3]
    if rng.random() < 0.4:
        warped = warped * in_light(part, crop, alpha)
    part += alpha * (warped.clip(0, 1) - part)


def in_light(picture: Array, crop: Array, alpha: Array) -> Array:
    """Factors (3,) that bring the crop half-way to the brightness and tint of where it goes."""
    there = (picture * alpha).sum((0, 1)) / max(1e-3, float(alpha.sum()))
    return np.sqrt((there + 0.1) / (crop.mean((0, 1)) + 0.1)).clip(0.6, 1.5).astype(np.float32)


def soft_mask(rng: np.random.Generator) -> Array:
    """(64, 64) with 1 inside an ellipse, a rounded square or nearly the whole square; 0 at the border."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32) + 0.5
    kind = rng.random()
    power = 2.0 if kind < 0.4 else 4.0 if kind < 0.7 else 16.0
    radius = rng.uniform((21, 27), 32) if kind < 0.7 else rng.uniform(29, 32, 2)
    centre = SIZE / 2 + rng.uniform(-1, 1, 2) * (32 - radius)
    distance = np.abs((x - centre[0]) / radius[0]) ** power + np.abs((y - centre[1]) / radius[1]) ** power
    edge = cv2.GaussianBlur((distance < 1).astype(np.float32), (0, 0), rng.uniform(0.5, 4))
    rim = np.minimum(np.minimum(x, SIZE - x), np.minimum(y, SIZE - y))
    return np.asarray(edge * (rim / 2).clip(0, 1), np.float32)


def cover(mask: Array, rng: np.random.Generator) -> None:
    """Let something hide a side or the lower part of what the mask shows."""
    depth = int(rng.integers(8, 22))
    side = int(rng.integers(3))
    part = np.s_[:, :depth] if side == 0 else np.s_[:, -depth:] if side == 1 else np.s_[-depth:]
    mask[part] = 0
    mask[:] = cv2.GaussianBlur(mask, (0, 0), 1)


def aged(picture: Array, rng: np.random.Generator) -> Array:
    """The scene as cameras and files leave it: grey, blurred, noisy, compressed, or none of these."""
    if rng.random() < 0.15:
        picture = np.repeat(picture.mean(2, keepdims=True), 3, 2).astype(np.float32)
    if rng.random() < 0.3:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.2)), np.float32)
    if rng.random() < 0.4:
        noise = rng.standard_normal(picture.shape, dtype=np.float32) * rng.uniform(0, 0.05)
        picture = np.asarray(picture + noise, np.float32)
    picture = picture.clip(0, 1)
    return jpeg(picture, int(rng.integers(30, 95))) if rng.random() < 0.4 else picture
