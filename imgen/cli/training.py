"""imgen train, imgen export, imgen evaluate."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.context import Context, using
from ..engine.plugins import installed
from ..engine.plugins import model as find_model
from ..errors import ParameterError, PluginError, nearest
from ..inference.registry import Model, user_folder
from .owned import check_card, check_model, check_run_folder

LONGEST = 120.0  # seconds that a start may take; a system whose clock was set tells other things

if TYPE_CHECKING:
    from ..training.loop import Loop
    from ..training.trainer import Settings, Trainer


def train(options: argparse.Namespace) -> int:
    """Train a model, or resume its run, on one device or several; then export it into the run's folder."""
    began = time.time()
    need_training()
    if options.alone:  # the process does nothing else, so it counts from its start
        began = max(began - LONGEST, min(began, process_began()))
    from ..training import launch
    from ..training.hardware import choose
    from ..training.ranks import described
    from ..training.sharing import part_of
    from ..training.sources import folders, local

    if not options.data:
        raise ParameterError("say what to train on: --data DIR; `imgen trainers` tells what each model takes")
    if not options.minutes and not options.steps:
        raise ParameterError("say how long to train: --minutes N or --steps N")
    trainer = make_trainer(options.model, dict(pair(text) for text in options.set))
    devices = 1 if described() else launch.wanted(options.devices, options.device)
    if described() or devices * options.nodes == 1:
        return train_here(options, trainer, float(os.environ.get(launch.BEGAN, began)))
    part_of(trainer.settings, devices * options.nodes)
    folders([local(text) for text in options.data])  # what is elsewhere is fetched once
    place = launch.machine(options.nodes)
    return launch.launch(options.given, devices, place, began, cpu=choose(options.device) == "cpu")


def train_here(options: argparse.Namespace, trainer: Trainer, began: float) -> int:
    """Train in this process, which may be one of several that train together; `began` as `time.time` tells it."""
    from ..training.budget import Budget
    from ..training.hardware import choose
    from ..training.launch import BEGAN, LOST
    from ..training.loop import Loop
    from ..training.ranks import LostError, joined
    from ..training.sources import folders, local

    out: Path = options.out or Path("runs") / options.model.replace("/", "-")
    start = started_from(options.start) if options.start else None
    try:
        with joined(choose(options.device)) as ranks, nullcontext() if ranks.first else redirect_stdout(None):
            with ranks.in_turn():
                data = [local(text) for text in options.data]
            if ranks.first:
                check_run_folder(out, data)
            loop = Loop(
                trainer,
                folders(data),
                out,
                Budget(options.minutes, options.steps),
                seed=options.seed,
                device=options.device,
                precision=options.precision,
                threads=options.threads,
                start=start,
                began=time.monotonic() - (time.time() - began),
                ranks=ranks,
                export=None if options.no_export else trial(options.model, trainer.settings, out),
            )
            if loop.progress.step:
                print(f"going on with {out} from step {loop.progress.step:,}", flush=True)
            loop.run()
    except LostError:
        if BEGAN in os.environ:  # who started this process tells what has happened
            return LOST
        raise
    return finish(loop, export=not options.no_export) if ranks.first else 0


def process_began() -> float:
    """When this process began, as `time.time` tells it."""
    import psutil

    return psutil.Process().create_time()


def trial(model: str, settings: Settings, out: Path) -> Callable[[], Path]:
    """Exports what a run has learned by now, without touching its networks."""
    from ..training.export import export_run

    return lambda: export_run(make_trainer(model, settings.model_dump(mode="json")), out)


def started_from(name: str) -> Path | Model:
    """The folder of a run, or a model, whose weights training begins with.

    Raises:
        ParameterError: it is neither.
    """
    from ..training.checkpoint import CHECKPOINT

    run = Path(name)
    if (run / CHECKPOINT).exists():
        return run
    if run.exists() or name not in installed().models.available():
        raise ParameterError(f"--start {run} holds no {CHECKPOINT}; give another run's folder, or a model's name")
    return find_model(name)


def finish(loop: Loop, *, export: bool) -> int:
    """Export what was trained, unless it was stopped, and say where it is and how to go on."""
    from ..training.export import export_run
    from ..training.lines import clock
    from ..training.run_report import NAME

    out, p = loop.out, loop.progress
    stand = f"{p.step:,} steps in {clock(p.seconds)}; look at {out / NAME}"
    if loop.stopped.is_set():
        print(f"stopped after {stand}; go on with the same command")
        return 0
    if export:
        path = export_run(loop.trainer, out)
        print(f"exported {path} ({path.stat().st_size / 2**20:.1f} MiB)")
    print(f"{stand}; use it after: imgen export {out}; go on with the same command and more --minutes or --steps")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write a run's model where the tools find it."""
    need_training()
    from ..training import checkpoint
    from ..training.export import export_run, install

    file: Path = options.folder / checkpoint.CHECKPOINT
    if not file.exists():
        raise ParameterError(
            f"{options.folder} holds no {checkpoint.CHECKPOINT}; give the folder that `imgen train --out` wrote"
        )
    about = checkpoint.about(file)
    name = options.name or about["model"]
    plugin, _, model = name.partition("/")
    if not plugin or not model or "/" in model:
        raise ParameterError(f"{name!r} is no model name; write plugin/model")
    to: Path = options.to or user_folder()
    exported = options.folder / "export" / f"{about['model'].partition('/')[2]}.onnx"
    check_model(exported, to / f"{name}.onnx", overwrite=options.overwrite)
    made = export_run(make_trainer(about["model"], about["settings"]), options.folder)
    path = install(made, to, name, options.terms)
    size = path.stat().st_size / 2**20
    print(f"wrote {path} ({size:.1f} MiB)")
    if name == about["model"]:
        print(f"measure it with: imgen evaluate {name} --data DIR")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Measure a model and write the figures into its card."""
    need_training()
    from ..training.card import record
    from ..training.sources import folders, local

    model = find_model(options.model)
    measure = installed().evaluation(options.model)
    check_card(model.card_file)
    data = folders([local(text) for text in options.data])
    with using(Context(device=options.device)) as context:
        report = measure(data)
    for text in context.notes:
        print(text, file=sys.stderr)
    print(record(model, report, data))
    return 0


def make_trainer(name: str, settings: dict[str, Any]) -> Trainer:
    """The trainer of a model with checked settings."""
    from pydantic import ValidationError

    kind = installed().trainer(name)
    try:
        return kind(kind.Settings.model_validate(settings))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        hint = nearest(place, kind.Settings.model_fields) if first["type"] == "extra_forbidden" else ""
        help_ = f"`imgen train {name} --help` shows all settings"
        raise ParameterError(f"--set {place}: {'; '.join(filter(None, (first['msg'], hint, help_)))}") from error


def pair(text: str) -> tuple[str, Any]:
    """NAME=VALUE; the value may be JSON, such as [32,64,96]."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"--set {text}: write NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def need_training() -> None:
    """Say what to install before a long traceback does.

    Raises:
        PluginError: a package of the [train] extra is missing.
    """
    needed = "torch torchvision kornia onnx onnxscript tensorboard safetensors matplotlib psutil"
    missing = [module for module in needed.split() if find_spec(module) is None]
    if missing:
        raise PluginError(f"training needs {', '.join(missing)}; pip install 'imgen[train]'")
