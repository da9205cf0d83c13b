import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
import imgen_plugins.cyclegan as plugin
from imgen.cli.entry import main
from imgen.contract.context import Context, using
from imgen.image.lab import rgb_to_lab
from imgen_plugins.cyclegan.tools import choices as ways
from imgen_plugins.cyclegan.tools import light, pictures

FOLDER = Path(plugin.imgen_models())


def lab(picture: np.ndarray) -> np.ndarray:
    return rgb_to_lab(picture).mean((0, 1))


def sky() -> np.ndarray:
    """A blue sky with a cloud over a meadow."""
    y, x = np.mgrid[:120, :160]
    picture = np.float32([0.25, 0.5, 0.85]) + 0.25 * np.float32(y / 120)[..., None]
    picture[((y - 35) / 15) ** 2 + ((x - 100) / 40) ** 2 < 1] = (0.95, 0.95, 0.97)
    picture[90:] = (0.25, 0.5, 0.15)
    return picture + np.random.default_rng(0).normal(0, 0.01, picture.shape).astype(np.float32)


def test_the_shipped_domains():
    assert set(ways.domains()) == {"day", "sunset"}
    assert imgen.tools()["translate"].schema["properties"]["domain"]["enum"] == list(ways.domains())


def test_a_sunset_is_warmer_and_day_is_not():
    day = sky().clip(0, 1)
    sunset = imgen.tools()["translate"](day, domain="sunset")
    assert lab(sunset)[2] > lab(day)[2] + 4
    again = imgen.tools()["translate"](sunset, domain="day")
    assert lab(again)[2] < lab(sunset)[2] - 1


@pytest.mark.parametrize("domain", ["day", "sunset"])
def test_strength(coffee, domain):
    translate = imgen.tools()["translate"]
    assert np.array_equal(translate(coffee, domain=domain, strength=0), coffee)
    half, whole, more = (np.abs(translate(coffee, domain=domain, strength=s) - coffee).mean() for s in (0.5, 1, 1.5))
    assert half == pytest.approx(whole / 2, rel=0.2)
    assert more > 1.1 * whole


@pytest.mark.parametrize("domain", ["day", "sunset"])
def test_large_photos_look_like_small_ones(coffee, domain):
    large = np.asarray(Pillow.fromarray((coffee * 255).astype(np.uint8)).resize((1500, 1000)), np.float32) / 255
    translate = imgen.tools()["translate"]
    small, reduced = translate(coffee, domain=domain), translate(large, domain=domain)
    reduced = np.asarray(Pillow.fromarray((reduced * 255).astype(np.uint8)).resize((300, 200), Pillow.Resampling.BOX))
    assert np.abs(small - reduced / 255).mean() < 0.02
    assert np.abs(small - coffee).mean() > 0.01


def test_detail_of_the_full_size_is_kept():
    photo = data.astronaut()[:480, :480].astype(np.float32) / 255
    made = imgen.tools()["translate"](photo, domain="sunset")
    before, after = (np.hypot(*np.gradient(p.mean(2))).ravel() for p in (photo, made))
    assert np.corrcoef(before, after)[0, 1] > 0.75


def test_a_dark_photo_gets_the_light_as_well():
    """Shown as dark as it is, the network took it for what it had never seen, and left it alone."""
    dark = (0.35 * sky()).clip(0, 1)
    assert lab(imgen.tools()["translate"](dark))[2] > lab(dark)[2] + 4


def test_colours_of_the_sky_are_no_neon():
    bright = (1.3 * sky()).clip(0, 1)
    for strength in (1, 2):
        made = imgen.tools()["translate"](bright, strength=strength)
        chroma = np.linalg.norm(rgb_to_lab(made)[..., 1:], axis=2)
        assert chroma.max() < (75 if strength == 1 else 110)
        assert chroma.mean() > 15  # and it is a sunset all the same


def test_what_is_beyond_white_pales_and_keeps_its_hue():
    made = np.float32([[[1.4, 0.6, 0.3], [0.5, 0.4, -0.2], [1.2, 1.1, 1.3], [0.2, 0.5, 0.7]]])
    found = light.fitted(made.copy())
    assert found.min() >= 0
    assert found.max() <= 1
    assert found[0, 3] == pytest.approx(made[0, 3])
    assert found[0, 0, 0] > found[0, 0, 1] > found[0, 0, 2]
    assert found[0, :2] @ light.LUMA == pytest.approx(made[0, :2] @ light.LUMA, abs=1e-5)


def test_a_photo_that_is_hardly_changed_is_told_of():
    with using(Context()) as context:
        imgen.tools()["translate"](np.full((60, 80, 3), 0.02, np.float32))
        assert any("it needs a sky" in note for note in context.notes)
    with using(Context()) as context:
        imgen.tools()["translate"](sky().clip(0, 1))
        assert not any("needs a sky" in note for note in context.notes)


@pytest.mark.parametrize("domain", ["painting", "photo"])
def test_recipes_with_retired_domains_are_explained(domain):
    recipe = {"imgen": 1, "steps": [{"tool": "translate", "parameters": {"domain": domain}}]}
    with pytest.raises(imgen.ImgenError, match=f"domain '{domain}' is no longer shipped"):
        imgen.Pipeline.from_json(json.dumps(recipe))
    recipe["steps"][0]["parameters"] = {"domain": "day", "strength": 0.5}
    assert imgen.Pipeline.from_json(json.dumps(recipe)).steps[0].parameters == {"domain": "day", "strength": 0.5}


def test_the_background_gets_the_light_and_the_subject_is_not(tmp_path):
    source, out = tmp_path / "cup.png", tmp_path / "out.png"
    Pillow.fromarray(data.coffee()[::2, ::2]).save(source)
    steps = ["-s", "select_subject", "-s", "invert_selection", "-s", "translate"]
    assert main(["run", str(source), *steps, "-o", str(out), "-q"]) == 0
    before, after = imgen.open(source).pixels, imgen.open(out).pixels
    subject = imgen.tools()["select_subject"](before)
    assert np.array_equal(after[subject == 1], before[subject == 1])
    assert np.abs(after - before)[subject == 0].mean() > 0.01


def test_the_subject_keeps_its_light_as_asked():
    cup = data.coffee()[::2, ::2].astype(np.float32) / 255
    subject, translate = imgen.tools()["select_subject"](cup), imgen.tools()["translate"]
    lit, half, kept = (translate(cup, keep_subject=keep) for keep in (0, 0.5, 1))
    assert np.abs(kept - cup)[subject == 1].max() < 1e-6
    assert np.array_equal(kept[subject == 0], lit[subject == 0])
    assert half[subject == 1] == pytest.approx((lit + cup)[subject == 1] / 2, abs=1e-6)
    assert np.abs(lit - cup)[subject == 1].mean() > 0.005


def test_a_room_without_a_sky_gets_evening_light_too():
    x = np.mgrid[:120, :160][1]
    room = np.full((120, 160, 3), (0.62, 0.6, 0.55), np.float32) * np.float32(0.7 + 0.3 * x / 160)[..., None]
    room[80:, 40:120] = (0.35, 0.25, 0.2)
    assert lab(imgen.tools()["translate"](room, domain="sunset"))[2] > lab(room)[2] + 2


def test_all_networks_are_shown_a_photo_of_one_size(monkeypatch):
    """The larger it is, the less of the scene a network sees at once."""
    shown: list[tuple[int, ...]] = []
    run = pictures.run
    monkeypatch.setattr(
        pictures, "run", lambda model, back, small: shown.append(small.shape) or run(model, back, small)
    )
    imgen.tools()["translate"](np.random.default_rng(0).random((400, 600, 3), dtype=np.float32))
    ((height, width, _),) = shown
    assert height * width <= 1.1 * 90**2


def test_a_recipe_names_the_models_that_ran():
    for keep, further in ((0, ()), (0.5, ("unet/subject",))):
        step = imgen.Pipeline().add("translate", domain="sunset", keep_subject=keep).steps[0]
        assert step.models == ("cyclegan/day2sunset", *further)


def test_an_unknown_domain_is_explained(coffee):
    with pytest.raises(imgen.ImgenError, match=r"must be one of .*sunset"):
        imgen.tools()["translate"](coffee, domain="moon")


@pytest.mark.parametrize("size", [(5001, 7), (7, 3000), (1, 1)])
def test_extreme_sizes(size):
    image = np.random.default_rng(0).random((*size, 3), dtype=np.float32)
    assert imgen.tools()["translate"](image).shape == image.shape


def own_model(folder: Path, name: str, card: str) -> None:
    (folder / "cyclegan").mkdir(exist_ok=True)
    (folder / "cyclegan" / f"{name}.onnx").touch()
    (folder / "cyclegan" / f"{name}.json").write_text(card, encoding="utf-8")


def pair(*domains: str) -> str:
    return json.dumps(
        {"task": "x", "sha256": "0" * 64, "measured": {"domains": domains}, "training": {"settings": {"size": 96}}}
    )


def test_a_second_pair_with_the_same_domain_keeps_both(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path))
    own_model(tmp_path, "day2night", pair("day", "night"))
    found = ways.domains()
    assert found["night"] == ("cyclegan/day2night", False)
    assert found["night2day"] == ("cyclegan/day2night", True)
    assert found["day"].model == "cyclegan/day2sunset"


@pytest.mark.parametrize(
    "card", ["no JSON", "[]", "{}", '{"measured": null}', pair("day"), '{"measured": {"domains": 3}}']
)
def test_a_damaged_model_harms_no_other(tmp_path, monkeypatch, card):
    before = ways.domains()
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path))
    own_model(tmp_path, "broken", card)
    assert ways.domains() == before


def test_a_users_own_model_takes_the_place_of_a_shipped_one(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path))
    own_model(tmp_path, "day2sunset", pair("noon", "dusk"))
    found = ways.domains()
    assert "sunset" not in found
    assert found["dusk"].model == "cyclegan/day2sunset"


def test_the_models_are_small():
    for file in FOLDER.glob("*2*.onnx"):
        assert file.stat().st_size <= 2 * 2**20  # two generators
    assert sum(file.stat().st_size for file in FOLDER.glob("style-*.onnx")) < 3 * 2**20


def test_the_readme_shows_the_cards():
    pytest.importorskip("torch")
    card = import_module("imgen.training.card")
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name in (path.stem for path in FOLDER.glob("*.onnx")):
        found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        assert card.section(found) in readme, f"run imgen evaluate cyclegan/{name}"


def test_the_card_of_the_pair_stands_above_the_floors():
    rows, way = imgen.model("cyclegan/day2sunset").card["evaluation"]["rows"], "day to sunset"
    taken = rows["classifier: translated taken for the target, %"]
    assert taken[way]["mean"] >= 80
    assert taken["sunset to day"]["mean"] >= 75
    assert rows["edges kept: correlation of gradients"][way]["mean"] > 0.75
    hidden = rows["there and back over JPEG 90: absolute error, of 255"][way]["mean"]
    assert hidden < 1.2 * rows["there and back: absolute error, of 255"][way]["mean"]
