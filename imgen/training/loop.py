"""The training loop: a budget of minutes or steps, bf16, a moving average, checkpoints, exact resume."""

from __future__ import annotations

import copy
import math
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ..errors import ImgenError
from . import checkpoint
from .trainer import Trainer, dice

CHECKPOINT = "last.safetensors"


class TrainingError(ImgenError):
    """Training cannot start or go on; the message says what to change."""


@dataclass(frozen=True)
class Budget:
    """How long to train, in minutes of work or in steps; the learning rate follows a cosine over it."""

    minutes: float | None = None
    steps: float | None = None

    def spent(self, step: int, seconds: float) -> float:
        """The part of the budget that is used, 0..1."""
        by_steps = step / self.steps if self.steps else 0.0
        by_time = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(1.0, max(by_steps, by_time))


@dataclass
class Progress:
    """Where a run stands; saved in every checkpoint."""

    step: int = 0
    seconds: float = 0.0
    figures: dict[str, float] = field(default_factory=dict[str, float])


def learning_rate(spent: float, step: int, warmup: int = 200) -> float:
    """Factor on the base rate: linear warm-up, then a cosine down to 1 % at the end of the budget."""
    return min(1.0, (step + 1) / warmup) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * spent)))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, step: int, decay: float = 0.999) -> None:
    """Exponential moving average of the weights; warmed up, or it would drag the random start along."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)


class Loop:
    """One run of a trainer in one folder. `Loop(...).run()` starts it, or goes on where it stopped.

    With `start`, the folder of another run of the same model, a new run begins with that one's averaged weights.
    """

    def __init__(
        self,
        trainer: Trainer,
        data: Sequence[Path],
        out: Path,
        budget: Budget,
        *,
        seed: int = 0,
        device: str = "auto",
        start: Path | None = None,
        save_every: float = 30.0,
        sheet_every: int = 1000,
    ) -> None:
        self.trainer, self.data, self.out, self.budget, self.seed = trainer, data, out, budget, seed
        self.save_every, self.sheet_every = save_every, sheet_every
        self.progress, self.stopped = Progress(), threading.Event()
        self.warned: set[str] = set()
        self.fabric = Fabric(accelerator=device, devices=1, precision="bf16-mixed")
        torch.manual_seed(seed)
        trainer.load(data)
        trainer.build()
        for name, network in trainer.networks.items():
            trainer.networks[name] = network.to(memory_format=torch.channels_last).to(self.fabric.device)
        self.started_from = trainer.begun_with
        if start is not None:
            checkpoint.load_average(start / CHECKPOINT, trainer.networks[trainer.exported])
            self.started_from = checkpoint.about(start / CHECKPOINT)
        self.average = copy.deepcopy(trainer.networks[trainer.exported]).requires_grad_(False).eval()
        self.rates = {k: [g["lr"] for g in o.param_groups] for k, o in trainer.optimizers.items()}
        if (out / CHECKPOINT).exists():
            self.resume()

    def resume(self) -> None:
        """Take everything from the run's last checkpoint."""
        path, trainer = self.out / CHECKPOINT, self.trainer
        old = checkpoint.about(path)
        if old["model"] != trainer.name or old["settings"] != trainer.settings.model_dump(mode="json"):
            raise TrainingError(
                f"{self.out} holds a run of {old['model']} with settings {old['settings']}; "
                "give the same settings to resume it, or another --out to start a new run"
            )
        checkpoint.load(path, trainer.networks, trainer.optimizers, self.average)
        self.progress = Progress(old["step"], old["seconds"], old["figures"])
        self.seed, self.started_from = old["seed"], old.get("started_from")

    def save(self) -> None:
        """Write the checkpoint that `resume` reads."""
        checkpoint.save(
            self.out / CHECKPOINT, self.trainer.networks, self.trainer.optimizers, self.average, self.about()
        )

    def about(self) -> dict[str, Any]:
        """What the card will say of this run."""
        p = self.progress
        return {
            "model": self.trainer.name,
            "settings": self.trainer.settings.model_dump(mode="json"),
            "data": ["/".join(folder.parts[-2:]) for folder in self.data],
            "seed": self.seed,
            "started_from": self.started_from,
            "step": p.step,
            "seconds": p.seconds,
            "figures": p.figures,
        }

    def run(self) -> Progress:
        """Train until the budget is spent. Ctrl-C and SIGTERM stop it after the step at work, and save.

        Raises:
            TrainingError: the loss is not finite; the last good checkpoint stays.
        """
        self.stop_on_signals()
        bar = tqdm(total=1.0, initial=self.spent(), desc=self.trainer.name, bar_format=BAR)
        saved = started = time.monotonic()
        before = self.progress.seconds
        writer = SummaryWriter(self.out)
        try:
            while self.spent() < 1 and not self.stopped.is_set():
                self.step(writer)
                now = time.monotonic()
                self.progress.seconds = before + now - started
                bar.n = self.spent()
                bar.set_postfix_str(describe(self.progress), refresh=False)
                bar.refresh() if self.progress.step % 10 == 0 else None
                if now - saved > self.save_every:
                    self.save()
                    saved = now
            self.save()
        finally:
            writer.close()
            bar.close()
        if self.stopped.is_set():
            print(f"stopped at step {self.progress.step}; the same command goes on from here")
        return self.progress

    def stop_on_signals(self) -> None:
        """Let Ctrl-C and SIGTERM set `stopped` instead of breaking a step in two; a second one ends at once."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopped.set()
            signal.signal(number, signal.default_int_handler)

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGTERM, stop)

    def spent(self) -> float:
        """The part of the budget that is used, 0..1."""
        return self.budget.spent(self.progress.step, self.progress.seconds)

    def step(self, writer: SummaryWriter) -> None:
        """Set the rate, let the trainer make its updates, and keep the average and the curves."""
        p, trainer = self.progress, self.trainer
        factor = learning_rate(self.spent(), p.step)
        for name, optimizer in trainer.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self.rates[name], strict=True):
                group["lr"] = rate * factor
        figures = trainer.step(self.fabric, dice(self.seed, p.step))
        p.step += 1
        update_average(self.average, trainer.networks[trainer.exported], p.step)
        if p.step % 50 == 0:
            p.figures = {k: number(v) for k, v in figures.items()}
            if not all(math.isfinite(v) for v in p.figures.values()):
                raise TrainingError(f"step {p.step}: {p.figures} is not finite; lower the rate and start again")
            for key, value in p.figures.items():
                writer.add_scalar(key, value, p.step)
            self.warn(writer)
        if p.step % self.sheet_every == 0:
            with torch.no_grad():
                writer.add_image("sheet", trainer.sheet(self.average, dice(self.seed + 1, 0)).clamp(0, 1).cpu(), p.step)

    def warn(self, writer: SummaryWriter) -> None:
        """Say what the trainer warns of, once for each kind."""
        for kind, text in self.trainer.warnings().items():
            if kind not in self.warned:
                self.warned.add(kind)
                tqdm.write(f"warning at step {self.progress.step}: {text}", file=sys.stderr)
                writer.add_text("warning", text, self.progress.step)


BAR = "{desc} {percentage:5.1f}%|{bar}| {elapsed} {postfix}"


def describe(progress: Progress) -> str:
    """The figures behind the progress bar."""
    return f"step {progress.step} " + " ".join(f"{k} {v:.4g}" for k, v in progress.figures.items())


def number(value: float | Tensor) -> float:
    """A figure of a step as a plain number."""
    return float(value.detach()) if isinstance(value, Tensor) else value
