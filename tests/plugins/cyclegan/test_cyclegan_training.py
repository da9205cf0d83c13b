import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from safetensors.torch import load_file
from torch.nn import functional as F

from imgen.training import checkpoint
from imgen.training.blocks import FeatureCritic
from imgen.training.data import DataError
from imgen.training.loop import CHECKPOINT, Loop
from imgen_plugins.cyclegan.evaluation.classifier import DomainClassifier, sized
from imgen_plugins.cyclegan.networks.generator import (
    Either,
    Generator,
    Generators,
    Moments,
    Pool,
    exported_means,
    means,
    reach,
)
from imgen_plugins.cyclegan.networks.painter import Painter, exported_places
from imgen_plugins.cyclegan.networks.painter import reach as reach_of_painter
from imgen_plugins.cyclegan.networks.reader import AnyPainter, palette
from imgen_plugins.cyclegan.networks.sight import JUDGED, LEARNED, Sight, gram, style_distance
from imgen_plugins.cyclegan.tools.choices import styles
from imgen_plugins.cyclegan.tools.light import LUMA
from imgen_plugins.cyclegan.training import kuwahara
from imgen_plugins.cyclegan.training.anystyle import begin
from imgen_plugins.cyclegan.training.domains import names, pictures
from imgen_plugins.cyclegan.training.kuwahara import flattened
from imgen_plugins.cyclegan.training.looks import discoloured, look_at, other_edges, unlike
from imgen_plugins.cyclegan.training.pairs import SEEN, STRIDES, WIDTHS, typical
from imgen_plugins.cyclegan.training.style import moved

STYLE = ["size=64", "painting=64", "batch=2", "width=8", "blocks=1"]
SMALL = ["size=32", "batch=4", "width=4", "blocks=1", "critic_width=8"]


@pytest.fixture
def pair(cat, tmp_path):
    """Parts of a photo as they are, and others in a bluer light: DIR/warm2cold."""
    folder, rng = tmp_path / "warm2cold", np.random.default_rng(0)
    for side, light in (("A", (1, 0.9, 0.6)), ("B", (0.5, 0.8, 1))):
        for split, count in (("train", 12), ("test", 6)):
            (folder / f"{split}{side}").mkdir(parents=True)
            for i in range(count):
                top, left = rng.integers(80), rng.integers(150)
                part = (cat[top : top + 64, left : left + 64] * np.float32(light)).astype(np.uint8)
                Pillow.fromarray(part).save(folder / f"{split}{side}" / f"{i}.png")
    return folder


def train(folder, out, steps, *settings, model="cyclegan/warm2cold") -> int:
    return runs.train(model, folder, out, steps, *SMALL, *settings)


def test_a_pair_of_folders_becomes_two_domains(pair, tmp_path):
    assert train(pair, tmp_path / "run", 100, "rate=4e-3", "critic_rate=2e-3", "identity=1", "cycle=2") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert main(["evaluate", "cyclegan/warm2cold", "--data", str(pair)]) == 0
    card = imgen.model("cyclegan/warm2cold").card
    assert card["measured"]["domains"] == ["warm", "cold"]
    assert all(0.1 < level < 0.9 for level in card["measured"]["levels"])
    rows = card["evaluation"]["rows"]
    assert set(rows["seconds a picture"]) == {"warm to cold", "cold to warm"}
    for domain, start, end in (("cold", "A", "B"), ("warm", "B", "A")):
        photo, out = pair / f"test{start}" / "0.png", tmp_path / f"{domain}.png"
        # in a process of its own, as the names are read when plugins are loaded
        command = [
            sys.executable,
            "-m",
            "imgen.cli.entry",
            "run",
            str(photo),
            "-s",
            f"translate:domain={domain}",
            "-o",
            str(out),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
        assert done.returncode == 0, done.stderr
        assert "cyclegan/warm2cold ran on CPU (user)" in done.stderr
        target = np.mean([warmth(imgen.open(path).pixels) for path in (pair / f"test{end}").iterdir()])
        before, after = (warmth(imgen.open(path).pixels) for path in (photo, out))
        assert abs(after - target) < 0.6 * abs(before - target)


def warmth(picture: np.ndarray) -> float:
    red, _, blue = picture.mean((0, 1))
    return float(red - blue)


@pytest.mark.parametrize("change", ["light", "texture"])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(pair, tmp_path, monkeypatch, change):
    settings = ("pool=6", "batch=2", f"change={change}")  # the pools are full before the stop
    assert train(pair, tmp_path / "whole", 6, *settings) == 0
    step = Loop.step

    def stop_after_four(self):
        step(self)
        if self.progress.step == 4:
            self.stopped.set()

    monkeypatch.setattr(Loop, "step", stop_after_four)
    assert train(pair, tmp_path / "parts", 6, *settings) == 0
    monkeypatch.setattr(Loop, "step", step)
    assert train(pair, tmp_path / "parts", 6, *settings) == 0
    whole, parts = (load_file(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_the_names_of_domains(pair, tmp_path):
    assert names(pair) == ("warm", "cold")
    (pair / "domains.json").write_text(json.dumps({"A": "day", "B": "night"}))
    assert names(pair) == ("day", "night")
    (pair / "domains.json").write_text(json.dumps({"A": "Day Light", "B": "night"}))
    with pytest.raises(DataError, match="lower-case"):
        names(pair)
    (pair / "domains.json").write_text("no JSON")
    with pytest.raises(DataError, match="must say"):
        names(pair)
    with pytest.raises(DataError, match=r"domains\.json"):
        names(tmp_path)


def test_a_missing_folder_is_explained(pair, tmp_path, capsys):
    for path in (pair / "trainB").iterdir():
        path.unlink()
    (pair / "trainB").rmdir()
    assert train(pair, tmp_path / "run", 1) == 1
    assert "no folder 'trainB'" in capsys.readouterr().err


def test_other_names_of_models_are_still_refused(pair, tmp_path, capsys):
    assert train(pair, tmp_path / "run", 1, model="unet/warm2cold") == 1
    assert "no trainer" in capsys.readouterr().err


def test_the_pool_gives_half_of_its_pictures_back():
    pool, chance = Pool(50, 8), torch.Generator().manual_seed(0)
    new = torch.arange(50.0).reshape(-1, 1, 1, 1).expand(-1, 3, 8, 8)
    assert torch.equal(pool.exchange(new, chance), new)  # filled first
    later = new + 100
    shown = pool.exchange(later, chance)
    earlier = (shown < 100).flatten(1).all(1).sum()
    assert 15 <= earlier <= 35
    assert (pool.pictures > 99).flatten(1).all(1).sum() <= earlier  # a new one may have left again
    assert later.min() == 100  # what was given is not changed


def test_frozen_statistics_make_tiles_agree_with_the_whole():
    torch.manual_seed(0)
    network = Generator(4, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    picture, moments = torch.rand(1, 3, 160, 160), Moments()
    with torch.no_grad():
        whole = network(picture, moments)
        given = torch.cat(moments.found, 1)
        assert given.shape == (1, network.statistics())
        tile = network(picture[..., 40:], Moments(given, torch.ones(1, 1)))
        own = network(picture[..., 40:])
    inner = (..., slice(reach(2), None))
    assert tile[inner] == pytest.approx(whole[..., 40:][inner], abs=1e-4)
    assert (own[inner] - whole[..., 40:][inner]).abs().max() > 1e-3


@pytest.mark.parametrize("flat", [False, True])
def test_one_graph_holds_both_ways(flat):
    torch.manual_seed(0)
    both = Generators(4, 1, flat).eval()
    picture, zeros = torch.rand(2, 3, 32, 40), torch.zeros(2, both.there.statistics())
    with torch.no_grad():
        for back, network in enumerate((both.there, both.back)):
            made, _ = Either(both)(picture, zeros, torch.zeros(2, 1), torch.tensor([float(back)]))
            assert torch.equal(made, network(picture).clamp(0, 1))


def test_a_new_generator_changes_little():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    assert (Generator(16, 6)(picture) - picture).abs().mean() < 0.05


def test_a_flat_generator_starts_with_what_painters_leave():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64)
    made = Generator(16, 6, flat=True)(picture)
    assert (made - flattened(picture)).abs().mean() < 0.05 < (made - picture).abs().mean()


def test_flattening_keeps_edges_and_leaves_out_detail():
    edge = torch.zeros(1, 3, 24, 24)
    edge[..., 11:] = 1
    grain = 0.05 * torch.randn(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    smooth = flattened(edge + grain)
    assert (smooth - edge).abs().max() < 0.12
    assert (smooth - edge).std() < 0.6 * grain.std()


def test_flattening_is_the_mean_of_four_squares_by_their_flatness():
    pictures = torch.rand(2, 3, 12, 15)
    padded = F.pad(pictures, [3] * 4, mode="reflect")
    total, weights = torch.zeros_like(pictures), torch.zeros(2, 1, 12, 15)
    for top in (0, 3):
        for left in (0, 3):
            squares = padded[..., top : top + 15, left : left + 18].unfold(2, 4, 1).unfold(3, 4, 1).flatten(4)
            weight = (squares.var(4, correction=0).sum(1, keepdim=True) + 2e-4) ** -4
            total, weights = total + weight * squares.mean(4), weights + weight
    assert torch.allclose(flattened(pictures), total / weights, atol=1e-5)


def test_what_is_exported_computes_the_same():
    x = torch.randn(2, 5, 8, 12) + 3
    for found, wanted in zip(exported_means(x), means(x), strict=True):
        assert torch.allclose(found, wanted, rtol=1e-5)
    assert torch.equal(exported_places(x), F.pixel_unshuffle(x, 2))
    assert torch.allclose(kuwahara.exported_boxes(x, 4), kuwahara.pooled(x, 4), atol=1e-5)
    assert torch.allclose(kuwahara.exported_corners(x, 3), kuwahara.summed(x, 3), atol=1e-5)


def test_the_judge_knows_its_domains(pair):
    train, test = pictures([pair], "train"), pictures([pair], "test")
    judge = DomainClassifier(*train)
    assert (~judge(sized(test[0], 128))).all()
    assert judge(sized(test[1], 128)).all()


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


def test_critics_of_texture_look_through_the_published_network():
    features, critic = Sight(SEEN), FeatureCritic(WIDTHS, STRIDES, 8)
    pictures = torch.rand(2, 3, 48, 32, generator=torch.Generator().manual_seed(0), requires_grad=True)
    scores = critic(*features(pictures))
    assert scores.shape == (2, 3, 12, 8)
    scores.sum().backward()
    assert pictures.grad is not None
    assert all(weight.grad is None for weight in features.parameters())


def test_it_is_known_how_light_a_domain_is(pair):
    light = pictures([pair], "train")[0]
    assert typical(light) == pytest.approx(np.mean([(p / 255) @ LUMA for p in light]), abs=1e-2)


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


def test_tiles_of_any_style_agree_with_the_whole(striped):
    torch.manual_seed(0)
    network = AnyPainter(4, 2, 4).eval()
    picture, moments = torch.rand(1, 3, 160, 160), Moments()
    with torch.no_grad():
        hand = network.read(striped, Sight(LEARNED)(striped))
        whole = network(picture, hand, moments)
        given = torch.cat(moments.found, 1)
        assert given.shape == (1, network.statistics())
        tile = network(picture[..., 40:], hand, Moments(given, torch.ones(1, 1)))
    inner = (..., slice(reach_of_painter(2), None))
    assert tile[inner] == pytest.approx(whole[..., 40:][inner], abs=1e-4)


def test_any_style_learns_from_paintings_and_photos(pair, tmp_path, capsys):
    settings = "size=64", "painting=64", "width=8", "blocks=1", "narrow=4", "begin="
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
