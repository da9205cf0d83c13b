"""A person's way through the editor, in a real browser against the real server."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import imgen
from imgen import faces

pytestmark = pytest.mark.browser
SAMPLES = Path(imgen.__file__).parent / "editor" / "web" / "samples"
RUN = 600_000  # milliseconds after which a run hangs; also a busy machine needs far less


def open_photo(page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("[data-do=open]:visible").first.click()
    chooser.value.set_files(path)
    page.locator("#stage .about", has_text=path.name).wait_for()
    loaded(page, ".before")


def loaded(page, picture: str) -> None:
    """Wait until a picture is there; while it is loaded, the one before it is still shown."""
    page.wait_for_function(
        "which => { const image = document.querySelector(which); return image.complete && image.naturalWidth > 0 }",
        arg=picture,
    )


def until(page, holds: Callable[[], bool], otherwise: str) -> None:
    """Wait for what no selector finds."""
    end = time.monotonic() + RUN / 1000
    while not holds():
        assert time.monotonic() < end, otherwise
        page.wait_for_timeout(100)


def add_step(page, tool: str) -> None:
    if not page.locator(".palette .tool").first.is_visible():
        page.get_by_role("button", name="+ Add a step").click()
    if not page.locator(f".palette [data-tool={tool}]").is_visible():
        page.locator(".palette .lab summary").click()
    page.locator(f".palette [data-tool={tool}]").click()
    page.locator(f".card[data-tool={tool}]").wait_for()


def brush(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a straight stroke between two points, given in parts of the picture."""
    if page.locator("[data-mode=hand][aria-pressed=true]").count():
        page.get_by_role("group", name="Selection").get_by_role("button", name="Brush").click()
    box = page.locator("canvas.strokes").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=12)
    page.mouse.up()


def click_at(page, x: float, y: float) -> None:
    """Click on the picture, at parts of its size."""
    box = page.locator("#stage .picture").bounding_box()
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def drag(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag on the picture, between parts of its size."""
    box = page.locator("#stage .picture").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
    page.mouse.up()


def save_recipe(page, folder: Path) -> Path:
    page.get_by_role("button", name="Recipes").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save recipe").click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def load_recipe(page, path: Path) -> None:
    page.get_by_role("button", name="Recipes").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load recipe").click()
    chooser.value.set_files(path)


def placed(path: Path) -> dict:
    """The parameters of the recipe's only step."""
    (step,) = json.loads(path.read_text())["steps"]
    return step["parameters"]


def middle(mark) -> tuple[float, float]:
    """Where a mark is shown, in parts of the picture."""
    return mark.evaluate(
        """mark => { const box = mark.getBoundingClientRect();
        const picture = document.querySelector('#stage .picture').getBoundingClientRect();
        return [(box.x + box.width / 2 - picture.x) / picture.width,
            (box.y + box.height / 2 - picture.y) / picture.height] }"""
    )


def resize(page, width: int, height: int) -> None:
    """Give the window another size, and wait until the picture has found its own."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => window.innerWidth == width", arg=width)
    page.evaluate(
        """() => new Promise((done) => {
        const width = () => document.querySelector('.picture').getBoundingClientRect().width;
        let last = width(), still = 0;
        const look = () => { still = width() === last ? still + 1 : 0; last = width();
            still > 10 ? done() : requestAnimationFrame(look); };
        requestAnimationFrame(look); })"""
    )


def previewed(page) -> None:
    """Wait for the preview of the latest change: a change takes these words away until its own preview is there."""
    page.locator("#bar .text", has_text="Preview; press Run").wait_for(timeout=RUN)


def run(page) -> None:
    """Run the steps at full size. The preview has to be over, as a late one would replace what the run tells."""
    previewed(page)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar :is([data-state=done], [data-state=failed])").wait_for(timeout=RUN)
    assert page.locator("#bar [data-state=done]").is_visible(), page.locator("#bar").inner_text()


def download(page, choice: str, folder: Path) -> Path:
    page.get_by_label("File format").select_option(choice)
    with page.expect_download(timeout=RUN) as saved:
        page.get_by_role("button", name="Download").click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as file:
        return np.asarray(file)


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


def test_places_are_put_on_the_photo_and_travel_in_the_recipe(page, tmp_path):
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


def tinted(page) -> np.ndarray:
    """How strongly each pixel of the overlay is tinted, 0..255."""
    page.locator(".selected").wait_for()
    loaded(page, ".selected")
    width, data = page.evaluate(
        """() => { const image = document.querySelector('.selected'), canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        const context = canvas.getContext('2d'); context.drawImage(image, 0, 0);
        const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
        return [canvas.width, Array.from(pixels.filter((_, i) => i % 4 == 3))] }"""
    )
    return np.array(data).reshape(-1, width)


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


def test_a_second_picture_is_uploaded_for_a_step(page, tmp_path):
    mask = np.zeros((400, 600), np.uint8)
    mask[100:200, 50:250] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "load_selection")
    with page.expect_file_chooser() as chooser:
        page.locator(".card[data-tool=load_selection] .file").click()
    chooser.value.set_files(tmp_path / "mask.png")
    page.locator(".card .file.chosen", has_text="mask.png").wait_for()
    run(page)
    page.locator(".selected").wait_for()  # the last step selects, so the selection is shown
    add_step(page, "selection_to_alpha")
    run(page)
    np.testing.assert_array_equal(pixels(download(page, "png", tmp_path))[..., 3], mask)
    with page.expect_file_chooser() as chooser:
        page.locator(".card[data-tool=load_selection] .file").click()
    chooser.value.set_files(SAMPLES / "README.md")
    page.locator("#bar [data-state=error]", has_text="README.md is not a picture").wait_for()
    attached = page.locator(".card[data-tool=load_selection] .file", has_text=re.compile("^mask.png$"))
    attached.wait_for()  # that one is still there
    page.get_by_label("File format").select_option("jpeg")
    page.get_by_role("button", name="Download").click()
    page.locator("#bar [data-state=error]", has_text="JPEG has no transparency").wait_for()


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


def test_an_animation_moves_and_is_saved_as_a_gif(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "blink")
    run(page)
    assert "2 frames of 600 x 400 pixels" in page.locator("#bar").inner_text()
    page.locator("button[data-view=result][aria-pressed=true]").wait_for()
    loaded(page, ".after")
    first = page.locator(".after").screenshot()
    until(page, lambda: page.locator(".after").screenshot() != first, "the picture does not move")
    with Image.open(download(page, "gif", tmp_path)) as file:
        assert (file.format, file.n_frames) == ("GIF", 2)


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
    page.locator("#bar .text", has_text=re.compile(r"Step \d of 6: denoise")).wait_for(timeout=RUN)
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


def test_depth_transparency_and_profile_are_kept(page, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    values = np.random.default_rng(0).integers(0, 65536, (60, 90, 4), np.uint16)
    imgen.Photo.from_array(values, icc=profile).save(tmp_path / "deep.png")
    open_photo(page, tmp_path / "deep.png")
    assert "16 bit" in page.locator("#stage .about").inner_text()
    add_step(page, "crop")
    run(page)
    saved = imgen.open(download(page, "same", tmp_path))
    assert (saved.depth, saved.icc) == (16, profile)
    np.testing.assert_array_equal(np.rint(saved.pixels * 65535), values[..., :3])
    np.testing.assert_array_equal(np.rint(saved.alpha * 65535), values[..., 3])


def test_the_server_fetches_nothing_from_elsewhere_and_forbids_the_page_to(page, server):
    assert page.request.get(f"{server}gradio_api/file=http://example.com/picture.png").status == 404
    assert page.request.get(f"{server}gradio_api/file=/etc/passwd").status == 404
    assert "default-src 'self'" in page.request.get(server).headers["content-security-policy"]
