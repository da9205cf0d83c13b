"""Where an old print is damaged: a network at one or more working sizes, and its finding at full size."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.image.resize import resize
from imgen.lazy import special

NAME = "autoencoder/damage"
SIDES = (1250, 2500)  # working sizes, as sides of a square; marks that are thin at the one are seen at the other
SMALL, CLOSER = 1_000_000, 1.5  # a photo of fewer pixels is also looked at when it is so many times enlarged
TILE = 1024  # of a working size: the network sees far, so smaller tiles would be read nearly thrice
EASY = 1.32  # the threshold is this power of what `sensitivity` leaves: 0.4 at the default
USUAL, LEAST, MOST = 0.005, 0.0001, 0.2  # share of damaged pixels: that the network expects, and the limits
ROUNDS, SAMPLE = 10, 200_000  # of the estimate of that share, and about so many pixels serve for it
MUCH = 0.25  # share of a photo from which on one had better look at it

Sensitivity = Annotated[float, Field(ge=0, le=1, description="Higher finds fainter marks, and takes more for one")]


@imgen.tool(
    group="Select",
    synonyms=["scratches", "dust", "old photo", "restore", "spots", "creases", "cracks", "repair", "damage", "stains"],
)
@imgen.uses(NAME)
def select_damage(image: imgen.Image, *, sensitivity: Sensitivity = 0.5) -> imgen.Mask:
    """Select scratches, dust, spots, creases and torn corners of an old print; `inpaint` fills them.

    A U-Net (arXiv 1505.04597) that learned from damage drawn over photos, and to leave alone what is thin and belongs
    there, such as words, wires, lace and hair. What is doubtful counts where much is damaged. Where no damage is found
    nothing is selected, and a note says so.
    """
    mask = np.zeros(image.shape[:2], np.float32)
    threshold = min(0.98, max(0.02, (1 - sensitivity) ** EASY))
    sizes = working_sizes(image)
    for i, size in enumerate(sizes):
        with imgen.portion(i, len(sizes)):
            found = looked(image, size)
            mark(mask, found, suited(found, threshold))
    share = float(mask.mean())
    if not share:
        imgen.note("select_damage: no damage found, so nothing is selected; more sensitivity finds fainter marks")
    elif share > MUCH:
        imgen.note(f"select_damage: {share:.0%} of the photo looks damaged; less sensitivity selects less")
    return mask


def working_sizes(image: Array) -> list[tuple[int, int]]:
    """(height, width) at which the network looks: at a large photo twice."""
    area = image.shape[0] * image.shape[1]
    fine = image.shape[:2] if area <= SIDES[1] ** 2 else guided.size_near(image.shape, SIDES[1])
    coarse = [guided.size_near(image.shape, SIDES[0])] if area > 2 * SIDES[0] ** 2 else []
    return [*coarse, (fine[0], fine[1])]


def looked(image: Array, size: tuple[int, int]) -> Array:
    """The network's opinion (h, w) at that size.

    Of a small photo, whose own details are as fine as scratches, it is the mean of two.
    """
    found = probabilities(image, size)
    if image.shape[0] * image.shape[1] >= SMALL:
        return found
    large = resize(image, (round(size[0] * CLOSER), round(size[1] * CLOSER))).clip(0, 1)
    again = probabilities(large, (large.shape[0], large.shape[1]))
    return (found + resize(again[..., None], size)[..., 0]) / np.float32(2)


def probabilities(image: Array, size: tuple[int, int]) -> Array:
    """The network's opinion (h, w) at that size, tile by tile."""
    model = imgen.model(NAME)
    small, card = guided.reduced(image, *size), model.card
    found = imgen.tiled(lambda tile: model(image=tile), small, halo=card["halo"], multiple=card["multiple"], tile=TILE)
    return found[..., 0]


def suited(found: Array, threshold: float) -> float:
    """The threshold for a photo that is damaged as much as the network's opinion (h, w) of all its pixels says.

    Where there is much, a doubtful mark is likely one; where there is nothing sure, it is not. The share of damage and
    what is likely given that share are estimated in turns (expectation and maximisation, Saerens et al. 2002).
    """
    step = max(1, round((found.size / SAMPLE) ** 0.5))
    doubts = special.logit(found[::step, ::step].clip(1e-6, 1 - 1e-6))
    share, more = USUAL, 0.0
    for _ in range(ROUNDS):
        more = special.logit(share) - special.logit(USUAL)
        share = min(MOST, max(LEAST, float(special.expit(doubts + more).mean())))
    return float(special.expit(special.logit(threshold) - more))


def mark(mask: Array, found: Array, threshold: float) -> None:
    """Add to a mask (H, W) what is as likely as that in `found` (h, w)."""
    height, width = mask.shape
    for rows in guided.strips(height, width):
        likely = guided.enlarged(found[..., None], rows, height, width)[..., 0]
        np.maximum(mask[rows], likely > threshold, out=mask[rows])
