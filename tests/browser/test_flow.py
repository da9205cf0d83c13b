"""One thing after another: tasks, the crop, the order of steps, the history, and leaving."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from .acts import RUN, add_step, brush, download, previewed, sample, set_slider, tools_shown, until, value

pytestmark = pytest.mark.browser


def test_tasks_follow_each_other(page):
    sample(page)
    page.get_by_label("Live preview").uncheck()
    page.locator(".tile[data-task=blur]").click()
    page.get_by_role("button", name="+ Add a step").click()
    page.locator(".tile[data-task=enhance]").click()
    # what the blur selected is forgotten before the whole picture is enhanced
    assert tools_shown(page) == [
        "select_subject",
        "invert_selection",
        "blur",
        "clear_selection",
        "denoise",
        "saturation",
    ]
    page.get_by_role("button", name="+ Add a step").click()
    page.locator(".tile[data-task=remove]").click()
    # what is brushed on belongs to the photo as it was opened
    assert tools_shown(page)[:3] == ["grow_selection", "inpaint", "clear_selection"]
    page.get_by_role("button", name="Do without Blur background").click()
    assert tools_shown(page)[3:] == ["clear_selection", "denoise", "saturation"]


def test_a_crop_has_handles_ratios_and_a_horizon(page, tmp_path):
    sample(page)
    page.get_by_role("button", name="Find a tool").or_(page.get_by_label("Find a tool")).fill("crop")
    page.keyboard.press("Enter")
    keep = page.locator(".cropping .keep")
    keep.wait_for()
    page.get_by_label("Shape").select_option("1:1")
    box, picture = keep.bounding_box(), page.locator("#stage .picture").bounding_box()
    assert abs(box["width"] / box["height"] - 1) < 0.02
    corner = page.locator(".handle[data-handle=se]").bounding_box()
    page.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    smaller = keep.bounding_box()
    assert smaller["width"] < 0.62 * box["width"]
    assert abs(smaller["width"] / smaller["height"] - 1) < 0.03
    keep.press("ArrowRight")
    assert abs(keep.bounding_box()["x"] - smaller["x"] - 0.01 * picture["width"]) < 1.5
    page.get_by_label("Straighten").and_(page.locator("input[type=range]")).fill("5")
    assert "rotate(5deg)" in page.locator(".before").evaluate("element => element.style.transform")
    previewed(page)
    told = page.locator(".size-told").inner_text().split(" \u00d7 ")
    with page.expect_download(timeout=RUN) as saved:
        page.get_by_role("button", name="Download").click()
    saved.value.save_as(tmp_path / "cropped.jpg")
    with Image.open(tmp_path / "cropped.jpg") as file:
        np.testing.assert_allclose(file.size, [int(side) for side in told], atol=2)
    page.get_by_role("button", name="Crop on the photo").click()
    keep.wait_for(state="hidden")
    page.locator("[data-view=result][aria-pressed=true]").wait_for()  # what is left of it is seen


def test_steps_are_dragged_into_another_order(page):
    sample(page)
    page.get_by_label("Live preview").uncheck()
    for tool in ("saturation", "clear", "invert"):
        page.get_by_label("Find a tool").fill(tool) if not tools_shown(page) else None
        if tools_shown(page):
            page.get_by_role("button", name="+ Add a step").click()
            page.get_by_label("Find a tool").fill(tool)
        page.keyboard.press("Enter")
    assert tools_shown(page) == ["saturation", "clear_selection", "invert_selection"]
    grip = page.get_by_role("button", name="Drag Invert selection").bounding_box()
    first = page.locator(".card").first.bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, first["y"] + 2, steps=8)
    page.mouse.up()
    assert tools_shown(page) == ["invert_selection", "saturation", "clear_selection"]
    page.get_by_role("button", name="Drag Invert selection").press("ArrowDown")
    assert tools_shown(page) == ["saturation", "invert_selection", "clear_selection"]


def test_history_is_a_list_and_versions_have_pictures(page):
    sample(page)
    page.get_by_label("Live preview").uncheck()
    page.locator(".tile[data-task=colour]").click()
    page.get_by_role("button", name="History").click()
    entries = page.locator(".past .entry")
    assert entries.all_inner_texts() == ["Start", "Colourise"]
    entries.first.click()
    assert tools_shown(page) == []
    assert entries.nth(1).get_attribute("class") == "entry undone"
    entries.nth(1).click()
    assert tools_shown(page) == ["colorize"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Recipes").click()
    page.get_by_label("Name of the version").fill("old")
    page.keyboard.press("Enter")
    assert page.locator(".versions img").get_attribute("src").startswith("data:image/jpeg")
    page.get_by_role("button", name="Rename old").click()
    page.get_by_label("New name of old").fill("new")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete new").click()
    assert page.locator(".versions .kept").count() == 0


def load_again(page) -> None:
    page.reload()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()


def test_the_page_asks_before_work_is_lost_and_who_stays_goes_on(page, tmp_path):
    asked, streams, ended = [], [], []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    browser = page.context.new_cdp_session(page)  # its reload does not wait for what the answer prevents

    sample(page)
    load_again(page)
    assert asked == []  # there was no work yet
    page.on("requestfailed", lambda request: ended.append(request.url))
    # the preview is under way until its answers are let through
    page.route("**/queue/data?*", lambda route: route.continue_() if asked else streams.append(route))
    add_step(page, "saturation")
    until(page, lambda: streams, "no preview was asked for")
    browser.send("Page.reload")
    until(page, lambda: asked, "the page was left without a question")
    assert asked == ["beforeunload"]
    page.evaluate("document.title")  # whoever listens has heard of it
    assert not any("/heartbeat/" in url for url in ended), "the session was ended"
    streams[0].continue_()
    previewed(page)
    download(page, "same", tmp_path)
    page.locator("#bar .text", has_text="Saved").wait_for()
    load_again(page)
    assert len(asked) == 1  # it is saved
    set_slider(page, "saturation", "Amount", "0.5")
    browser.send("Page.reload")
    until(page, lambda: len(asked) > 1, "the page was left without a question")


def test_a_lost_connection_that_is_back_goes_on_without_a_question(page, tmp_path):
    asked, lost, loaded = [], [], []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    sample(page)
    page.route("**/queue/data?*", lambda route: (lost.append(route.abort()), page.unroute("**/queue/data?*")))
    page.on("load", lambda _: loaded.append(True))
    add_step(page, "saturation")
    until(page, lambda: asked or loaded, "the page was not loaded again")
    assert lost
    assert asked == []
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    assert tools_shown(page) == ["saturation"]
    download(page, "same", tmp_path)


def test_undo_after_a_step_and_after_a_reload(page):
    sample(page)
    add_step(page, "saturation")
    assert page.locator(".card input[type=number]").first.evaluate("element => element === document.activeElement")
    page.keyboard.press("Control+z")
    assert tools_shown(page) == []
    page.keyboard.press("Control+Shift+z")
    set_slider(page, "saturation", "Amount", "0.5")
    brush(page, (0.2, 0.2), (0.3, 0.2))
    page.reload()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    clear = page.get_by_role("button", name="Clear", exact=True)
    undo = page.get_by_role("button", name="Undo", exact=True)
    assert clear.is_enabled()
    undo.click()  # each click takes something that is seen
    assert clear.is_disabled()
    undo.click()
    assert value(page, "saturation") == "1.3"
    undo.click()
    assert tools_shown(page) == []
    assert undo.is_disabled()


def test_another_photo_is_no_step_to_undo(page):
    sample(page)
    add_step(page, "saturation")
    page.get_by_role("button", name="Samples").click()
    page.locator("[data-sample='cat.jpg']").click()
    page.locator("#stage .about", has_text="cat.jpg").wait_for()
    page.keyboard.press("Control+z")
    assert tools_shown(page) == []
    assert page.get_by_role("button", name="Undo", exact=True).is_disabled()
