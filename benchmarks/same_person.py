"""Whether edit_face leaves a person the same, to a network that was taught with many photos of each of many people.

python benchmarks/same_person.py faces/fairface_128 --weights DIR

The network is dlib's (dlib_face_recognition_resnet_model_v1, Davis King, CC0; 3 million photos of 7,485 people). DIR
holds it in eight bits, as version 1.7.15 of the package @vladmandic/face-api (MIT) of npm has it in model/: `npm pack
@vladmandic/face-api`, unpack it, give package/model. imgen neither ships nor fetches it, and no model learns from it.

First it prints what distances mean here: of views of one photo, of photos of two people, and of two people of one
origin, gender and age group. An edit leaves a person the same if photo and edit are nearer to each other than all but
1 % of the pairs of two people; that level stands first, then the stricter one of two people of one group, then dlib's
own 0.6. Beside them is what `imgen.faces.training.referee.persons` says, a network of imgen's that learned from views
of single photos.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from imgen_plugins.vae.evaluation.closeup_edits import AMOUNT, changed
from imgen_plugins.vae.training.closeup_directions import SLIDERS
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

import imgen
from imgen.contract.arrays import Array
from imgen.faces.crop import SIZE, Crop, align
from imgen.faces.training.referee import FALSE, UPRIGHT, Tested, groups, persons, tested, wanting
from imgen.faces.training.views import view

MANIFEST = "face_recognition_model-weights_manifest.json"
SIDE = 150  # of the pictures that the network looks at
CHIP = Crop(((47.7 * SIZE / SIDE, 47.1 * SIZE / SIDE), (100.3 * SIZE / SIDE, 47.1 * SIZE / SIDE)), 0.0)  # dlib's crop
MEAN = 122.782, 117.001, 104.298  # of 0..255
DLIB = 0.6  # the distance below which dlib takes two photos for one person's
BATCH = 50
BLOCKS: tuple[tuple[str, int, int, bool], ...] = (  # name, channels before and after, and whether it halves the size
    *((f"conv32_{i}", 32, 32, False) for i in (1, 2, 3)),
    *(("conv64_down", 32, 64, True), ("conv64_1", 64, 64, False), ("conv64_2", 64, 64, False)),
    *(("conv64_3", 64, 64, False), ("conv128_down", 64, 128, True), ("conv128_1", 128, 128, False)),
    *(("conv128_2", 128, 128, False), ("conv256_down", 128, 256, True), ("conv256_1", 256, 256, False)),
    *(("conv256_2", 256, 256, False), ("conv256_down_out", 256, 256, True)),
)


class Scaled(nn.Module):
    """A convolution, then a factor and a summand for each channel."""

    def __init__(self, inputs: int, outputs: int, kernel: int, halved: bool) -> None:
        super().__init__()
        stride, padding = (2, 0) if halved else (1, kernel // 2)
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
        self.factor, self.summand = nn.Parameter(torch.ones(outputs)), nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, h, w)."""
        return self.conv(x) * self.factor[:, None, None] + self.summand[:, None, None]


class Block(nn.Module):
    """Two convolutions and a shortcut, which is averaged and gets channels of 0 where the block halves the size."""

    def __init__(self, inputs: int, outputs: int, halved: bool) -> None:
        super().__init__()
        self.conv1, self.conv2 = Scaled(inputs, outputs, 3, halved), Scaled(outputs, outputs, 3, False)
        self.halved, self.more = halved, outputs - inputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, h, w)."""
        y = self.conv2(self.conv1(x).relu())
        if self.halved:
            x = F.pad(F.avg_pool2d(x, 2), (0, 0, 0, 0, 0, self.more))
            y = F.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
        return (x + y).relu()


class Recogniser(nn.Module):
    """dlib's residual network of 29 layers: faces to vectors, near each other for one person.

    Args:
        folder: with the weights.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.conv32_down = Scaled(3, 32, 7, True)
        self.blocks = nn.ModuleDict({name: Block(a, b, halved) for name, a, b, halved in BLOCKS})
        self.fc = nn.Linear(256, 128, bias=False)
        self.load_state_dict(dict(published(folder)))
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        """Vectors (B, 128) of faces (B, 3, 150, 150) in 0..1."""
        x = (image * 255 - torch.tensor(MEAN)[:, None, None]) / 256
        x = F.max_pool2d(self.conv32_down(x).relu(), 3, 2)
        for block in self.blocks.values():
            x = block(x)
        return self.fc(x.mean((2, 3)))


def published(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """The weights, by their names in `Recogniser`; bytes times a scale, and a least value."""
    (part,) = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    data, start = b"".join((folder / path).read_bytes() for path in part["paths"]), 0
    for entry in part["weights"]:
        shape, packed = entry["shape"], entry.get("quantization")
        kind = np.dtype(np.uint8 if packed else "<f4")
        values = np.frombuffer(data, kind, int(np.prod(shape)), start).reshape(shape).astype(np.float32)
        start += values.size * kind.itemsize
        if packed:
            values = values * np.float32(packed["scale"]) + np.float32(packed["min"])
        values = values.transpose(3, 2, 0, 1) if len(shape) == 4 else values.T
        yield own_name(entry["name"]), torch.from_numpy(np.ascontiguousarray(values))


def own_name(name: str) -> str:
    """What `Recogniser` calls the weights that the package names so."""
    for theirs, ours in ("scale/weights", "factor"), ("scale/biases", "summand"), ("filters", "weight"), ("/", "."):
        name = name.replace(theirs, ours)
    if name == "fc":
        return "fc.weight"
    return name if name.startswith("conv32_down") else f"blocks.{name}"


def vectors(network: nn.Module, images: NDArray[np.uint8]) -> Array:
    """Of the persons (N, 128) in close crops (N, 128, 128, 3)."""
    found: list[Tensor] = []
    for i in range(0, len(images), BATCH):
        crops = images[i : i + BATCH].astype(np.float32) / np.float32(255)
        chips = np.stack([align(crop, UPRIGHT, SIDE, CHIP) for crop in crops])
        with torch.inference_mode():
            found.append(network(torch.from_numpy(chips.transpose(0, 3, 1, 2).copy())))
    return torch.cat(found).numpy()


class Levels(NamedTuple):
    """Distances below which two photos count as one person's.

    Attributes:
        anyone: nearer than that are 1 % of the pairs of two people.
        alike: the same of two people of one origin, gender and age group.
        published: dlib's own.
    """

    anyone: float
    alike: float
    published: float = DLIB


def main() -> None:
    """Print what distances mean, then a line for each slider."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder fairface_128")
    parser.add_argument("--weights", type=Path, required=True, help="the folder with the network, see above")
    chosen = parser.parse_args()
    imgen.tools()
    network, test = Recogniser(chosen.weights), tested([chosen.data])
    before = vectors(network, test.images)
    levels = meant(network, test, before)
    for name, mark in SLIDERS.items():
        column = test.referee.kinds.index(mark)
        both: list[Array] = []
        for sign in (1, -1):
            faces = wanting(test.before, test.referee.kinds, name, column, sign)
            edited = changed(test.images[faces], name, sign * AMOUNT)
            away = distance(vectors(network, edited), before[faces])
            cosine = (persons(edited)[0] * test.vectors[faces]).sum(1)
            both.append(np.stack([away, cosine]))
            say(f"{name} {sign * AMOUNT:+g}", both[-1], levels, test.level)
        say(f"{name}, both", np.concatenate(both, 1), levels, test.level)


def meant(network: nn.Module, test: Tested, before: Array) -> Levels:
    """Print distances of photos' views, and of two people, and give the levels that follow."""
    photos = torch.from_numpy(test.images).permute(0, 3, 1, 2).float() / 255
    views = {
        "mirrored": photos.flip(3),
        "darker by 30 %": photos * 0.7,
        "at half the size": F.interpolate(F.avg_pool2d(photos, 2), scale_factor=2.0, mode="bilinear"),
        "turned, moved, lit": view(photos, torch.Generator().manual_seed(0)),
    }
    for name, seen in views.items():
        crops = (seen.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        spread(f"a photo and itself {name}", distance(vectors(network, crops), before))
    first, second = np.triu_indices(len(before), 1)
    away = distance(before[first], before[second])
    kinds = np.array([groups(*test.who[name]) for name in test.names])
    alike = away[(kinds[first] == kinds[second]).all(1)]
    spread(f"{len(away)} pairs of two people", away)
    spread(f"{len(alike)} of them of one origin, gender and age group", alike)
    return Levels(float(np.quantile(away, FALSE)), float(np.quantile(alike, FALSE)))


def distance(one: Array, other: Array) -> Array:
    """Of vectors (N, D), (N,)."""
    return np.linalg.norm(one - other, axis=1)


def spread(name: str, away: Array) -> None:
    """Print where distances lie."""
    low, middle, high = np.quantile(away, [0.01, 0.5, 0.99])
    print(f"{name}: median {middle:.3f}, 1 % below {low:.3f}, 1 % above {high:.3f}", flush=True)


def say(name: str, figures: Array, levels: Levels, level: float) -> None:
    """Print in how many edits the person stays the same.

    Args:
        name: of the line.
        figures: (2, N), distances of photos and edits to the recogniser, and cosines to imgen's own network.
        levels: of the distances.
        level: of the cosines.
    """
    away, cosine = figures
    shares = ", ".join(f"{100 * (away < bound).mean():.1f} % below {bound:.3f}" for bound in levels)
    own = 100 * (cosine > level).mean()
    print(f"{name}: {shares} of {len(away)}, median {np.median(away):.3f}; imgen's own {own:.1f} %", flush=True)


if __name__ == "__main__":
    main()
