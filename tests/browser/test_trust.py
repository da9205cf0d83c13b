"""What is shown, said and saved is what the steps make: at every moment, whatever the hand does meanwhile."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

import imgen

from .acts import (
    RUN,
    SAMPLES,
    add_step,
    brush,
    download,
    open_photo,
    pixels,
    previewed,
    redrawn,
    run,
    sample,
    set_slider,
    tools_shown,
)

pytestmark = pytest.mark.browser
SLOW = 5  # times denoise at its best, which takes long enough for a hand to change something meanwhile


def begin_a_long_run(page) -> None:
    """Many slow steps, and a run of them that is at work."""
    page.get_by_label("Live preview").uncheck()
    add_step(page, "denoise")
    page.locator(".card select").select_option("best")
    for _ in range(SLOW):
        page.get_by_role("button", name="Duplicate Denoise").first.click()
    add_step(page, "saturation")
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar .text", has_text=re.compile(r"Step \d of")).wait_for(timeout=RUN)


def test_a_change_during_a_run_is_not_called_done_and_its_old_value_not_saved(page, damaged, tmp_path):
    open_photo(page, damaged)
    begin_a_long_run(page)
    set_slider(page, "saturation", "Amount", "0")
    page.locator("#bar .text", has_text="Changed during the run").wait_for()
    assert page.get_by_role("button", name="Result", exact=True).is_disabled()
    for _ in range(SLOW + 1):
        page.get_by_role("button", name="Remove Denoise").first.click()
    page.get_by_label("Live preview").check()
    previewed(page)
    assert "Done" not in page.locator("#bar").inner_text()
    saved = pixels(download(page, "png", tmp_path)).astype(int)  # runs first
    assert np.ptp(saved, axis=2).max() == 0


def test_a_result_that_is_not_of_the_page_as_it_is_is_not_given_out(page):
    sample(page)
    add_step(page, "saturation")
    run(page)
    assert page.locator("#stage [data-fresh=true]").count() == 1
    page.get_by_label("Live preview").uncheck()
    set_slider(page, "saturation", "Amount", "0")
    page.locator(".behindhand", has_text="Not up to date").wait_for()
    assert page.locator("#stage [data-fresh=false]").count() == 1
    # not even where a page asks for it as if nothing had happened
    with page.expect_response(lambda answer: "queue/join" in answer.url) as asked:
        run_again = page.get_by_role("button", name="Download")
        run_again.click()
    event = json.loads(asked.value.request.post_data)
    page.locator("#bar .text", has_text="Saved").wait_for(timeout=RUN)
    assert event["event_data"]["run"]  # it ran first


def test_another_photo_during_a_preview_leaves_previews_alive(page, damaged):
    open_photo(page, damaged)
    add_step(page, "denoise")
    previewed(page)
    with page.expect_request(lambda request: '"quality":"best"' in (request.post_data or "")):  # the preview begins
        page.locator(".card select").select_option("best")
    page.evaluate("document.querySelector(`[data-sample='coffee.jpg']`).click()")
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    previewed(page)
    page.get_by_role("button", name="Remove Denoise").click()
    add_step(page, "saturation")
    previewed(page)
    before = page.locator(".after").get_attribute("src")
    set_slider(page, "saturation", "Amount", "0")
    redrawn(page, before)
    previewed(page)


def test_a_cut_out_is_compared_without_the_photo_behind_it_and_saved_as_png(page, tmp_path):
    sample(page)
    page.locator("[data-task=cut]").click()
    previewed(page)
    page.locator("[data-view=compare]").click()
    page.locator(".split").fill("25")
    assert page.locator(".before").evaluate("element => element.style.clipPath") == "inset(0px 75% 0px 0px)"
    assert page.locator(".after").evaluate("element => element.style.clipPath") == "inset(0px 0px 0px 25%)"
    path = download(page, "same", tmp_path)
    assert path.name == "coffee-imgen.png"  # though the photo is a JPEG
    page.locator("#bar .notes", has_text="saved as PNG, as JPEG has no transparency").wait_for()
    assert pixels(path)[0, 0, 3] == 0


def test_the_hand_selects_nothing_and_the_brush_is_armed_where_a_step_wants_it(page):
    sample(page)
    hand, paint = (page.locator(f"[data-mode={mode}]") for mode in ("hand", "paint"))
    box = page.locator("#stage .picture").bounding_box()
    page.mouse.click(box["x"] + 50, box["y"] + 50)
    clear = page.get_by_role("button", name="Clear", exact=True)
    assert clear.is_disabled()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 150, steps=4)
    page.mouse.up()
    assert page.locator(".frame").evaluate("element => element.scrollLeft") > 20
    assert clear.is_disabled()
    page.keyboard.press("0")
    add_step(page, "inpaint")
    assert paint.get_attribute("aria-pressed") == "true"
    brush(page, (0.4, 0.4), (0.5, 0.4))
    assert clear.is_enabled()
    previewed(page)
    hand.click()
    for view in ("result", "compare", "original"):
        page.locator(f"[data-view={view}]").click()
        strengths = page.locator("canvas.strokes:visible, .selected:visible").evaluate_all(
            "all => all.map((one) => Number(getComputedStyle(one).opacity))"
        )
        original = view == "original"
        assert (max(strengths) > 0.1) == original, view  # what was brushed, or what the steps made of it
        assert page.locator("canvas.outline").is_visible() != original, view  # nothing lies over the repair itself


def test_a_new_photos_selection_is_never_seen_over_the_photo_before(page, damaged):
    sample(page)
    brush(page, (0.2, 0.2), (0.6, 0.6))
    page.evaluate(
        """() => { window.seen = []; const frame = () => {
            const canvas = document.querySelector("canvas.strokes"), image = document.querySelector(".before");
            const ink = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v);
            window.seen.push([image.getAttribute("src"), image.complete, canvas.width, ink]);
            requestAnimationFrame(frame); }; frame(); }"""
    )
    old = page.locator(".before").get_attribute("src")
    open_photo(page, damaged)
    page.wait_for_timeout(200)
    seen = page.evaluate("window.seen")
    for source, complete, width, ink in seen:
        assert complete
        assert (ink, width) == ((True, 600) if source == old else (False, 1400))


def test_keys_live_in_number_boxes(page):
    sample(page)
    add_step(page, "saturation")
    box = page.locator(".card input[type=number]").first
    box.fill("0.5")
    for key, mode in (("b", "paint"), ("e", "erase"), ("x", "box"), ("h", "hand")):
        box.press(key)
        assert page.locator(f"[data-mode={mode}]").get_attribute("aria-pressed") == "true"
    size = page.get_by_label("Brush size").input_value()
    box.press("]")
    assert page.get_by_label("Brush size").input_value() != size
    page.locator("#stage .ring").wait_for()  # how large it is now, in the middle of the picture
    page.locator("#stage .ring").wait_for(state="hidden")
    assert box.input_value() == "0.5"
    box.press("1")  # a number is typed
    assert "1" in box.input_value()
    assert page.locator("[data-do=fit]").inner_text() == "Fit"


def test_a_picture_is_pasted(page):
    page.evaluate(
        """async (bytes) => {
            const data = new DataTransfer();
            const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
            data.items.add(new File([content], "image.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        base64.b64encode((SAMPLES / "cat.jpg").read_bytes()).decode(),
    )
    page.locator("#stage .about", has_text="pasted.png").wait_for()


def test_the_restoring_starter_does_what_it_says(page, tmp_path):
    sample(page, "cat-damaged.jpg")
    page.get_by_role("button", name="Recipes").click()
    page.locator(".starters").get_by_role("button", name="Restore an old photo").click()
    assert tools_shown(page) == ["select_damage", "inpaint", "clear_selection", "denoise", "colorize"]
    assert page.locator("[data-mode=paint]").get_attribute("aria-pressed") == "true"
    assert page.locator(".card .hint", has_text="Waits").count() == 0  # one click: damage is found by itself
    page.get_by_label("Brush size").fill("15")
    brush(page, (0.1, 0.35), (0.9, 0.35))
    path = download(page, "png", tmp_path)
    steps = json.loads(imgen.open(path).recipe)["steps"]
    found = ["load_selection", "select_damage", "inpaint", "clear_selection", "denoise", "colorize"]
    assert [step["tool"] for step in steps] == found
    assert steps[1]["combine"] == "add"  # to what was brushed
    old, new = pixels(SAMPLES / "cat-damaged.jpg").astype(float), pixels(path).astype(float)
    grain = lambda picture: np.abs(np.diff(picture.mean(2), axis=1))[-60:, :60].mean()  # noqa: E731
    assert grain(new) < 0.8 * grain(old)  # also where nothing was brushed


@pytest.mark.parametrize("title", ["Only the subject in colour", "Sunset behind me", "What would I look like smiling?"])
def test_other_starters_reach_a_file(page, title, tmp_path):
    sample(page, "astronaut.jpg")
    page.get_by_role("button", name="Recipes").click()
    page.locator(".starters").get_by_role("button", name=title).click()
    before, after = pixels(SAMPLES / "astronaut.jpg"), pixels(download(page, "png", tmp_path))
    changed = (before != after).any(2)
    assert 0.02 < changed.mean() < 0.98
