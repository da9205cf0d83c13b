import gzip
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from torch import nn

from imgen.training.adversarial import LOSSES
from imgen.training.budget import Budget
from imgen.training.data import DataError
from imgen.training.diagnostics import (
    Watch,
    nearest,
    stacked,
    stacked_modes,
    told_apart,
)
from imgen.training.digits import digits
from imgen.training.frechet import frechet, prdc, random_features
from imgen.training.loop import Loop
from imgen_plugins.dcgan.training.gan import Gan, GanSettings

CENTRES = np.stack(np.meshgrid(np.arange(-2.0, 3), np.arange(-2.0, 3)), -1).reshape(25, 2) / np.sqrt(2)
SPREAD = 0.05 / np.sqrt(2)


def gaussians(rng, count):
    """Samples (count, 2) of 25 narrow Gaussians on a square grid (VEEGAN, Srivastava et al., arXiv 1705.07761)."""
    chosen = CENTRES[rng.integers(len(CENTRES), size=count)]
    return (chosen + SPREAD * rng.standard_normal((count, 2))).astype(np.float32)


def gaussian_modes(samples):
    """How many of the 25 have a sample of (N, 2) within three standard deviations, and the share of such samples."""
    index, distance = nearest(samples, CENTRES)
    inside = distance < 3 * SPREAD
    return len(np.unique(index[inside])), float(inside.mean())


class Layers(nn.Module):
    """A small network of vectors; labels are ignored."""

    def __init__(self, inputs, outputs):
        super().__init__()
        widths = [inputs, 128, 128, outputs]
        layers = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.LeakyReLU(0.2))]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, x, label):
        return self.layers(x)


class Point(nn.Module):
    """A generator that has collapsed, on any processor: whatever the code, it makes the same sample."""

    def __init__(self):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(2))

    def forward(self, code, label):
        return self.place.expand(len(code), 2)


SETTINGS = GanSettings(code=8, batch=128, augment=(), norm="none", loss="non-saturating")


class Toy(Gan):
    """25 Gaussians, with the step of the plugin."""

    name = "toy/gaussians"
    task = "points of 25 Gaussians"
    Settings = GanSettings

    def load(self, folders):
        pass

    def networks_of(self):
        return Layers(self.settings.code, 2), Layers(2, 1)

    def batch(self, dice):
        count = self.settings.batch
        return torch.from_numpy(gaussians(dice.numpy, count)), torch.zeros(count, 0)

    def sheet(self, network, dice):
        return torch.zeros(3, 8, 8)

    def export(self, network):
        raise NotImplementedError


class Collapsed(Toy):
    def networks_of(self):
        return Point(), Layers(2, 1)


def play(toy, out):
    """Train a toy; returns samples of its generator."""
    Loop(toy, [], out, Budget(steps=550)).run()
    with torch.no_grad():
        code = torch.randn(2000, 8, generator=torch.Generator().manual_seed(0))
        return toy.networks["generator"](code, None).numpy()


def test_a_healthy_run_hits_the_modes_and_warns_of_nothing(tmp_path, capsys):
    made = play(Toy(SETTINGS.model_copy(update={"r1": 0.1, "rate": 1e-3, "critic_rate": 2e-3})), tmp_path)
    assert gaussian_modes(made)[0] >= 20
    assert "warning" not in capsys.readouterr().err


def test_a_run_that_collapses_is_warned_of_once(tmp_path, capsys):
    made = play(Collapsed(SETTINGS), tmp_path)
    assert gaussian_modes(made)[0] <= 1
    said = capsys.readouterr().err
    assert said.count("the generator has collapsed") == 1
    assert "lower rate" in said


def test_a_sure_critic_and_a_vanished_gradient_are_warned_of():
    watch, rng = Watch(LOSSES["minimax"]), np.random.default_rng(0)
    for step in range(1000):
        samples = torch.from_numpy(gaussians(rng, 16))
        sure = 8.0 if step > 60 else 0.0
        scores = torch.full((16, 1), sure), torch.full((16, 1), -sure)
        figures = watch.look((samples, samples), scores, 1e-4 if step > 60 else 1.0)
        assert not watch.warnings() or step > 400
    assert "non-saturating" in watch.warnings()["vanished"]
    assert figures["real"] == pytest.approx(1, abs=1e-3)
    assert figures["apart"] > 0.98
    assert figures["variety"] == 1
    assert "collapse" not in watch.warnings()


def test_the_share_of_pairs_told_apart():
    low, high = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0])
    assert told_apart(high, low) == (3 + 0.5) / 4
    assert told_apart(low, high) == 0.5 / 4
    assert told_apart(low, low) == 0.5


def test_modes_of_the_gaussians_are_counted():
    rng = np.random.default_rng(0)
    assert gaussian_modes(gaussians(rng, 5000))[0] == 25
    assert gaussian_modes(gaussians(rng, 5000))[1] == pytest.approx(1 - np.exp(-4.5), abs=0.01)  # of a 2D normal
    two = np.repeat(CENTRES[[3, 17]], 10, 0)
    assert gaussian_modes(two) == (2, 1.0)
    assert gaussian_modes(two + 4 * SPREAD) == (0, 0.0)


def test_stacked_digits_are_read_and_counted():
    rng = np.random.default_rng(0)
    known, labels = rng.integers(0, 256, (30, 28, 28), dtype=np.uint8), np.arange(30, dtype=np.uint8) % 10
    tower = stacked(known, rng, 200)
    assert tower.shape == (200, 28, 28, 3)
    read = [[labels[np.flatnonzero((known == one[..., i]).all((1, 2)))[0]] for i in range(3)] for one in tower]
    noisy = tower / 255 + 0.1 * rng.standard_normal(tower.shape)
    assert stacked_modes(noisy, known / 255, labels) == len(set(map(tuple, read)))
    assert stacked_modes(np.repeat(noisy[:1], 50, 0), known / 255, labels) == 1


def test_the_nearest_training_sample():
    index, distance = nearest(np.float32([[0, 1]]), np.float32([[5, 5], [0, 3], [9, 9]]))
    assert (index.tolist(), distance.tolist()) == ([1], [2])


def test_the_frechet_distance_of_normals():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((20_000, 3))
    b = 2 * rng.standard_normal((20_000, 3)) + [3, 0, 0]
    assert frechet(a, b) == pytest.approx(9 + 3 * (2 - 1) ** 2, rel=0.03)  # |difference|² + sum (s - t)²
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)


def test_precision_falls_with_bad_samples_and_coverage_with_missing_ones():
    rng = np.random.default_rng(0)
    real, good = gaussians(rng, 500), gaussians(rng, 500)
    figures = prdc(real, good)
    assert min(figures.values()) > 0.85
    assert figures["density"] == pytest.approx(1, abs=0.15)
    few = prdc(real, gaussians(rng, 5000)[:500] * 0 + CENTRES[3] + SPREAD * rng.standard_normal((500, 2)))
    assert few["coverage"] < 0.1 > few["recall"]
    assert few["precision"] > 0.9
    assert prdc(real, real + 10) == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_random_features_tell_pictures_apart(cat):
    parts = np.stack([cat[i : i + 32, j : j + 32] for i in range(0, 100, 10) for j in range(0, 190, 10)]) / np.float32(
        255
    )
    a, b = random_features(parts[::2]), random_features(parts[1::2])
    assert a.shape == (95, 368)
    assert np.array_equal(a, random_features(parts[::2]))
    grey = np.repeat(parts[1::2].mean(3, keepdims=True), 3, 3)
    assert frechet(a, random_features(grey)) > 3 * frechet(a, b)
    assert not np.allclose(a, random_features(parts[::2], seed=1), atol=0.1)


def write_digits(folder, count=40, labels=40):
    """Random digits in MNIST's format; returns them."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    head = {"images-idx3": [8, 3, count, 28, 28], "labels-idx1": [8, 1, labels]}
    values = {"images-idx3": images, "labels-idx1": np.arange(labels, dtype=np.uint8) % 10}
    for name, (kind, axes, *sizes) in head.items():
        data = bytes([0, 0, kind, axes]) + np.array(sizes, ">u4").tobytes() + values[name].tobytes()
        (folder / f"t-{name}-ubyte.gz").write_bytes(gzip.compress(data))
    return images


def test_digits_are_read(tmp_path):
    images = write_digits(tmp_path)
    read, labels = digits(tmp_path)
    assert np.array_equal(read, images)
    assert labels[13] == 3


def test_bad_digits_are_explained(tmp_path):
    with pytest.raises(DataError, match="0 files"):
        digits(tmp_path)
    write_digits(tmp_path, labels=39)
    with pytest.raises(DataError, match="39 labels"):
        digits(tmp_path)
    path = tmp_path / "t-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1]))
    with pytest.raises(DataError, match="no complete IDX file"):
        digits(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"t-labels-idx1-ubyte\.gz cannot be read"):
        digits(tmp_path)
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        digits(tmp_path)
