"""Checkpoints in safetensors: every network, optimiser, average and random state; never pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from ..errors import TrainingError
from ..inference.registry import Model

CHECKPOINT = "last.safetensors"  # in a run's folder
WEIGHTS = ".safetensors"  # beside an exported model


def save(
    path: Path,
    networks: dict[str, nn.Module],
    optimizers: dict[str, Optimizer],
    average: nn.Module,
    about: dict[str, Any],
) -> None:
    """Write a checkpoint to a temporary file, then rename: a killed run never leaves half of one."""
    tensors: dict[str, Tensor] = {"random": torch.get_rng_state()}
    for name, network in {**networks, "average": average}.items():
        tensors |= {f"net/{name}/{k}": v for k, v in network.state_dict().items()}
    groups: dict[str, Any] = {}
    for name, optimizer in optimizers.items():
        state = optimizer.state_dict()
        groups[name] = state["param_groups"]
        for i, values in state["state"].items():
            tensors |= {f"opt/{name}/{i}/{k}": torch.as_tensor(v) for k, v in values.items()}
    # channels-last tensors are stored in their logical order
    tensors = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"about": json.dumps(about), "groups": json.dumps(groups)})
    part.replace(path)


def load(
    path: Path, networks: dict[str, nn.Module], optimizers: dict[str, Optimizer], average: nn.Module
) -> dict[str, Any]:
    """Restore everything that `save` wrote, in place; returns its `about`."""
    tensors, meta = read(path)
    for name, network in {**networks, "average": average}.items():
        network.load_state_dict(below(tensors, f"net/{name}/"))
    groups = json.loads(meta["groups"])
    for name, optimizer in optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in below(tensors, f"opt/{name}/").items():
            index, field = key.split("/", 1)
            state.setdefault(int(index), {})[field] = value
        optimizer.load_state_dict({"state": state, "param_groups": groups[name]})
    torch.set_rng_state(tensors["random"])
    return about(path)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a file and its metadata."""
    with safe_open(path, framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # it is no mapping  # noqa: SIM118


def about(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself: model name, settings, step, seconds trained, data."""
    with safe_open(path, framework="pt") as file:
        result: dict[str, Any] = json.loads(file.metadata()["about"])
    return result


def load_networks(path: Path, networks: dict[str, nn.Module]) -> None:
    """Only the networks' weights, for an export that takes more than the averaged one."""
    tensors, _ = read(path)
    for name, network in networks.items():
        network.load_state_dict(below(tensors, f"net/{name}/"))


def load_average(path: Path, network: nn.Module) -> None:
    """Only the averaged weights, for export and evaluation."""
    network.load_state_dict(below(read(path)[0], "net/average/"))


def below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The entries whose key starts with `prefix`, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def halves(networks: dict[str, nn.Module]) -> dict[str, Tensor]:
    """A copy of the weights as they are trained, nothing folded, by NETWORK/NAME; matrices and kernels as float16."""
    return {
        f"{name}/{key}": (value.half() if value.is_floating_point() and value.ndim > 1 else value.clone()).contiguous()
        for name, network in networks.items()
        for key, value in network.state_dict().items()
    }


def weights(model: Model) -> dict[str, Tensor]:
    """The weights that an export left beside its model for training, float32, by NETWORK/NAME.

    Raises:
        TrainingError: there are none, or they are another export's.
    """
    path = model.path.with_suffix(WEIGHTS)
    if not path.exists():
        raise TrainingError(f"{model.name} has no {path.name} beside it to train from; train and export it anew")
    tensors, meta = read(path)
    if meta["sha256"] != model.checksum:
        raise TrainingError(f"{path} belongs to another export than the model beside it; export it again")
    return {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}


def begin_with(model: Model, networks: dict[str, nn.Module]) -> dict[str, Any]:
    """Give networks the weights of an exported model, each that it holds by that name; returns how it was trained.

    Raises:
        TrainingError: see `weights`; or it holds none of them, or networks of other settings.
    """
    found = unfolded(model, networks) or weights(model)
    known = [name for name in networks if below(found, f"{name}/")]
    if not known:
        raise TrainingError(f"{model.name} holds none of the networks {', '.join(networks)}")
    for name in known:
        try:
            networks[name].load_state_dict(below(found, f"{name}/"))
        except RuntimeError as error:
            message = f"{model.name} has another {name}; take its settings, {json.dumps(model.settings)}"
            raise TrainingError(message) from error
    return model.card["training"]


def unfolded(model: Model, networks: dict[str, nn.Module]) -> dict[str, Tensor]:
    """The weights inside an ONNX that nothing is beside, by NETWORK/NAME, of networks that it holds whole.

    Where an export folds layers into one another (batch norms into convolutions), names are missing, and none is given.
    """
    if model.path.with_suffix(WEIGHTS).exists():
        return {}
    stored, found = from_onnx(model.path), dict[str, Tensor]()
    tops = sorted({key.partition(".")[0] + "." for key in stored})
    for top in ("", *tops):  # what is exported is the network itself, or calls it as it likes
        inside = below(stored, top)
        for name, network in networks.items():
            if (wanted := network.state_dict().keys()) <= inside.keys():
                found |= {f"{name}/{key}": inside[key] for key in wanted}
    return found


def from_onnx(path: Path) -> dict[str, Tensor]:
    """The weights inside an exported model, to compare PyTorch with ONNX Runtime or to use parts of it."""
    import onnx
    from onnx import numpy_helper

    weights = onnx.load(path).graph.initializer
    found = {w.name.removesuffix("_half"): torch.from_numpy(numpy_helper.to_array(w).copy()).float() for w in weights}
    for name in [name for name in found if name.endswith("_int8")]:
        stem = name.removesuffix("_int8")
        found[stem] = found.pop(name) * found.pop(stem + "_scale")
    return {name: value for name, value in found.items() if "." in name}


def as_bytes(checksum: str) -> Tensor:
    """A SHA-256 in hexadecimal as (32,) bytes, which a network can hold as a buffer."""
    return torch.tensor(list(bytes.fromhex(checksum)), dtype=torch.uint8)


def as_checksum(values: Tensor) -> str:
    """The way back."""
    return bytes(values.tolist()).hex()
