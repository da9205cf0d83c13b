import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from torch.nn import functional as F

from imgen_plugins.dcgan.networks import Critic, Generator, Searchable


@pytest.mark.parametrize("upsampling", ["transposed", "resize", "residual"])
@pytest.mark.parametrize(("norm", "spread"), [("none", True), ("batch", False), ("spectral", True)])
def test_the_written_gradients_are_those_of_pytorch(upsampling, norm, spread):
    torch.manual_seed(0)
    deep = upsampling == "residual"
    widths = (16, 12, 8, 8, 8) if deep else (16, 12, 8, 8)
    generator = Generator(6, 0, 3, widths, 4, upsampling)
    critic = Critic(0, 3, widths, 4, norm, spread, deep)
    none = torch.zeros(8, 0)
    for _ in range(3):  # so that the running means are some
        critic(generator(3 * torch.randn(8, 6), none), none)
    for network in (generator, critic):
        for weight in network.parameters():
            weight.data *= 1 if deep else 3
    generator.eval(), critic.eval()
    codes = torch.randn(16, 6)
    searchable = Searchable(generator, critic, codes)

    code, extra = torch.randn(4, 6, requires_grad=True), torch.zeros(4, 16 * 16, requires_grad=True)
    target, weight, realism = torch.rand(4, 3, 64, 64), torch.rand(4, 1, 64, 64), torch.rand(4, 1)
    picture, fit, score, at_code, at_extra = searchable(code, extra, target, weight, realism)
    expected = generator(code, none[:4])
    assert torch.allclose(picture, expected, atol=1e-6)
    loss = (weight * (expected - target) ** 2).mean((1, 2, 3))[:, None] + realism * F.softplus(-score)
    assert torch.allclose(fit, loss, atol=1e-6)
    found = torch.autograd.grad(fit.sum(), (code, extra))
    for ours, true in zip((at_code, at_extra), found, strict=True):
        assert true.abs().max() > 1e-6
        assert torch.allclose(ours, true, rtol=1e-4, atol=1e-5 * float(true.abs().max()))


def test_the_score_is_the_critics_with_the_usual_spread():
    torch.manual_seed(0)
    generator, critic = Generator(6, 0, 3, (8, 8, 8, 8), 4, "resize"), Critic(0, 3, (8, 8, 8, 8), 4, "none", True)
    for weight in (*generator.parameters(), *critic.parameters()):
        weight.data *= 3
    generator.eval(), critic.eval()
    codes = torch.randn(16, 6)
    searchable = Searchable(generator, critic, codes)
    empty = torch.zeros(16, 3, 64, 64), torch.zeros(16, 1, 64, 64), torch.zeros(16, 1)
    _, _, score, _, _ = searchable(codes, torch.zeros(16, 128), *empty)
    assert torch.allclose(score, critic(generator(codes, codes[:, :0]), codes[:, :0]), atol=1e-5)
