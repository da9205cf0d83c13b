"""The context of a run, and of each of its steps."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from ..contract.context import Context, current
from ..inference.session import choose
from .step import Step


def context_of(
    progress: Callable[[float, str], None] | None = None,
    cancel: threading.Event | None = None,
    device: str = "auto",
    notes: list[str] | None = None,
    preview: bool = False,
) -> Context:
    """What surrounds a run; see `Pipeline.run`.

    Raises:
        DeviceError: the device does not work here.
    """
    around = current()  # a tool may run a pipeline of its own
    if device == "auto":
        device = around.device
    if device != "auto":
        choose(device)  # an impossible wish is refused even where no model runs
    return Context(
        progress,
        cancel or around.cancel,
        device,
        [] if notes is None else notes,
        devices=around.devices,
        preview=preview or around.preview,
    )


def own_context(context: Context, step: Step, index: int, count: int) -> Context:
    """What surrounds one step of a run."""
    share = (index / count, (index + 1) / count)
    plugin = step.resolve().plugin
    return dataclasses.replace(context, share=share, label=step.tool, plugin=plugin, notes=[], devices=set())
