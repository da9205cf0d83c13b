"""Residual blocks that double the size of a picture: SNGAN's generator (Miyato et al., arXiv 1802.05957)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class Rise(nn.Module):
    """Batch norm, ReLU, twice the size, convolve; the same at that size; and the input beside it, enlarged.

    Args:
        inputs: channels of what comes in.
        outputs: channels of what goes out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, 2 H, 2 W)."""
        y = self.first(F.interpolate(F.relu(self.norm1(x)), scale_factor=2.0))
        y = self.second(F.relu(self.norm2(y)))
        return y + F.interpolate(self.shortcut(x), scale_factor=2.0)


def hes_start(module: nn.Module) -> None:
    """He's start for leaky ReLU (He et al., arXiv 1502.01852), no offsets: deep networks without norms need it."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, 0.2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
