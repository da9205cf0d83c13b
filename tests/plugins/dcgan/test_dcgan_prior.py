import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen_plugins.dcgan.networks import Encoder, Generator
from imgen_plugins.dcgan.networks.prior import fit


def test_normal_codes_become_what_an_encoder_says_of_faces():
    torch.manual_seed(0)
    generator, encoder = Generator(6, 0, 3, (16, 8, 8, 8, 8), 4, "residual").eval(), Encoder(6, (8, 8, 8, 8)).eval()
    faces, none = torch.rand(5, 3, 64, 64), torch.zeros(5, 0)
    codes = torch.randn(500, 6) @ torch.randn(6, 6) + torch.randn(6)
    with torch.no_grad():
        same = generator(encoder(faces), none)
        average = generator(codes.mean(0).expand(5, 6), none)
        drawn = generator.first(codes)
        fit(generator, encoder, codes)
        assert torch.allclose(generator(encoder(faces), none), same, atol=1e-4)  # both moved alike
        assert torch.allclose(generator(torch.zeros(5, 6), none), average, atol=1e-4)
        normal = generator.first(torch.randn(20000, 6))
    for mine, truth in ((normal.mean(0), drawn.mean(0)), (normal.T.cov(), drawn.T.cov())):
        assert (mine - truth).norm() < 0.1 * truth.norm()
