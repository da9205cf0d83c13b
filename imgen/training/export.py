"""Write a trained network as ONNX: checked against PyTorch, stored small, with golden values for the doctor."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from ..errors import TrainingError
from ..image.tiling import round_up, tiled
from . import checkpoint
from .checkpoint import CHECKPOINT, WEIGHTS
from .lines import say
from .storage import STORED, without_notes
from .trainer import Exported, Trainer

CHECK_SIZES = ((64, 48), (128, 200), (97, 131))  # the last is odd; it is padded up to the network's multiple
TOLERANCE = 1e-3  # of 0..1, between PyTorch and ONNX Runtime with the same weights
ROUNDING = {16: 2e-2, 8: 1e-1}  # of 0..1 on random pixels, after weights were rounded to bits; the card has the error
HALO_ERROR = 0.1 / 255  # largest difference between tiled and whole that the halo may leave


def export_run(trainer: Trainer, run: Path) -> Path:
    """The run's model as ONNX in RUN/export; one that was exported from the same checkpoint is taken as it is.

    Raises:
        TrainingError: see `export`.
    """
    path = run / "export" / f"{trainer.name.partition('/')[2]}.onnx"
    files = path, path.with_suffix(".json"), path.with_suffix(".npz"), path.with_suffix(WEIGHTS)
    if all(file.exists() for file in files[: None if trainer.keeps_weights else -1]):
        card = json.loads(files[1].read_text(encoding="utf-8"))
        if card["training"] == checkpoint.about(run / CHECKPOINT):
            return path
    return export(trainer, run, path.parent, path.stem)


def install(path: Path, models: Path, name: str, terms: str) -> Path:
    """Copy an exported model to where tools find it, MODELS/PLUGIN/MODEL.onnx, with its name and terms in its card."""
    target = models / f"{name}.onnx"
    target.parent.mkdir(parents=True, exist_ok=True)
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) | {"name": name, "terms": terms}
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / target.name
        copy.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        for suffix in (suffix for suffix in (".npz", ".onnx", WEIGHTS) if path.with_suffix(suffix).exists()):
            shutil.copyfile(path.with_suffix(suffix), copy.with_suffix(suffix))
        move(copy, target)
    return target


def move(path: Path, target: Path) -> None:
    """Put a model's files in the place of others; the card last, whose checksum tells whether it is the one."""
    if not path.with_suffix(WEIGHTS).exists():
        target.with_suffix(WEIGHTS).unlink(missing_ok=True)  # of the model that goes
    for suffix in (suffix for suffix in (".npz", ".onnx", WEIGHTS, ".json") if path.with_suffix(suffix).exists()):
        path.with_suffix(suffix).replace(target.with_suffix(suffix))


def export(trainer: Trainer, run: Path, folder: Path, name: str) -> Path:
    """Export the averaged weights of a run as folder/NAME.onnx with its card, golden values and training weights.

    Args:
        trainer: made with the run's settings.
        run: the folder that the loop wrote.
        folder: where the files go.
        name: their stem.

    Raises:
        TrainingError: no checkpoint, or ONNX Runtime does not agree with PyTorch.
    """
    if not (run / CHECKPOINT).exists():
        raise TrainingError(f"{run} holds no {CHECKPOINT}; give the folder that `imgen train --out` wrote")
    trainer.build()
    checkpoint.load_networks(run / CHECKPOINT, trainer.networks)  # a trainer may export others beside the averaged one
    network = trainer.networks[trainer.exported]
    checkpoint.load_average(run / CHECKPOINT, network)
    weights = checkpoint.halves(trainer.networks) if trainer.keeps_weights else {}  # an export may fold them
    spec = trainer.export(network)
    spec.network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:  # an earlier export stays until this one is complete
        path = Path(scratch) / f"{name}.onnx"
        check(spec, model := to_onnx(spec), TOLERANCE)
        spec, model, error = stored(spec, model)
        onnx.save(without_notes(model), path)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        write_golden(path, spec, session)
        measured = {"onnx_error": error, "halo": measure_halo(spec, session), "terms": "not stated"}
        card = {"name": trainer.name} | base_card(trainer, run, path, spec) | measured
        path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        if weights:
            save_file(weights, path.with_suffix(WEIGHTS), metadata={"sha256": str(card["sha256"])})
        move(path, folder / path.name)
    return folder / f"{name}.onnx"


@torch.no_grad()  # the exporter need not trace what a backward pass would be: a third of its time
def to_onnx(spec: Exported) -> onnx.ModelProto:
    """PyTorch's own exporter, with named free axes."""
    # the exporter refuses two inputs whose free axes share a name but not a symbol, hence AUTO
    dynamic = {name: dict.fromkeys(axes, torch.export.Dim.AUTO) for name, axes in spec.dynamic.items()}
    # a batch of two, because the exporter would take a size of one for fixed
    inputs = {k: torch.from_numpy(v) for k, v in example(spec, (64, 48), batch=2).items()}
    program = torch.onnx.export(
        spec.network,
        kwargs=inputs,
        output_names=spec.outputs,
        dynamic_shapes=dynamic,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    assert program is not None
    return program.model_proto


def example(spec: Exported, size: tuple[int, int], seed: int = 0, batch: int = 1) -> dict[str, NDArray[np.float32]]:
    """Lifelike inputs of about that size, rounded up to what the network takes."""
    height, width = (round_up(n, spec.multiple) for n in size)
    return spec.example(np.random.default_rng(seed), batch, height, width)


def check(spec: Exported, model: onnx.ModelProto, allowed: float) -> float:
    """Largest difference between the model in ONNX Runtime and the network in PyTorch, at several sizes.

    Raises:
        TrainingError: it is more than allowed.
    """
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    error = max(agreement(spec, session, size) for size in CHECK_SIZES)
    if error > allowed:
        raise TrainingError(f"ONNX Runtime differs from PyTorch by {error:.2g}, more than {allowed}")
    return error


def stored(spec: Exported, model: onnx.ModelProto) -> tuple[Exported, onnx.ModelProto, float]:
    """The model with its weights as small as the trainer asks, and the error of that.

    Eight bits can be too coarse for weights that have hardly learned; these are stored in 16.

    Raises:
        TrainingError: 16 bits are too coarse as well.
    """
    if spec.bits == 8:
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        try:
            return spec, copy, check(spec, STORED[8](copy), ROUNDING[8])
        except TrainingError as error:
            say(f"in eight bits {error}; its weights are stored in 16")
    return spec._replace(bits=16), model, check(spec, STORED[16](model), ROUNDING[16])


def agreement(spec: Exported, session: Any, size: tuple[int, int]) -> float:
    """Largest difference between ONNX Runtime and PyTorch on random inputs of one size.

    Outputs beyond 0..1, such as logits, are compared relative to their largest value.
    """
    inputs = example(spec, size)
    with torch.no_grad():
        result = spec.network(**{k: torch.from_numpy(v) for k, v in inputs.items()})
    expected: list[Tensor] = [result] if isinstance(result, Tensor) else list(result)
    got = session.run(None, inputs)
    return max(difference(e.numpy(), g) for e, g in zip(expected, got, strict=True))


def difference(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Largest difference, relative to the largest value of `a` if that is above 1."""
    return float(np.abs(a - b).max() / max(1.0, np.abs(a).max()))


def write_golden(path: Path, spec: Exported, session: Any) -> None:
    """Small inputs and what this machine made of them, for `imgen doctor` on another."""
    inputs = example(spec, (16, 24), seed=1)
    outputs = session.run(None, inputs)
    arrays: dict[str, Any] = {f"in_{k}": v for k, v in inputs.items()} | {f"out_{i}": v for i, v in enumerate(outputs)}
    np.savez_compressed(path.with_suffix(".npz"), allow_pickle=False, **arrays)


def measure_halo(spec: Exported, session: Any) -> int | None:
    """The smallest halo with which tiles agree with the whole; None for a network that must see everything.

    The receptive field's radius always suffices, but its rim hardly counts (Luo et al., arXiv 1701.04128).
    """
    if spec.reach is None:
        return None
    inputs = example(spec, (384, 384), seed=2)
    stacked = np.concatenate(list(inputs.values()), 1)[0].transpose(1, 2, 0)
    widths = np.cumsum([v.shape[1] for v in inputs.values()])[:-1]

    def run(tile: NDArray[np.float32]) -> NDArray[np.float32]:
        parts = np.split(tile, widths, axis=1)
        return session.run(None, dict(zip(inputs, map(np.ascontiguousarray, parts), strict=True)))[0]

    whole = tiled(run, stacked, halo=0, multiple=spec.multiple, tile=10_000)
    for halo in range(16, spec.reach, 16):
        parts = tiled(run, stacked, halo=halo, multiple=spec.multiple, tile=192)
        if np.abs(parts - whole).max() < HALO_ERROR:
            return halo
    return spec.reach


def base_card(trainer: Trainer, run: Path, path: Path, spec: Exported) -> dict[str, Any]:
    """What is known of the model before it is evaluated."""
    return {
        "task": trainer.task,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "parameters": sum(p.numel() for p in spec.network.parameters()),
        **({"bits": spec.bits} if spec.bits != 16 else {}),
        "multiple": spec.multiple,
        "reach": spec.reach,
        **({"measured": spec.measured} if spec.measured else {}),
        "training": checkpoint.about(run / CHECKPOINT),
        "exported": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit(),
        "torch": torch.__version__,
        "onnx": onnx.__version__,
    }


def commit() -> str:
    """The commit of the code that made the model, where git knows it."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
