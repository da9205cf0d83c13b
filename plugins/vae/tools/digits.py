"""The map of a two-dimensional code of digits."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen.image.grid import sheet
from imgen.lazy import special

Side = Annotated[int, Field(ge=2, le=40, description="Digits on each side")]


@imgen.tool(group="Lab", synonyms=["digits", "latent map"])
@imgen.uses("vae/digits")
def vae_manifold(*, side: Side = 20) -> imgen.Image:
    """Draw the map of a two-dimensional VAE of handwritten digits: what each place in the code decodes to.

    Places are the quantiles of the normal distribution, so that every part of the prior has its share (Kingma &
    Welling, arXiv 1312.6114, figure 4).
    """
    quantiles = special.ndtri((np.arange(side) + 0.5) / side).astype(np.float32)
    y, x = np.meshgrid(-quantiles, quantiles, indexing="ij")
    places = np.stack([x.ravel(), y.ravel()], 1)  # (side², 2)
    blank = np.zeros((len(places), 1, 32, 32), np.float32)
    made, _, _ = imgen.model("vae/digits")(image=blank, keep=np.zeros((len(places), 1), np.float32), offset=places)
    ink = np.repeat(made[:, 0, 2:30, 2:30, None], 3, 3)  # (side², 28, 28, 3), without the margin
    return sheet(1 - ink, side)
