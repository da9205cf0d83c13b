"""What makes the editor pleasant to work in: previews, history, reload, recipes, batches, and the endpoints."""

from __future__ import annotations

import json

import numpy as np
import pytest

import imgen

from .acts import (
    RUN,
    add_step,
    brush,
    colours,
    download,
    pixels,
    previewed,
    redrawn,
    run,
    sample,
    set_slider,
    tools_shown,
    until,
    value,
)

pytestmark = pytest.mark.browser


def test_a_change_is_seen_at_once_and_the_full_size_on_demand(page, tmp_path):
    sample(page)
    add_step(page, "saturation")
    previewed(page)
    set_slider(page, "saturation", "Amount", "0")
    previewed(page)
    until(page, lambda: colours(page) < 3, "the preview is not grey")
    brush(page, (0.2, 0.5), (0.4, 0.5))  # on the result: the rest gets its colours back
    until(page, lambda: colours(page) > 20, "the rest did not get its colours back")
    result = download(page, "png", tmp_path)  # runs first
    page.locator("#bar .text", has_text="Saved").wait_for()
    recipe = [step["tool"] for step in json.loads(imgen.open(result).recipe or "")["steps"]]
    assert recipe == ["load_selection", "saturation"]


def test_everything_can_be_undone_and_done_again(page):
    sample(page)
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0.5")
    page.get_by_role("button", name="Duplicate Saturation").click()
    brush(page, (0.3, 0.3), (0.4, 0.3))
    page.get_by_role("button", name="Remove Saturation").first.click()
    undo.click()
    assert tools_shown(page) == ["saturation"] * 2
    assert page.get_by_role("button", name="Clear", exact=True).is_enabled()
    undo.click()
    assert page.get_by_role("button", name="Clear", exact=True).is_disabled()
    page.keyboard.press("Control+z")
    assert tools_shown(page) == ["saturation"]
    page.keyboard.press("Control+z")
    assert value(page, "saturation") != "0.5"
    redo.click()
    assert value(page, "saturation") == "0.5"
    page.get_by_role("button", name="Reset Saturation").click()
    assert value(page, "saturation") != "0.5"
    for _ in range(8):
        page.keyboard.press("Control+Shift+z")
    assert redo.is_disabled()


def test_tools_are_found_and_chosen_by_keys(page):
    sample(page)
    search = page.get_by_label("Find a tool")
    search.fill("satur")
    search.press("Enter")
    assert tools_shown(page) == ["saturation"]
    amount = page.get_by_label("Amount", exact=True).and_(page.locator("input[type=number]"))
    assert amount.evaluate("element => element === document.activeElement")
    amount.fill("0.5")
    slider = page.get_by_label("Amount", exact=True).and_(page.locator("input[type=range]"))
    slider.press("ArrowRight")
    page.wait_for_timeout(800)  # longer than the changes of one control are one, so that the next is another
    slider.press("ArrowRight")
    page.keyboard.press("Control+z")
    assert slider.evaluate("element => element === document.activeElement")  # though the cards are new
    page.get_by_role("button", name="+ Add a step").press("Enter")
    assert search.input_value() == ""
    search.fill("select")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    second = page.locator(".palette .tool").nth(1)
    assert second.evaluate("element => element === document.activeElement")
    tool = second.get_attribute("data-tool")
    page.keyboard.press("Enter")
    assert tools_shown(page) == ["saturation", tool]
    page.get_by_role("button", name="Export options").press("Enter")
    page.keyboard.press("Escape")
    assert page.get_by_label("Longest side").is_hidden()


def test_without_its_step_a_made_picture_is_gone(page):
    add_step(page, "spot")
    previewed(page)
    assert page.get_by_role("button", name="Brush").is_hidden()  # there is no photo to brush on
    page.get_by_role("button", name="Remove Spot").click()
    page.get_by_role("button", name="choose a photo").wait_for()
    assert page.locator("#stage .picture").is_hidden()
    add_step(page, "saturation")
    page.locator("#bar .text", has_text="Open a photo to see").wait_for()


def test_a_reload_brings_the_work_back(page):
    sample(page)
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0.25")
    brush(page, (0.3, 0.3), (0.4, 0.3))
    page.get_by_role("button", name="Recipes").click()
    page.get_by_label("Name of the version").fill("pale")
    page.get_by_role("button", name="Keep this one").click()
    page.reload()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    assert value(page, "saturation") == "0.25"
    previewed(page)
    assert page.get_by_role("button", name="Clear", exact=True).is_enabled()  # the strokes are back, too
    page.get_by_role("button", name="Remove Saturation").click()
    page.get_by_role("button", name="Recipes").click()
    page.locator(".versions").get_by_text("pale").click()
    assert value(page, "saturation") == "0.25"
    run(page)


def test_a_starter_recipe_cuts_the_subject_out(page, tmp_path):
    sample(page)
    page.locator("[data-task=cut]").click()
    assert tools_shown(page) == ["select_subject", "selection_to_alpha"]
    cut = pixels(download(page, "png", tmp_path))
    assert cut[0, 0, 3] == 0
    assert cut[160, 300, 3] > 200


def test_zoom_keeps_the_place_and_brushes_there(page):
    sample(page)
    box = page.locator("#stage .picture").bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.wheel(0, -600)
    page.wait_for_function("document.querySelector('.frame').classList.contains('zoomed')")
    zoomed = page.locator("#stage .picture").bounding_box()
    assert zoomed["width"] > 3 * box["width"]
    x = (box["x"] + 0.75 * box["width"] - zoomed["x"]) / zoomed["width"]
    assert abs(x - 0.75) < 0.02
    page.locator("[data-do=fit]").click()
    assert abs(page.locator("#stage .picture").bounding_box()["width"] - box["width"]) < 2


def test_dragging_on_a_pad_redraws(page):
    add_step(page, "spot")
    pad = page.locator(".pad").bounding_box()
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + pad["height"] / 2)
    page.mouse.down()
    page.mouse.move(pad["x"] + 0.75 * pad["width"], pad["y"] + 0.25 * pad["height"], steps=8)
    page.mouse.up()
    amounts = [float(page.get_by_label(name, exact=True).first.input_value()) for name in ("X", "Y")]
    np.testing.assert_allclose(amounts, [0.75, 0.25], atol=0.02)
    page.wait_for_function(
        """() => { const image = document.querySelector('.after'), canvas = document.createElement('canvas');
        if (!image.complete || !image.naturalWidth) return false;
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        const context = canvas.getContext('2d'); context.drawImage(image, 0, 0);
        return context.getImageData(65, 25, 1, 1).data[0] > 200 }"""
    )


def test_walking_on_the_map_of_digits_redraws_the_place(page):
    add_step(page, "walk_map")
    previewed(page)
    before = page.locator(".after").get_attribute("src")
    pad = page.locator(".pad").bounding_box()
    page.mouse.move(pad["x"] + 0.5 * pad["width"], pad["y"] + 0.5 * pad["height"])
    page.mouse.down()
    for part in (0.6, 0.7, 0.8, 0.9):
        page.mouse.move(pad["x"] + part * pad["width"], pad["y"] + 0.5 * pad["height"])
        redrawn(page, before)  # while it is dragged
        before = page.locator(".after").get_attribute("src")
    page.mouse.up()


def test_the_hand_that_drew_a_digit_writes_all_ten(page, tmp_path):
    sample(page, "paper.jpg")
    page.get_by_label("Brush size").fill("55")
    for start, end in (((0.35, 0.25), (0.65, 0.25)), ((0.65, 0.25), (0.48, 0.75))):
        brush(page, start, end)
    add_step(page, "restyle_digit")
    run(page)
    assert "read as 7" in page.locator("#bar").inner_text()
    sheet = pixels(download(page, "png", tmp_path))
    assert sheet.shape == (224, 672, 3)  # two rows: the digit as it was read and as it was drawn again, and the ten
    assert (sheet.reshape(2, 112, 6, 112, 3).min((1, 3, 4)) < 100).all()  # ink in each


def test_the_paper_stays_under_the_brush_while_its_result_has_another_size(page):
    sample(page, "paper.jpg")
    add_step(page, "restyle_digit")
    page.locator("#bar .text", has_text="nothing is written there").wait_for(timeout=RUN)
    page.get_by_label("Brush size").fill("55")
    result = page.get_by_role("button", name="Result", exact=True)
    for start, end in (((0.35, 0.25), (0.65, 0.25)), ((0.65, 0.25), (0.48, 0.75))):
        before = page.locator(".after").get_attribute("src")
        brush(page, start, end)
        redrawn(page, before)
        assert page.locator("canvas.strokes").is_visible()
    page.locator("#bar .notes", has_text="read as 7").wait_for(timeout=RUN)
    page.locator("button.news[data-view=result]").wait_for()
    result.click()
    assert page.locator(".after").is_visible()
    assert "news" not in result.get_attribute("class")
