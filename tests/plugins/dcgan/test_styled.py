"""The styled generator, its encoder and the projected critic: shapes, what follows from what, export."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import onnxruntime

from imgen_plugins.dcgan.projected import ProjectedCritic
from imgen_plugins.dcgan.styled import StyledGenerator, StyleEncoder


@pytest.fixture
def generator():
    torch.manual_seed(0)
    return StyledGenerator(6, 8, (16, 16, 8, 8)).eval()


def exported(network, names, examples, path):
    """What ONNX Runtime makes of the same input."""
    axes = {name: {0: torch.export.Dim("batch")} for name in names}
    torch.onnx.export(
        network, tuple(examples), path, dynamo=True, input_names=names, dynamic_shapes=axes, verbose=False
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, (e.numpy() for e in examples), strict=True)))[0]


@torch.no_grad()
def test_the_picture_is_twice_as_large_as_the_last_size(generator):
    made = generator(generator.styles(torch.randn(3, 6)))
    assert made.shape == (3, 3, 64, 64)
    assert made.min() >= 0
    assert made.max() <= 1


@torch.no_grad()
def test_pictures_start_near_grey():
    torch.manual_seed(0)
    generator = StyledGenerator(32, 64, (64, 64, 64, 32, 16)).train()
    made = generator(generator.styles(torch.randn(8, 32)))
    assert 0.03 < made.std() < 0.25  # not flat, and not black and white


@torch.no_grad()
def test_a_code_counts_by_its_direction(generator):
    code = torch.randn(2, 6)
    assert torch.allclose(generator.styles(code), generator.styles(3 * code), atol=1e-5)


@torch.no_grad()
def test_the_style_steers_every_norm(generator):
    """With the small sizes' input fixed, the style still changes the picture."""
    torch.nn.init.zeros_(generator.first.weight)
    a, b = generator(torch.randn(2, 8) * 3)
    assert (a - b).abs().mean() > 1e-3


@torch.no_grad()
def test_the_exported_generator_draws_the_same(generator, tmp_path):
    style = torch.randn(3, 8)
    found = exported(generator, ["style"], [style], tmp_path / "generator.onnx")
    assert found == pytest.approx(generator(style).numpy(), abs=1e-5)


@torch.no_grad()
def test_the_exported_encoder_reads_the_same(tmp_path):
    torch.manual_seed(0)
    encoder = StyleEncoder(8, 64).eval()
    image = torch.rand(2, 3, 64, 64)
    assert encoder(image).shape == (2, 8)
    found = exported(encoder, ["image"], [image], tmp_path / "encoder.onnx")
    assert found == pytest.approx(encoder(image).numpy(), abs=1e-4)


@pytest.mark.parametrize("side", [32, 40, 48])
def test_the_critic_scores_places_and_its_mixing_stays(side):
    torch.manual_seed(0)
    critic = ProjectedCritic((4, 6, 8, 10), side, width=4, widest=16)
    features = [torch.randn(3, c, side // 2**i, side // 2**i, requires_grad=True) for i, c in enumerate((4, 6, 8, 10))]
    scores = critic(features)
    assert scores.shape[0] == 3
    assert scores.shape[1] % 4 == 0  # every size has as many places
    scores.mean().backward()
    assert all(f.grad is not None and f.grad.abs().sum() > 0 for f in features)
    fixed = [*critic.across.parameters(), *critic.between.parameters()]
    assert all(p.grad is None and not p.requires_grad for p in fixed)
    assert all(p.grad is not None for p in critic.critics.parameters())


def test_the_networks_for_128_pixels_are_small():
    count = [
        sum(p.numel() for p in m.parameters())
        for m in (StyledGenerator(128, 256, (288, 288, 224, 144, 64)), StyleEncoder(256, 128))
    ]
    assert np.all(np.array(count) <= (7e6, 4e6))
