import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen_plugins.unet.networks.lite import MARKS, Colours, Decoder, Marks, Subject, grey
from imgen_plugins.unet.tools.colour import BINS

SMALL = (16, 16, 24, 32)
LIMIT = 12 * 2**20  # bytes of a file


@pytest.fixture
def colours():
    torch.manual_seed(0)
    return Colours(7, SMALL).eval()


@pytest.fixture
def subject():
    torch.manual_seed(0)
    return Subject(SMALL, 8).eval()


@pytest.mark.parametrize(
    ("network", "width"), [(Colours(BINS**2, kind="lite2"), 1), (Subject(), 2)], ids=["colours", "subject"]
)
def test_the_whole_network_becomes_a_file_of_at_most_twelve_megabytes(network, width):
    assert width * sum(weight.numel() for weight in network.state_dict().values()) < LIMIT  # bytes a weight


@torch.no_grad()
def test_colours_come_at_a_quarter_of_the_size(colours):
    assert colours(torch.rand(2, 1, 64, 96), torch.zeros(2, 3, 64, 96)).shape == (2, 7, 16, 24)


@torch.no_grad()
def test_a_subject_comes_at_full_size_and_coarser_ones_beside_it(subject):
    image, clicks = torch.rand(2, 3, 64, 96), torch.zeros(2, 2, 64, 96)
    sides = subject.sides(image, clicks)
    assert [tuple(s.shape) for s in sides] == [(2, 1, 64 // n, 96 // n) for n in (1, 4, 8, 16, 32)]
    assert torch.equal(subject(image, clicks), sides[0])


@torch.no_grad()
def test_marks_come_at_the_sizes_of_the_decoder():
    found = Marks(5)(torch.rand(1, 5, 64, 32))
    assert [tuple(f.shape[1:]) for f in found] == [
        (w, 64 // n, 32 // n) for w, n in zip(MARKS, (4, 8, 16, 32), strict=True)
    ]


def test_the_decoder_reaches_both_encoders():
    decoder = Decoder(SMALL)
    sizes = (32, 16, 8, 4, 2)
    seen = [torch.rand(2, c, n, n, requires_grad=True) for c, n in zip((16, 24, 40, 112, 320), sizes, strict=True)]
    marked = [torch.rand(2, c, n, n, requires_grad=True) for c, n in zip(MARKS, sizes[1:], strict=True)]
    found = decoder(seen, marked)
    assert [f.shape[1] for f in found] == list(SMALL)
    found[0].sum().backward()
    assert all(t.grad is not None and t.grad.abs().sum() > 0 for t in (*seen[1:], *marked))


@torch.no_grad()
@pytest.mark.parametrize("kind", ["hints", "clicks"])
def test_a_mark_changes_what_is_found(kind, colours, subject):
    network, channels, picture = (colours, 3, 1) if kind == "hints" else (subject, 2, 3)
    image, marks = torch.rand(1, picture, 64, 64), torch.zeros(1, channels, 64, 64)
    before = network(image, marks)
    marks[..., 28:33, 28:33] = 1
    assert (network(image, marks) - before).abs().max() > 1e-3


def test_grey_is_the_value_of_srgb():
    from imgen.image.lab import lab_to_rgb

    light = np.linspace(0, 1, 51, dtype=np.float32)
    exact = lab_to_rgb(np.stack([light * 100, 0 * light, 0 * light], 1))[:, 0]
    found = grey(torch.from_numpy(light)).numpy()
    assert np.abs(found - exact)[5:].max() < 2e-3
    assert np.abs(found - exact).max() < 0.035
