"""Styles are learned: of one picture, or any picture's; what the losses see, and what is exported."""

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from safetensors.torch import load_file
from test_cyclegan_training import warmth
from torch.nn import functional as F

from imgen.training import checkpoint
from imgen.training.loop import CHECKPOINT
from imgen_plugins.cyclegan.networks.generator import (
    Moments,
    exported_means,
    means,
)
from imgen_plugins.cyclegan.networks.painter import Painter, exported_places, mix
from imgen_plugins.cyclegan.networks.painter import reach as reach_of_painter
from imgen_plugins.cyclegan.networks.reader import AnyPainter, palette
from imgen_plugins.cyclegan.networks.sight import JUDGED, LEARNED, Sight, gram, style_distance
from imgen_plugins.cyclegan.tools.choices import styles
from imgen_plugins.cyclegan.training import kuwahara
from imgen_plugins.cyclegan.training.anystyle import AnyStyle, begin
from imgen_plugins.cyclegan.training.looks import discoloured, look_at, other_edges, unlike
from imgen_plugins.cyclegan.training.style import Style, moved

STYLE = ["size=64", "painting=64", "batch=2", "width=8", "blocks=1"]


def test_what_is_exported_computes_the_same():
    x = torch.randn(2, 5, 8, 12) + 3
    for found, wanted in zip(exported_means(x), means(x), strict=True):
        assert torch.allclose(found, wanted, rtol=1e-5)
    assert torch.equal(exported_places(x), F.pixel_unshuffle(x, 2))
    assert torch.allclose(kuwahara.exported_boxes(x, 4), kuwahara.pooled(x, 4), atol=1e-5)
    assert torch.allclose(kuwahara.exported_corners(x, 3), kuwahara.summed(x, 3), atol=1e-5)


@pytest.fixture
def stripes(tmp_path):
    """A folder with one picture: red and white stripes."""
    folder = tmp_path / "style"
    folder.mkdir()
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[:, (np.arange(64) // 4) % 2 == 0] = (200, 20, 20)
    Pillow.fromarray(picture).save(folder / "stripes.png")
    return folder


def test_a_style_is_learned_from_one_picture(pair, stripes, tmp_path):
    learned = "cyclegan/style-stripes", [stripes, pair / "trainA"], tmp_path / "run", 40
    assert runs.train(*learned, *STYLE, "rate=1e-2", "content=0", "edge=0") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert styles()["stripes"].model == "cyclegan/style-stripes"
    assert main(["evaluate", "cyclegan/style-stripes", "--data", str(stripes), str(pair / "testA")]) == 0
    rows = imgen.model("cyclegan/style-stripes").card["evaluation"]["rows"]
    assert rows["distance to the painting's textures, the photo's is 1"]["painted"]["mean"] < 1
    photo = imgen.open(pair / "testB" / "0.png").pixels
    painted = imgen.tools()["stylize"](photo, style="stripes")
    assert warmth(painted) > warmth(photo) + 0.2  # red and white


def test_a_style_begins_with_one_of_imgens(pair, stripes, tmp_path, capsys):
    file = next(stripes.iterdir())  # the picture itself will do
    begun = "cyclegan/style-mine", [file, pair / "trainA"], tmp_path / "run", 1
    assert runs.train(*begun, "size=64", "rate=1e-6", "begin=starry-night") == 0
    known = imgen.model("cyclegan/style-starry-night")
    weights = load_file(tmp_path / "run" / CHECKPOINT)["net/model/head.weight"]
    ours = checkpoint.from_onnx(known.path)["network.head.weight"]
    assert torch.allclose(weights, ours, atol=1e-4)
    assert runs.train(*begun[:2], tmp_path / "other", 1, *STYLE, "begin=starry-night") == 1
    assert "set these, or begin=''" in capsys.readouterr().err


def test_a_style_needs_one_picture_and_photos(pair, stripes, tmp_path, capsys):
    for folders in ([stripes], [pair / "trainA", stripes]):
        assert runs.train("cyclegan/style-x", folders, tmp_path / "run", 1) == 1
        assert "the one picture" in capsys.readouterr().err


@pytest.fixture(scope="module")
def striped() -> torch.Tensor:
    """A picture (1, 3, 96, 96) of red and white stripes."""
    picture = torch.ones(1, 3, 96, 96)
    picture[:, 1:, :, torch.arange(96) % 8 < 4] = 0.1
    return picture


def test_looks_tell_textures_and_colours_apart(striped):
    sight, noise = Sight(LEARNED), torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    look = look_at(sight, striped)
    shifted = striped.roll(3, 3)
    assert unlike(sight(shifted), look.grams[0]) < 0.5 * unlike(sight(noise), look.grams[0])
    dice = torch.Generator().manual_seed(0)
    assert discoloured(striped, look, dice) < 0.05
    assert discoloured(striped.flip(1), look, dice) > 0.2  # blue and white


def test_another_depth_judges(striped):
    judge = Sight(JUDGED)
    wanted = [gram(part) for part in judge(striped)]
    assert style_distance(judge, striped, wanted) == 0
    assert style_distance(judge, torch.full_like(striped, 0.5), wanted) > 0.1
    assert not set(JUDGED) & set(LEARNED)


def test_edges_are_the_same_or_others(striped):
    assert other_edges(striped, striped) == pytest.approx(0, abs=1e-2)
    assert other_edges(striped * 0.3 + 0.2, striped) == pytest.approx(0, abs=1e-2)  # whatever the contrast
    assert other_edges(striped.transpose(2, 3), striped) > 0.5


def test_pictures_are_moved_by_at_most_a_pixel():
    picture = torch.rand(1, 3, 6, 8)
    found = {tuple(moved(picture, np.random.default_rng(i))[0, 0, 2:, 2:].flatten().tolist()) for i in range(30)}
    wanted = {tuple(picture[0, 0, 2 - y : 6 - y, 2 - x : 8 - x].flatten().tolist()) for y in (0, 1) for x in (0, 1)}
    assert found == wanted


def test_a_painter_begins_in_the_paintings_colours(striped):
    torch.manual_seed(0)
    network, photo = Painter(8, 1), torch.rand(1, 3, 64, 64)
    network.prime(striped)
    with torch.no_grad():
        made = network(photo)
    assert (made.mean((0, 2, 3)) - striped.mean((0, 2, 3))).abs().max() < 0.2
    assert made[:, 0].std() < 0.7 * made[:, 1].std()  # red is always there, green comes and goes


def test_painted_tiles_agree_with_the_whole():
    torch.manual_seed(0)
    network = Painter(4, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    picture, moments = torch.rand(1, 3, 160, 160), Moments()
    with torch.no_grad():
        whole = network(picture, moments)
        given = torch.cat(moments.found, 1)
        assert given.shape == (1, network.statistics())
        tile = network(picture[..., 40:], Moments(given, torch.ones(1, 1)))
    inner = (..., slice(reach_of_painter(2), None))
    assert tile[inner] == pytest.approx(whole[..., 40:][inner], abs=1e-4)


def test_a_palette_is_the_root_of_the_covariance_and_the_mean():
    chance = torch.Generator().manual_seed(0)
    pictures = torch.rand(2, 3, 40, 56, generator=chance) * torch.tensor([0.1, 0.3, 0.6]).reshape(1, 3, 1, 1)
    pictures = pictures + 0.4 * torch.rand(2, 1, 40, 56, generator=chance)
    root, mean = palette(pictures).split([9, 3], 1)
    for i, picture in enumerate(pictures):
        found = root[i].reshape(3, 3) @ root[i].reshape(3, 3)
        assert found.numpy() == pytest.approx(torch.cov(picture.flatten(1)).numpy(), abs=1e-4)
        assert mean[i].numpy() == pytest.approx(picture.mean((1, 2)).numpy(), abs=1e-5)


def test_a_painter_of_any_style_begins_in_the_pictures_colours(striped):
    torch.manual_seed(0)
    network, photo = AnyPainter(8, 1, 4), torch.nn.functional.interpolate(torch.rand(1, 3, 8, 8), scale_factor=8)
    torch.nn.init.zeros_(network.head.weight)
    hand = network.read(striped, Sight(LEARNED)(striped))
    assert hand.shape == (1, network.numbers())
    with torch.no_grad():
        made = network(photo, hand)
    assert (made.mean((0, 2, 3)) - striped.mean((0, 2, 3))).abs().max() < 0.1
    assert made[:, 0].std() < 0.2 * made[:, 1].std()  # red is always there, green comes and goes


@pytest.mark.parametrize("codes", [0, 3])
def test_tiles_of_any_style_agree_with_the_whole(striped, codes):
    torch.manual_seed(0)
    network = AnyPainter(4, 2, 4, codes).eval()
    picture, moments = torch.rand(1, 3, 160, 160), Moments()
    with torch.no_grad():
        hand = network.read(striped, Sight(LEARNED)(striped))
        whole = network(picture, hand, moments)
        given = torch.cat(moments.found, 1)
        assert given.shape == (1, network.statistics())
        tile = network(picture[..., 40:], hand, Moments(given, torch.ones(1, 1)))
    inner = (..., slice(reach_of_painter(2), None))
    assert tile[inner] == pytest.approx(whole[..., 40:][inner], abs=1e-4)


def test_channels_are_mixed_as_a_style_wants_them():
    x, matrices = torch.randn(2, 5, 8, 12), torch.randn(2, 5, 5)
    wanted = x + torch.einsum("bij,bjhw->bihw", matrices, x)
    assert torch.allclose(mix(x, matrices), wanted, atol=1e-5)
    assert mix(x, None) is x


def test_what_a_style_mixes_is_its_own(striped):
    torch.manual_seed(0)
    network = AnyPainter(4, 2, 4, 3).eval()
    hand = network.read(striped, Sight(LEARNED)(striped))
    assert hand.shape == (1, network.numbers())
    assert [m.shape for m in network.parts(hand)[1]] == [(1, 8, 8), (1, 8, 8), (1, 4, 4)]
    other, start = hand.clone(), 2 * sum(network.norms())
    other[:, start : start + sum(network.mixing())] += 1
    with torch.no_grad():
        photo = torch.rand(1, 3, 32, 32)
        assert not torch.allclose(network(photo, hand), network(photo, other), atol=1e-2)


def test_any_style_learns_from_paintings_and_photos(pair, tmp_path, capsys):
    settings = "size=64", "painting=64", "width=8", "blocks=1", "narrow=4", "codes=3", "begin="
    learned = "cyclegan/any-style", [pair / "trainB", pair / "trainA"]
    assert runs.train(*learned, tmp_path / "run", 2, *settings) == 0
    assert (tmp_path / "run" / "sheet.png").exists()
    assert runs.train(learned[0], [pair / "trainB"], tmp_path / "other", 1, *settings) == 1
    assert "then folders of photos" in capsys.readouterr().err


def test_any_style_begins_with_the_strokes_of_one():
    network = AnyPainter(24, 4, 4)
    assert begin(network, "starry-night")["model"] == "cyclegan/style-starry-night"
    known = checkpoint.from_onnx(imgen.model("cyclegan/style-starry-night").path)
    assert torch.equal(network.first[0].conv.weight, known["network.first.0.conv.weight"])


@pytest.mark.parametrize(("model", "trainer"), [("any-style", AnyStyle), ("style-scream", Style)])
def test_training_goes_on_from_a_shipped_painter(model, trainer):
    known = imgen.model(f"cyclegan/{model}")
    learner = trainer(trainer.Settings(**{k: v for k, v in known.settings.items() if k != "begin"}, begin=""))
    learner.build()
    assert checkpoint.begin_with(known, learner.networks) == known.card["training"]
    network, stored = learner.networks["model"], checkpoint.from_onnx(known.path)
    name = next(key.removesuffix("head.weight") for key in stored if key.endswith("head.weight"))
    assert all(torch.equal(weight, stored[name + key]) for key, weight in network.state_dict().items())
    if isinstance(network, AnyPainter):
        assert float(network.usual.abs().max()) > 0.1  # what is usual was taken over, too
