"""Damage drawn over photos, and the small pictures that the upscaler learns from."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from imgen.training.trainer import dice
from imgen_plugins.autoencoder.evaluation.damage import agreement
from imgen_plugins.autoencoder.networks.finder import Finder
from imgen_plugins.autoencoder.networks.upscaler import Upscaler
from imgen_plugins.autoencoder.training import Damage, Upscale, marks, prints, wear
from imgen_plugins.autoencoder.training.damage import enlarged, with_rims


@pytest.fixture
def photos(cat, tmp_path: Path) -> Path:
    """A folder with one photo."""
    Image.fromarray(cat).save(tmp_path / "cat.png")
    return tmp_path


GREY = np.full((96, 128, 3), 0.5, np.float32)


def test_what_is_marked_is_what_changed(monkeypatch):
    monkeypatch.setattr(wear, "STAINED", 0)
    monkeypatch.setattr(wear, "CREASED", 0)
    for seed in range(20):
        case = wear.worn(np.random.default_rng(seed), GREY)
        change = np.abs(case.image - GREY).max(2)
        assert change[(case.damage == 0) & (case.counts == 1)].max(initial=0) < 0.2  # a weak rim, noise and JPEG
        torn = case.damage[change < 0.03].sum()
        assert torn < 0.05 * case.damage.sum() + 20
        assert case.counts[case.damage == 1].min(initial=1) == 1


def test_nothing_is_marked_on_a_whole_photo():
    case = wear.worn(np.random.default_rng(1), GREY, damaged=False)
    assert case.damage.max() == 0
    assert case.counts.min() == 1


@pytest.mark.parametrize("draw", [marks.scratches, marks.fibres, marks.specks, marks.spots, marks.cracks])
def test_marks_are_drawn_and_grow_with_the_unit(draw):
    shares = []
    for unit in (1.0, 2.0):
        sheet = marks.Sheet((round(240 * unit), round(240 * unit)), unit)
        draw(np.random.default_rng(5), sheet)
        shares.append(float(sheet.alpha().mean()))
    assert 0 < shares[0] < 0.5
    assert shares[1] == pytest.approx(shares[0], rel=0.35, abs=0.002)


def test_a_crease_has_a_light_and_a_dark_side():
    sheet = marks.Sheet((80, 80))
    shade = marks.crease(np.random.default_rng(0), sheet)
    assert shade.max() > 0.01
    assert shade.min() < -0.01
    assert sheet.alpha().max() > 0.9


@pytest.mark.parametrize("draw", prints.THIN)
def test_thin_things_are_drawn_into_photos(draw):
    changed = [prints.with_drawn(np.random.default_rng(k), GREY[:, :96], draw) - GREY[:, :96] for k in range(4)]
    assert max(float(np.abs(one).max()) for one in changed) > 0.1


def test_a_batch_and_a_step_of_the_finder(photos):
    trainer = Damage(Damage.Settings(batch=2, crop=64))
    trainer.load([photos])
    image, damage, counts = trainer.batch(dice(0, 0))
    assert image.shape == (2, 3, 64, 64)
    assert damage.shape == counts.shape == (2, 1, 64, 64)
    assert set(damage.unique().tolist()) <= {0.0, 1.0}
    trainer.build()
    assert trainer.networks["model"](image).shape == damage.shape
    assert sum(weight.numel() for weight in trainer.networks["model"].parameters()) < 500_000


def test_a_finder_that_sees_begins_as_one_that_does_not():
    before, after = Finder(), Finder(deep=16)
    missing = after.load_state_dict(before.state_dict(), strict=False).missing_keys
    assert all(key.startswith("meaning.") for key in missing)
    image = torch.rand(1, 3, 64, 48)
    assert torch.equal(after(image), before(image))
    assert (after.multiple, before.multiple) == (16, 8)


def test_what_is_published_learns_slowly_or_not_at_all(photos):
    trainer = Damage(Damage.Settings(batch=1, crop=64, blocks=2, deep=16))
    trainer.load([photos])
    trainer.build()
    network = trainer.networks["model"]
    assert isinstance(network, Finder)
    assert network.meaning
    new, published = trainer.optimizers["model"].param_groups
    assert published["lr"] < 0.2 * new["lr"]
    trained = {id(p) for group in (new, published) for p in group["params"]}
    assert all(p.requires_grad == (id(p) in trained) for p in network.parameters())
    assert not any(p.requires_grad for p in network.meaning.eyes.stem.parameters())


def test_the_rim_of_a_mark_belongs_to_it_and_faint_marks_stay_a_matter_of_taste():
    damage, counts = np.zeros((9, 9), np.float32), np.ones((9, 9), np.float32)
    damage[4, 4], counts[4, 3], counts[0, 0] = 1, 0, 0
    case = with_rims(wear.Worn(GREY[:9, :9], damage, counts))
    assert np.argwhere(case.damage).tolist() == [[4, 3], [4, 4]]
    assert np.argwhere(case.counts == 0).tolist() == [[0, 0]]


def test_small_photos_are_enlarged_with_their_marks():
    case = wear.worn(np.random.default_rng(2), GREY[:, :96])
    large = enlarged(case, 144)
    assert large.image.shape == (144, 144, 3)
    assert large.damage.mean() == pytest.approx(case.damage.mean(), rel=0.2)
    assert set(np.unique(large.counts)) <= {0.0, 1.0}


def test_the_upscaler_begins_as_bicubic_interpolation(cat):
    network = Upscaler(8, 1)
    small = torch.from_numpy(cat[:40, :60].transpose(2, 0, 1)[None].astype(np.float32) / 255)
    made = torch.nn.functional.pixel_shuffle(network(small), 2)[0].detach().numpy().transpose(1, 2, 0)
    plain = [Image.fromarray(small[0, c].numpy()).resize((120, 80), Image.Resampling.BICUBIC) for c in range(3)]
    assert made[6:-6, 6:-6] == pytest.approx(np.stack(plain, 2)[6:-6, 6:-6], abs=1e-5)


def test_small_pictures_are_the_large_ones_reduced(photos):
    trainer = Upscale(Upscale.Settings.model_validate({"batch": 6, "crop": 24, "worse": 0}))
    trainer.load([photos])
    large, small = trainer.batch(dice(0, 1))
    assert (tuple(large.shape), tuple(small.shape)) == ((6, 3, 48, 48), (6, 3, 24, 24))
    assert torch.nn.functional.avg_pool2d(large, 2).sub(small).abs().mean() < 0.02
    worse = Upscale(Upscale.Settings.model_validate({"batch": 6, "crop": 24, "worse": 1}))
    worse.load([photos])
    again = worse.batch(dice(0, 1))
    assert not torch.equal(again[1], small)


def test_agreement_forgives_two_pixels_and_no_more():
    damage, found = np.zeros((2, 40, 40), bool)
    damage[20] = True
    for away, right in ((0, 1), (2, 1), (3, 0)):
        found[:] = False
        found[20 + away] = True
        assert agreement(found, damage, np.ones_like(damage), 2) == (right, right)
    found[:] = False
    assert agreement(found, damage, np.ones_like(damage), 2) == (1, 0)
