"""What the models are worth on pictures that they were not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from imgen.training.report import Report

from .damage import evaluate_damage
from .restoring import BEST, FAST, evaluate_denoise, evaluate_inpaint
from .restoring import wavelet as wavelet
from .upscale import evaluate_upscale

EVALUATIONS: dict[str, Callable[[Sequence[Path]], Report]] = {
    "autoencoder/denoise": lambda folders: evaluate_denoise(folders, "fast", FAST),
    "autoencoder/denoise-best": lambda folders: evaluate_denoise(folders, "best", BEST),
    "autoencoder/inpaint": evaluate_inpaint,
    "autoencoder/upscale": evaluate_upscale,
    "autoencoder/damage": evaluate_damage,
}
