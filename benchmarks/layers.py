"""A table of a shipped network's stages: their size, channels, weights and multiplications, for the README.

python benchmarks/layers.py autoencoder/denoise [autoencoder/inpaint ...]

The network is built from the settings in its card and run once, on 256x256 pixels; convolutions and linear layers
count.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import imgen
import numpy as np
import torch
from imgen.engine.plugins import installed
from torch import Tensor, nn

SIDE = 256


def stages(network: nn.Module, inputs: dict[str, Tensor]) -> list[tuple[str, str, int, float]]:
    """(name, output, weights, multiplications a pixel of the input) of each of the network's parts, in their order."""
    found: dict[str, list[float]] = {name: [0.0] for name, _ in network.named_children()}
    shapes: dict[str, str] = {}

    def counter(stage: str, layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> Callable[..., None]:
        def count(_: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
            places = (given[0] if isinstance(layer, nn.ConvTranspose2d) else made).shape[2:].numel()
            found[stage][0] += layer.weight.numel() * places / SIDE**2
            shapes[stage] = f"{made.shape[1]} at 1/{SIDE // made.shape[-1]}" if made.ndim == 4 else str(made.shape[1])

        return count

    for stage, part in network.named_children():
        for layer in part.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                layer.register_forward_hook(counter(stage, layer))
    with torch.no_grad():
        network.eval()(**inputs)
    sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in network.named_children()}
    return [(name, shapes.get(name, ""), sizes[name], found[name][0]) for name in shapes]


def table(name: str) -> str:
    """The table of one model."""
    kind = installed().trainer(name)
    trainer = kind(kind.Settings.model_validate(imgen.model(name).settings))
    trainer.build()
    network = trainer.networks[trainer.exported]
    example = trainer.export(network).example(np.random.default_rng(0), 1, SIDE, SIDE)
    rows = stages(network, {key: torch.from_numpy(value) for key, value in example.items()})
    lines = [f"| `{name}` | channels at size | weights | multiplications a pixel |", "|---|---|---|---|"]
    lines += [f"| {part} | {shape} | {weights:,} | {cost:,.0f} |" for part, shape, weights, cost in rows]
    total, cost = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return "\n".join([*lines, f"| together | | {total:,} | {cost:,.0f} |"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    print("\n\n".join(table(name) for name in parser.parse_args().models))
