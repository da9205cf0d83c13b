"""Photos in the styles of paintings."""

import json

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data
from test_cyclegan import lab

import imgen
from imgen.cli.entry import main
from imgen.image.lab import rgb_to_lab
from imgen_plugins.cyclegan.tools import brush
from imgen_plugins.cyclegan.tools import choices as ways
from imgen_plugins.cyclegan.tools.grain import grain

STYLES = ("composition-vii", "great-wave", "houses-at-auvers", "scream", "shipwreck", "starry-night")


def test_the_shipped_styles():
    assert set(STYLES) == set(ways.styles())
    assert imgen.tools()["stylize"].schema["properties"]["style"]["enum"] == list(ways.styles())


@pytest.mark.parametrize("style", STYLES)
def test_styles(coffee, style):
    stylize = imgen.tools()["stylize"]
    made = stylize(coffee, style=style)
    assert made.shape == coffee.shape
    assert np.abs(made - coffee).mean() > 0.05
    assert np.array_equal(stylize(coffee, style=style, strength=0), coffee)


def pattern(picture: np.ndarray) -> float:
    """How much of a picture turns over at every pixel, along rows, beside what nearly does."""
    rows = picture.mean(2) - picture.mean()
    power = (np.abs(np.fft.rfft(rows * np.hanning(rows.shape[1]))) ** 2).mean(0)
    return float(power[-2:].mean() / np.median(power[-12:-4]))


@pytest.mark.parametrize("style", ["starry-night", "scream"])
def test_no_pattern_of_two_pixels_is_painted(style):
    photo = data.coffee()[:320, :320].astype(np.float32) / 255  # painted at its own size
    assert pattern(imgen.tools()["stylize"](photo, style=style)) < 3  # 5 and 8 without


def test_a_pattern_of_two_pixels_goes_and_detail_stays():
    detail = np.random.default_rng(0).random((1, 3, 40, 60), dtype=np.float32)
    rows, columns = np.mgrid[:40, :60]
    for turned in (rows, columns, rows + columns):
        made = brush.evened(detail + 0.2 * (-1.0) ** turned.astype(np.float32))
        assert made == pytest.approx(brush.evened(detail), abs=1e-4)
        assert np.corrcoef(made.ravel(), detail.ravel())[0, 1] > 0.95


def test_each_style_has_its_own_colours(coffee):
    found = {style: lab(imgen.tools()["stylize"](coffee, style=style)) for style in ("starry-night", "scream")}
    assert found["starry-night"][2] < 0  # blue
    assert found["scream"][2] > 5  # orange and brown


def test_a_flat_sky_gets_strokes_and_the_same_ones_on_every_run():
    flat = np.full((90, 120, 3), np.float32([0.4, 0.6, 0.9]))
    first, second = (imgen.tools()["stylize"](flat, style="starry-night") for _ in range(2))
    assert first.std((0, 1)).max() > 0.02
    assert np.array_equal(first, second)


def test_a_broad_brush_leaves_out_detail(coffee):
    def detail(picture):
        return np.abs(np.diff(picture, axis=0)).mean()

    fine, usual, broad = (imgen.tools()["stylize"](coffee, stroke=stroke) for stroke in (0.5, 1, 3))
    assert min(detail(fine), detail(usual)) > 1.2 * detail(broad)


def test_colours_are_kept_as_asked(coffee):
    photo = rgb_to_lab(coffee)[..., 1:]
    away = [
        np.abs(rgb_to_lab(imgen.tools()["stylize"](coffee, keep_colours=keep))[..., 1:] - photo).mean()
        for keep in (0, 0.5, 1)
    ]
    assert away[0] > 1.5 * away[1] > 2 * away[2]


def test_features_of_faces_are_kept_as_asked():
    photo = data.astronaut().astype(np.float32) / 255
    face, elsewhere = (slice(70, 165), slice(180, 270)), (slice(300, 500), slice(50, 250))
    kept, painted = (imgen.tools()["stylize"](photo, keep_faces=keep) for keep in (1, 0))
    assert same_light(kept[face], photo[face]) > same_light(painted[face], photo[face]) + 0.05
    assert np.array_equal(kept[elsewhere], painted[elsewhere])


def test_a_part_is_painted_like_the_whole(coffee):
    hand = brush.Hand(imgen.model("cyclegan/style-starry-night"))
    large = np.repeat(np.repeat(coffee, 2, 0), 2, 1)
    _, statistics = brush.layered(large, hand, 1.0)
    whole, _ = brush.touched(large, hand, 1.0, statistics, ((0, 1), (0, 1)))
    part, ((top, bottom), (left, right)) = brush.touched(large, hand, 1.0, statistics, ((0.6, 0.7), (0.5, 0.55)))
    rows, columns = (
        slice(round(a * n), round(b * n)) for a, b, n in ((top, bottom, len(whole)), (left, right, whole.shape[1]))
    )
    assert part.size < 0.5 * whole.size
    inner = (slice(44, -44),) * 2  # all that was asked for; around it the part's border shows
    assert np.abs(part - whole[rows, columns])[inner].max() < 1e-3


def test_any_picture_is_a_style(coffee):
    stylize, cat = imgen.tools()["stylize"], data.chelsea().astype(np.float32) / 255
    sea = cat[..., ::-1].copy()
    for picture in (cat, sea):
        made = stylize(coffee, picture=picture)
        assert made.shape == coffee.shape
        colours = [rgb_to_lab(part).reshape(-1, 3) for part in (made, picture, coffee)]
        far = [np.abs(part.mean(0) - colours[1].mean(0)).sum() for part in (colours[0], colours[2])]
        assert far[0] < 0.5 * far[1]  # its colours
        assert np.corrcoef(made.mean(2).ravel(), coffee.mean(2).ravel())[0, 1] > 0.6  # what the photo shows
    assert np.abs(stylize(coffee, picture=cat) - stylize(coffee, picture=sea)).mean() > 0.03


def test_a_picture_is_a_style_on_the_command_line_and_travels_in_the_recipe(tmp_path):
    for name, pixels in (("cup", data.coffee()), ("cat", data.chelsea())):
        Pillow.fromarray(pixels[::4, ::4]).save(tmp_path / f"{name}.png")
    cup, cat, out = (tmp_path / f"{name}.png" for name in ("cup", "cat", "out"))
    assert main(["run", str(cup), "-s", f"stylize:picture={cat}", "-o", str(out), "-q"]) == 0
    expected = imgen.tools()["stylize"](imgen.open(cup).pixels, picture=imgen.open(cat).pixels)
    assert np.abs(imgen.open(out).pixels - expected).max() < 1 / 255
    again = imgen.Pipeline.from_json(imgen.open(out).recipe)
    assert np.abs(again(imgen.open(cup)).pixels - expected).max() < 1e-5


def same_light(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.mean(2).ravel(), b.mean(2).ravel())[0, 1])


def test_painted_tiles_agree_with_the_whole(coffee, monkeypatch):
    model = imgen.model("cyclegan/style-starry-night")
    large = np.repeat(np.repeat(coffee[:160, :240], 2, 0), 2, 1)
    whole, statistics = brush.run(brush.Hand(model), brush.planes(large))
    whole, run = whole[0].transpose(1, 2, 0), brush.run
    monkeypatch.setattr(brush, "TILE", 160)
    monkeypatch.setattr(brush, "run", lambda hand, part, given=None: run(hand, part, statistics))
    assert np.abs(brush.painted(brush.Hand(model), large)[0] - whole).max() < 1e-3


def test_statistics_are_those_of_the_size_that_is_painted(coffee):
    model = imgen.model("cyclegan/style-starry-night")
    large = np.tile(coffee, (6, 4, 1))  # 1200 x 1200
    pieces = brush.pieces(large)
    assert pieces.shape == (brush.TILE, brush.TILE, 3)
    own, found = (brush.run(brush.Hand(model), brush.planes(picture))[1] for picture in (large, pieces))
    assert np.median(np.abs(found - own) / np.abs(own)) < 0.1


@pytest.mark.parametrize(
    ("shape", "stroke", "sides"),
    [
        ((100, 160), 1, [320]),
        ((420, 600), 1, [320, 502]),
        ((6000, 4000), 1, [320, 960, 2880]),
        ((420, 600), 2, [160, 480]),
        ((6000, 4000), 2, [160, 480, 1440]),
    ],
)
def test_finer_strokes_come_over_broad_ones(shape, stroke, sides):
    found = list(brush.sizes(shape, stroke, 8))
    assert [round((h * w) ** 0.5) for h, w in found] == pytest.approx(sides, rel=0.03)
    assert all(side % 8 == 0 for size in found for side in size)


@pytest.mark.parametrize(("style", "now"), [("waves", "starry-night"), ("hatching", "great-wave")])
def test_recipes_with_retired_styles_load_and_say_so(style, now, caplog):
    step = {"tool": "stylize", "parameters": {"style": style, "detail": 2}}
    pipeline = imgen.Pipeline.from_json(json.dumps({"imgen": 1, "steps": [step]}))
    assert pipeline.steps[0].parameters == {"style": now, "stroke": 0.5}
    told = f"stylize: the style {style!r} is no longer shipped; {now!r} takes its place"
    assert caplog.messages == [told]


def test_the_command_says_once_what_took_the_place_of_a_retired_style(tmp_path, capfd):
    recipe = tmp_path / "old.json"
    recipe.write_text(json.dumps({"imgen": 1, "steps": [{"tool": "stylize", "parameters": {"style": "waves"}}]}))
    Pillow.fromarray(data.coffee()[::8, ::8]).save(tmp_path / "cup.png")
    assert main(["run", str(tmp_path / "cup.png"), "--pipeline", str(recipe), "-o", str(tmp_path / "out.png")]) == 0
    assert capfd.readouterr().err.count("is no longer shipped") == 1


def test_grain_has_the_mean_0_and_the_spread_1():
    noise = grain(200, 300, np.random.default_rng(0))
    assert noise.shape == (200, 300, 1)
    assert (noise.mean(), noise.std()) == pytest.approx((0, 1), abs=0.05)


@pytest.mark.parametrize("style", STYLES)
def test_styles_stand_above_the_floors(style):
    rows = imgen.model(f"cyclegan/style-{style}").card["evaluation"]["rows"]
    assert rows["distance to the painting's textures, the photo's is 1"]["painted"]["mean"] < 0.45
    assert rows["edges kept: correlation of gradients"]["painted"]["mean"] > 0.5


def test_any_style_is_nearer_to_its_picture_than_a_photo_and_keeps_edges():
    rows = imgen.model("cyclegan/any-style").card["evaluation"]["rows"]
    assert rows["distance to the painting's textures, the photo's is 1"]["painted"]["mean"] < 0.65
    assert rows["edges kept: correlation of gradients"]["painted"]["mean"] > 0.5
