"""Write the pictures that plugins/cyclegan/README.md explains its losses with: what each asks for alone, and together.

python docs/style_losses.py DATA      the folder that holds styles/starry-night.jpg

No network is trained here: the pixels of one picture are changed, step by step, until a loss is small (Gatys et al.,
arXiv 1508.06576). What a network learns to do at once, this does slowly: it shows what a loss wants and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from gallery import photos, save_row
from torch import Tensor

import imgen
from imgen.image import guided
from imgen.training.data import Decoding, decode
from imgen.training.trainer import as_tensor
from imgen_plugins.cyclegan.evaluation.pairs import jpeg
from imgen_plugins.cyclegan.networks.sight import LEARNED, Sight
from imgen_plugins.cyclegan.training.looks import (
    SCALES,
    Look,
    discoloured,
    look_at,
    other_edges,
    other_light,
    other_thing,
    smaller,
    unlike,
)
from imgen_plugins.cyclegan.training.style import StyleSettings, moved

SIDE = 144
STEPS = 90
RATE = 0.04
Weights = dict[str, float]
TRIED: dict[str, tuple[Weights, bool]] = {  # the losses' weights, and whether the photo is what it begins with
    "strokes alone": ({"style": 3}, False),
    "the stem's alone": ({"shallow": 3}, False),
    "colours alone": ({"colour": 3}, True),
    "what is shown alone": ({"content": 1, "light": 1, "edge": 1}, False),
    "strokes and colours": ({"style": 3, "colour": 3}, True),
    "all": ({"style": 3, "colour": 3, "content": 0.2, "light": 0.2, "edge": 0.3}, True),
}


def main() -> None:
    """Both rows."""
    painting = as_tensor(np.stack([decode(Path(sys.argv[1]) / "styles/starry-night.jpg", Decoding(side=448))]))
    found = photos()
    photo = as_tensor(guided.reduced(found["chelsea"].astype(np.float32) / 255, SIDE, SIDE)[None])
    made = [changed(photo, painting, *one) for one in TRIED.values()]
    shown = guided.reduced(picture_of(painting), SIDE, SIDE)
    save_row("style-losses", [picture_of(photo), shown, *made], ("photo", "painting", *TRIED))
    day = found["china"].astype(np.float32) / 255
    translate = imgen.tools()["translate"]
    sunset = translate(day)
    again, hidden = (translate(one, domain="day") for one in (sunset, jpeg(sunset)))
    save_row("cycle", [day, sunset, again, hidden], ("day", "to sunset", "and back", "and back over JPEG 90"))


def changed(photo: Tensor, painting: Tensor, weights: Weights, from_photo: bool) -> np.ndarray:
    """The photo (1, 3, S, S), or noise, after so many steps of Adam on its pixels."""
    sight, dice, rng = Sight(LEARNED), torch.Generator().manual_seed(0), np.random.default_rng(0)
    look = look_at(sight, painting)
    begin = photo.clone() if from_photo else 0.5 + 0.1 * torch.randn(photo.shape, generator=dice)
    pixels = begin.requires_grad_()
    optimizer = torch.optim.Adam([pixels], RATE)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(sight, look, photo, moved(pixels, rng), pixels, weights, dice).backward()
        optimizer.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
    return picture_of(pixels.detach())


def loss(
    sight: Sight, look: Look, photo: Tensor, shifted: Tensor, pixels: Tensor, weights: Weights, dice: torch.Generator
) -> Tensor:
    """The weighted sum of those losses that have a weight; `StyleSettings` has a field for each but `shallow`."""
    assert set(weights) - {"shallow"} <= set(StyleSettings.model_fields)
    found = [sight(smaller(shifted, scale)) for scale in SCALES]
    total = torch.zeros(())
    for name, weight in weights.items():
        if name == "style":
            part = torch.stack([unlike(f, g) for f, g in zip(found, look.grams, strict=True)]).sum()
        elif name == "shallow":
            part = unlike(found[0][:1], look.grams[0][:1])
        elif name == "colour":
            part = discoloured(pixels, look, dice)
        elif name == "content":
            part = other_thing(found[0], sight(photo))
        elif name == "light":
            part = other_light(pixels, photo)
        else:
            part = other_edges(pixels, photo)
        total = total + weight * part
    return total


def picture_of(tensor: Tensor) -> np.ndarray:
    """(1, 3, H, W) as (H, W, 3)."""
    return tensor[0].permute(1, 2, 0).numpy()


if __name__ == "__main__":
    main()
