"""Digits from nothing."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen.image.grid import sheet

from .codes import enlarged
from .faces import Count, Scale, Seed

Digit = Annotated[int, Field(ge=0, le=9, description="Which digit")]


@imgen.tool(group="Lab", synonyms=["digits", "handwriting", "numbers"])
@imgen.uses("dcgan/digits")
def draw_digit(*, digit: Digit = 7, seed: Seed = 0, count: Count = 25, scale: Scale = 2) -> imgen.Image:
    """Draw handwritten digits: always the one that is asked for, never twice the same.

    A conditional GAN (Mirza & Osindero, arXiv 1411.1784), trained on MNIST.
    """
    model = imgen.model("dcgan/digits")
    size = int(model.settings["code"])
    code = np.random.default_rng(seed).standard_normal((count, size), dtype=np.float32)
    label = np.zeros((count, 10), np.float32)
    label[:, digit] = 1
    ink = np.repeat(model(code=code, label=label)[:, 0, :, :, None], 3, 3)  # (count, 28, 28, 3)
    return sheet(enlarged(1 - ink, scale), round(count**0.5))
