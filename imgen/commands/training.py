"""imgen train, imgen export, imgen evaluate."""

from __future__ import annotations

import argparse
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..context import Context, using
from ..errors import ParameterError, PluginError
from ..models import model as find_model
from ..models import user_folder
from ..plugins import installed

if TYPE_CHECKING:
    from ..training.trainer import Trainer


def train(options: argparse.Namespace) -> int:
    """Train a model, or resume its run."""
    need_training()
    import torch

    from ..training.loop import CHECKPOINT, Budget, Loop

    if options.threads:
        torch.set_num_threads(options.threads)
    if options.start and not (options.start / CHECKPOINT).exists():
        raise ParameterError(f"--start {options.start} holds no {CHECKPOINT}; give another run's folder")
    if not options.minutes and not options.steps:
        raise ParameterError("say how long to train: --minutes N or --steps N")
    trainer = make_trainer(options.model, dict(pair(text) for text in options.set))
    budget = Budget(options.minutes, options.steps)
    out: Path = options.out or Path("runs") / options.model.replace("/", "-")
    loop = Loop(trainer, options.data, out, budget, seed=options.seed, device=options.device, start=options.start)
    if loop.progress.step:
        print(f"going on with {out} from step {loop.progress.step}")
    progress = loop.run()
    print(f"{progress.step} steps in {progress.seconds / 60:.1f} minutes; now: imgen export {out}")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write a run's model where the tools find it."""
    need_training()
    from ..training import checkpoint
    from ..training.export import export as write
    from ..training.loop import CHECKPOINT

    file: Path = options.folder / CHECKPOINT
    if not file.exists():
        raise ParameterError(f"{options.folder} holds no {CHECKPOINT}; give the folder that `imgen train --out` wrote")
    about = checkpoint.about(file)
    name = options.name or about["model"]
    plugin, _, model = name.partition("/")
    if not plugin or not model or "/" in model:
        raise ParameterError(f"{name!r} is no model name; write plugin/model")
    trainer = make_trainer(about["model"], about["settings"])
    path = write(trainer, options.folder, (options.to or user_folder()) / plugin, model, options.terms)
    size = path.stat().st_size / 2**20
    print(f"wrote {path} ({size:.1f} MiB)")
    if name == about["model"]:
        print(f"measure it with: imgen evaluate {name} --data DIR")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Measure a model and write the figures into its card."""
    need_training()
    from ..training.card import record

    model = find_model(options.model)
    measure = installed().evaluation(options.model)
    with using(Context(device=options.device)):
        report = measure(options.data)
    print(record(model, report, options.data))
    return 0


def make_trainer(name: str, settings: dict[str, Any]) -> Trainer:
    """The trainer of a model with checked settings."""
    from pydantic import ValidationError

    kind = installed().trainer(name)
    try:
        return kind(kind.Settings.model_validate(settings))
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(f"{k} ({f.description}; {f.default})" for k, f in kind.Settings.model_fields.items())
        place = ".".join(map(str, first["loc"]))
        raise ParameterError(f"--set {place}: {first['msg']}. Settings: {known}") from error


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
    missing = [
        m for m in ("torch", "lightning", "onnx", "onnxscript", "tensorboard", "safetensors") if find_spec(m) is None
    ]
    if missing:
        raise PluginError(f"training needs {', '.join(missing)}; pip install 'imgen[train]'")
