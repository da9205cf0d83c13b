"""The network that tells the attributes of faces: what it sees is a loss, what it says a measurement."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from ...inference.registry import shipped
from ...training import checkpoint
from ...training.blocks import Block
from ...training.checkpoint import CHECKPOINT


class AttributeClassifier(nn.Module):
    """Tells the attributes of a face and gives it a vector that is alike for pictures of one person.

    Args:
        attributes: how many yes-or-no attributes there are.
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the size.
        residual: residual blocks instead of plain convolutions; what measures results shall not be built like the
            network whose features they were trained with.
    """

    EMBEDDING = 64

    def __init__(self, attributes: int, widths: tuple[int, int, int, int], residual: bool) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        inputs = 12
        for i, width in enumerate(widths):
            stages.append(Block(inputs, width, 1 + (i > 0)) if residual else plain(inputs, width, 1 + (i > 0)))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.attributes = nn.Linear(inputs * 16, attributes)
        self.embedding = nn.Linear(inputs * 16, self.EMBEDDING)

    def features(self, image: Tensor) -> list[Tensor]:
        """The feature maps of every stage of faces (B, 3, 64, 64) in 0..1."""
        x = F.pixel_unshuffle(image - 0.5, 2)
        found: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the attributes (B, attributes) and unit vectors (B, EMBEDDING) of faces (B, 3, 64, 64) in 0..1."""
        x = F.dropout(self.features(image)[-1].flatten(1), 0.3, self.training)  # (B, width * 16)
        return self.attributes(x), F.normalize(self.embedding(x).float(), dim=1)


def plain(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Two convolutions, each with batch norm and ReLU."""
    layers: list[nn.Module] = []
    for width, step in ((inputs, stride), (outputs, 1)):
        conv = nn.Conv2d(width, outputs, 3, step, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def feature_network() -> AttributeClassifier:
    """The shipped one that learned from faces 1 to 4,500, frozen: for losses."""
    path = shipped("core") / "features" / CHECKPOINT
    settings: dict[str, Any] = checkpoint.about(path)["settings"]
    network = AttributeClassifier(settings["attributes"], tuple(settings["widths"]), settings["residual"])
    checkpoint.load_average(path, network)
    return network.eval().requires_grad_(False)
