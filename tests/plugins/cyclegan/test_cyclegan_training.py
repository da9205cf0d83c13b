import json
import os
import subprocess
import sys

import numpy as np
import pytest

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from safetensors.torch import load_file
from torch.nn import functional as F

from imgen.training.data import DataError
from imgen.training.loop import CHECKPOINT, Loop
from imgen_plugins.cyclegan.evaluation.classifier import DomainClassifier, sized
from imgen_plugins.cyclegan.networks.generator import (
    Either,
    Generator,
    Generators,
    Moments,
    Pool,
    reach,
)
from imgen_plugins.cyclegan.tools.light import LUMA
from imgen_plugins.cyclegan.training.domains import names, pictures
from imgen_plugins.cyclegan.training.kuwahara import flattened
from imgen_plugins.cyclegan.training.pairs import typical

SMALL = ["size=32", "batch=4", "width=4", "blocks=1", "critic_width=8"]


def train(folder, out, steps, *settings, model="cyclegan/warm2cold") -> int:
    return runs.train(model, folder, out, steps, *SMALL, *settings)


def test_a_pair_of_folders_becomes_two_domains(pair, tmp_path):
    assert train(pair, tmp_path / "run", 100, "rate=4e-3", "critic_rate=2e-3", "identity=1", "cycle=2") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert main(["evaluate", "cyclegan/warm2cold", "--data", str(pair)]) == 0
    card = imgen.model("cyclegan/warm2cold").card
    assert card["measured"]["domains"] == ["warm", "cold"]
    assert all(0.1 < level < 0.9 for level in card["measured"]["levels"])
    rows = card["evaluation"]["rows"]
    assert set(rows["seconds a picture"]) == {"warm to cold", "cold to warm"}
    for domain, start, end in (("cold", "A", "B"), ("warm", "B", "A")):
        photo, out = pair / f"test{start}" / "0.png", tmp_path / f"{domain}.png"
        # in a process of its own, as the names are read when plugins are loaded
        command = [
            sys.executable,
            "-m",
            "imgen.cli.entry",
            "run",
            str(photo),
            "-s",
            f"translate:domain={domain}",
            "-o",
            str(out),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
        assert done.returncode == 0, done.stderr
        assert "cyclegan/warm2cold ran on CPU (user)" in done.stderr
        target = np.mean([warmth(imgen.open(path).pixels) for path in (pair / f"test{end}").iterdir()])
        before, after = (warmth(imgen.open(path).pixels) for path in (photo, out))
        assert abs(after - target) < 0.6 * abs(before - target)


def warmth(picture: np.ndarray) -> float:
    red, _, blue = picture.mean((0, 1))
    return float(red - blue)


@pytest.mark.parametrize("change", ["light", "texture"])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(pair, tmp_path, monkeypatch, change):
    settings = ("pool=6", "batch=2", f"change={change}")  # the pools are full before the stop
    assert train(pair, tmp_path / "whole", 6, *settings) == 0
    step = Loop.step

    def stop_after_four(self):
        step(self)
        if self.progress.step == 4:
            self.stopped.set()

    monkeypatch.setattr(Loop, "step", stop_after_four)
    assert train(pair, tmp_path / "parts", 6, *settings) == 0
    monkeypatch.setattr(Loop, "step", step)
    assert train(pair, tmp_path / "parts", 6, *settings) == 0
    whole, parts = (load_file(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_the_names_of_domains(pair, tmp_path):
    assert names(pair) == ("warm", "cold")
    (pair / "domains.json").write_text(json.dumps({"A": "day", "B": "night"}))
    assert names(pair) == ("day", "night")
    (pair / "domains.json").write_text(json.dumps({"A": "Day Light", "B": "night"}))
    with pytest.raises(DataError, match="lower-case"):
        names(pair)
    (pair / "domains.json").write_text("no JSON")
    with pytest.raises(DataError, match="must say"):
        names(pair)
    with pytest.raises(DataError, match=r"domains\.json"):
        names(tmp_path)


def test_a_missing_folder_is_explained(pair, tmp_path, capsys):
    for path in (pair / "trainB").iterdir():
        path.unlink()
    (pair / "trainB").rmdir()
    assert train(pair, tmp_path / "run", 1) == 1
    assert "no folder 'trainB'" in capsys.readouterr().err


def test_other_names_of_models_are_still_refused(pair, tmp_path, capsys):
    assert train(pair, tmp_path / "run", 1, model="unet/warm2cold") == 1
    assert "no trainer" in capsys.readouterr().err


def test_the_pool_gives_half_of_its_pictures_back():
    pool, chance = Pool(50, 8), torch.Generator().manual_seed(0)
    new = torch.arange(50.0).reshape(-1, 1, 1, 1).expand(-1, 3, 8, 8)
    assert torch.equal(pool.exchange(new, chance), new)  # filled first
    later = new + 100
    shown = pool.exchange(later, chance)
    earlier = (shown < 100).flatten(1).all(1).sum()
    assert 15 <= earlier <= 35
    assert (pool.pictures > 99).flatten(1).all(1).sum() <= earlier  # a new one may have left again
    assert later.min() == 100  # what was given is not changed


def test_frozen_statistics_make_tiles_agree_with_the_whole():
    torch.manual_seed(0)
    network = Generator(4, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    picture, moments = torch.rand(1, 3, 160, 160), Moments()
    with torch.no_grad():
        whole = network(picture, moments)
        given = torch.cat(moments.found, 1)
        assert given.shape == (1, network.statistics())
        tile = network(picture[..., 40:], Moments(given, torch.ones(1, 1)))
        own = network(picture[..., 40:])
    inner = (..., slice(reach(2), None))
    assert tile[inner] == pytest.approx(whole[..., 40:][inner], abs=1e-4)
    assert (own[inner] - whole[..., 40:][inner]).abs().max() > 1e-3


@pytest.mark.parametrize("flat", [False, True])
def test_one_graph_holds_both_ways(flat):
    torch.manual_seed(0)
    both = Generators(4, 1, flat).eval()
    picture, zeros = torch.rand(2, 3, 32, 40), torch.zeros(2, both.there.statistics())
    with torch.no_grad():
        for back, network in enumerate((both.there, both.back)):
            made, _ = Either(both)(picture, zeros, torch.zeros(2, 1), torch.tensor([float(back)]))
            assert torch.equal(made, network(picture).clamp(0, 1))


def test_a_new_generator_changes_little():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    assert (Generator(16, 6)(picture) - picture).abs().mean() < 0.05


def test_a_flat_generator_starts_with_what_painters_leave():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    made = Generator(16, 6, flat=True)(picture)
    assert (made - flattened(picture)).abs().mean() < 0.05 < (made - picture).abs().mean()


def test_flattening_keeps_edges_and_leaves_out_detail():
    edge = torch.zeros(1, 3, 24, 24)
    edge[..., 11:] = 1
    grain = 0.05 * torch.randn(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    smooth = flattened(edge + grain)
    assert (smooth - edge).abs().max() < 0.12
    assert (smooth - edge).std() < 0.6 * grain.std()


def test_flattening_is_the_mean_of_four_squares_by_their_flatness():
    pictures = torch.rand(2, 3, 12, 15)
    padded = F.pad(pictures, [3] * 4, mode="reflect")
    total, weights = torch.zeros_like(pictures), torch.zeros(2, 1, 12, 15)
    for top in (0, 3):
        for left in (0, 3):
            squares = padded[..., top : top + 15, left : left + 18].unfold(2, 4, 1).unfold(3, 4, 1).flatten(4)
            weight = (squares.var(4, correction=0).sum(1, keepdim=True) + 2e-4) ** -4
            total, weights = total + weight * squares.mean(4), weights + weight
    assert torch.allclose(flattened(pictures), total / weights, atol=1e-5)


def test_the_judge_knows_its_domains(pair):
    train, test = pictures([pair], "train"), pictures([pair], "test")
    judge = DomainClassifier(*train)
    assert (~judge(sized(test[0], 128))).all()
    assert judge(sized(test[1], 128)).all()


def test_it_is_known_how_light_a_domain_is(pair):
    light = pictures([pair], "train")[0]
    assert typical(light) == pytest.approx(np.mean([(p / 255) @ LUMA for p in light]), abs=1e-2)
