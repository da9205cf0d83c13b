"""Training of the CycleGAN plugin: from one domain to another and back, without pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.adversarial import LOSSES, frozen
from imgen.training.augment import square
from imgen.training.blocks import FeatureCritic, PatchDiscriminator
from imgen.training.data import Pictures
from imgen.training.diagnostics import Watch
from imgen.training.diffaugment import Change, augment
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update

from ..networks.generator import MULTIPLE, Either, Generators, Pool, reach
from ..networks.sight import Sight
from .domains import names, pictures

BITS = 8  # of a stored weight; see `style`
LOSS = LOSSES["least-squares"]
SEEN = (0, 2, 4)  # blocks of Lite0 that critics of texture look through: at 1/2, 1/4 and 1/8 of the size
WIDTHS, STRIDES = (32, 144, 240), (2, 1, 1)  # of these, and of their critics: all score at about a quarter of the size
TYPICAL = 100  # pictures of a domain by which it is known how light it is
LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


class PairSettings(Settings):
    """How a pair of domains is learned."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    change: Literal["light", "texture"] = Field(
        "light", description="What tells the domains apart: light, carried to full size; or texture, drawn there"
    )
    size: int = Field(64, ge=32, le=256, multiple_of=MULTIPLE, description="Side in pixels at which it learns")
    least: float = Field(0.7, gt=0, le=1, description="Smallest part of a picture's shorter side that is shown")
    batch: int = Field(2, ge=1, description="Pictures of each domain in a step")
    width: int = Field(16, ge=4, description="Channels of the generators at full size")
    blocks: int = Field(4, ge=1, description="Residual blocks of the generators")
    critic_width: int = Field(32, ge=4, description="Channels of the critics after their first layer")
    cycle: float = Field(4.0, ge=0, description="Weight of the way there and back")
    identity: float = Field(1.0, ge=0, description="Weight of leaving alone what is in the domain already")
    flat: bool = Field(False, description="Leave out detail on the way to B, as a painter with a broad brush does")
    pool: int = Field(50, ge=1, description="Earlier pictures that the critics are shown again")
    augment: tuple[Change, ...] = Field(("move",), description="Changes that the critics see through")
    rate: float = Field(4e-4, gt=0, description="Learning rate of the generators at its peak")
    critic_rate: float = Field(4e-4, gt=0, description="Learning rate of the critics at its peak")
    momentum: float = Field(0.5, ge=0, lt=1, description="Adam's first beta")


class Critics(nn.Module):
    """For each domain, who tells its pictures from translated ones, patch by patch."""

    def __init__(self, width: int, texture: bool) -> None:
        super().__init__()
        self.a, self.b = (
            FeatureCritic(WIDTHS, STRIDES, width) if texture else PatchDiscriminator(3, width) for _ in "AB"
        )


class Pools(nn.Module):
    """For each critic, earlier pictures."""

    def __init__(self, size: int, side: int) -> None:
        super().__init__()
        self.a, self.b = Pool(size, side), Pool(size, side)


class Pair(Trainer):
    """cyclegan/NAME: two domains, DIR/trainA and DIR/trainB (CycleGAN, Zhu et al., arXiv 1703.10593).

    G: A to B and F: B to A minimise, besides what their critics D say of their pictures (least squares),
    cycle (|F(G(a)) - a| + |G(F(b)) - b|) + identity (|G(b) - b| + |F(a) - a|), absolute errors on average.
    """

    name = "cyclegan/*"
    task = "pictures of one domain as if they were of another, and back"
    layout = "DIR...: DIR/trainA/ and DIR/trainB/ with pictures of both domains, DIR named A2B or with a domains.json"
    terms = "those of the pictures; with change=texture also those of the published network that it looks through"
    Settings: ClassVar[type[Settings]] = PairSettings
    settings: PairSettings
    exported = "generators"

    def load(self, folders: Sequence[Path]) -> None:
        """Both domains' pictures and their names."""
        self.names = names(folders[0])
        self.a, self.b = pictures(folders, "train")
        self.features = Sight(SEEN) if self.settings.change == "texture" else None

    def build(self) -> None:
        """Two generators, two critics, two pools; each kind with one Adam."""
        s = self.settings
        generators, critics = Generators(s.width, s.blocks, s.flat), Critics(s.critic_width, s.change == "texture")
        self.networks = {"generators": generators, "critics": critics, "pools": Pools(s.pool, s.size)}
        self.optimizers = {
            "generators": torch.optim.Adam(generators.parameters(), s.rate, betas=(s.momentum, 0.999)),
            "critics": torch.optim.Adam(critics.parameters(), s.critic_rate, betas=(s.momentum, 0.999)),
        }
        self.watch = Watch(LOSS)

    def draw(self, domain: Pictures, rng: np.random.Generator) -> Tensor:
        """Random squares (B, 3, S, S) of random pictures, flipped or not."""
        s = self.settings
        chosen = rng.integers(len(domain), size=s.batch)
        return as_tensor(np.stack([square(domain[int(i)], rng, s.size, s.least) for i in chosen]))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Translate both ways; update the critics, then the generators."""
        generators = self.networks["generators"]
        assert isinstance(generators, Generators)
        if dice.step == 0:
            generators.call(*self.names, levels=(typical(self.a), typical(self.b)))
        a, b = (hardware.place(self.draw(domain, dice.numpy)) for domain in (self.a, self.b))
        with hardware.autocast():
            fake_b, same_b = self.both(generators.there, a, b)
            fake_a, same_a = self.both(generators.back, b, a)
        judged, scores = self.update_critics(hardware, dice, (a, b), (fake_a, fake_b))
        with hardware.autocast():
            again_a, again_b = generators.back(fake_b), generators.there(fake_a)
        cycle = F.l1_loss(again_a, a) + F.l1_loss(again_b, b)
        identity = F.l1_loss(same_a, a) + F.l1_loss(same_b, b)
        kept = self.settings.cycle * cycle + self.settings.identity * identity
        fooled, gradient = self.update_generators(hardware, dice, (fake_a, fake_b), kept)
        seen = self.watch.look((torch.cat([a, b]), torch.cat([fake_a, fake_b])), scores, gradient)
        return {"critic": judged, "generator": fooled, "cycle": cycle / 2, "identity": identity / 2} | seen

    def both(self, generator: nn.Module, given: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """What it makes of what it is given, and of the target's own pictures; these themselves where nobody asks."""
        if not self.settings.identity:
            return generator(given), target
        made, same = generator(torch.cat([given, target])).chunk(2)
        return made, same

    def update_critics(
        self, hardware: Hardware, dice: Dice, real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Make them tell pictures of A and B from translated ones; returns their loss and scores of both."""
        critics, pools = self.networks["critics"], self.networks["pools"]
        loss, found = torch.zeros((), device=real[0].device), ([], [])
        for critic, pool, true, made in zip(critics.children(), pools.children(), real, fake, strict=True):
            assert isinstance(pool, Pool)
            with hardware.autocast():
                both = self.shown(true, dice), self.shown(pool.exchange(made, dice.torch), dice)
                scores = [critic(*part).float() for part in both]
            loss = loss + LOSS.critic(scores[0], scores[1])
            [kept.append(score.detach()) for kept, score in zip(found, scores, strict=True)]
        update(hardware, critics, self.optimizers["critics"], loss)
        return loss / 2, (torch.cat(found[0]), torch.cat(found[1]))

    def update_generators(
        self, hardware: Hardware, dice: Dice, fake: tuple[Tensor, Tensor], kept: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Make them fool the critics and keep what is to be kept; returns the first loss, and the gradient's norm."""
        critics, fooled = self.networks["critics"], torch.zeros((), device=kept.device)
        with frozen(critics):
            for critic, made in zip(critics.children(), fake, strict=True):
                with hardware.autocast():
                    scores = critic(*self.shown(made, dice))
                fooled = fooled + LOSS.generator(scores.float())
            gradient = update(hardware, self.networks["generators"], self.optimizers["generators"], fooled + kept)
        return fooled / 2, gradient

    def shown(self, seen: Tensor, dice: Dice) -> list[Tensor]:
        """Pictures as the critics see them: augmented, and where texture counts through Lite0's features."""
        seen = augment(seen, self.settings.augment, dice.torch)
        return self.features.to(seen.device)(seen) if self.features else [seen]

    def warnings(self) -> dict[str, str]:
        """Collapse, and gradients that vanish."""
        return self.watch.warnings()

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: A, A as B, and back again; B, B as A, and back again."""
        assert isinstance(network, Generators)
        device = next(network.parameters()).device
        a, b = (torch.cat([self.draw(d, dice.numpy) for _ in range(8)])[:8].to(device) for d in (self.a, self.b))
        fake_b, fake_a = network.there(a), network.back(b)
        made = rows(a, fake_b, network.back(fake_b), b, fake_a, network.there(fake_a))
        return made.cpu().float()

    def export(self, network: nn.Module) -> Exported:
        """See `Either`."""
        assert isinstance(network, Generators)
        sizes, free = {0: "batch", 2: "height", 3: "width"}, {0: "batch"}
        dynamic = {"image": sizes, "statistics": free, "frozen": free, "back": {}}
        measured = {
            "domains": network.called(),
            "change": self.settings.change,
            "halo": reach(self.settings.blocks),
            "statistics": network.there.statistics(),
            "levels": network.levels(),
        }
        outputs = ["picture", "found"]
        return Exported(Either(network), self.example, outputs, dynamic, MULTIPLE, None, measured, BITS)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels, from B to A, with the picture's own statistics."""
        generators = self.networks["generators"]
        assert isinstance(generators, Generators)
        return {
            "image": rng.random((batch, 3, height, width), dtype=np.float32),
            "statistics": np.ones((batch, generators.there.statistics()), np.float32),
            "frozen": np.zeros((batch, 1), np.float32),
            "back": np.ones(1, np.float32),
        }


def typical(domain: Pictures) -> float:
    """Mean luma of a domain's pictures, 0..1, of `TYPICAL` at most."""
    chosen = np.linspace(0, len(domain) - 1, min(TYPICAL, len(domain))).astype(int)
    return round(float(np.mean([(domain[int(i)].mean((0, 1)) / 255) @ LUMA for i in chosen])), 3)
