"""A photo in another hand: that of a painting."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen import faces
from imgen.image import guided
from imgen.image.lab import lab_to_rgb, rgb_to_lab

from .brush import WORK, Hand, Part, layered, read, touched
from .choices import Way, models_of_styles, styles
from .pictures import Strength, changed

Array = NDArray[np.float32]

LOG = logging.getLogger("imgen.cyclegan")
ANY = "cyclegan/any-style"  # the model that reads styles off pictures
RETIRED = {"waves": "starry-night", "hatching": "great-wave"}  # no longer shipped, and the one that comes nearest
# an oval about a face, in distances between the eyes: below them, half as broad, half as long; where nothing is kept
DOWN, BROAD, LONG, SOFT, FIRM = 0.45, 1.1, 1.5, 1.4, 0.7
DETAIL, WIDE = 0.5, 24  # so much of the light and dark within 1/24 of the picture comes back in faces

Style = Annotated[
    str,
    imgen.Choice(styles, "train one with imgen train cyclegan/style-NAME"),
    Field(description="Whose hand: a painting's, or that of a style that you trained"),
]
Stroke = Annotated[
    float, Field(ge=0.25, le=4, description="Width of the brush: 2 paints strokes twice as wide, 0.5 half as wide")
]
Colours = Annotated[float, Field(ge=0, le=1, description="1 keeps the photo's own colours, 0 takes the painting's")]
Faces = Annotated[float, Field(ge=0, le=1, description="1 keeps the features of faces, 0 paints them like the rest")]
Picture = Annotated[imgen.Image, Field(description="Any picture, whose style is taken instead of a named one")] | None


def from_version_1(parameters: dict[str, Any]) -> dict[str, Any]:
    """`detail` became `stroke`, its inverse; styles that are no longer shipped became others, which is told."""
    now = dict(parameters)
    if "detail" in now:
        now["stroke"] = min(4.0, max(0.25, 1 / float(now.pop("detail"))))
    old = now.get("style", "waves")
    if old in RETIRED and old not in styles():
        now["style"] = RETIRED[old]
        LOG.warning("stylize: the style %r is no longer shipped; %r takes its place", old, now["style"])
    return now


@imgen.tool(
    group="Style",
    synonyms=["style transfer", "painting", "artistic", "filter", "van gogh"],
    version=2,
    migrate={1: from_version_1},
)
@imgen.uses("core/faces", style=models_of_styles, picture={"*": (ANY,)})
def stylize(
    image: imgen.Image,
    *,
    style: Style = "starry-night",
    strength: Strength = 1.0,
    stroke: Stroke = 1.0,
    keep_colours: Colours = 0.0,
    keep_faces: Faces = 0.5,
    picture: Picture = None,
) -> imgen.Image:
    """Paint the photo in the style of a painting, or of any picture.

    One small network for each style, which learned to make that painting's strokes and colours out of what photos show
    (Johnson et al., arXiv 1603.08155). Broad strokes come first, then finer ones over them. With `picture` one network
    for all styles reads that picture's off it (Ghiasi et al., arXiv 1705.06830), and pieces of the picture lie over
    what it painted where the photo has no edges (Efros & Freeman, SIGGRAPH 2001), in a moment.
    """
    if strength == 0:
        return image.copy()
    if picture is None:
        hand = Hand(imgen.model(styles()[style].model))
        if hand.model.card["measured"]["change"] != "strokes":  # as earlier versions trained them
            return changed(image, Way(hand.model.name, False), strength, 1 / stroke)
    else:
        hand = read(imgen.model(ANY), picture)
    small, statistics = layered(image, hand, stroke)
    if keep_faces and (mask := face_mask(image)) is not None:
        fine, part = touched(image, hand, stroke, statistics, around(mask))
        small = with_faces(small, image, fine, part, keep_faces * mask)
    return finished(image, small, strength, keep_colours)


def with_faces(small: Array, image: Array, fine: Array, part: Part, mask: Array) -> Array:
    """A painting (h, w, 3) with fine strokes, and some of the photo's own light and dark, where the mask is.

    Args:
        small: the painting; it is changed.
        image: the photo (H, W, 3).
        fine: what was painted with fine strokes alone, of a part of the photo.
        part: that part.
        mask: (n, m, 1), nothing outside that part.
    """
    height, width = small.shape[:2]
    rows, columns = (slice(round(a * n), round(b * n)) for (a, b), n in zip(part, (height, width), strict=True))
    inside = small[rows, columns]
    lab = rgb_to_lab(guided.reduced(fine, *inside.shape[:2]).clip(0, 1))
    photo = rgb_to_lab(guided.reduced(image, height, width)[rows, columns])[..., :1]
    detail = photo - guided.box(photo, max(1, min(height, width) // WIDE))
    lab[..., :1] = (lab[..., :1] + np.float32(DETAIL) * detail).clip(0, 100)
    inside += guided.reduced(mask, height, width)[rows, columns] * (lab_to_rgb(lab) - inside)
    return small


def around(mask: Array) -> Part:
    """The smallest part of a photo outside of which a mask (h, w, 1) is 0."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in ((1, 2), (0, 2)))
    height, width = mask.shape[:2]
    return (rows[0] / height, (rows[-1] + 1) / height), (columns[0] / width, (columns[-1] + 1) / width)


def finished(image: Array, small: Array, strength: float, keep_colours: float) -> Array:
    """The painting (h, w, 3) at the photo's size (H, W, 3), so far from it, with so much of its colours."""
    height, width = image.shape[:2]
    result = np.empty((height, width, 3), np.float32)
    for rows in guided.strips(height, width):
        made = guided.enlarged(small, rows, height, width)
        if keep_colours:
            lab = rgb_to_lab(made.clip(0, 1))
            lab[..., 1:] += np.float32(keep_colours) * (rgb_to_lab(image[rows])[..., 1:] - lab[..., 1:])
            made = lab_to_rgb(lab)
        result[rows] = (image[rows] + np.float32(strength) * (made - image[rows])).clip(0, 1)
    return result


def face_mask(image: Array) -> Array | None:
    """1 on faces, 0 elsewhere, soft between them (h, w, 1), small; None where there is no face."""
    found = [face for face in faces.find(image) if face.score >= faces.SURE]
    if not found:
        return None
    height, width = guided.size_near(image.shape, WORK)
    x = (np.arange(width, dtype=np.float32)[None] + 0.5) * image.shape[1] / width
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) * image.shape[0] / height
    mask = np.zeros((height, width), np.float32)
    for face in found:
        across = np.subtract(face.right, face.left)  # from eye to eye; down is at a right angle to it
        middle = np.add(face.left, face.right) / 2 + DOWN * np.array([-across[1], across[0]])
        length = float(across @ across)
        right = ((x - middle[0]) * across[0] + (y - middle[1]) * across[1]) / length
        down = ((y - middle[1]) * across[0] - (x - middle[0]) * across[1]) / length
        away = np.hypot(right / BROAD, down / LONG)
        mask = np.maximum(mask, ((SOFT - away) / (SOFT - FIRM)).clip(0, 1))
    return np.asarray(mask * mask * (3 - 2 * mask), np.float32)[..., None]
