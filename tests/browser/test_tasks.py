"""Tasks on every screen: from an open photo to a file in three clicks, with a mouse or a finger, or with keys alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import imgen

from .acts import RUN, SAMPLES, pixels, press, previewed, sample, stroke, tools_shown
from .conftest import SCREENS

pytestmark = pytest.mark.browser
TASKS = ("restore", "remove", "cut", "blur", "colour", "enhance", "light", "style", "face")
BRUSHED = ("restore", "remove")
# where there is no axe, as in a plain checkout, the other tests stand
AXE = "axe_playwright_python"


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face, small, so that every task is quick."""
    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    with Image.open(SAMPLES / "astronaut.jpg") as file:
        side = min(file.size)
        file.convert("RGB").crop((0, 0, side, side)).resize((256, 256)).save(path)
    return path


def inside(page, locator) -> bool:
    """Whether all of it is on the screen, and nothing lies over its middle."""
    return locator.evaluate(
        """element => { const box = element.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.width > 0 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 0.5
            && box.bottom <= innerHeight + 0.5 && (element.contains(top) || top.contains(element)) }"""
    )


def open_portrait(page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        press(page, page.locator("[data-do=open]:visible").first)
    chooser.value.set_files(path)
    page.locator("#stage .about", has_text=path.name).wait_for()


@pytest.mark.parametrize("screen", list(SCREENS), indirect=True)
def test_every_task_reaches_a_file_in_three_clicks(screen, portrait, tmp_path):
    page = screen
    open_portrait(page, portrait)
    page.evaluate("document.querySelector('.live input').click()")  # nine previews more would only take time
    before = pixels(portrait)
    for task in TASKS:
        press(page, page.locator(f".tile[data-task={task}]"))
        assert page.locator(f".task[data-of={task}]").is_visible()
        if task in BRUSHED:
            stroke(page, (0.3, 0.8), (0.6, 0.8))
        assert inside(page, page.locator("[data-do=download]")), task
        if task == "face":  # a smile has to be asked for
            page.get_by_label("Smile").and_(page.locator("input[type=range]")).fill("2")
        with page.expect_download(timeout=RUN) as saved:
            press(page, page.locator("[data-do=download]"))
        saved.value.save_as(tmp_path / f"{task}.png")
        after = pixels(tmp_path / f"{task}.png")
        assert after.shape[2] == 4 if task == "cut" else (after != before).any(2).mean() > 0.003, task
        press(page, page.get_by_role("button", name="Do without"))
        clear = page.locator("[data-do=clear]")
        if clear.is_enabled():
            press(page, clear)


@pytest.mark.parametrize("screen", list(SCREENS), indirect=True)
def test_everything_is_on_the_screen_and_the_picture_is_large(screen, portrait):
    page = screen
    open_portrait(page, portrait)
    press(page, page.locator(".tile[data-task=enhance]"))
    previewed(page)
    width, height = page.viewport_size.values()
    box = page.locator("#stage .picture").bounding_box()
    assert box["width"] * box["height"] > 0.12 * width * height
    for name in ("run", "download", "options", "undo", "recipes", "installed", "past", "open", "samples", "in"):
        assert inside(page, page.locator(f"[data-do={name}]:visible").first), name
    for name in ("Amount", "Detail"):
        assert inside(page, page.locator(".task").get_by_label(name).and_(page.locator("input[type=range]"))), name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width <= 900:
        press(page, page.locator("[data-do=sheet]"))
        page.wait_for_function("size => document.querySelector('#stage .frame').clientHeight > size", arg=box["height"])
        press(page, page.locator("[data-do=options]"))
        assert inside(page, page.locator("[data-do=batch]"))
        assert inside(page, page.get_by_label("File format"))


@pytest.mark.parametrize("screen", ["844x390", "667x375"], indirect=True)
def test_a_phone_on_its_side_has_the_steps_beside_the_picture(screen, portrait):
    page = screen
    open_portrait(page, portrait)
    press(page, page.locator(".tile[data-task=enhance]"))
    previewed(page)
    height = page.viewport_size["height"]
    box, panel = (page.locator(which).bounding_box() for which in ("#stage .picture", ".task"))
    assert panel["x"] + panel["width"] < box["x"]
    assert box["height"] > 0.5 * height
    for name in ("run", "download", "options", "undo", "recipes", "theme", "past", "open", "samples", "in", "clear"):
        assert inside(page, page.locator(f"[data-do={name}]:visible").first), name
    for name in ("paint", "erase"):
        assert inside(page, page.locator(f"[data-mode={name}]")), name
    for name in ("original", "result"):
        assert inside(page, page.locator(f"[data-view={name}]")), name
    assert inside(page, page.locator(".task").get_by_label("Amount").and_(page.locator("input[type=range]")))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press(page, page.locator("[data-do=options]"))
    assert inside(page, page.locator("[data-do=batch]"))


@pytest.mark.parametrize("screen", ["390x844"], indirect=True)
def test_two_fingers_zoom_and_move_and_draw_nothing(screen, portrait):
    page = screen
    open_portrait(page, portrait)
    press(page, page.locator("[data-mode=paint]"))
    box = page.locator("#stage .picture").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (x - 30, y))
    fingers("touchMove", (x - 32, y + 3))
    fingers("touchStart", (x - 32, y + 3), (x + 30, y))
    for apart in (40, 60, 80, 100):
        fingers("touchMove", (x - apart, y), (x + apart, y))
    fingers("touchMove", (x - 130, y - 40), (x + 70, y - 40))
    fingers("touchEnd")
    zoomed = page.locator("#stage .picture").bounding_box()
    assert zoomed["width"] > 2 * box["width"]
    assert page.locator(".frame").evaluate("element => element.scrollTop") > 20
    assert page.locator("[data-do=clear]").is_disabled()  # the first finger had begun a stroke


def test_keys_alone_restore_a_photo(page, tmp_path):
    sample(page, "cat-damaged.jpg")
    page.keyboard.press("Tab")
    search = page.get_by_label("Find a tool")
    search.focus()
    page.keyboard.type("restore")
    page.keyboard.press("Enter")
    assert tools_shown(page) == ["select_damage", "inpaint", "clear_selection", "denoise", "colorize"]
    page.get_by_role("button", name="+ Add a step").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("rectangle")  # what the brush does for a hand
    page.keyboard.press("Enter")
    grip = page.get_by_role("button", name="Drag Select rectangle")
    for _ in range(4):
        grip.focus()
        page.keyboard.press("ArrowUp")
    assert tools_shown(page)[1:3] == ["select_rectangle", "inpaint"]
    for name, part in (("Top", "0.3"), ("Height", "0.02")):
        box = page.locator(".card[data-tool=select_rectangle]").get_by_label(name).and_(page.locator("input")).first
        box.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(part)
    previewed(page)
    page.get_by_label("File format").focus()
    page.keyboard.type("PNG")
    page.get_by_role("button", name="Download").focus()
    with page.expect_download(timeout=RUN) as saved:
        page.keyboard.press("Enter")
    saved.value.save_as(tmp_path / "restored.png")
    photo, old = imgen.open(tmp_path / "restored.png"), imgen.open(SAMPLES / "cat-damaged.jpg")
    assert [step.tool for step in imgen.Pipeline.from_json(photo.recipe).steps][1:3] == ["select_rectangle", "inpaint"]
    assert np.abs(photo.pixels - old.pixels).mean() > 0.01


@pytest.mark.parametrize(
    ("word", "first"),
    [("watermark", "Remove something"), ("background", "Blur background"), ("black and white", "Colourise"),
     ("brightness", "Light"), ("straighten", "Crop"), ("smile", "Face")],
)  # fmt: skip
def test_the_search_knows_other_words(page, word, first):
    page.get_by_label("Find a tool").fill(word)
    titles = page.locator(".palette .tool strong").all_inner_texts()
    assert any(title.startswith(first) for title in titles[:4]), titles


def test_a_photo_that_has_colours_keeps_them_unless_they_are_asked_for(page, tmp_path):
    grey = tmp_path / "grey.png"
    with Image.open(SAMPLES / "coffee.jpg") as file:
        file.convert("L").save(grey)
    for path, on in ((SAMPLES / "coffee.jpg", False), (grey, True)):
        open_portrait(page, path)
        page.locator(".tile[data-task=restore]").click()
        assert page.locator(".task").get_by_label("Give colours").is_checked() is on
        assert page.locator(".task").get_by_label("Clean grain").is_checked()
        page.get_by_role("button", name="Do without Restore an old photo").click()


def test_the_page_passes_axe_in_all_its_states(page):
    run_axe = pytest.importorskip(f"{AXE}.sync_playwright").Axe().run

    def check(state: str) -> None:
        found = run_axe(page).response["violations"]
        told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
        assert told == [], f"{state}: {told}"

    page.emulate_media(reduced_motion="reduce")  # colours on their way are neither the one nor the other
    check("nothing is open")
    sample(page)
    check("a photo")
    page.get_by_role("button", name="Light or dark").click()
    check("light")
    page.get_by_label("Find a tool").fill("background")
    check("searching")
    page.get_by_label("Find a tool").fill("")
    for button in ("History", "Recipes", "Samples", "Export options"):
        page.get_by_role("button", name=button, exact=button != "Recipes").click()
        check(button)
        page.keyboard.press("Escape")
    page.locator(".tile[data-task=restore]").click()
    previewed(page)
    check("a task")
    for view in ("compare", "result"):
        page.locator(f"[data-view={view}]").click()
        check(view)
    page.locator(".card .title").first.click()
    page.get_by_role("button", name="+ Add a step").click()
    page.locator(".palette [data-tool=crop]").click()
    check("cropping")
    page.get_by_role("button", name="Plugins and models").click()
    check("what is installed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Batch…").click()
    check("many photos")
