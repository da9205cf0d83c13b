"""What a run lets see of itself: lines, curves, sheets, a report and checkpoints, each when it is due."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import TrainingError
from . import checkpoint
from .budget import Budget, Progress
from .checkpoint import CHECKPOINT
from .hardware import Hardware, describe
from .lines import EVERY, line, outlook, say
from .monitor import Monitor
from .ranks import Ranks
from .rehearsal import tried
from .trainer import Settings, Trainer, dice

RECORD = 50  # steps between two points of the curves, if they take less than EVERY
SAVE = 60.0  # seconds between two checkpoints; in the first minute, EVERY
SHEET = 15.0  # seconds until the first sheet; until each other one twice as many
WORTH = 2  # minutes of a run that tries its export


class Signs:
    """A run as it shows itself. `imgen.training.loop.Loop`, which is one, trains; rank 0 alone shows anything."""

    trainer: Trainer
    settings: Settings  # of all ranks together
    data: Sequence[Path]
    out: Path
    budget: Budget
    seed: int
    progress: Progress
    hardware: Hardware
    ranks: Ranks
    average: nn.Module
    started_from: dict[str, Any] | None
    stopped: threading.Event
    warned: set[str]  # kinds of warnings that were said
    export: Callable[[], object] | None
    monitor: Monitor

    def begin(self) -> None:
        """From now on times are counted."""
        self.started = self.lined = self.saved = time.monotonic()
        self.first = self.lined_step = self.progress.step
        self.next_sheet = SHEET
        while self.next_sheet <= self.progress.seconds:
            self.next_sheet *= 2

    def tell(self) -> None:
        """After a step: what is due of curves, lines, checkpoints and sheets."""
        p, now = self.progress, time.monotonic()
        first, late = p.step == self.first + 1, now - self.lined >= EVERY
        if first:
            say(f"{self.computed_with()}; {outlook(p, now - self.started, self.budget)}")
        if first or late or p.step % RECORD == 0:
            self.record()
        if late:
            each = (now - self.lined) / (p.step - self.lined_step)
            say(line(p, each, self.budget))
            self.lined, self.lined_step = now, p.step
        if first or now - self.saved >= (SAVE if now - self.started > SAVE else EVERY):
            self.save()
            self.saved = now
        if first:
            self.report()
        if p.seconds >= self.next_sheet:
            self.next_sheet *= 2
            self.show()
            if self.next_sheet == 2 * SHEET and self.export and (self.budget.minutes or 0) >= WORTH:
                sheet = time.monotonic() - now
                self.budget = self.budget.keeping(sheet + tried(self.export, self.monitor, p.step))

    def record(self) -> None:
        """Keep the figures, and look for what goes wrong."""
        p = self.progress
        self.monitor.record(p)
        if not all(math.isfinite(value) for value in p.figures.values()):
            raise TrainingError(f"step {p.step}: {p.figures} is not finite; lower the rate and start again")
        for kind, text in self.trainer.warnings().items():
            if kind not in self.warned:
                self.warned.add(kind)
                self.monitor.warn(p.step, text)

    def show(self) -> None:
        """What the network can do by now, and the report."""
        trainer, part = self.trainer, self.trainer.settings
        trainer.settings = self.settings  # a sheet is of as many pictures as one device sees
        with torch.no_grad():
            self.monitor.sheet(self.progress.step, trainer.sheet(self.average, dice(self.seed + 1, 0)))
        trainer.settings = part
        self.report()

    def report(self) -> None:
        """Write report.html."""
        fields = {name: field.description or "" for name, field in type(self.trainer.settings).model_fields.items()}
        self.monitor.report(self.about(), self.trainer.task, fields)

    def finish(self) -> None:
        """The last figures, checkpoint and sheet; after a stop all but the sheet, which takes its time."""
        self.record()
        self.save()
        self.report() if self.stopped.is_set() else self.show()

    def save(self) -> None:
        """Write the checkpoint that the next run reads; never one of a loss that is not finite."""
        self.record()
        trainer = self.trainer
        checkpoint.save(self.out / CHECKPOINT, trainer.networks, trainer.optimizers, self.average, self.about())

    def about(self) -> dict[str, Any]:
        """What the card will say of this run."""
        p, hardware = self.progress, self.hardware
        return {
            "model": self.trainer.name,
            "settings": self.settings.model_dump(mode="json"),
            "data": ["/".join(folder.parts[-2:]) for folder in self.data],
            "seed": self.seed,
            "started_from": self.started_from,
            "step": p.step,
            "seconds": p.seconds,
            "figures": p.figures,
            "hardware": self.computed_with(),
            "devices": self.ranks.count,
            "finish": self.budget.finish,
            "setup": hardware.setup._asdict(),
            **({"scaler": hardware.scaler.state_dict()} if hardware.scaler.is_enabled() else {}),
        }

    def computed_with(self) -> str:
        """The device, and how many of them."""
        one, count = describe(self.hardware.setup), self.ranks.count
        return one if count == 1 else f"{count} x {one}"
