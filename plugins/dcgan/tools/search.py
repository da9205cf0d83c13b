"""Search for the code of a face: gradient descent in the space of codes, on known pixels and the critic's score.

References: inverting a generator (Zhu et al., arXiv 1609.03552), semantic completion (Yeh et al., arXiv 1607.07539),
Adam (Kingma & Ba, arXiv 1412.6980).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import imgen
from imgen.contract.arrays import Array

from .codes import Codes, drawn, encoded, network, plain

STEPS = 150
RATES = (0.1, 0.2)  # of codes and of what is beside them; they fall to 0 over the steps
ALONE = 0.3  # part of the steps in which codes move alone, so that they say what they can
BETAS = (0.9, 0.99)


class Goal(NamedTuple):
    """What a face shall be like.

    Attributes:
        target: (B, 64, 64, 3) in 0..1.
        weight: (B, 64, 64), 1 on average where all is known; 0 where nothing is.
        realism: weight of the critic's score.
        prior: weight of the codes' mean squares, which keep them where the generator has learned faces.
        freedom: weight of the mean squares of what is beside the code; None allows nothing beside it.
    """

    target: Array
    weight: Array
    realism: float = 0.0
    prior: float = 1e-3
    freedom: float | None = 1e-3


class Found(NamedTuple):
    """Where the search ended: codes, their faces (B, 64, 64, 3), and what is left of what was minimised (B,)."""

    codes: Codes
    faces: Array
    loss: Array


def inverted(crops: Array, steps: int = STEPS) -> Found:
    """The codes whose faces come nearest to aligned ones (B, 64, 64, 3)."""
    return search(Goal(crops, np.ones(crops.shape[:3], np.float32)), encoded(crops), steps)


def search(goal: Goal, start: Codes, steps: int = STEPS) -> Found:
    """Adam on codes and, where the goal allows it, on what is beside them; candidates (B) do not touch each other."""
    fixed = {
        "target": np.ascontiguousarray(goal.target.transpose(0, 3, 1, 2)),
        "weight": np.ascontiguousarray(goal.weight[:, None]),
        "realism": np.full((len(goal.target), 1), goal.realism, np.float32),
    }
    places = [start.code.copy(), start.extra.copy()]
    pulls = [goal.prior, goal.freedom or 0.0]
    moving = places if goal.freedom is not None else places[:1]
    state = [(np.zeros_like(p), np.zeros_like(p)) for p in moving]
    for step in range(steps):
        imgen.progress(step, steps)
        _, _, _, *gradients = network()(code=places[0], extra=places[1], **fixed)
        for place, gradient, pull, rate, moments in zip(places, gradients, pulls, RATES, state, strict=False):
            whole = gradient + np.float32(2 * pull / place.shape[1]) * place
            if place is places[0] or step >= ALONE * steps:
                place -= np.float32(rate * fading(step, steps)) * adam(whole, moments, step)
    codes = Codes(*places)
    made, loss, *_ = network()(code=codes.code, extra=codes.extra, **fixed)
    pulled: Any = sum(pull * np.square(part).mean(1) for part, pull in zip(codes, pulls, strict=True))
    return Found(codes, made.transpose(0, 2, 3, 1), loss[:, 0] + pulled)


def fading(step: int, steps: int) -> float:
    """A rise over the first steps, then half a cosine down to nothing."""
    return min(1.0, (step + 1) / 5) * 0.5 * (1 + float(np.cos(np.pi * step / steps)))


def adam(gradient: Array, moments: tuple[Array, Array], step: int) -> Array:
    """Adam's direction; its moments are updated in place."""
    for moment, value, beta in zip(moments, (gradient, gradient**2), BETAS, strict=True):
        moment *= beta
        moment += (1 - beta) * value
    first, second = (m / np.float32(1 - b ** (step + 1)) for m, b in zip(moments, BETAS, strict=True))
    return first / (np.sqrt(second) + np.float32(1e-8))


def best_start(goal: Goal, guesses: Array, keep: int) -> Codes:
    """The `keep` codes out of (N, code) whose faces fit the first of the goal's targets best."""
    made = drawn(plain(guesses))
    errors = (goal.weight[:1, ..., None] * (made - goal.target[:1]) ** 2).mean((1, 2, 3))
    return plain(guesses[np.argsort(errors, kind="stable")[:keep]])
