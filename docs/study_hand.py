"""A hand that works in the editor as a person does, and counts what it does and how long it waits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PREVIEW = "Preview; press Run"
LONG = 300_000  # milliseconds after which a page hangs


class Hand:
    """Mouse and keyboard on one page.

    Attributes:
        page: the editor, with a photo open.
        done: how many clicks, drags and keys there were.
        waited: seconds in which there was nothing to do but to wait for the machine.
        first: seconds until the first preview was seen.
    """

    def __init__(self, page: Any):
        self.page = page
        self.done: Counter[str] = Counter()
        self.waited = 0.0
        self.first: float | None = None

    def click(self, target: Any) -> None:
        """One click on an element."""
        target.click()
        self.done["click"] += 1

    def button(self, name: str) -> None:
        """One click on the button of that name."""
        self.click(self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first)

    def task(self, name: str) -> None:
        """One click on a large action."""
        self.click(self.page.locator(f".tile[data-task={name}]"))

    def choose(self, target: Any, label: str) -> None:
        """Two clicks: on a list, and on one of its entries."""
        target.select_option(label)
        self.done["click"] += 2

    def key(self, name: str) -> None:
        """One key, or keys that are held together."""
        self.page.keyboard.press(name)
        self.done["key"] += 1

    def write(self, target: Any, text: str) -> None:
        """A click into a field, and a key for each character."""
        self.click(target)
        self.page.keyboard.type(text)
        self.done["key"] += len(text)

    def slide(self, target: Any, value: float) -> None:
        """Drag the thumb of a slider until it shows about that value.

        Raises:
            RuntimeError: the slider does not follow the mouse.
        """
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        low, high, now = target.evaluate("one => [Number(one.min), Number(one.max), Number(one.value)]")
        thumb = 16

        def at(number: float) -> float:
            return box["x"] + thumb / 2 + (number - low) / (high - low) * (box["width"] - thumb)

        self._press([(at(number), box["y"] + box["height"] / 2) for number in (now, value)])
        shown = float(target.input_value())
        if abs(shown - value) > 0.06 * (high - low):
            raise RuntimeError(f"the slider shows {shown}, not {value}")

    def stroke(self, *places: tuple[float, float]) -> None:
        """One drag over the picture, through places in parts of its size."""
        box = self.page.locator("#stage .picture").bounding_box()
        self._press([(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places])

    def point(self, x: float, y: float) -> None:
        """One click on the picture, at parts of its size."""
        box = self.page.locator("#stage .picture").bounding_box()
        self.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        self.done["click"] += 1

    def pull(self, target: Any, across: float, down: float) -> None:
        """One drag of an element by that many pixels of the screen."""
        box = target.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self._press([(x, y), (x + across, y + down)])

    def _press(self, places: list[tuple[float, float]]) -> None:
        mouse = self.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place, steps=8)
        mouse.up()
        self.done["drag"] += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time inside as waiting."""
        start = time.monotonic()
        yield
        self.waited += time.monotonic() - start

    def look(self) -> None:
        """Wait until the preview of all that was done is there."""
        start = time.monotonic()
        with self.waiting():
            self.page.locator("#bar .text", has_text=PREVIEW).wait_for(timeout=LONG)
        if self.first is None:
            self.first = time.monotonic() - start

    def save(self, folder: Path) -> Path:
        """One click on *Download*, and the wait for the file."""
        with self.waiting(), self.page.expect_download(timeout=LONG) as saved:
            self.button("Download")
        path = folder / saved.value.suggested_filename
        saved.value.save_as(path)
        return path
