"""From a photo's face to its code and back: what all tools on faces share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces import editing
from imgen.inference.registry import Model
from imgen.lazy import ndimage

EVEN = 0.6  # pixels over which a change is averaged: a decoder of shuffled pixels leaves a pattern of two
RARE = 0.002  # part of a face's pixels whose colours do not count as its own
GREENER, REDDER, YELLOWER, BLUER = 0.02, 0.2, 0.15, 0.02  # of 0..1, by which a change may leave the face's colours
LARGEST = 512  # side of a crop in pixels; larger faces get their change enlarged from this


class Space(NamedTuple):
    """The codes of one autoencoder.

    Attributes:
        model: its name.
        size: side of its crops in pixels.
        crop: how faces lie in them.
        inner: rows and columns, in parts of the side, from first to last, in which it should draw the face well.
        strange: dB; ninety-nine in a hundred faces that it has never seen are reconstructed better than this there.
    """

    model: str
    size: int
    crop: faces.Crop
    inner: tuple[float, float, float, float]
    strange: float


HEAD = Space("vae/faces", faces.SIZE, faces.WIDE, editing.INNER, editing.STRANGE)
CLOSE = Space("vae/closeup", 128, faces.CLOSE, (0.125, 0.875, 0.125, 0.875), 20.0)
SPACES = {space.model: space for space in (HEAD, CLOSE)}


def network(space: Space = HEAD) -> Model:
    """The autoencoder."""
    return imgen.model(space.model)


def latent(space: Space = HEAD) -> int:
    """Length of its codes."""
    return int(network(space).settings["latent"])


def reconstructed(crops: Array, offsets: Array, space: Space = HEAD) -> tuple[Array, Array]:
    """What the decoder makes of the codes of faces plus `offsets`, (B, S, S, 3) in 0..1, and the codes (B, latent).

    Args:
        crops: aligned faces (B, S, S, 3), S as the space has it.
        offsets: (B, latent).
        space: whose codes.
    """
    image = np.ascontiguousarray(crops.transpose(0, 3, 1, 2))
    made, mean, _ = network(space)(image=image, keep=np.ones((len(crops), 1), np.float32), offset=offsets)
    return made.transpose(0, 2, 3, 1), mean


def decoded(codes: Array, space: Space = HEAD) -> Array:
    """Faces (B, S, S, 3) in 0..1 of codes (B, latent)."""
    image = np.zeros((len(codes), 3, space.size, space.size), np.float32)
    made, _, _ = network(space)(image=image, keep=np.zeros((len(codes), 1), np.float32), offset=codes)
    return made.transpose(0, 2, 3, 1)


def edited(image: Array, points: imgen.Points, box: imgen.Box | None, offsets: dict[str, Array]) -> Array:
    """The photo (H, W, 3) with its chosen face's code moved.

    Args:
        image: in 0..1.
        points: a click on the face.
        box: a rectangle around it.
        offsets: by the name of the autoencoder, how its code changes (latent,).
    """
    face = faces.choose(image, points, box)
    for space in (space for space in SPACES.values() if space.model in offsets):
        image = moved(image, face, offsets[space.model], space)
    return image


def moved(image: Array, face: faces.Face, offset: Array, space: Space) -> Array:
    """The photo with the face's code in one space moved by `offset` (latent,)."""
    crop = faces.align(image, face, space.size, space.crop)
    both = np.stack([np.zeros_like(offset), offset])
    (before, after), _ = reconstructed(np.stack([crop, crop]), both, space)
    faces.warn_if_strange(crop, before, space.inner, space.strange)
    if space is HEAD:
        return faces.put_back(image, face, before, after)
    after = changed(before, after, space)
    side = faces.side_of(face, space.crop, space.size, LARGEST)
    photo = faces.align(image, face, side, space.crop)
    return faces.put_back(image, face, photo, faces.detailed(photo, before, after), space.crop)


def changed(before: Array, after: Array, space: Space) -> Array:
    """What is drawn of a face (S, S, 3) with a change: inside an oval, evened out, in colours that a face has."""
    change = np.asarray(ndimage.gaussian_filter(after - before, EVEN, mode="nearest", axes=(0, 1)), np.float32)
    change = toned(before + change, before) - toned(before, before)  # so that no change is none
    return np.asarray(before + faces.oval(space.size, space.crop) * change, np.float32)


def toned(drawn: Array, before: Array) -> Array:
    """The same light (S, S, 3), and no greener or bluer than anything that was drawn before, and hardly redder.

    Where a decoder is led far, as to a beard, it overshoots, and most of all in colour.
    """
    light, (warm, cold), (was_warm, was_cold) = drawn.mean(2), opponents(drawn), opponents(before)
    warm = within(warm, was_warm, GREENER, REDDER)
    cold = within(cold, was_cold, YELLOWER, BLUER)
    both = (3 * light - cold) * np.float32(2 / 3)  # red and green
    return np.stack([(both + warm) / 2, (both - warm) / 2, cold + both / 2], 2)


def within(values: Array, known: Array, below: float, above: float) -> Array:
    """Values no further below or above than that from what is known."""
    low, high = np.quantile(known, [RARE, 1 - RARE]).astype(np.float32)
    return values.clip(low - np.float32(below), high + np.float32(above))


def opponents(picture: Array) -> tuple[Array, Array]:
    """Red less green, and blue less the mean of both (S, S) each."""
    red, green, blue = np.moveaxis(picture, 2, 0)
    return red - green, blue - (red + green) / 2
