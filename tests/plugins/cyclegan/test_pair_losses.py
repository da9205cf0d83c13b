import numpy as np
import pytest
from PIL import Image as Pillow

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.training.data import DataError
from imgen.training.hardware import Hardware, Setup
from imgen_plugins.cyclegan.training.critics import Jury, Views, believed, told_apart
from imgen_plugins.cyclegan.training.given import exchanged, other_photos, parted, relit
from imgen_plugins.cyclegan.training.pairs import Pair, apart
from imgen_plugins.cyclegan.training.settings import PairSettings

SMALL = ["size=48", "batch=2", "width=4", "blocks=1", "critic_width=8"]


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):  # greener than anything else
        pixels = rng.integers((0, 190, 0), (60, 255, 60), (64, 64, 3)).astype(np.uint8)
        Pillow.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_every_kind_of_critic_scores_what_it_is_shown():
    kinds = ("pixels", "half", "fine", "deep")
    views, jury = Views(kinds), Jury(kinds, 8)
    pictures = torch.rand(2, 3, 64, 48, generator=chance(), requires_grad=True)
    shown = views(pictures)
    assert [shown[kind][0].shape[2:] for kind in kinds] == [(64, 48), (32, 24), (32, 24), (16, 12)]
    assert torch.equal(shown["fine"][1], shown["deep"][0])  # one look through Lite0 serves both
    scores = dict(zip(kinds, jury(shown), strict=True))
    assert scores["fine"].shape == scores["deep"].shape == (2, 3, 16, 12)
    believed(list(scores.values())).backward()
    assert pictures.grad is not None
    assert views.sight is not None
    assert all(weight.grad is None for weight in views.sight.parameters())


def test_critics_weigh_the_same_however_many_patches_they_see():
    real, made = [torch.full((2, 1, 9, 9), 1.0), torch.full((2, 1), 0.0)], [torch.zeros(2, 1, 9, 9), torch.ones(2, 1)]
    one, other = (float(told_apart(real[i : i + 1], made[i : i + 1])) for i in range(2))
    assert one != other
    assert float(told_apart(real, made)) == pytest.approx((one + other) / 2)


def test_who_judges_by_default():
    assert PairSettings().judges() == ("pixels",)
    assert PairSettings(change="texture").judges() == ("fine",)
    assert PairSettings(change="texture", critics=("half",)).judges() == ("half",)
    with pytest.raises(ValueError, match="size=48"):
        PairSettings(size=32, critics=("pixels", "half"))


def test_lite0_sees_the_same_in_another_light_and_other_things_elsewhere(pair):
    trainer = Pair(PairSettings(thing=0.5, beyond=2.0))
    trainer.load([pair])
    hardware = Hardware(Setup("cpu", "32", False, 1))
    a = trainer.draw(trainer.a, np.random.default_rng(0))
    paler = 0.6 * a + 0.3
    same, told = trainer.unwanted(hardware, (a, a), (a, a))
    assert float(same) == pytest.approx(0, abs=1e-5)
    lit = trainer.unwanted(hardware, (a, a), (paler, paler))[1]["thing"]
    other = trainer.unwanted(hardware, (a, a), (a.flip(2), a.flip(2)))[1]["thing"]
    assert float(lit) < 0.5 * float(other)
    total, told = trainer.unwanted(hardware, (a, a), (a * 0 + 1.25, a * 0 - 0.25))
    assert float(told["beyond"]) == pytest.approx(0.25)
    assert float(total) == pytest.approx(float(2 * (0.5 * told["thing"] + 2.0 * told["beyond"])), rel=1e-5)


def test_so_many_of_the_pictures_are_other_photos(photos):
    own, rng = torch.zeros(400, 3, 8, 8), np.random.default_rng(0)
    given, which = exchanged(own, other_photos([photos]), 0.25, 8, 0.7, rng)
    assert 70 < int(which.sum()) < 130
    assert torch.equal(given[~which], own[~which])
    assert given[which][:, 1].min() > 0.7
    assert float(own.abs().sum()) == 0  # what was given is not changed
    assert torch.equal(exchanged(own, None, 0.25, 8, 0.7, rng)[0], own)


def test_another_light_is_deeper_and_shows_the_same():
    rng = np.random.default_rng(0)
    own = torch.rand(60, 3, 12, 12, generator=chance()) * 0.3 + 0.35
    given, which = relit(own, 0.5, rng)
    assert 15 < int(which.sum()) < 45
    assert torch.equal(given[~which], own[~which])
    assert given.min() >= 0
    assert given.max() <= 1

    def chroma(pictures):
        return (pictures - pictures.mean(1, keepdim=True)).std()

    assert chroma(given[which]) > 1.05 * chroma(own[which])
    light = [pictures[which].mean(1).flatten(1) for pictures in (own, given)]
    assert min(np.corrcoef(*pair)[0, 1] for pair in zip(*light, strict=True)) > 0.6


def test_other_photos_weigh_less_on_the_way_back(photos, pair):
    trainer = Pair(PairSettings(others=0.5, relit=0.3, eased=0.4, batch=60))
    trainer.load([pair, photos])
    a = trainer.draw(trainer.a, np.random.default_rng(0))
    given, weights = trainer.given(a, np.random.default_rng(1))
    changed = apart(given, a) > 0
    assert 25 < int(changed.sum()) < 55
    assert torch.equal(weights, torch.where(changed, 0.4, 1.0))


def test_folders_of_other_photos_are_told_from_domains(photos, pair):
    assert parted([pair, photos]) == ([pair], [photos])
    assert parted([pair, pair, photos]) == ([pair, pair], [photos])
    with pytest.raises(DataError, match="other photos"):
        parted([pair])


def test_a_pair_learns_with_all_of_them(photos, pair, tmp_path, capsys):
    more = ['critics=["pixels","half","deep"]', "thing=0.15", "beyond=1", "others=0.25", "relit=0.33", "eased=0.5"]
    command = "cyclegan/warm2cold", [pair, photos], tmp_path / "run"
    assert runs.train(*command, 2, *SMALL, *more) == 0
    assert "thing" in (tmp_path / "run" / "figures.jsonl").read_text().splitlines()[0]
    assert runs.train("cyclegan/warm2cold", pair, tmp_path / "other", 2, *SMALL, *more) == 1
    assert "other photos" in capsys.readouterr().err
