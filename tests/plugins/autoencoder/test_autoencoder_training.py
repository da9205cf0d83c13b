"""What the denoisers are shown in training."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgen.training.trainer import dice
from imgen_plugins.autoencoder.training import Denoise, DenoiseBest


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
