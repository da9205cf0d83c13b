"""A person's way through the editor, in a real browser against the real server."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from PIL import Image

import imgen

from .acts import (
    RUN,
    SAMPLES,
    add_step,
    brush,
    download,
    load_recipe,
    open_photo,
    pixels,
    previewed,
    run,
    save_recipe,
    tinted,
    until,
)

pytestmark = pytest.mark.browser


def test_scratch_and_noise_are_removed_and_everything_else_is_kept(page, hosts, damaged, tmp_path):
    open_photo(page, damaged)
    assert page.locator("#stage .about").inner_text().split("\n")[1] == "1504 x 1000"
    shown = page.evaluate(
        "[document.querySelector('.before').naturalWidth, document.querySelector('.before').naturalHeight]"
    )
    assert shown == [1400, 931]  # the page only gets a smaller picture

    page.get_by_label("Brush size").fill("25")
    brush(page, (0.19, 0.5005), (0.81, 0.5005))
    add_step(page, "denoise")
    add_step(page, "inpaint")
    page.get_by_label("automatic").uncheck()
    page.locator(".card[data-tool=denoise] input[type=number]").first.fill("15")
    run(page)
    page.locator(".split").wait_for()
    page.locator(".split").fill("25")
    assert page.locator(".after").evaluate("element => element.style.clipPath") == "inset(0px 0px 0px 25%)"

    path = download(page, "png", tmp_path)
    assert path.name == "holiday_cat-imgen.png"
    with Image.open(path) as saved:
        assert saved.size == (1504, 1000)
        assert saved.getexif()[0x010F] == "Camera maker"
    old, new = pixels(damaged), pixels(path)
    changed = (old != new).any(2)
    rows = np.flatnonzero(changed.any(1))
    assert 440 < rows.min() < 498
    assert 503 < rows.max() < 560
    assert not changed[: rows.min()].any()
    assert not changed[:, :200].any()
    assert old[500, 400:1100].min() > 230
    assert new[500, 400:1100].mean() < 200  # the white line is gone
    recipe = json.loads(imgen.open(path).recipe)
    assert [step["tool"] for step in recipe["steps"]] == ["load_selection", "denoise", "inpaint"]
    assert recipe["steps"][1]["parameters"]["noise"] == 15
    assert hosts - {"data", "blob"} == {"127.0.0.1"}


def test_only_what_was_brushed_changes(page, damaged, tmp_path):
    open_photo(page, damaged)
    brush(page, (0.3, 0.3), (0.4, 0.3))
    brush(page, (0.6, 0.7), (0.7, 0.7))
    page.get_by_role("button", name="Undo").click()
    add_step(page, "denoise")
    run(page)
    changed = (pixels(damaged) != pixels(download(page, "png", tmp_path))).any(2)
    assert changed[250:350, 450:600].mean() > 0.3
    assert not changed[400:].any()


def test_steps_can_be_switched_off_moved_and_removed_and_the_recipe_saved_and_loaded(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    for tool in ("crop", "select_rectangle", "invert_selection"):
        add_step(page, tool)
    page.get_by_role("button", name="Move up Select rectangle").click()
    page.get_by_role("button", name="Remove Invert selection").click()
    page.get_by_label("Select rectangle is on").uncheck()
    page.locator(".card[data-tool=crop]").get_by_label("Width").first.fill("0.5")
    path = save_recipe(page, tmp_path)
    steps = json.loads(path.read_text())["steps"]
    assert path.name == "coffee-recipe.json"
    assert [(s["tool"], s.get("enabled", True)) for s in steps] == [("select_rectangle", False), ("crop", True)]
    page.get_by_role("button", name="Remove Crop").click()

    load_recipe(page, path)
    page.locator(".card[data-tool=crop]").wait_for()
    run(page)
    result = download(page, "same", tmp_path)
    assert result.name == "coffee-imgen.jpg"
    assert pixels(result).shape == (400, 300, 3)


def test_the_subject_is_selected_shown_and_removed_and_the_rest_gets_colour(page, tmp_path):
    photo = Image.open(SAMPLES / "coffee.jpg").convert("L").convert("RGB")
    photo.save(tmp_path / "old.png")
    open_photo(page, tmp_path / "old.png")
    add_step(page, "select_subject")
    run(page)
    overlay = tinted(page)
    height, width = overlay.shape
    cup, corner = np.s_[int(0.35 * height), int(0.5 * width)], np.s_[: height // 20, : width // 20]
    assert overlay[cup] > 50
    assert overlay[corner].max() == 0

    for tool in ("grow_selection", "inpaint", "clear_selection", "colorize"):
        add_step(page, tool)
    run(page)
    before, after = pixels(tmp_path / "old.png").astype(int), pixels(download(page, "PNG", tmp_path)).astype(int)
    assert np.ptp(after, axis=2).mean() > 5  # no longer grey
    cup = np.s_[int(0.3 * photo.height) : int(0.4 * photo.height), int(0.45 * photo.width) : int(0.55 * photo.width)]
    assert np.abs(after.mean(2) - before.mean(2))[cup].mean() > 20  # the cup is gone


def test_a_photo_can_be_dropped_on_the_page(page, damaged):
    page.evaluate(
        """async ([name, bytes]) => {
            const data = new DataTransfer();
            const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
            data.items.add(new File([content], name, { type: "image/jpeg" }));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
            document.querySelector(".empty").dispatchEvent(drop);
        }""",
        [damaged.name, base64.b64encode(damaged.read_bytes()).decode()],
    )
    page.locator("#stage .about", has_text=damaged.name).wait_for()


def test_a_wrong_file_is_explained_and_nothing_is_lost(page, damaged, tmp_path):
    open_photo(page, damaged)
    text = tmp_path / "notes.txt"
    text.write_text("not a picture")
    with page.expect_file_chooser() as chooser:
        page.locator("[data-do=open]:visible").first.click()
    chooser.value.set_files(text)
    message = page.locator("#bar [data-state=error]")
    message.wait_for()
    assert "notes.txt is not a picture that imgen reads" in message.inner_text()
    assert "/tmp" not in message.inner_text()
    assert page.locator("#stage .about", has_text=damaged.name).is_visible()


def test_a_missing_selection_is_explained(page):
    page.locator("[data-sample='cat.jpg']").click()
    page.locator("#stage .about", has_text="cat.jpg").wait_for()
    add_step(page, "saturation")
    previewed(page)
    assert page.locator(".card .hint").inner_text() == ""  # it may have one, and does not need it
    add_step(page, "inpaint")
    told = page.locator("#bar .text", has_text="inpaint needs a selection: brush over the picture")
    told.wait_for()
    assert page.locator(".card .hint.missing").inner_text() == "Needs a selection: brush over the picture"
    assert page.get_by_role("button", name="Result", exact=True).is_disabled()  # it is not what the steps make
    assert page.locator(".before").is_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar [data-state=failed]").wait_for()
    assert told.is_visible()
    page.get_by_role("button", name="Plugins and models").click()
    assert "inpaint needs a selection" in page.locator("dialog.installed .trouble").inner_text()


def test_the_inverted_selection_is_shown_without_the_strokes_that_it_came_from(page):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    brush(page, (0.4, 0.5), (0.6, 0.5))
    add_step(page, "invert_selection")
    overlay = tinted(page)
    assert overlay[overlay.shape[0] // 2, overlay.shape[1] // 2] == 0
    assert page.locator("canvas.strokes").evaluate("element => element.style.opacity") == "0"


def test_cancel_stops_the_run_and_the_next_one_works(page, damaged):
    open_photo(page, damaged)
    page.get_by_label("Live preview").uncheck()
    add_step(page, "denoise")
    page.locator(".card select").select_option("best")  # the slow one
    for _ in range(5):  # also a fast machine is not done before it is cancelled
        page.get_by_role("button", name="Duplicate Denoise").first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar .text", has_text=re.compile(r"Step \d of 6: Denoise")).wait_for(timeout=RUN)
    page.get_by_role("button", name="Cancel").click()
    page.locator("#bar [data-state=cancelled]").wait_for(timeout=RUN)
    assert page.get_by_role("button", name="Run", exact=True).is_enabled()
    assert page.get_by_role("button", name="Result", exact=True).is_disabled()


def test_two_pages_do_not_see_each_other(page, another, damaged):
    open_photo(page, damaged)
    address = page.locator(".before").get_attribute("src")
    other = another()
    assert other.locator(".picture").is_hidden()
    assert page.request.get(address).ok
    assert page.request.get(re.sub(r"[^/]+/[^/]+$", "", address)).status == 404  # the folder cannot be listed
    other.close()


def test_a_closed_page_leaves_nothing_on_the_server(page, another):
    other = another()
    other.locator("[data-sample='cat.jpg']").click()
    other.locator("#stage .about", has_text="cat.jpg").wait_for()
    address = other.evaluate("document.querySelector('.before').src")
    assert page.request.get(address).ok
    other.close()
    until(page, lambda: not page.request.get(address).ok, "the photo of a closed page can still be fetched")


def test_tiny_and_narrow_pictures_can_be_seen(page, tmp_path):
    Image.new("RGB", (1, 1), "red").save(tmp_path / "one.png")
    Image.new("RGB", (7, 5001), "red").save(tmp_path / "tall.png")
    open_photo(page, tmp_path / "one.png")
    assert page.locator("#stage .picture").bounding_box()["width"] > 200
    page.keyboard.press("1")
    assert page.locator("#stage .picture").bounding_box()["width"] == 1
    open_photo(page, tmp_path / "tall.png")
    add_step(page, "saturation")
    run(page)
    page.locator(".divider").wait_for()
    assert page.locator(".tag.left").is_hidden()  # no room for words
    assert pixels(download(page, "same", tmp_path)).shape == (5001, 7, 3)


def test_the_server_fetches_nothing_from_elsewhere_and_forbids_the_page_to(page, server):
    assert page.request.get(f"{server}gradio_api/file=http://example.com/picture.png").status == 404
    assert page.request.get(f"{server}gradio_api/file=/etc/passwd").status == 404
    assert "default-src 'self'" in page.request.get(server).headers["content-security-policy"]
