"""The networks of CycleGAN: residual generators whose statistics can be frozen, two of them as one model, and pools.

References: CycleGAN (Zhu et al., arXiv 1703.10593), whose generator is that of Johnson et al. (arXiv 1603.08155);
instance norm (Ulyanov et al., arXiv 1607.08022); resize and convolve instead of transposed convolutions (Odena et al.,
Distill 2016); a pool of earlier pictures for the critic (Shrivastava et al., arXiv 1612.07828).
"""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from ..training.kuwahara import flattened

SPELLED = 200  # bytes for the domains' names
MULTIPLE = 8  # of heights and widths: two halvings, and enough left for a reflected border


class Moments:
    """Means and spreads of all instance norms of one run, in order: each picture's own, or those of another picture.

    A tile of a large picture has other statistics than the whole. With those of the whole, tiles fit together.

    Args:
        given: (B, N) means and spreads of a whole picture; None for each picture's own.
        frozen: (B, 1) between 0, own, and 1, given.
    """

    def __init__(self, given: Tensor | None = None, frozen: Tensor | None = None) -> None:
        self.given, self.frozen, self.found, self.place = given, frozen, list[Tensor](), 0

    def of(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation (B, C, 1, 1) to normalise `x` (B, C, H, W) by."""
        mean, square = exported_means(x) if torch.compiler.is_exporting() else means(x)
        variance = (square - mean.square()).clamp_min(0)
        both = torch.cat([mean, (variance + 1e-5).sqrt()], 1)  # (B, 2 C)
        self.found.append(both)
        if self.given is not None and self.frozen is not None:
            both = torch.lerp(both, self.given[:, self.place : self.place + both.shape[1]], self.frozen)
        self.place += both.shape[1]
        mean, spread = both[..., None, None].chunk(2, 1)
        return mean, spread


def means(x: Tensor) -> tuple[Tensor, Tensor]:
    """Means (B, C) of (B, C, H, W) and of its squares."""
    pixels = x.permute(0, 2, 3, 1).flatten(1, 2)  # (B, H W, C), as channels-last memory has them: much faster
    return pixels.mean(1), pixels.square().mean(1)


def exported_means(x: Tensor) -> tuple[Tensor, Tensor]:
    """The same by what ONNX Runtime is quick at: it keeps channels apart, and has the norm as one operator."""
    return x.mean((2, 3)), torch.linalg.vector_norm(x, dim=(2, 3)).square() / (x.shape[2] * x.shape[3])


class Unit(nn.Module):
    """Convolution over a reflected border, instance norm, ReLU; at half or at double the size."""

    def __init__(self, inputs: int, outputs: int, side: int = 3, *, stride: int = 1, scale: int = 1) -> None:
        super().__init__()
        self.pad, self.scale = side // 2, scale
        self.conv = nn.Conv2d(inputs, outputs, side, stride, bias=False)
        self.gain = nn.Parameter(torch.ones(outputs, 1, 1))
        self.offset = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor, moments: Moments, rectify: bool = True, hand: Tensor | None = None) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride * scale, W / stride * scale).

        `hand` (B, 2 outputs) is added to gains and offsets (conditional instance norm, Dumoulin et al., arXiv
        1610.07629).
        """
        if self.scale > 1:
            x = F.interpolate(x, scale_factor=float(self.scale))
        y = self.conv(F.pad(x, [self.pad] * 4, mode="reflect"))
        mean, spread = moments.of(y.float())
        gain, offset = self.gain, self.offset
        if hand is not None:
            more, higher = hand[..., None, None].chunk(2, 1)
            gain, offset = gain + more, offset + higher
        scale = gain / spread
        y = torch.addcmul((offset - mean * scale).to(y.dtype), y, scale.to(y.dtype))
        return F.relu(y) if rectify else y


class Generator(nn.Module):
    """Adds to a picture what makes it one of the other domain: 7x7, two halvings, residual blocks, two doublings, 7x7.

    Args:
        width: channels at full size; 2 and 4 times as many at 1/2 and 1/4.
        blocks: residual blocks at 1/4.
        flat: add to what a Kuwahara filter leaves of the picture instead. Painters leave out detail, and a network that
            has to take it away by adding learns that last of all.
    """

    flat: Tensor  # 1 or 0, a buffer, so that `Either` exchanges it with the weights

    def __init__(self, width: int, blocks: int, flat: bool = False) -> None:
        super().__init__()
        w = width
        self.register_buffer("flat", torch.tensor(float(flat)))
        self.encode = nn.ModuleList([Unit(3, w, 7), Unit(w, 2 * w, stride=2), Unit(2 * w, 4 * w, stride=2)])
        self.first = nn.ModuleList(Unit(4 * w, 4 * w) for _ in range(blocks))
        self.second = nn.ModuleList(Unit(4 * w, 4 * w) for _ in range(blocks))
        self.decode = nn.ModuleList([Unit(4 * w, 2 * w, scale=2), Unit(2 * w, w, scale=2)])
        self.head = nn.Conv2d(w, 3, 7)
        # what is added starts small, so that the first translations are nearly the picture itself
        with torch.no_grad():
            self.head.weight *= 0.05

    def statistics(self) -> int:
        """How many means and spreads it has."""
        return sum(2 * len(unit.gain) for unit in self.modules() if isinstance(unit, Unit))

    def forward(self, image: Tensor, moments: Moments | None = None) -> Tensor:
        """(B, 3, H, W) in 0..1 to the other domain, not clipped; H and W are multiples of 8."""
        moments = moments or Moments()
        x = image * 2 - 1
        for unit in self.encode:
            x = unit(x, moments)  # at last (B, 4 w, H/4, W/4)
        for first, second in zip(self.first, self.second, strict=True):
            x = x + second(first(x, moments), moments, rectify=False)
        for unit in self.decode:
            x = unit(x, moments)  # at last (B, w, H, W)
        base = torch.lerp(image.float(), flattened(image), self.flat)
        return base + self.head(F.pad(x, [3] * 4, mode="reflect")).float()


def reach(blocks: int) -> int:
    """Radius in pixels that a pixel of a `Generator`'s result depends on, statistics apart."""
    # the 7x7s 3 each; halvings 1 and 2; each block's two 3x3s at 1/4; doublings: 3x3s at 1/2 and 1, and the rounding
    return 3 + 1 + 2 + 8 * blocks + 4 + 2 + 1 + 3


class Generators(nn.Module):
    """Both directions: `there` from domain A to B, `back` from B to A; and the domains' names."""

    names: Tensor  # bytes of a JSON text, filled with blanks, and how light they are: so they travel with the weights

    def __init__(self, width: int, blocks: int, flat: bool = False) -> None:
        super().__init__()
        self.there, self.back = Generator(width, blocks, flat), Generator(width, blocks)
        self.register_buffer("names", torch.full((SPELLED,), ord(" "), dtype=torch.uint8))

    def call(self, a: str, b: str, levels: tuple[float, float]) -> None:
        """Take down what the domains are called, and how light their pictures are."""
        text = json.dumps([a, b, *levels]).encode().ljust(SPELLED)
        self.names.copy_(torch.tensor(list(text), dtype=torch.uint8))

    def told(self) -> list[Any]:
        """What was taken down; nothing before the first step."""
        return json.loads(bytes(self.names.tolist()).strip() or b"[]")

    def called(self) -> list[str]:
        """The names of A and B."""
        return self.told()[:2]

    def levels(self) -> list[float]:
        """Mean luma of the pictures of A and B; nothing in runs of earlier versions."""
        return self.told()[2:]


class Either(nn.Module):
    """Both directions as one graph: an input chooses the weights, so that only one direction is computed."""

    def __init__(self, generators: Any) -> None:
        super().__init__()
        self.there, self.back = generators.there, generators.back

    def forward(self, image: Tensor, statistics: Tensor, frozen: Tensor, back: Tensor) -> tuple[Tensor, Tensor]:
        """The translated picture in 0..1 and its statistics.

        Args:
            image: (B, 3, H, W) in 0..1.
            statistics: (B, N), what another run returned.
            frozen: (B, 1), 1 to use these, 0 to use the picture's own.
            back: (1,), 0 from A to B, 1 from B to A.
        """
        moments = Moments(statistics, frozen)
        others = self.back.state_dict(keep_vars=True)
        weights = {
            name: torch.where(back[0] > 0.5, others[name], w)
            for name, w in self.there.state_dict(keep_vars=True).items()
        }
        made = functional_call(self.there, weights, (image, moments))
        return made.clamp(0, 1), torch.cat(moments.found, 1)


class Pool(nn.Module):
    """The last pictures that a generator made, from which the critic is shown half (Shrivastava et al.).

    A module, so that checkpoints hold it and a run that was stopped goes on exactly.
    """

    pictures: Tensor
    filled: Tensor

    def __init__(self, size: int, side: int) -> None:
        super().__init__()
        self.register_buffer("pictures", torch.zeros(size, 3, side, side))
        self.register_buffer("filled", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def exchange(self, made: Tensor, chance: torch.Generator) -> Tensor:
        """New pictures (B, 3, S, S) in, as many out: by a chance of one half earlier ones, replaced by it."""
        shown = made.detach().clone()
        for i in range(len(shown)):
            if int(self.filled) < len(self.pictures):
                self.pictures[int(self.filled)] = shown[i]
                self.filled += 1
            elif torch.rand((), generator=chance) < 0.5:
                place = int(torch.randint(len(self.pictures), (), generator=chance))
                earlier = self.pictures[place].clone()
                self.pictures[place] = shown[i]
                shown[i] = earlier
        return shown
