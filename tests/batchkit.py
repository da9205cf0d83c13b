"""Many small photos, and jobs on them, for the tests of this folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

import imgen
from imgen.batch import Outcome, run

CROP = imgen.Pipeline().add("crop", width=0.5)
CROPPED = ["-s", "crop:width=0.5"]


def make_photos(folder: Path, count: int, suffix: str = ".png", width: int = 24) -> list[Path]:
    """So many different photos."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    paths = [folder / f"p{number:03}{suffix}" for number in range(count)]
    for path in paths:
        Pillow.fromarray(rng.integers(0, 256, (16, width, 3), np.uint8)).save(path)
    return paths


def do(inputs, output, pipeline=CROP, **options) -> dict[str, Outcome]:
    """What came of each photo of a job in this process, by its result's name."""
    return {outcome.result: outcome for outcome in run(pipeline, inputs, output, **{"jobs": 0} | options)}


def events(outcomes: dict[str, Outcome]) -> dict[str, str]:
    """The events alone."""
    return {name: outcome.event for name, outcome in outcomes.items()}


def results(output: Path) -> dict[str, bytes]:
    """Every result below a folder."""
    found = (path for path in output.rglob("*") if path.is_file() and ".imgen" not in path.parts)
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in found}


def state(output: Path) -> Path:
    """The folder of the only job in a place."""
    (found,) = (output / ".imgen").iterdir()
    return found


def lines(output: Path) -> list[dict]:
    """Every line of every journal."""
    files = sorted((state(output) / "journal").iterdir())
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def finished(output: Path) -> list[str]:
    """The names of results that the journals call done, in order."""
    return sorted(line["result"] for line in lines(output) if line["event"] == "done")


def start(*arguments, plugins: Path | None = None, **more) -> subprocess.Popen:
    """`imgen run` in a process of its own, with the tools of a folder."""
    path = os.pathsep.join([str(plugins or ""), *sys.path])
    command = [sys.executable, "-P", "-m", "imgen", "run", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )
