"""The people of `sessions.py`: what each does with the page, again and again."""

from __future__ import annotations

import collections
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pages import Page, step

SIZES = {"12": (4000, 3000), "16": (4896, 3264), "24": (6000, 4000)}  # megapixels
PAUSE = (0.5, 3.0)  # seconds in which a person looks before the next change


FULL = "full-size run"


@dataclass
class Crowd:
    """What all people share: the server, the photos, and what happened."""

    address: str
    events: dict[str, int]
    photos: dict[str, Path]
    end: float = 0.0
    times: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def page(self, name: str) -> Page:
        """A new page."""
        return Page(self.address, name, self.events)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.end

    def timed(self, what: str, do: Callable[..., Any], *values: Any) -> Any:
        """Do something and remember how long it took."""
        began = time.monotonic()
        answer = do(*values)
        self.times[what].append(time.monotonic() - began)
        return answer

    def rest(self, chance: random.Random, seconds: float | None = None) -> None:
        """Look at the picture."""
        time.sleep(max(0.0, min(seconds or chance.uniform(*PAUSE), self.end - time.monotonic())))


def slider(chance: random.Random) -> list[dict[str, Any]]:
    """Steps of everyday, one of them at a new value."""
    value = chance.uniform
    return chance.choice(
        [
            [step("saturation", amount=value(0, 3))],
            [step("blur", radius=value(1, 30))],
            [step("denoise", noise=value(4, 20), quality="fast")],
            [step("denoise", noise=8.0, quality="fast"), step("saturation", amount=value(0, 3))],
            [step("select_subject"), step("invert_selection"), step("blur", radius=value(4, 40))],
            [step("colorize"), step("saturation", amount=value(0.5, 2))],
        ]
    )


def editing(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """Open a photo, try sliders, run at full size and download."""
    crowd.timed("open", page.open, crowd.photos[size])
    steps = slider(chance)
    for _ in range(3):
        for _ in range(chance.randint(3, 6)):
            if crowd.over:
                return
            steps = [*steps[:-1], slider(chance)[-1]]
            crowd.timed("preview", page.look, "preview", steps)
            crowd.rest(chance)
        crowd.timed(FULL, page.look, "run", steps)
        crowd.timed("download", page.download, chance.choice(["jpeg", "jpeg", "tiff"]))


def brushing(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """Brush over a scratch, see it go, and take it out of the photo."""
    crowd.timed("open", page.open, crowd.photos[size])
    width, height = SIZES[size]
    for _ in range(4):
        x, y = chance.uniform(0.2, 0.7) * width, chance.uniform(0.2, 0.7) * height
        strokes = [{"mode": "paint", "radius": 30, "points": [[x, y], [x + 300, y + 100]]}]
        for _ in range(3):
            if crowd.over:
                return
            crowd.timed("preview", page.look, "preview", [step("inpaint")], strokes)
            crowd.rest(chance)
        crowd.timed(FULL, page.look, "run", [step("inpaint")], strokes)
        crowd.timed("download", page.download)


def attaching(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """Choose a large mask as a file for a step, again and again."""
    crowd.timed("open", page.open, crowd.photos[size])
    for _ in range(4):
        mask = crowd.timed("attach", page.attach, crowd.photos[f"mask {size}"], "load_selection", "file")
        steps = [step("load_selection", file=mask)]
        for _ in range(3):
            if crowd.over:
                return
            steps = [*steps[:1], step("saturation", amount=chance.uniform(0, 3))]
            crowd.timed("preview", page.look, "preview", steps)
            crowd.rest(chance)
        crowd.timed(FULL, page.look, "run", steps)


def idling(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """Open a photo, run once, and leave the page open."""
    crowd.timed("open", page.open, crowd.photos[size])
    crowd.timed(FULL, page.look, "run", [step("saturation", amount=0.5)])
    crowd.rest(chance, 10_000)


def reloading(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """Close the page with its photo, come back to it, or never again."""
    left = page.stay()
    crowd.timed("open", page.open, crowd.photos[size])
    crowd.timed("preview", page.look, "preview", slider(chance))
    crowd.rest(chance)
    left.set()
    again = crowd.page(f"{page.hash}again{time.monotonic_ns()}")
    crowd.timed("reload", again.restore, page)
    left = again.stay()
    crowd.timed("preview", again.look, "preview", slider(chance))
    left.set()
    crowd.rest(chance, 20)


def batching(crowd: Crowd, page: Page, chance: random.Random, size: str) -> None:
    """A few photos at once, and a zip of them."""
    left = page.stay()
    files = [{"path": page.upload(crowd.photos[s]), "name": f"{s}.jpg"} for s in ("12", "12", "16")]
    steps = {"steps": [step("saturation", amount=chance.uniform(0, 3))]}
    crowd.timed("batch", lambda: page.trigger("batch", [steps], files=json.dumps(files), options="{}", run=page.hash))
    left.set()
    crowd.rest(chance, 30)


PEOPLE = [editing, editing, brushing, attaching, idling, editing, reloading, idling, editing, attaching]
