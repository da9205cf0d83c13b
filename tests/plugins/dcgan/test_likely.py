"""What is likely where a face is not known."""

import numpy as np
import pytest
import torch
from skimage import data

from imgen import faces
from imgen.image.resize import resize
from imgen_plugins.dcgan.networks.likely import Likely
from imgen_plugins.dcgan.tools import likely


@pytest.fixture(scope="module")
def face():
    photo = data.astronaut().astype(np.float32) / 255
    return faces.align(photo, faces.find(photo)[0], faces.SIZE, faces.CLOSE).clip(0, 1)


def test_a_covered_mouth_is_guessed_better_than_by_its_surroundings(face):
    known = np.ones((64, 64), np.float32)
    hole = np.s_[38:54, 18:46]
    known[hole] = 0
    brushed = np.where(known[..., None] > 0, face, np.float32([0, 1, 0]))
    first, second = likely.guesses(brushed, known, 2, seed=0)
    assert first.shape == (64, 64, 3)
    around = np.broadcast_to(face[36:56, 16:48].mean((0, 1)), face.shape)

    def away(made):
        return np.square(made - face)[hole].mean()

    assert away(first) < 0.9 * away(around)
    assert away(first) < away(second)  # others differ, and are no better on the whole
    assert likely.guesses(face, known, 1, seed=0)[0] == pytest.approx(first, abs=1e-5)  # without a look under it


def test_where_nothing_is_known_the_mean_face_is_likely():
    mean, _ = likely.components()
    guess = likely.guesses(np.zeros((64, 64, 3), np.float32), np.zeros((64, 64), np.float32), 1, seed=0)[0]
    assert guess == pytest.approx(resize(mean, (64, 64)), abs=1e-4)


def test_components_are_those_of_the_faces():
    draw = torch.Generator().manual_seed(0)
    ways, codes = torch.randn(2, 48, generator=draw), torch.randn(4000, 2, generator=draw)
    shown = (0.5 + 0.1 * codes @ ways).reshape(-1, 3, 4, 4)
    network = Likely(2, 4)
    assert network.fit(shown) == pytest.approx(0, abs=1e-5)
    assert network(torch.zeros(1, 2)) == pytest.approx(shown.mean(0, keepdim=True), abs=1e-5)
    made = network(torch.eye(2)) - network(torch.zeros(1, 2))
    left = ways - ways @ torch.linalg.pinv(made.flatten(1)) @ made.flatten(1)
    assert left.abs().max() < 1e-3  # the components span what the faces differ by
