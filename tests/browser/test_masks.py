"""Where a step acts: its own mask, put together on its card, painted on the photo, and its opacity."""

from __future__ import annotations

import json

import numpy as np
import pytest

import imgen

from .acts import (
    SAMPLES,
    add_step,
    brush,
    download,
    pixels,
    press,
    previewed,
    sample,
    save_recipe,
    set_slider,
    stroke,
    tinted,
)

pytestmark = pytest.mark.browser


def card(page, tool="saturation"):
    return page.locator(f".card[data-tool={tool}]")


def grey_card(page):
    """A step that makes the photo grey, the place where it acts open."""
    sample(page)
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0")
    card(page).get_by_role("button", name="Saturation: where it acts").click()


def add(page, name):
    card(page).get_by_role("group", name="Add to the mask").get_by_role("button", name=name, exact=True).click()


def test_a_mask_is_painted_combined_faded_and_is_the_recipes_and_the_command_lines(page, tmp_path):
    grey_card(page)
    add(page, "Brush")
    brush(page, (0.2, 0.3), (0.8, 0.3))
    card(page).get_by_text("1 stroke", exact=True).wait_for()
    add(page, "Brightness")
    card(page).get_by_label("Brightness: with what was selected before").select_option("Take away")
    add(page, "Soften")
    opacity = card(page).get_by_label("Opacity").and_(page.locator("input[type=number]"))
    opacity.fill("0.5")
    previewed(page)
    made = download(page, "png", tmp_path)
    recipe = json.loads(save_recipe(page, tmp_path).read_text())
    (step,) = recipe["steps"]
    assert step["opacity"] == 0.5
    assert [part["tool"] for part in step["mask"]] == ["select_strokes", "select_brightness", "feather_selection"]
    assert step["mask"][1]["combine"] == "subtract"
    edit = imgen.Pipeline.from_json(json.dumps(recipe), files=False)
    wanted = edit(SAMPLES / "coffee.jpg", cache=None)
    wanted.save(tmp_path / "python.png")
    assert np.array_equal(pixels(made), pixels(tmp_path / "python.png"))
    assert imgen.open(made).recipe == imgen.open(tmp_path / "python.png").recipe
    before = pixels(SAMPLES / "coffee.jpg")
    changed = (pixels(made) != before).any(2).mean()
    assert 0.02 < changed < 0.5


def test_the_brush_goes_back_to_the_selection_and_undo_takes_strokes_away(page):
    grey_card(page)
    add(page, "Brush")
    brush(page, (0.2, 0.3), (0.8, 0.3))
    brush(page, (0.2, 0.6), (0.8, 0.6))
    painted = card(page).locator(".painted")
    painted.get_by_text("2 strokes").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    painted.get_by_text("1 stroke", exact=True).wait_for()
    assert page.evaluate("document.querySelector('.paint').getAttribute('aria-pressed')") == "true"  # it goes on
    page.get_by_role("button", name="Clear", exact=True).first.click()
    painted.get_by_text("None yet").wait_for()
    card(page).get_by_role("button", name="Strokes: paint on the photo").click()
    page.get_by_role("button", name="Brush", exact=True).first.click()
    brush(page, (0.2, 0.5), (0.8, 0.5))
    assert painted.get_by_text("None yet").is_visible()  # that was the photo's selection


def test_mask_and_result_are_seen_on_the_card_and_outlined_on_the_photo(page):
    grey_card(page)
    add(page, "Subject")
    page.wait_for_function("document.querySelector('.card .mask-look')?.src.startsWith('data:image/png')")
    assert card(page).locator(".mask-look").is_visible()
    assert card(page).locator(".after-look").is_visible()
    page.wait_for_function("!document.querySelector('#stage .outline').hidden")
    card(page).get_by_role("button", name="Saturation: where it acts, Subject").click()
    page.wait_for_function("document.querySelector('#stage .outline').hidden")  # nobody looks at it any more


def test_a_colour_is_picked_on_the_photo(page):
    grey_card(page)
    add(page, "Colour")
    part = card(page).locator(".parts [data-tool=select_colour]")
    part.get_by_role("button", name="Points: pick on the photo").click()
    box = page.locator("#stage .places").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    part.get_by_text("1 point", exact=True).wait_for()
    previewed(page)
    page.wait_for_function("document.querySelector('.card .mask-look')?.src.startsWith('data:image/png')")


def test_a_reload_brings_masks_back_and_selections_are_combined_in_the_chain(page, tmp_path):
    grey_card(page)
    add(page, "Brush")
    brush(page, (0.2, 0.3), (0.8, 0.3))
    for tool in ("select_rectangle", "select_brightness"):
        add_step(page, tool)
    card(page, "select_brightness").get_by_label("Select brightness: with what was selected before").select_option(
        "Add"
    )
    previewed(page)
    page.reload()
    card(page).wait_for()
    previewed(page)
    steps = json.loads(save_recipe(page, tmp_path).read_text())["steps"]
    assert [part["tool"] for part in steps[0]["mask"]] == ["select_strokes"]
    assert steps[2]["combine"] == "add"


def test_keys_alone_build_a_mask(page, tmp_path):
    sample(page)
    add_step(page, "saturation")
    where = card(page).get_by_role("button", name="Saturation: where it acts")
    where.focus()
    page.keyboard.press("Enter")
    card(page).get_by_role("button", name="Brightness", exact=True).focus()
    page.keyboard.press("Enter")
    card(page).get_by_role("button", name="Invert", exact=True).focus()
    page.keyboard.press("Enter")
    card(page).get_by_role("button", name="Remove Invert from the mask").focus()
    page.keyboard.press("Enter")
    steps = json.loads(save_recipe(page, tmp_path).read_text())["steps"]
    assert [part["tool"] for part in steps[0]["mask"]] == ["select_brightness"]


@pytest.mark.parametrize("screen", ["390x844"], indirect=True)
def test_a_finger_paints_a_mask(screen):
    page = screen
    sample(page)
    add_step(page, "saturation")
    press(page, card(page).get_by_role("button", name="Saturation: where it acts"))
    press(page, card(page).get_by_role("group", name="Add to the mask").get_by_role("button", name="Brush", exact=True))
    stroke(page, (0.3, 0.5), (0.7, 0.5))
    card(page).get_by_text("1 stroke", exact=True).wait_for()


def test_strokes_say_what_the_subject_is_and_what_is_not(page, tmp_path):
    sample(page)
    add_step(page, "select_subject")
    previewed(page)
    first = tinted(page)
    paint = card(page, "select_subject").get_by_role("button", name="Strokes: paint on the photo")
    paint.click()
    assert paint.get_attribute("aria-pressed") == "true"
    painted = card(page, "select_subject").locator(".painted")
    brush(page, (0.42, 0.45), (0.52, 0.5))
    painted.get_by_text("1 stroke", exact=True).wait_for()
    page.get_by_role("group", name="Selection").get_by_role("button", name="Erase").click()
    brush(page, (0.8, 0.2), (0.9, 0.3))
    painted.get_by_text("2 strokes").wait_for()
    previewed(page)
    recipe = save_recipe(page, tmp_path).read_text()
    (step,) = json.loads(recipe)["steps"]
    assert [one["mode"] for one in step["parameters"]["strokes"]] == ["paint", "erase"]
    edit = imgen.Pipeline.from_json(recipe, files=False)
    wanted = edit(SAMPLES / "coffee.jpg", cache=None).selection
    shown = tinted(page)
    assert shown.shape == first.shape == wanted.shape
    assert np.abs(shown / 255 - wanted).mean() < 0.02  # what the page shows is what Python selects
    assert shown[int(0.47 * len(shown)), int(0.47 * shown.shape[1])] > 200
    assert shown[int(0.25 * len(shown)), int(0.85 * shown.shape[1])] == 0
    page.get_by_role("button", name="Undo", exact=True).click()
    painted.get_by_text("1 stroke", exact=True).wait_for()
    painted.get_by_role("button", name="Strokes: clear").click()
    painted.get_by_text("None yet").wait_for()


def test_titles_of_steps_are_not_cut(page):
    sample(page)
    for tool in ("select_subject", "select_brightness", "denoise"):
        add_step(page, tool)
    cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length"
    assert page.locator(".card .title").evaluate_all(cut) == 0
