"""What the denoisers are shown in training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from imgen.training.data import DataError
from imgen.training.trainer import dice
from imgen_plugins.autoencoder.training import Denoise, DenoiseBest, Inpaint
from imgen_plugins.autoencoder.training.shots import STRONGEST, WEAKEST, in_place


@pytest.fixture
def red(tmp_path: Path) -> Path:
    """A folder with one picture: a checkerboard of red and black pixels."""
    board = np.zeros((96, 96, 3), np.uint8)
    board[::2, ::2, 0] = board[1::2, 1::2, 0] = 255
    Image.fromarray(board).save(tmp_path / "red.png")
    return tmp_path


def crops(folder: Path, **settings: float) -> np.ndarray:
    trainer = Denoise(Denoise.Settings.model_validate({"batch": 8, "crop": 16, **settings}))
    trainer.load([folder])
    return trainer.crops(dice(0, 1).numpy)


def test_halved_crops_are_means_of_four_pixels(red):
    assert set(np.unique(crops(red, reduced=0, swapped=0)[..., 0])) == {0, 1}
    halved = crops(red, reduced=1, swapped=0)
    assert halved.shape == (8, 16, 16, 3)
    assert halved[..., 0] == pytest.approx(0.5, abs=1e-6)


def test_swapped_colours_are_still_the_same_pictures(red):
    strength = {int(crops(red, reduced=0, swapped=1, batch=n).sum((0, 1, 2)).argmax()) for n in range(1, 9)}
    assert len(strength) > 1


def test_a_batch_of_the_wide_denoiser_tells_the_noise(red):
    trainer = DenoiseBest(DenoiseBest.Settings.model_validate({"batch": 6, "crop": 16, "white": 1}))
    trainer.load([red])
    clean, noisy, level = trainer.batch(dice(0, 0))
    assert clean.shape == noisy.shape == (6, 3, 16, 16)
    assert (noisy - clean).std((1, 2, 3)).numpy() == pytest.approx(level[:, 0, 0, 0].numpy(), rel=0.15)
    trainer.build()
    assert sum(weight.numel() for weight in trainer.networks["model"].parameters()) == 5_344_652


@pytest.fixture
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one pair: a grey picture, and the same 20 of 255 lighter."""
    folder = tmp_path_factory.mktemp("pairs")
    for name, value in (("wall_mean.png", 100), ("wall_real.png", 120)):
        Image.new("RGB", (64, 64), (value, value, value)).save(folder / name)
    return folder


def camera(folders: list[Path]) -> Denoise:
    settings = {"batch": 8, "crop": 16, "white": 0, "clipped": 0, "reduced": 0, "real": 1}
    trainer = Denoise(Denoise.Settings.model_validate(settings))
    trainer.load(folders)
    return trainer


def test_real_noise_is_that_of_pairs_a_little_weaker_or_stronger(red, pairs):
    clean, noisy, _ = camera([red, pairs]).batch(dice(0, 0))
    assert clean.numpy() == pytest.approx(100 / 255, abs=1e-6)
    added = (noisy - clean).mean((1, 2, 3)).numpy() * 255
    assert (added > 20 * WEAKEST - 0.1).all()
    assert (added < 20 * STRONGEST + 0.1).all()
    assert np.ptp(added) > 2


def test_a_mean_that_lies_beside_its_shot_is_moved_into_place(cat):
    shot = np.asarray(cat, np.float32) / 255
    mean = ndimage.shift(shot, (0.3, -0.4, 0), order=3, mode="mirror")
    noisy = shot + np.random.default_rng(0).normal(0.02, 0.03, shot.shape).astype(np.float32)
    assert in_place(noisy, mean) == pytest.approx((-0.3, 0.4), abs=0.03)


def test_real_noise_needs_pairs_beside_clean_photos_and_both_of_each(red, pairs):
    for folders in ([red], [pairs]):
        with pytest.raises(DataError, match="needs a folder of pairs"):
            camera(folders)
    (pairs / "wall_mean.png").unlink()
    with pytest.raises(DataError, match=r"wall_real.png needs a mean of the same name"):
        camera([red, pairs])


@pytest.mark.parametrize("squared", [False, True])
def test_the_loss_of_a_filling_counts_the_hole_alone(squared):
    trainer = Inpaint(Inpaint.Settings.model_validate({"squared": squared}))
    clean, hole = torch.zeros(2, 3, 8, 8), torch.zeros(2, 1, 8, 8)
    hole[0, :, :4], hole[1, :, :, :1] = 1, 1
    restored = 0.5 * torch.ones_like(clean)
    restored[:, :, 7, 7] = 9
    assert float(trainer.loss(restored, clean, hole)) == pytest.approx(0.5, rel=0.03)
