"""What a person does in the page, for all tests of it."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

import imgen

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
    # the words come first; until the picture is loaded, the preview's is shown in its place
    page.locator(".after[src*='/after-']").wait_for(state="attached", timeout=RUN)


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


def sample(page, name: str = "coffee.jpg") -> None:
    page.locator(f"[data-sample='{name}']").click()
    page.locator("#stage .about", has_text=name).wait_for()


def set_slider(page, tool: str, label: str, value: str) -> None:
    page.locator(f".card[data-tool={tool}]").get_by_label(label).and_(page.locator("input[type=range]")).fill(value)


def value(page, tool: str) -> str:
    return page.locator(f".card[data-tool={tool}] input[type=number]").first.input_value()


def tools_shown(page) -> list[str]:
    return page.locator(".card").evaluate_all("cards => cards.map((card) => card.dataset.tool)")


def drop(page, path: Path, where: str) -> None:
    """Drop a file on an element."""
    page.evaluate(
        """([name, bytes, where]) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
            document.querySelector(where).dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        [path.name, base64.b64encode(path.read_bytes()).decode(), where],
    )


def colours(page) -> float:
    """How colourful the result is that the page shows, 0..255."""
    loaded(page, ".after")
    box = page.locator("#stage .picture").screenshot()
    shown = np.asarray(Image.open(io.BytesIO(box)).convert("RGB"), int)
    return float(np.ptp(shown, axis=2).mean())


def redrawn(page, before: str | None) -> None:
    """Wait until another result is shown than the one of that address."""
    page.wait_for_function(
        "src => document.querySelector('.after').getAttribute('src') !== src", arg=before, timeout=RUN
    )


def press(page, locator) -> None:
    """Click, or tap where the screen is touched; it has to lie on the screen."""
    locator.wait_for()
    if page.evaluate("navigator.maxTouchPoints"):
        locator.tap()
    else:
        locator.click()


def stroke(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw on the picture with the mouse or a finger, between parts of its size."""
    box = page.locator("#stage .picture").bounding_box()
    points = [
        (box["x"] + (start[0] + (end[0] - start[0]) * t / 8) * box["width"],
         box["y"] + (start[1] + (end[1] - start[1]) * t / 8) * box["height"])
        for t in range(9)
    ]  # fmt: skip
    if not page.evaluate("navigator.maxTouchPoints"):
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()
        return
    touch = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)):
        fingers = [{"x": at[0], "y": at[1]}] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    # a tap in the same moment belongs to the stroke for Chromium, and is no click: no finger is that quick
    page.wait_for_timeout(500)
