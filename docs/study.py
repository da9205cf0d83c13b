"""Write the table of docs/study.md: eight everyday tasks in the editor, each click and second counted.

python docs/study.py                 all tasks
python docs/study.py restore cut     only these; the table is left alone
python docs/study.py --look FOLDER   also saves what the window shows at the end of each task
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor_hands import CHROMIUM, READY, opened, start
from PIL import Image
from playwright.sync_api import sync_playwright
from study_hand import Hand
from study_others import GIMP, counted

PAGE = Path(__file__).with_name("study.md")
SCRATCHES = (  # of cat-damaged.jpg, in parts of its size
    ((0.067, 0.064), (0.108, 0.151), (0.161, 0.281), (0.252, 0.48), (0.305, 0.625), (0.398, 0.807), (0.467, 0.963)),
    ((0.552, 0.003), (0.569, 0.146), (0.574, 0.339), (0.584, 0.368)),
    ((0.934, 0.0), (0.893, 0.08), (0.853, 0.187), (0.818, 0.27), (0.785, 0.383), (0.732, 0.506)),
    ((0.194, 0.843), (0.359, 0.81), (0.495, 0.797), (0.557, 0.772), (0.687, 0.771), (0.85, 0.725), (0.98, 0.729)),
)


def restore(hand: Hand) -> None:
    """Scratches and grain go; the photo has its colours already."""
    hand.task("restore")
    hand.click(hand.page.get_by_label("Give colours"))
    hand.slide(hand.page.get_by_label("Brush size"), 26)
    for scratch in SCRATCHES:
        hand.stroke(*scratch)
    hand.look()
    hand.button("Result")


def remove(hand: Hand) -> None:
    """The shuttle behind her."""
    hand.task("remove")
    hand.slide(hand.page.get_by_label("Brush size"), 75)
    hand.stroke((0.83, 0.0), (0.82, 0.2), (0.81, 0.46))
    hand.stroke((0.74, 0.42), (0.78, 0.3), (0.88, 0.44))
    hand.look()
    hand.button("Result")


def cut(hand: Hand) -> None:
    """She alone: the first guess keeps the shuttle."""
    hand.task("cut")
    hand.look()
    hand.button("Click what to keep")
    hand.point(0.45, 0.7)
    hand.look()
    hand.button("Done")
    hand.button("Result")


def background(hand: Hand) -> None:
    """A background a little softer than the task makes it; the first guess keeps the shuttle sharp, too."""
    hand.task("blur")
    hand.look()
    hand.button("Click what stays sharp")
    hand.point(0.45, 0.7)
    hand.button("Done")
    hand.slide(hand.page.locator(".task").get_by_label("Amount").and_(hand.page.locator("input[type=range]")), 20)
    hand.look()
    hand.button("Result")


def shadows(hand: Hand) -> None:
    """The dark helmet brighter, and nothing else."""
    page = hand.page
    hand.write(page.get_by_label("Find a tool"), "shadows")
    hand.key("Enter")
    card = page.locator(".card[data-tool=light]")
    hand.slide(card.get_by_label("Shadows").and_(page.locator("input[type=range]")), 0.8)
    hand.click(card.get_by_role("button", name="Light: where it acts"))
    hand.click(card.get_by_role("group", name="Add to the mask").get_by_role("button", name="Brush", exact=True))
    hand.slide(page.get_by_label("Brush size"), 70)
    hand.stroke((0.62, 0.78), (0.7, 0.9), (0.85, 0.95), (0.92, 0.8), (0.8, 0.75), (0.68, 0.8))
    hand.look()
    hand.button("Result")


def noise(hand: Hand) -> None:
    """Noise judged pixel by pixel, before and after."""
    page = hand.page
    hand.write(page.get_by_label("Find a tool"), "noise")
    hand.key("Enter")
    hand.look()
    hand.button("Zoom to 1:1")
    with hand.waiting():
        page.wait_for_function("!document.querySelector('.after-tile').hidden", timeout=300_000)
    hand.button("Compare")
    detail = page.locator(".task").get_by_label("Detail").and_(page.locator("input[type=range]"))
    shown = page.locator(".after-tile").get_attribute("src")
    hand.slide(detail, 0.3)
    with hand.waiting():
        page.wait_for_function(
            "was => { const one = document.querySelector('.after-tile'); return !one.hidden && one.src !== was }",
            arg=shown,
            timeout=300_000,
        )
    hand.look()


def style(hand: Hand) -> None:
    """A painter's style, seen on the photo first, at three quarters of its strength."""
    page = hand.page
    hand.task("style")
    hand.button("See each on your photo")
    with hand.waiting():
        page.locator(".offers .waiting").wait_for(state="detached", timeout=300_000)
    hand.click(page.locator(".offers button", has_text="wave"))
    hand.slide(page.locator(".task").get_by_label("Strength").and_(page.locator("input[type=range]")), 0.75)
    hand.look()
    hand.button("Result")


def crop(hand: Hand) -> None:
    """Straightened by four degrees, 4:3, without what stands at the right, 400 pixels wide."""
    page = hand.page
    hand.write(page.get_by_label("Find a tool"), "crop")
    hand.key("Enter")
    hand.choose(page.get_by_label("Shape"), "4:3")
    hand.slide(page.get_by_label("Straighten").and_(page.locator("input[type=range]")), 4)
    hand.pull(page.locator(".handle[data-handle=se]"), -80, -60)
    hand.stroke((0.4, 0.5), (0.4, 0.36))
    hand.look()
    hand.button("Result")
    hand.button("Export options")
    hand.write(page.get_by_label("Longest side (px)"), "400")


Task = tuple[str, str, Callable[[Hand], None]]
TASKS: dict[str, Task] = {
    "restore": ("Restore a scratched, noisy photo", "cat-damaged.jpg", restore),
    "remove": ("Remove something", "astronaut.jpg", remove),
    "cut": ("Cut out a person, correct the first guess", "astronaut.jpg", cut),
    "background": ("Blur the background", "astronaut.jpg", background),
    "shadows": ("Brighten the shadows of one part", "astronaut.jpg", shadows),
    "noise": ("Remove noise, judged at 1:1", "", noise),
    "style": ("A style, with a chosen strength", "cat.jpg", style),
    "crop": ("Crop, straighten, save at another size", "astronaut.jpg", crop),
}


def work(chromium: Any, address: str, name: str, look: Path | None) -> Hand:
    """Do one task on a fresh page, from an open photo to the file."""
    _, photo, way = TASKS[name]
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, color_scheme="dark", accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(address)
    page.wait_for_function(READY)
    with tempfile.TemporaryDirectory() as folder:
        opened(page, photo, Path(folder))
        page.wait_for_timeout(1000)
        hand = Hand(page)
        way(hand)
        path = hand.save(Path(folder))
        if look:
            page.screenshot(path=look / f"{name}.png")
            with Image.open(path) as file:
                file.save(look / f"{name}-file.png")
    context.close()
    return hand


def table(hands: dict[str, Hand]) -> str:
    """What was counted, as Markdown."""
    lines = ["| task | clicks | drags | keys | together | waiting | GIMP, counted |", "|---|---|---|---|---|---|---|"]
    for name, hand in hands.items():
        done = [hand.done[kind] for kind in ("click", "drag", "key")]
        cells = [TASKS[name][0], *map(str, done), str(sum(done)), f"{hand.waited:.1f} s", counted(name)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("model name", 1)[1]
        return told.split(":", 1)[1].split("\n", 1)[0].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def write(hands: dict[str, Hand]) -> None:
    """Put the table, and how GIMP's were counted, between their marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    where = f"Measured on {os.cpu_count()} threads of a processor that calls itself {processor()}, beside other work."
    ways = "\n".join(f"- **{TASKS[name][0]}**: {way}" for name, way in GIMP.items())
    for mark, text in (("table", f"{table(hands)}\n\n{where}"), ("ways", ways)):
        begin = page.index(f"<!-- {mark}")
        end = page.index("<!-- end -->", begin)
        page = f"{page[: page.index(chr(10), begin) + 1]}\n{text}\n\n{page[end:]}"
    PAGE.write_text(page, encoding="utf-8")


def main() -> None:
    """Do the tasks, tell, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--look", type=Path)
    parser.add_argument("--address", help="of an editor that runs already")
    given = parser.parse_args()
    names = given.tasks or list(TASKS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server, address = (None, given.address) if given.address else start(folder)
        try:
            chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            hands = {}
            for name in names:
                hands[name] = hand = work(chromium, address, name, given.look)
                print(
                    name, dict(hand.done), f"waited {hand.waited:.1f} s, first preview {hand.first:.1f} s", flush=True
                )
        finally:
            if server:
                server.terminate()
                server.wait(20)
    if not given.tasks:
        write(hands)


if __name__ == "__main__":
    main()
