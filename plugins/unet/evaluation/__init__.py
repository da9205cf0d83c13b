"""Measurements of the models for their cards, on photos that they were not trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .colour import evaluate_colorize
from .subject import evaluate_subject

EVALUATIONS: dict[str, Callable[..., Any]] = {
    "unet/colorize": evaluate_colorize,
    "unet/subject": evaluate_subject,
}
