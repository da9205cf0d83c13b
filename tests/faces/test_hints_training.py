"""Hints of the way up are learned."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from test_finder_training import SMALL, folders, train

from imgen.faces.training.finder import (
    hint_loss,
    hints,
)
from imgen.faces.training.network import Finder
from imgen.training import checkpoint

__all__ = ["folders"]  # fixtures, which are found by their names


def test_hints_can_be_learned_alone(folders, tmp_path):
    """What is known of upright faces stays as it is, bit by bit."""
    assert train(folders, tmp_path / "first", 2) == 0
    more = ["--start", str(tmp_path / "first")]
    assert runs.train("core/faces", folders, tmp_path / "hints", 3, *SMALL, "hints_only=true", more=more) == 0
    before, after = (Finder(8, 16) for _ in range(2))
    checkpoint.load_average(tmp_path / "first" / "last.safetensors", before)
    checkpoint.load_networks(tmp_path / "hints" / "last.safetensors", {"model": after})
    changed = {
        name
        for (name, old), new in zip(before.state_dict().items(), after.state_dict().values(), strict=True)
        if (old != new).any()
    }
    assert changed
    assert all(name.startswith("turned.") for name in changed)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_hints_are_what_the_network_says_of_the_turned_picture(turns):
    torch.manual_seed(0)
    network, picture = Finder(8, 16), torch.rand(2, 3, 64, 64)
    network.body[0].norm1.running_var.fill_(0.3)
    _, truth = hints(network, picture)
    assert network.training
    network.eval()
    with torch.no_grad():
        said = network(torch.rot90(picture, turns, (2, 3)))[0].sigmoid()[:, 0]
    assert torch.allclose(truth.reshape(4, 2, 3, 8, 8)[0, :, turns - 1], torch.rot90(said, -turns, (1, 2)), atol=1e-6)


def test_the_loss_of_hints_is_least_at_their_truth():
    truth = torch.tensor([0.0, 0.2, 0.9]).reshape(1, 3, 1, 1)
    right = torch.logit(truth, eps=1e-4)
    assert hint_loss(right, truth) < 1e-3
    for shift in (-1.0, 1.0):
        assert hint_loss(right + shift, truth) > hint_loss(right, truth)
