"""Pictures from pictures, by a network that a user has trained with pairs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import imgen
from imgen.image import guided
from imgen.inference.registry import Model

from .working import WHOLE, planes, working_size

Pairs = Annotated[imgen.ModelName, Field(description="One that you trained as unet/pix2pix, as PLUGIN/MODEL")]


@imgen.tool(group="Lab", synonyms=["pix2pix", "own model"])
def image_to_image(image: imgen.Image, *, model: Pairs) -> imgen.Image:
    """Turn the photo into what a model of your own has learned from pairs (`imgen train unet/pix2pix`).

    The network sees the photo at a working size; what it changes is carried to the full size along the photo's edges.
    """
    network = imgen.model(model)
    if not from_pairs(network):
        raise imgen.ImgenError(f"image_to_image: {model} has not learned from pairs; train one as unet/pix2pix")
    small = guided.reduced(image, *working_size(image, network, WHOLE))
    made = network(image=planes(small))[0].transpose(1, 2, 0)  # (h, w, 3)
    return guided.transferred(image, small, made, radius=2, eps=1e-4)


def from_pairs(network: Model) -> bool:
    """Whether it makes pictures from pictures; before there was a trainer of its own, a setting said so."""
    learned = network.card["training"].get("model"), network.settings.get("objective")
    return learned[0] == "unet/pix2pix" or learned[1] == "pix2pix"
