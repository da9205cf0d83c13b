"""Directions along which pictures differ most."""

import pytest
import torch

from imgen.training.components import principal


def test_components_are_the_directions_that_differ_most():
    draw = torch.Generator().manual_seed(0)
    codes = torch.randn(400, 2, generator=draw) * torch.tensor([3.0, 1.0])
    basis = torch.linalg.qr(torch.randn(12, 2, generator=draw))[0]
    pictures = (5 + codes @ basis.T).view(400, 3, 2, 2)
    found = principal(pictures, 1)
    assert found.mean == pytest.approx(pictures.flatten(1).mean(0), abs=1e-5)
    assert abs(float(found.vectors[0] @ basis[:, 0])) > 0.99
    assert float(found.spread[0]) == pytest.approx(3, rel=0.1)
    assert found.left_out / found.whole == pytest.approx(0.1, abs=0.03)
