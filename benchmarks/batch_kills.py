"""kill -9 at random moments: the launcher, one of its workers, or an actor of Ray. What is lost, doubled or half done?

python benchmarks/batch_kills.py [--kills 50] [--photos 300] [--engine processes|ray]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

import imgen
from imgen.batch import run

STEP = "blur:radius=3"


def start(folder: Path, engine: str) -> subprocess.Popen[bytes]:
    """The job in a process of its own."""
    options = ["-s", STEP, "-o", "out", "--jobs", "2", "--engine", engine, "-q"]
    log = (folder / "log.txt").open("ab")
    return subprocess.Popen([sys.executable, "-m", "imgen", "run", "in", *options], cwd=folder, stdout=log, stderr=log)


def victims(process: subprocess.Popen[bytes], engine: str) -> list[psutil.Process]:
    """The launcher, its workers, and the actors."""
    names = ("imgen.batch.serve", "ray::Actor") if engine == "ray" else ("imgen.batch.serve",)
    found: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        launcher = psutil.Process(process.pid)
        found.append(launcher)
        for child in launcher.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # others go on
                found += [child] if any(name in " ".join(child.cmdline()) for name in names) else []
    return found


def halves(folder: Path, right: dict[str, bytes]) -> int:
    """Results that are there and are not what they must be."""
    return sum(data != right[name] for name, data in results(folder / "out").items())


def prepared(folder: Path, photos: int) -> dict[str, bytes]:
    """Photos in the folder `in`; the right result of each, by name."""
    (folder / "in").mkdir()
    noise = np.random.default_rng(0)
    for number in range(photos):
        Image.fromarray(noise.integers(0, 256, (300, 400, 3), np.uint8)).save(folder / "in" / f"{number:04}.jpg")
    list(run(imgen.Pipeline().add("blur", radius=3), folder / "in", folder / "right", jobs=0))
    return results(folder / "right")


def results(folder: Path) -> dict[str, bytes]:
    """What lies there."""
    return {path.name: path.read_bytes() for path in folder.glob("*.jpg")}


def kind(victim: psutil.Process, launcher: int) -> str:
    """What a process is."""
    if victim.pid == launcher:
        return "launcher"
    return "worker" if "serve" in " ".join(victim.cmdline()) else "actor"


def kill(folder: Path, right: dict[str, bytes], options: argparse.Namespace) -> tuple[Counter[str], int, Counter[str]]:
    """Start it, kill something, and so on; what was killed, how many half results were seen, what was taken away."""
    rng, killed, half, taken = random.Random(options.seed), Counter[str](), 0, Counter[str]()
    process = start(folder, options.engine)
    while killed.total() < options.kills:
        if rng.random() < 0.8:  # else in the launcher's own beginning
            while process.poll() is None and len(victims(process, options.engine)) < 2:
                time.sleep(0.05)
        time.sleep(rng.uniform(0, options.longest))
        found = victims(process, options.engine)
        if process.poll() is not None or not found:
            again = "all done" if process.returncode == 0 else f"exit code {process.returncode}"
            print(f"{again} after {killed.total()} kills; some results are taken away, and on it goes", flush=True)
            for path in list((folder / "out").glob("*.jpg"))[::2]:
                path.unlink()
                taken[path.name] += 1
            process = start(folder, options.engine)
            continue
        victim = rng.choice(found)
        with suppress(psutil.NoSuchProcess):  # it has just ended
            what = kind(victim, process.pid)
            os.kill(victim.pid, signal.SIGKILL)
            killed[what] += 1
            half += halves(folder, right)
            if what == "launcher":
                process.wait()
                process = start(folder, options.engine)
    process.wait()
    return killed, half, taken


def looked_at(folder: Path, right: dict[str, bytes], taken: Counter[str]) -> str:
    """What is wrong with the results, once all is done; one that was taken away may have been made once more."""
    made = results(folder / "out")
    lines = [
        line["result"]
        for file in (folder / "out" / ".imgen").glob("*/journal/*")
        for line in map(json.loads, file.read_text().splitlines())
        if line["event"] == "done"
    ]
    wrong = sum(made.get(name) != data for name, data in right.items())
    lost, mute = len(right) - len(made), len(set(right) - set(lines))
    doubled = sum(max(0, count - 1 - taken[name]) for name, count in Counter(lines).items())
    strange = [path for path in (folder / "out").iterdir() if path.suffix != ".jpg" and path.name != ".imgen"]
    return (
        f"of {len(right)} results {lost} lost, {wrong} wrong, {mute} without a line, {doubled} with one too many, "
        f"{len(strange)} strange files"
    )


def main() -> None:
    """Kill, look, go on; at the end compare with a job that nobody killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds with workers until a kill")
    parser.add_argument("--engine", default="processes")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        right = prepared(folder, options.photos)
        killed, half, taken = kill(folder, right, options)
        code = start(folder, options.engine).wait()
        print(f"{killed.total()} kills {dict(killed)}, {half} half results at a kill, exit code {code}")
        print(looked_at(folder, right, taken))


if __name__ == "__main__":
    main()
