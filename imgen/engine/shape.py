"""The hooks of a plugin whose folder has the shape that the built-in ones have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ..contract.hookspecs import hookimpl
from ..inference.registry import shipped


def hooks(
    package: str, tools: Sequence[Callable[..., Any]], training: str = ".training", evaluation: str = ".evaluation"
) -> tuple[Callable[[], Any], ...]:
    """imgen_tools, imgen_models, imgen_trainers and imgen_evaluations of a package; its models lie in exports/PLUGIN.

    Args:
        package: its name.
        tools: what it offers.
        training: the module with TRAINERS, in the package or not; imported when it is asked for, as it needs torch.
        evaluation: the module with EVALUATIONS, likewise.
    """

    @hookimpl
    def imgen_tools() -> Sequence[Callable[..., Any]]:
        return tools

    @hookimpl
    def imgen_models() -> Path:
        return shipped(package.rpartition(".")[2])

    @hookimpl
    def imgen_trainers() -> Sequence[type[Any]]:
        return import_module(training, package).TRAINERS

    @hookimpl
    def imgen_evaluations() -> dict[str, Callable[..., Any]]:
        return import_module(evaluation, package).EVALUATIONS

    return imgen_tools, imgen_models, imgen_trainers, imgen_evaluations
