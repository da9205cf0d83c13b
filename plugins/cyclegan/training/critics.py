"""Who tells pictures of a domain from translated ones: critics of pixels, of coarser ones, and of what Lite0 sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.adversarial import LOSSES
from imgen.training.blocks import FeatureCritic, PatchDiscriminator

from ..networks.sight import Sight

Kind = Literal["pixels", "half", "fine", "deep"]
LOSS = LOSSES["least-squares"]
INSIDE = {0: 32, 2: 144, 4: 240, 8: 480}  # channels inside these blocks of Lite0
THING = 4  # the block that tells what is shown: at 1/8 of the size


class Depths(NamedTuple):
    """Blocks of Lite0 that a critic looks through, and the strides of its parts: all score at a quarter of the size."""

    blocks: tuple[int, ...]
    strides: tuple[int, ...]


DEPTHS: dict[str, Depths] = {"fine": Depths((0, 2, 4), (2, 1, 1)), "deep": Depths((2, 4, 8), (1, 1, 1))}


class Views:
    """What critics of these kinds are shown of pictures, and what tells the thing that they show.

    Args:
        kinds: of critics.
        thing: whether `Views.thing` will be asked for.
    """

    def __init__(self, kinds: Sequence[Kind], thing: bool = False) -> None:
        deep = [DEPTHS[kind].blocks for kind in kinds if kind in DEPTHS]
        self.kinds, blocks = tuple(kinds), sorted(set().union(*deep))
        self.sight = Sight(blocks) if blocks else None
        self.one = Sight([THING]) if thing else None

    def __call__(self, pictures: Tensor) -> dict[str, list[Tensor]]:
        """For each kind what it is shown of pictures (B, 3, H, W) in 0..1."""
        seen: dict[int, Tensor] = {}
        if self.sight:
            self.sight = self.sight.to(pictures.device)
            seen = dict(zip(self.sight.places, self.sight(pictures), strict=True))
        shown: dict[str, list[Tensor]] = {}
        for kind in self.kinds:
            if kind in DEPTHS:
                shown[kind] = [seen[block] for block in DEPTHS[kind].blocks]
            else:
                shown[kind] = [F.avg_pool2d(pictures, 2) if kind == "half" else pictures]
        return shown

    def thing(self, pictures: Tensor) -> Tensor:
        """What is shown (B, C, H / 8, W / 8) in pictures (B, 3, H, W) in 0..1."""
        assert self.one is not None
        self.one = self.one.to(pictures.device)
        return self.one(pictures)[0]


class Jury(nn.Module):
    """The critics of one domain, each of whom is shown pictures in another way; all weigh the same."""

    def __init__(self, kinds: Sequence[Kind], width: int) -> None:
        super().__init__()
        self.kinds, self.members = tuple(kinds), nn.ModuleList(critic(kind, width) for kind in kinds)

    def forward(self, views: dict[str, list[Tensor]]) -> list[Tensor]:
        """The scores (B, ...) of each, higher for real."""
        return [member(*views[kind]).float() for kind, member in zip(self.kinds, self.members, strict=True)]


def critic(kind: Kind, width: int) -> nn.Module:
    """One of a kind; see `Views` for what it is to be shown."""
    if kind in DEPTHS:
        blocks, strides = DEPTHS[kind]
        return FeatureCritic([INSIDE[block] for block in blocks], strides, width)
    return PatchDiscriminator(3, width)


def told_apart(real: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
    """What critics minimise: the mean over them of the least squares of their scores of real and of made pictures."""
    return sum((LOSS.critic(*pair) for pair in zip(real, made, strict=True)), real[0].new_zeros(())) / len(real)


def believed(made: Sequence[Tensor]) -> Tensor:
    """What generators minimise: the mean over critics of how little they take made pictures for real."""
    return sum((LOSS.generator(scores) for scores in made), made[0].new_zeros(())) / len(made)


def overall(scores: Sequence[Tensor]) -> Tensor:
    """One score (B, 1) of each picture: the mean of all critics' scores (B, ...)."""
    return sum((one.detach().flatten(1).mean(1, keepdim=True) for one in scores), scores[0].new_zeros(())) / len(scores)
