"""Training of the CycleGAN plugin: from one domain to another and back, without pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.adversarial import frozen
from imgen.training.augment import square
from imgen.training.data import Pictures
from imgen.training.diagnostics import Watch
from imgen.training.diffaugment import augment
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update

from ..networks.generator import MULTIPLE, Either, Generators, Pool, reach
from .critics import LOSS, Jury, Kind, Views, believed, overall, told_apart
from .domains import names, pictures
from .given import exchanged, other_photos, parted, relit
from .looks import not_like
from .settings import PairSettings

BITS = 8  # of a stored weight; see `style`
TYPICAL = 100  # pictures of a domain by which it is known how light it is
LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


class Critics(nn.Module):
    """For each domain, who tells its pictures from translated ones, patch by patch."""

    def __init__(self, kinds: Sequence[Kind], width: int) -> None:
        super().__init__()
        self.a, self.b = (Jury(kinds, width) for _ in "AB")


class Pools(nn.Module):
    """For each critic, earlier pictures."""

    def __init__(self, size: int, side: int) -> None:
        super().__init__()
        self.a, self.b = Pool(size, side), Pool(size, side)


class Pair(Trainer):
    """cyclegan/NAME: two domains, DIR/trainA and DIR/trainB (CycleGAN, Zhu et al., arXiv 1703.10593).

    G: A to B and F: B to A minimise, besides what their critics D say of their pictures (least squares),
    cycle (|F(G(a)) - a| + |G(F(b)) - b|) + identity (|G(b) - b| + |F(a) - a|), absolute errors on average,
    and what `Pair.unwanted` tells.
    """

    name = "cyclegan/*"
    task = "pictures of one domain as if they were of another, and back"
    layout = (
        "DIR...: DIR/trainA/ and DIR/trainB/ with pictures of both domains, DIR named A2B or with a domains.json; "
        "with others=... then folders of other photos"
    )
    terms = "those of the pictures; where Lite0 helped (texture, thing, fine, deep) also those of its photos: research"
    Settings: ClassVar[type[Settings]] = PairSettings
    settings: PairSettings
    exported = "generators"

    def load(self, folders: Sequence[Path]) -> None:
        """Both domains' pictures and their names."""
        self.names = names(folders[0])
        folders, others = parted(folders) if self.settings.others else (folders, [])
        self.a, self.b = pictures(folders, "train")
        self.others = other_photos(others) if others else None
        self.views = Views(self.settings.judges(), self.settings.thing > 0)

    def build(self) -> None:
        """Two generators, the critics of two domains, two pools; each kind with one Adam."""
        s = self.settings
        generators, critics = Generators(s.width, s.blocks, s.flat), Critics(self.settings.judges(), s.critic_width)
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

    def given(self, a: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """What is to be made B of: pictures of A (B, 3, S, S), or other photos; and their weights (B,) on the way back.

        Critics are shown those of A alone.
        """
        s = self.settings
        given, foreign = exchanged(a, self.others, s.others, s.size, s.least, rng)
        given, changed = relit(given, s.relit, rng)
        return given, torch.where(foreign | changed, s.eased, 1.0)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Translate both ways; update the critics, then the generators."""
        generators = self.networks["generators"]
        assert isinstance(generators, Generators)
        if dice.step == 0:
            generators.call(*self.names, levels=(typical(self.a), typical(self.b)))
        drawn = [self.draw(domain, dice.numpy) for domain in (self.a, self.b)]
        a, b, given, weights = (hardware.place(x) for x in (*drawn, *self.given(drawn[0], dice.numpy)))
        with hardware.autocast():
            fake_b, same_b = self.both(generators.there, given, b)
            fake_a, same_a = self.both(generators.back, b, a)
        judged, scores = self.update_critics(hardware, dice, (a, b), (fake_a, fake_b))
        with hardware.autocast():
            again_a, again_b = generators.back(fake_b), generators.there(fake_a)
        cycle = (weights * apart(again_a, given)).mean() + F.l1_loss(again_b, b)
        identity = F.l1_loss(same_a, a) + F.l1_loss(same_b, b)
        more, told = self.unwanted(hardware, (given, b), (fake_b, fake_a))
        kept = self.settings.cycle * cycle + self.settings.identity * identity + more
        fooled, gradient = self.update_generators(hardware, dice, (fake_a, fake_b), kept)
        seen = self.watch.look((torch.cat([a, b]), torch.cat([fake_a, fake_b])), scores, gradient)
        return {"critic": judged, "generator": fooled, "cycle": cycle / 2, "identity": identity / 2} | told | seen

    def unwanted(
        self, hardware: Hardware, given: tuple[Tensor, Tensor], made: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What else generators minimise, weighed, and its parts.

        `thing`: how far what Lite0 sees in a translated picture is from what it sees in the one given, each channel by
        its own mean and spread, so that another light costs little; `beyond`: how far pixels are outside of 0..1.
        """
        s, told = self.settings, {}
        if s.thing:
            with hardware.autocast():
                pairs = [(self.views.thing(a), self.views.thing(b)) for a, b in zip(given, made, strict=True)]
            told["thing"] = torch.stack([not_like(a, b) for a, b in pairs]).sum()
        if s.beyond:
            told["beyond"] = torch.stack([F.relu((b - 0.5).abs() - 0.5).mean() for b in made]).sum()
        total = sum((getattr(s, name) * value for name, value in told.items()), given[0].new_zeros(()))
        return total, {name: value / 2 for name, value in told.items()}

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
                scores = [critic(part) for part in both]
            loss = loss + told_apart(*scores)
            [kept.append(overall(score)) for kept, score in zip(found, scores, strict=True)]
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
                    scores = critic(self.shown(made, dice))
                fooled = fooled + believed(scores)
            gradient = update(hardware, self.networks["generators"], self.optimizers["generators"], fooled + kept)
        return fooled / 2, gradient

    def shown(self, seen: Tensor, dice: Dice) -> dict[str, list[Tensor]]:
        """Pictures as each of the critics sees them, augmented."""
        return self.views(augment(seen, self.settings.augment, dice.torch))

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


def apart(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute difference (B,) of each of the pictures (B, 3, H, W)."""
    return (made - wanted).abs().flatten(1).mean(1)


def typical(domain: Pictures) -> float:
    """Mean luma of a domain's pictures, 0..1, of `TYPICAL` at most."""
    chosen = np.linspace(0, len(domain) - 1, min(TYPICAL, len(domain))).astype(int)
    return round(float(np.mean([(domain[int(i)].mean((0, 1)) / 255) @ LUMA for i in chosen])), 3)
