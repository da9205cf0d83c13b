"""Pictures of the editor's main states for the documentation, from the running editor in a headless Chromium.

python docs/editor_pictures.py                     # writes docs/images/editor*.jpg
python docs/editor_pictures.py masked close         # only these scenes
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from editor_hands import CHROMIUM, READY, add, begun, face, opened, picture, previewed, sample, start
from playwright.sync_api import sync_playwright


def first(page: Any) -> None:
    """Nothing is open yet."""
    picture(page, "editor-start")


def tasks(page: Any) -> None:
    """The large actions."""
    begun(page, "coffee.jpg")
    picture(page, "editor-tasks")


def cut(page: Any) -> None:
    """A task whose result is transparent, compared; and the menu of recipes."""
    sample(page, "coffee.jpg")
    page.locator(".tile[data-task=cut]").click()
    previewed(page)
    page.locator("[data-view=compare]").click()
    picture(page, "editor-cut")
    page.get_by_role("button", name="Recipes").click()
    page.get_by_label("Name of the version").fill("The cup alone")
    page.keyboard.press("Enter")
    picture(page, "editor-recipes")


def repair(page: Any) -> None:
    """Brushed scratches in the light look, and the export options."""
    page.get_by_role("button", name="Light or dark").click()
    sample(page, "cat-damaged.jpg")
    page.locator(".tile[data-task=restore]").click()
    page.get_by_label("Brush size").fill("20")
    box = page.locator("canvas.strokes").bounding_box()
    scratch = (
        (0.065, 0.06),
        (0.11, 0.16),
        (0.195, 0.39),
        (0.25, 0.51),
        (0.28, 0.6),
        (0.4, 0.82),
        (0.45, 0.91),
        (0.468, 0.97),
    )
    for index, (x, y) in enumerate(scratch):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if index == 0:
            page.mouse.down()
    page.mouse.up()
    previewed(page)
    page.get_by_role("button", name="Export options").click()
    picture(page, "editor-selection")


def chosen(page: Any) -> None:
    """Styles, each on the photo, and a curve."""
    sample(page, "cat.jpg")
    page.locator(".tile[data-task=style]").click()
    page.get_by_role("button", name="See each on your photo").click()
    page.locator(".offers .waiting").wait_for(state="detached", timeout=300_000)
    previewed(page)
    page.locator("[data-view=result]").click()
    picture(page, "editor-styles")
    page.get_by_role("button", name="Do without Style").click()
    add(page, "curves")
    area = page.locator(".graph").first.bounding_box()
    for x, y in ((0.3, 0.8), (0.7, 0.2)):
        page.mouse.click(area["x"] + x * area["width"], area["y"] + y * area["height"])
    previewed(page)
    page.locator("[data-view=compare]").click()
    picture(page, "editor-curves")


def cropped(page: Any) -> None:
    """The crop's handles, and what was done so far."""
    sample(page, "astronaut.jpg")
    page.get_by_label("Find a tool").fill("crop")
    page.keyboard.press("Enter")
    page.get_by_label("Shape").select_option("4:3")
    page.get_by_label("Straighten").and_(page.locator("input[type=range]")).fill("4")
    previewed(page)
    page.get_by_role("button", name="History").click()
    picture(page, "editor-crop")


def masked(page: Any) -> None:
    """Where a step acts: the mask on its card, outlined on the photo."""
    sample(page, "astronaut.jpg")
    add(page, "light")
    card = page.locator(".card[data-tool=light]")
    card.get_by_label("Exposure").and_(page.locator("input[type=range]")).fill("-1.5")
    card.get_by_role("button", name="Light: where it acts").click()
    for way in ("Subject", "Invert"):
        card.get_by_role("group", name="Add to the mask").get_by_role("button", name=way, exact=True).click()
    previewed(page)
    page.locator("[data-view=result]").click()
    card.locator(".place").scroll_into_view_if_needed()
    picture(page, "editor-mask")


def close(page: Any) -> None:
    """A noisy photo at 1:1, before and after."""
    with tempfile.TemporaryDirectory() as folder:
        opened(page, "", Path(folder))
    add(page, "denoise")
    previewed(page)
    page.get_by_role("button", name="Zoom to 1:1").click()
    page.wait_for_function("!document.querySelector('.after-tile').hidden")
    page.locator("[data-view=compare]").click()
    page.wait_for_timeout(3000)
    picture(page, "editor-close")


def varied(page: Any) -> None:
    """Other values of a slider, as small pictures."""
    sample(page, "coffee.jpg")
    add(page, "temperature")
    page.get_by_role("button", name="Temperature: variations").click()
    page.wait_for_function("document.querySelectorAll('.varying .offers img').length === 6")
    page.locator(".varying .offers button").last.click()
    previewed(page)
    page.locator("[data-view=compare]").click()
    picture(page, "editor-variations")


def lists(page: Any) -> None:
    """What is installed, and the batch."""
    page.get_by_role("button", name="Plugins and models").click()
    picture(page, "editor-installed")
    page.keyboard.press("Escape")
    sample(page, "cat.jpg")
    add(page, "saturation")
    page.get_by_role("button", name="Batch…").click()
    samples = sorted((Path(__file__).parents[1] / "imgen/editor/web/samples").glob("*.jpg"))
    with page.expect_file_chooser() as chooser, page.expect_download():
        page.get_by_role("button", name="Choose photos").click()
        chooser.value.set_files(samples)
    picture(page, "editor-batch")


def phone(page: Any) -> None:
    """A task on a phone."""
    sample(page, "coffee.jpg")
    page.locator(".tile[data-task=blur]").click()
    previewed(page)
    picture(page, "editor-phone")


def tablet(page: Any) -> None:
    """The tasks on a tablet."""
    begun(page, "coffee.jpg")
    picture(page, "editor-tablet")


SCENES = {
    (1366, 768): (first, tasks, face, cut, repair, chosen, cropped, masked, close, varied, lists),
    (820, 1180): (tablet,),
    (390, 844): (phone,),
}


def main() -> None:
    """Take all pictures, or those that are named, each on a fresh page."""
    names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server, address = start(folder)
        try:
            chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for (width, height), scenes in SCENES.items():
                for scene in scenes:
                    if names and scene.__name__ not in names:
                        continue
                    small = width < 900
                    context = chromium.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme="dark",
                        has_touch=small,
                        is_mobile=small,
                    )
                    page = context.new_page()
                    page.set_default_timeout(300_000)
                    page.goto(address)
                    page.wait_for_function(READY)
                    scene(page)
                    context.close()
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
