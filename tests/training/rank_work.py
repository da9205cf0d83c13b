"""What one of two ranks does in test_ranks.py, in a process of its own."""

import json
import os
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from imgen.training.budget import Budget
from imgen.training.data import Pictures
from imgen.training.loop import Loop
from imgen.training.ranks import Ranks, joined
from imgen_plugins.autoencoder.training import Denoise, DenoiseSettings

SETTINGS = DenoiseSettings(widths=(8, 8, 8), blocks=1, batch=4, crop=16)
STEPS = 4


def loop_in(out: Path, photos: Path, ranks: Ranks) -> Loop:
    budget = Budget(steps=STEPS)
    return Loop(Denoise(SETTINGS), [photos], out, budget, seed=1, device="cpu", precision="32", threads=1, ranks=ranks)


def train(photos: Path, out: Path, ranks: Ranks) -> dict[str, torch.Tensor]:
    """A run as it is, and one that rank 1 stops after two steps and that goes on; returns the first one's weights."""
    whole = loop_in(out / "whole", photos, ranks)
    whole.run()
    parts = loop_in(out / "parts", photos, ranks)
    step = parts.step

    def stop_after_two() -> None:
        step()
        if parts.progress.step == 2 and ranks.rank == 1:
            parts.stopped.set()

    parts.step = stop_after_two
    assert parts.run().step == 2
    assert loop_in(out / "parts", photos, ranks).run().step == STEPS
    return {key: value.contiguous() for key, value in whole.trainer.networks["model"].state_dict().items()}


class Odd(nn.Module):
    """Holds what ranks treat in different ways."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.norm.running_mean.fill_(rank)
        self.register_buffer("pool", torch.full((3,), 5.0 + rank))
        self.register_buffer("name", torch.full((3,), rank, dtype=torch.uint8))
        self.one, self.two, self.none = (nn.Parameter(torch.full((2,), float(rank))) for _ in range(3))


def small(ranks: Ranks) -> dict[str, object]:
    """What becomes of values that differ between ranks."""
    odd = Odd(ranks.rank)
    odd.one.grad = torch.full((2,), 1.0 + 2 * ranks.rank)
    if ranks.rank == 1:
        odd.two.grad = torch.full((2,), 4.0)
    ranks.average(odd)
    ranks.same([odd])
    spent, stopped = ranks.agreed(0.25 + ranks.rank / 2, ranks.rank == 1)
    return {
        "one": odd.one.grad.tolist(),
        "two": odd.two.grad.tolist(),
        "none": odd.none.grad,
        "mean": odd.norm.running_mean.tolist(),
        "pool": odd.pool.tolist(),
        "name": odd.name.tolist(),
        "weight": odd.one.tolist(),
        "agreed": [spent, stopped],
        "told": ranks.told(f"rank {ranks.rank} says ä"),
    }


def main(photos: Path, out: Path) -> None:
    with joined("cpu") as ranks:
        with ranks.in_turn():
            before = sorted(p.name for p in out.glob("turn*"))
            (out / f"turn{ranks.rank}").touch()
            Pictures([photos])
        found = small(ranks) | {"turns": before}
        save_file(train(photos, out, ranks), out / f"rank{ranks.rank}.safetensors")
        (out / f"rank{ranks.rank}.json").write_text(json.dumps(found))


def begin(place: dict[str, str], rank: int, photos: Path, out: Path) -> None:
    """Begin as that rank."""
    os.environ.update(place, RANK=str(rank), LOCAL_RANK=str(rank))
    main(photos, out)
