import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import imgen
import imgen_plugins.dcgan as plugin
from imgen import faces
from imgen.faces.attributes import COLUMNS
from imgen_plugins.dcgan.tools import attribute_words as words
from imgen_plugins.dcgan.tools import codes
from imgen_plugins.dcgan.tools.search import inverted

FOLDER = Path(plugin.imgen_models())


def tiles(sheet: np.ndarray, columns: int) -> np.ndarray:
    side = sheet.shape[1] // columns
    return sheet.reshape(-1, side, columns, side, 3).transpose(0, 2, 1, 3, 4).reshape(-1, side, side, 3)


def test_a_seed_is_a_face():
    make = imgen.tools()["generate_faces"]
    first = make(seed=1, count=4, scale=1)
    assert first.shape == (128, 128, 3)
    assert np.array_equal(first, make(seed=1, count=4, scale=1))
    assert not np.array_equal(first, make(seed=2, count=4, scale=1))
    assert tiles(make(seed=1, count=9, scale=1), 3)[:4] == pytest.approx(tiles(first, 2), abs=1e-5)


def test_without_variety_all_faces_are_the_average_one():
    made = tiles(imgen.tools()["generate_faces"](count=4, truncation=0.0, scale=1), 2)
    assert np.abs(made - made[:1]).max() < 1e-5


@pytest.mark.parametrize("name", COLUMNS)
def test_every_slider_goes_both_ways(name):
    make = imgen.tools()["generate_faces"]
    plain, more, less = (make(seed=3, count=4, scale=1, **{name: value}) for value in (0.0, 2.0, -2.0))
    assert min(np.abs(made - plain).mean() for made in (more, less)) > 0.003
    if name in words.learned():  # each way on its own, and both may make the background lighter
        assert np.abs(more - less).mean() > 0.5 * np.abs(more - plain).mean()
    else:
        assert ((more - plain) * (less - plain)).sum() < 0


def test_a_slider_that_is_read_off_codes_moves_its_score_and_leaves_the_main_ones():
    normals, means = words.directions()
    change = words.change({"blond": 2.0})
    scores = dict(zip(means, normals @ change.code[0], strict=True))
    assert scores["blond"] == pytest.approx(2, abs=1e-4)
    assert [scores[name] for name in words.KEPT] == pytest.approx([0] * len(words.KEPT), abs=1e-4)
    assert not change.extra.any()


def test_a_learned_slider_grows_ever_slower_and_has_another_change_for_less():
    assert "glasses" in words.learned()
    one, full, most, less = (words.change({"glasses": amount}) for amount in (1.0, words.FULL, 5.0, -words.FULL))
    lengths = [np.linalg.norm(change.extra) for change in (one, full, most)]
    assert lengths[0] < lengths[1] < lengths[2] < 1.5 * lengths[1]
    assert np.abs(full.extra + less.extra).max() > 0.1 * np.abs(full.extra).max()
    none = words.change({})
    assert not none.code.any()
    assert not none.extra.any()


def test_what_words_add_up_to_is_meant_once():
    once, often = (words.meant(words.parse(text), 1.0) for text in ("smiling man", "smiling man + smiling man"))
    assert once.extra == pytest.approx(often.extra)
    terms = words.parse("smiling woman - neutral woman + neutral man")
    assert once.code == pytest.approx(words.meant(terms, 1.0).code)
    assert not words.meant(terms, 0.0).extra.any()


def test_a_walk_leads_from_one_face_to_the_other_on_a_sphere():
    walk = imgen.tools()["interpolate_faces"](seed=4, other_seed=5, frames=5, scale=1)
    assert walk.shape == (8, 64, 64, 3)  # there and back
    for seed, frame in ((4, walk[0]), (5, walk[4])):
        assert frame == pytest.approx(imgen.tools()["generate_faces"](seed=seed, count=1, scale=1), abs=1e-5)
    assert imgen.tools()["interpolate_faces"](frames=16, as_sheet=True, scale=1).shape == (1, 128, 512, 3)
    first, last = np.float32([3, 0]), np.float32([0, 3])
    arc = codes.between(first, last, np.linspace(0, 1, 7))
    assert np.linalg.norm(arc, axis=1) == pytest.approx(np.full(7, 3), abs=1e-5)
    assert codes.between(first, first, np.array([0.3]))[0] == pytest.approx(first)


def test_words_are_understood():
    smiling, neutral, glasses, photo = words.parse("smiling woman - neutral woman + man without glasses - second")
    assert (smiling.sign, smiling.wanted) == (1, {"smile": True, "gender": False})
    assert (neutral.sign, neutral.wanted) == (-1, {"smile": False, "gender": False})
    assert glasses.wanted == {"gender": True, "glasses": False}
    assert (photo.sign, photo.picture) == (-1, "second")
    assert words.is_change(" +glasses -smile")
    assert words.parse("man − woman – second") == words.parse("man - woman - second")  # as it is printed  # noqa: RUF001
    assert not words.is_change("man + glasses")
    left = words.total(words.parse("+smiling woman -neutral woman"))
    assert left["smile"] > 0
    assert left["gender"] == 0


@pytest.mark.parametrize(
    ("text", "says"), [("purple man", "glasses"), ("man - ", "says nothing"), ("", "says nothing")]
)
def test_unknown_words_are_explained(text, says):
    with pytest.raises(imgen.ImgenError, match=says):
        words.parse(text)


def test_averages_have_what_the_words_say():
    normals, means = words.directions()
    average = words.averaged({"smile": True, "gender": False}, seed=0, people=16)
    scores = dict(zip(means, normals @ average, strict=True))
    assert scores["smile"] > means["smile"][True] / 2
    assert scores["gender"] < means["gender"][False] / 2


def test_arithmetic_shows_its_terms_and_the_result_among_relatives():
    sheet = imgen.tools()["face_arithmetic"](scale=1, seed=2, people=3, emphasis=0)
    assert sheet.shape == (192, 64 + codes.GAP + 192, 3)
    still = imgen.tools()["face_arithmetic"](scale=1, seed=2, people=3, emphasis=0, variety=0.0)
    around, equal = (tiles(np.ascontiguousarray(s[:, 64 + codes.GAP :]), 3) for s in (sheet, still))
    assert np.abs(equal - equal[:1]).max() < 1e-5
    assert around[4] == pytest.approx(equal[4], abs=1e-5)
    assert np.abs(around[0] - around[4]).mean() > 0.003
    terms = words.parse("smiling woman - neutral woman + neutral man")
    averages = [words.averaged(t.wanted, 2, 3)[None] for t in terms]  # with emphasis=0, nothing is added to them
    result = codes.shortened(averages[0] - averages[1] + averages[2], codes.usual())
    assert around[4] == pytest.approx(codes.drawn(codes.plain(result))[0], abs=1e-5)


def test_emphasis_shows_in_terms_and_result():
    plain, more = (imgen.tools()["face_arithmetic"](scale=1, seed=2, emphasis=value) for value in (0.0, 1.0))
    left, right = np.abs(more - plain)[:, :64], np.abs(more - plain)[:, 64 + codes.GAP :]
    assert left.mean() > 0.01
    assert right.mean() > 0.01


def test_arithmetic_takes_photos(astronaut):
    sheet = imgen.tools()["face_arithmetic"](terms="first - woman + man", first=astronaut, scale=1)
    assert sheet.shape[0] == 192
    with pytest.raises(imgen.ImgenError, match="second=FILE"):
        imgen.tools()["face_arithmetic"](terms="second + glasses")


def test_a_change_of_a_photo_stays_on_the_face(astronaut):
    changed = imgen.tools()["add_to_face"](astronaut, terms="+glasses -smile", amount=2.0)
    moved = np.abs(changed - astronaut).max(2)
    assert moved.max() > 0.02
    face = faces.choose(astronaut, [], None)
    across = face.right[0] - face.left[0]
    rows, columns = np.nonzero(moved)
    assert max(np.abs(rows - face.left[1]).max(), np.abs(columns - face.left[0]).max()) < 3.3 * across
    assert np.array_equal(imgen.tools()["add_to_face"](astronaut, terms="+man -man"), astronaut)


def test_only_terms_of_hair_reach_beyond_the_face(astronaut):
    face = faces.choose(astronaut, [], None)
    across = face.right[0] - face.left[0]
    corner = (face.left[1] - 0.55 * across, face.left[0] - 0.7 * across)
    temple = tuple(slice(round(v) - 4, round(v) + 4) for v in corner)
    for terms, there in (("+glasses -smile", False), ("+blond", True)):
        made = imgen.tools()["add_to_face"](astronaut, terms=terms)
        assert (np.abs(made - astronaut)[temple].max() > 0.005) == there


def test_the_photo_itself_can_be_taken_away(astronaut):
    add = imgen.tools()["add_to_face"]
    assert not np.array_equal(add(astronaut, terms="+second -first", second=astronaut[:, ::-1]), astronaut)


def test_the_search_comes_nearer(crop):
    target = np.stack([crop, crop[:, ::-1]])
    start = codes.encoded(target)
    guessed, found = codes.drawn(start), inverted(target, steps=30)
    error, before = (np.square(made - target).mean((1, 2, 3)) for made in (found.faces, guessed))
    assert (error < 0.8 * before).all()
    assert found.faces == pytest.approx(codes.drawn(found.codes), abs=1e-5)


def test_digits_are_drawn_as_asked():
    draw = imgen.tools()["draw_digit"]
    seven = draw(digit=7, seed=1, count=9, scale=1)
    assert seven.shape == (84, 84, 3)
    assert seven.mean() > 0.5  # dark ink on white paper
    assert np.array_equal(seven, draw(digit=7, seed=1, count=9, scale=1))
    assert np.abs(seven - draw(digit=1, seed=1, count=9, scale=1)).mean() > 0.01


@pytest.mark.parametrize("name", ["encoder", "directions"])
def test_what_belongs_to_another_generator_is_refused(name, monkeypatch, crop):
    model = imgen.model("dcgan/faces")
    monkeypatch.setitem(model.card, "measured", {})  # it keeps nobody's codes
    monkeypatch.setattr(model.__class__, "checksum", property(lambda model: "0" * 64))
    monkeypatch.setattr(model.__class__, "verify", lambda model: None)
    with pytest.raises(imgen.ImgenError, match=f"imgen train dcgan/{name}"):
        codes.encoded(crop[None]) if name == "encoder" else words.directions()


def test_the_models_are_small():
    files = [FOLDER / f"{name}.onnx" for name in ("faces", "encoder", "directions")]
    assert sum(file.stat().st_size for file in files) < 16 * 2**20


def test_the_readme_shows_the_cards():
    pytest.importorskip("torch")
    card = import_module("imgen.training.card")
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name in ("faces", "encoder", "directions", "digits"):
        found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        assert card.section(found) in readme, f"run imgen evaluate dcgan/{name}"
