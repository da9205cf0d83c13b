"""Twenty people in the editor for ten minutes, with large photos: how much memory the server takes, at most.

python benchmarks/sessions.py [--sessions 20] [--minutes 10] [--limit 1.5] [--only fair|crowd]

First, how long one page waits for a preview alone, and while another page denoises 24 megapixels. Then the crowd:
people who open photos of 12 to 24 megapixels, move sliders, brush, attach masks, run at full size and download; some
have a page open and do nothing, some reload it, some close it and come back with another photo, one does batches.
The memory is what Linux says of the server's process; it fails where that ever was above the limit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pages import memory, serve, step, waiting_on_disk
from PIL import Image
from skimage import data
from sessions_people import SIZES, Crowd, reloading, batching, PEOPLE


def photos(folder: Path) -> dict[str, Path]:
    """Noisy photos of three sizes as JPEG, and masks of the same sizes as PNG."""
    made: dict[str, Path] = {}
    for name, size in SIZES.items():
        picture = np.asarray(Image.fromarray(data.coffee()).resize(size), np.int16)
        noise = np.random.default_rng(0).normal(0, 10, (256, 256, 3)).astype(np.int16)
        noise = np.tile(noise, (-(-size[1] // 256), -(-size[0] // 256), 1))[: size[1], : size[0]]
        made[name] = folder / f"{name}.jpg"
        Image.fromarray((picture + noise).clip(0, 255).astype(np.uint8)).save(made[name], quality=92)
        mask = np.zeros((size[1], size[0]), np.uint8)
        mask[size[1] // 3 : size[1] // 2, size[0] // 3 : size[0] // 2] = 255
        made[f"mask {name}"] = folder / f"mask{name}.png"
        Image.fromarray(mask).save(made[f"mask {name}"])
    return made


# ---- people: what each does once, over and over until the time is over


def person(crowd: Crowd, number: int) -> None:
    """One of them, until the time is over."""
    chance = random.Random(number)
    does = batching if number == 19 else PEOPLE[number % len(PEOPLE)]
    size = list(SIZES)[number % 3]
    crowd.rest(chance, chance.uniform(0, 20))
    visit = 0
    try:
        while not crowd.over:
            does(crowd, crowd.page(f"person{number}visit{visit if does in (reloading, batching) else 0}"), chance, size)
            visit += 1
    except Exception as error:  # whatever goes wrong for one of them is a result, until the server is stopped
        crowd.errors.append(f"{does.__name__} {number}: {error!r}"[:400])


# ---- what is measured


def fair(crowd: Crowd) -> None:
    """A preview's time alone, and while another page is at a long run; prints both."""
    other, mine = crowd.page("other"), crowd.page("mine")
    other.open(crowd.photos["24"])
    mine.open(crowd.photos["12"])
    noise = iter(np.linspace(5, 20, 1000))

    def previews(until: Callable[[], bool], most: int) -> list[float]:
        times: list[float] = []
        while len(times) < most and not until():
            began = time.monotonic()
            mine.look("preview", [step("denoise", noise=float(next(noise)), quality="fast")])
            times.append(time.monotonic() - began)
            time.sleep(0.5)
        return times

    previews(lambda: False, 2)  # the first loads the model
    alone = previews(lambda: False, 10)
    steps = {"steps": [step("denoise", noise=10.0, quality="fast")]}
    stage = {"photo": other.serial, "strokes": []}
    run = threading.Thread(target=other.trigger, args=("run", [steps, stage]), kwargs={"run": "long"})
    run.start()
    time.sleep(3)
    beside = previews(lambda: not run.is_alive(), 20)
    other.send("cancel", [], run="long")
    run.join()
    print(
        f"a preview of denoise: {told(alone)} alone, {told(beside)} beside another page's 24 megapixels "
        f"({len(beside)} previews); load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores",
        flush=True,
    )


def told(times: list[float]) -> str:
    """Median and 95th percentile in words."""
    low, high = np.percentile(times, [50, 95]) if times else (0, 0)
    return f"{low:.2f} s (95 % within {high:.2f} s)"


def crowded(crowd: Crowd, server: subprocess.Popen[bytes], sessions: int, minutes: float) -> None:
    """All people at once; prints what they waited for and what the server took."""
    start = memory(server.pid)
    crowd.end = time.monotonic() + 60 * minutes
    people = [threading.Thread(target=person, args=(crowd, n), daemon=True) for n in range(sessions)]
    for thread in people:
        thread.start()
    highest, disk, samples = start, 0.0, []
    tail = crowd.end + 60  # what is under way may end, unless it takes long
    while any(thread.is_alive() for thread in people) and time.monotonic() < tail:
        time.sleep(0.1)
        now = memory(server.pid)
        samples.append(now["VmRSS"])
        if now["VmRSS"] > highest["VmRSS"]:
            highest = now
        if len(samples) % 10 == 0:
            disk = max(disk, waiting_on_disk(server.pid))
    waiting = sum(thread.is_alive() for thread in people)
    print(
        f"{sessions} people, {minutes:g} minutes, photos of 12, 16 and 24 megapixels; a minute after the end "
        f"{waiting} still waited for an answer; {os.cpu_count()} cores, load {os.getloadavg()[1]:.0f}"
    )
    for what, times in sorted(crowd.times.items()):
        print(f"  {len(times):4d} x {what}: {told(times)}")
    print(f"memory in MiB: {start['VmRSS']:.0f} at the start, {np.median(samples):.0f} median")
    print(
        f"  the highest sample: {highest['VmRSS']:.0f}, of it {highest['RssAnon']:.0f} the program's own and "
        f"{highest['RssFile'] + highest['RssShmem']:.0f} of files (code, photos on disk)"
    )
    print(f"  photos that waited on disk, at most: {disk:.0f}")


def main() -> None:
    """Print the figures; exit with 1 where the bound was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--limit", type=float, default=1.5, help="GiB of resident memory")
    parser.add_argument("--only", choices=["fair", "crowd"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        made = photos(Path(name))
        server, address, events = serve(name)
        try:
            crowd = Crowd(address, events, made)
            if options.only != "crowd":
                fair(crowd)
            if options.only != "fair":
                crowded(crowd, server, options.sessions, options.minutes)
            peak, errors = memory(server.pid)["VmHWM"], list(crowd.errors)
        finally:
            server.terminate()
            server.wait(60)
    print("errors:", errors or "none")
    print(f"peak of resident memory, as the kernel kept it: {peak:.0f} MiB (limit {1024 * options.limit:.0f})")
    if errors or peak > 1024 * options.limit:
        sys.exit(1)


if __name__ == "__main__":
    main()
