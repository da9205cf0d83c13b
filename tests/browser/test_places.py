"""Places, rectangles and clicks on the photo or on a step's second picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from imgen import faces

from .acts import (
    SAMPLES,
    add_step,
    brush,
    click_at,
    download,
    drag,
    load_recipe,
    middle,
    open_photo,
    pixels,
    placed,
    previewed,
    resize,
    run,
    save_recipe,
)

pytestmark = pytest.mark.browser


def put_places(page) -> None:
    """Two dots of colour, and a box that takes the place of another; the first without a photo, in vain."""
    add_step(page, "paint")
    dots = page.get_by_role("button", name="Hints: pick on the photo")
    dots.click()
    page.locator("#bar [data-state=error]", has_text="Open a photo first").wait_for()
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()

    dots.click()
    page.get_by_label("Hints: colour of the next dot").fill("#3366cc")
    click_at(page, 0.25, 0.5)
    page.get_by_label("Hints: colour of the next dot").fill("#cc0000")
    click_at(page, 0.75, 0.2)
    click_at(page, 0.5, 0.9)
    click_at(page, 0.5, 0.9)  # takes it away again
    assert page.locator(".card .chips", has_text="2 dots").locator(".chip").count() == 2
    page.get_by_role("button", name="Box: pick on the photo").click()
    drag(page, (0.9, 0.8), (0.5, 0.9))
    drag(page, (0.8, 0.9), (0.4, 0.6))  # takes the first one's place
    page.keyboard.press("Escape")
    assert page.locator(".card [aria-pressed=true]").count() == 0


def test_places_are_put_on_the_photo_and_travel_in_the_recipe(page, tmp_path):
    put_places(page)
    recipe = placed(save_recipe(page, tmp_path))
    assert [dot[2] for dot in recipe["hints"]] == ["#3366cc", "#cc0000"]
    np.testing.assert_allclose([dot[:2] for dot in recipe["hints"]], [[0.25, 0.5], [0.75, 0.2]], atol=0.003)
    np.testing.assert_allclose(recipe["box"], [0.4, 0.6, 0.4, 0.3], atol=0.004)
    assert recipe["points"] == []

    page.get_by_role("button", name="Hints: remove dot 1").click()
    path = save_recipe(page, tmp_path)
    page.get_by_role("button", name="Remove Paint").click()
    assert page.locator(".mark").count() == 0
    load_recipe(page, path)
    page.locator(".card[data-tool=paint]").wait_for()
    page.locator(".mark").nth(1).wait_for()
    assert page.locator(".mark").count() == 2
    resize(page, 1100, 600)
    np.testing.assert_allclose(middle(page.locator(".mark.dots")), [0.75, 0.2], atol=0.01)
    np.testing.assert_allclose(middle(page.locator(".mark.box")), [0.6, 0.75], atol=0.01)

    run(page)
    page.locator(".places").wait_for(state="hidden")  # the two pictures are compared
    page.reload()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    previewed(page)
    assert page.locator(".mark").count() == 2
    run(page)
    result = pixels(download(page, "png", tmp_path))
    assert (result == [0xCC, 0, 0]).all(2)[78:83, 448:453].any()
    assert (result[242:358, 242:478] == 255).all()


def test_clicks_add_to_a_selection_and_take_away_from_it(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "select_subject")
    page.get_by_role("button", name="Points: pick on the photo", exact=True).click()
    click_at(page, 0.5, 0.4)
    page.get_by_role("button", name="Background points: pick on the photo").click()
    click_at(page, 0.8, 0.8)
    page.get_by_role("button", name="Done").click()
    marks = page.locator(".mark.points")
    assert marks.count() == 2
    assert page.locator(".mark.points.away").count() == 1
    colours = {mark.evaluate("mark => getComputedStyle(mark).backgroundColor") for mark in marks.all()}
    assert len(colours) == 2  # what adds does not look like what takes away
    parameters = placed(save_recipe(page, tmp_path))
    np.testing.assert_allclose(parameters["points"], [[0.5, 0.4]], atol=0.005)
    np.testing.assert_allclose(parameters["background_points"], [[0.8, 0.8]], atol=0.005)


def test_picking_leaves_the_selection_alone(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    brush(page, (0.1, 0.1), (0.2, 0.1))
    add_step(page, "paint")
    points = page.get_by_role("button", name="Points: pick on the photo")
    points.click()
    for x in (0.2, 0.4, 0.6):
        click_at(page, x, 0.5)
    page.keyboard.press("Control+z")
    assert page.locator(".mark.points").count() == 2
    page.get_by_role("button", name="Done").click()
    assert points.evaluate("element => element === document.activeElement")
    assert points.get_attribute("aria-pressed") == "false"
    click_at(page, 0.8, 0.8)  # the brush again
    steps = json.loads(save_recipe(page, tmp_path).read_text())["steps"]
    assert [step["tool"] for step in steps] == ["load_selection", "paint"]
    assert len(steps[1]["parameters"]["points"]) == 2
    page.get_by_role("button", name="Clear", exact=True).click()
    page.get_by_role("button", name="Points: clear").click()
    assert placed(save_recipe(page, tmp_path)) == {"hints": [], "points": [], "box": None}


def test_places_on_a_second_picture_are_picked_on_that_picture(page, tmp_path):
    halves = np.zeros((100, 300, 3), np.uint8)
    halves[:, 150:] = (200, 40, 60)
    Image.fromarray(halves).save(tmp_path / "halves.png")
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "tint")
    page.locator("#bar .text", has_text="needs a second picture").wait_for()  # later it would hide the error
    picking = page.get_by_role("button", name="Other points: pick on the picture")
    picking.click()
    page.locator("#bar [data-state=error]", has_text="Choose the step's picture first").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator(".card .file").click()
    chooser.value.set_files(tmp_path / "halves.png")
    page.locator(".card .file.chosen", has_text="halves.png").wait_for()
    picking.click()
    page.locator(".second").wait_for()
    box = page.locator("#stage .picture").bounding_box()
    assert abs(box["width"] / box["height"] - 3) < 0.05
    assert page.locator(".before").is_hidden()
    click_at(page, 0.25, 0.5)
    click_at(page, 0.75, 0.5)
    assert page.locator(".mark").count() == 2
    page.get_by_role("button", name="Done").click()
    assert page.locator(".second").is_hidden()
    assert page.locator(".mark").count() == 0  # they are not places of the photo
    run(page)
    assert (pixels(download(page, "png", tmp_path)) == [200, 40, 60]).all()
    parameters = placed(save_recipe(page, tmp_path))
    np.testing.assert_allclose(parameters["other_points"], [[0.25, 0.5], [0.75, 0.5]], atol=0.005)


def test_sliders_edit_the_face_that_was_clicked(page, tmp_path):
    with Image.open(SAMPLES / "astronaut.jpg") as file:
        one = file.convert("RGB")
    both = Image.new("RGB", (2 * one.width, one.height))
    both.paste(one, (0, 0))
    both.paste(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (one.width, 0))
    both.save(tmp_path / "two.png")
    open_photo(page, tmp_path / "two.png")
    add_step(page, "edit_face")
    card = page.locator(".card[data-tool=edit_face]")
    assert "Research only" in card.inner_text()
    for label, amount in (("Smile", "-3"), ("Age", "2")):
        card.get_by_label(label, exact=True).and_(page.locator("input[type=range]")).fill(amount)
    run(page)
    assert "2 faces found; the largest is taken" in page.locator("#bar").inner_text()
    page.get_by_role("button", name="Points: pick on the photo").click()
    face = faces.find(np.asarray(one, np.float32) / 255)[0]
    x, y = (np.array(face.left) + face.right) / 2 / one.size
    click_at(page, 1 - x / 2, y)
    run(page)
    assert "faces found" not in page.locator("#bar").inner_text()
    result, before = pixels(download(page, "png", tmp_path)), np.asarray(both)
    assert np.array_equal(result[:, : one.width], before[:, : one.width])
    changed = (result != before).any(2)
    assert 0.01 < changed[:, one.width :].mean() < 0.5
    recipe = placed(save_recipe(page, tmp_path))
    assert (recipe["smile"], recipe["age"], len(recipe["points"])) == (-3, 2, 1)


def test_a_rectangle_is_dragged(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    page.keyboard.press("x")
    assert page.get_by_role("button", name="Box", exact=True).get_attribute("aria-pressed") == "true"
    click_at(page, 0.9, 0.9)  # a slip of the hand
    assert page.get_by_role("button", name="Clear", exact=True).is_disabled()
    drag(page, (0.75, 0.5), (0.25, 0.25))
    page.get_by_role("button", name="Erase").click()
    page.get_by_label("Brush size").fill("20")
    brush(page, (0.5, 0.3), (0.5, 0.3))
    add_step(page, "saturation")
    run(page)
    changed = (pixels(SAMPLES / "coffee.jpg") != pixels(download(page, "png", tmp_path))).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    np.testing.assert_allclose([rows.min(), rows.max(), columns.min(), columns.max()], [100, 199, 150, 449], atol=3)
    assert not changed[118:123, 298:303].any()  # taken away again
    assert changed[150:190, 200:400].mean() > 0.8
