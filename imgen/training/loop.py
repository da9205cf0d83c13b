"""The training loop: a budget, a moving average, checkpoints, exact resume, and signs of life."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from ..contract.context import Context, using
from ..errors import PhotoError, TrainingError
from ..inference.registry import Model
from . import checkpoint
from .average import update_average
from .budget import Budget, Progress, learning_rate
from .checkpoint import CHECKPOINT as CHECKPOINT
from .data import DataError
from .fastest import choose, go_on_with
from .hardware import Hardware, Setup, known, wanted
from .lines import say
from .memory import check_memory, check_weights
from .monitor import Monitor
from .packed import Packed
from .ranks import ALONE, Ranks
from .sharing import check_alike, devices, part_of
from .signs import Signs
from .stopping import stopping
from .trainer import Trainer, build, dice


class Loop(Signs):
    """One run of a trainer in one folder. `Loop(...).run()` starts it, or goes on where it stopped.

    With `start`, the folder of another run of the same model, a new run begins with that one's averaged weights;
    with an exported model, with all that its export has kept.

    Args:
        trainer: with its settings.
        data: folders as `trainer.layout` says.
        out: the run's folder.
        budget: how long.
        seed: of the weights and of every step.
        device: "auto", "cpu" or "cuda".
        precision: "auto", "32", "bf16" or "16".
        threads: of the processor; None tries what is fastest.
        start: see above.
        began: when the budget's time began to run, as `time.monotonic` tells it; None for now.
        ranks: the processes that train together; each makes a `Loop` with the same arguments.
        export: exports the last checkpoint. A run of minutes tries it once, to keep as much time for it at the end.

    Raises:
        DataError: the data cannot be trained on.
        DeviceError, ParameterError: the device or the memory does not suffice for what was asked.
        TrainingError: the folder holds another run.
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
        precision: str = "auto",
        threads: int | None = None,
        start: Path | Model | None = None,
        began: float | None = None,
        ranks: Ranks = ALONE,
        export: Callable[[], object] | None = None,
    ) -> None:
        self.began = time.monotonic() if began is None else began
        self.trainer, self.data, self.out, self.budget, self.seed = trainer, data, out, budget, seed
        self.progress, self.stopped, self.warned = Progress(), threading.Event(), set[str]()
        self.ranks, self.settings, self.export = ranks, trainer.settings, export
        trainer.settings = part_of(trainer.settings, ranks.count)
        self.open(device, wanted(precision), threads, start)

    def open(self, device: str, precision: str, threads: int | None, start: Path | Model | None) -> None:
        """Agree with the other processes, open the data, choose the arithmetic, and build or resume."""
        trainer, ranks, file = self.trainer, self.ranks, self.out / CHECKPOINT
        old = checkpoint.about(file) if file.exists() else None
        shown, budget = self.settings.model_dump(mode="json"), self.budget
        check_alike(ranks, [trainer.name, shown, budget.minutes, budget.steps, self.seed, old and old["step"]])
        setup = known(device, precision, threads)
        if old is not None:
            self.go_on(old)
            setup = go_on_with(old.get("setup"), setup, precision)
        here = ranks.here if setup.device == "cpu" else 1
        weights = check_weights(trainer, setup, here)
        with ranks.in_turn():
            skipped = self.load()
        if old is None and ranks.first:
            check_memory(trainer, setup, weights, here)
            setup = choose(trainer, setup, budget, precision, threads)
        self.prepare(Setup(*json.loads(ranks.told(json.dumps(setup)))), start)
        if ranks.first:
            self.monitor = Monitor(self.out, self.progress.step)
            for text in skipped:
                self.monitor.warn(0, text)

    def load(self) -> list[str]:
        """Open the data; returns what was skipped."""
        say(f"{self.trainer.name}: reading {', '.join(map(str, self.data))}")
        torch.manual_seed(self.seed)
        with using(Context()) as context:
            try:
                self.trainer.load(self.data)
            except DataError as error:
                raise DataError(f"{error}\n{self.trainer.name} takes --data {self.trainer.layout}") from error
            except (PhotoError, OSError) as error:
                if not any(isinstance(one, Packed) for one in self.data):
                    raise
                name = self.trainer.name
                raise DataError(f"{name} reads files by itself and not from a pack: give it the folders") from error
        return context.notes

    def prepare(self, setup: Setup, start: Path | Model | None) -> None:
        """Build the networks, or take them from the run's last checkpoint."""
        self.hardware, trainer = Hardware(setup, self.ranks), self.trainer
        torch.manual_seed(self.seed)
        build(trainer, self.hardware)
        self.started_from = trainer.begun_with
        if isinstance(start, Model):
            self.started_from = checkpoint.begin_with(start, trainer.networks)
        elif start is not None:
            checkpoint.load_average(start / CHECKPOINT, trainer.networks[trainer.exported])
            self.started_from = checkpoint.about(start / CHECKPOINT)
        self.average = copy.deepcopy(trainer.networks[trainer.exported]).requires_grad_(False).eval()
        self.rates = {k: [g["lr"] for g in o.param_groups] for k, o in trainer.optimizers.items()}
        if self.progress.step:
            old = checkpoint.load(self.out / CHECKPOINT, trainer.networks, trainer.optimizers, self.average)
            if old.get("scaler"):
                self.hardware.scaler.load_state_dict(old["scaler"])
            self.started_from = old.get("started_from")
        self.ranks.same(trainer.networks.values(), weights=True)

    def go_on(self, old: dict[str, Any]) -> None:
        """Stand where a checkpoint stands."""
        trainer = self.trainer
        if old["model"] != trainer.name or old["settings"] != self.settings.model_dump(mode="json"):
            raise TrainingError(
                f"{self.out} holds a run of {old['model']} with settings {old['settings']}; "
                "give the same settings to resume it, or another --out to start a new run"
            )
        self.progress = Progress(old["step"], old["seconds"], old["figures"])
        self.seed = old["seed"]
        self.began -= old["seconds"]
        self.budget = self.budget.keeping(old.get("finish", 0.0))
        if (before := old.get("devices", 1)) != self.ranks.count:
            say(f"until now {devices(before)} trained it, now {devices(self.ranks.count)}: other pictures are drawn")

    def run(self) -> Progress:
        """Train until the budget is spent. Ctrl-C and SIGTERM stop it after the step at work, and save.

        Raises:
            TrainingError: the loss is not finite; the last good checkpoint stays.
        """
        p = self.progress
        self.begin()
        try:
            with stopping(self.stopped):
                while self.more():
                    self.step()
                    if self.ranks.first:
                        self.tell()
            if p.step > self.first and self.ranks.first:
                self.finish()
            self.ranks.meet()  # when this returns, the checkpoint is there on every rank
        finally:
            self.trainer.settings = self.settings
            if self.ranks.first:
                self.monitor.close()
        return p

    def more(self) -> bool:
        """Whether there is to be another step. Rank 0's clock counts, and a stop of any rank."""
        self.trainer.spent, stopped = self.ranks.agreed(self.spent(), self.stopped.is_set())
        if stopped:
            self.stopped.set()
        return self.trainer.spent < 1 and not stopped

    def spent(self) -> float:
        """The part of the budget that is used, 0..1."""
        return self.budget.spent(self.progress.step, self.progress.seconds)

    def step(self) -> None:
        """Set the rate, let the trainer make its updates, and keep the average and the figures."""
        p, trainer, ranks = self.progress, self.trainer, self.ranks
        factor = learning_rate(trainer.spent, p.step)
        for name, optimizer in trainer.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self.rates[name], strict=True):
                group["lr"] = rate * factor
        chance = dice(self.seed, p.step, ranks.rank)
        if ranks.count > 1:  # what draws without being given a generator goes on alike after a resume, on every rank
            torch.manual_seed(int(chance.torch.initial_seed()))
        figures = trainer.step(self.hardware, chance)
        ranks.same(trainer.networks.values())
        p.step += 1
        if ranks.first:
            self.monitor.add(figures)
            update_average(self.average, trainer.networks[trainer.exported], p.step)
        p.seconds = time.monotonic() - self.began
