"""Jobs against a bare loop, launchers against each other, and the memory of a long job.

python benchmarks/batch.py throughput [--photos 500] [--step denoise:noise=10,quality=fast]
python benchmarks/batch.py launchers [--photos 200] [--ray ADDRESS, - for one of its own]
python benchmarks/batch.py memory [--photos 10000] [--plot docs/images/batch-memory.png]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from skimage import data

LOOP = """
import sys
from pathlib import Path
import imgen
from imgen.cli.steps import parse_step
from imgen.contract.texts import converted
from imgen.engine.pipeline import Step
name, texts = parse_step(sys.argv[3])
steps = imgen.Pipeline().add(name, **converted(Step(name).resolve(), texts))
Path(sys.argv[2]).mkdir()
for path in sorted(Path(sys.argv[1]).iterdir()):
    steps.run(imgen.open(path), cache=None).save(Path(sys.argv[2]) / path.name)
"""


def make_photos(folder: Path, count: int, width: int, height: int) -> None:
    """Noisy photos of that size, each different."""
    folder.mkdir()
    base = np.asarray(Image.fromarray(data.coffee()).resize((width, height)), np.float32)
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 10, base.shape).astype(np.float32)
    for number in range(count):
        shifted = (base + np.roll(noise, number * 977)).clip(0, 255).astype(np.uint8)
        Image.fromarray(shifted).save(folder / f"p{number:05}.jpg", quality=92)


def seconds_of(command: list[str], folder: Path) -> float:
    """How long a command takes in that folder."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def job(output: str, step: str, *more: str) -> list[str]:
    """`imgen run` on the folder `in`."""
    return [sys.executable, "-m", "imgen", "run", "in", "-s", step, "-o", output, "-q", *more]


def throughput(options: argparse.Namespace, folder: Path) -> None:
    """A bare loop of read, run and write in one process with all cores, and two workers."""
    make_photos(folder / "in", options.photos, 1224, 816)
    for step in options.step:
        name = step.partition(":")[0]
        bare = seconds_of([sys.executable, "-c", LOOP, "in", f"loop-{name}", step], folder)
        two = seconds_of(job(f"jobs-{name}", step, "--jobs", "2"), folder)
        line = f"{step}: {options.photos} photos of 1 megapixel, bare loop {bare:.1f} s, --jobs 2 {two:.1f} s"
        print(f"{line}: {bare / two:.2f} times its throughput", flush=True)


def paced(command: list[str], folder: Path) -> tuple[int, float, float]:
    """Photos that a command did, its seconds, and photos a second from the first tenth of them to the last."""
    begun, times = time.perf_counter(), list[float]()
    with subprocess.Popen([*command, "--json"], cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            times += [time.perf_counter()] if "summary" not in line else []
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    from_here = len(times) // 10  # starting a launcher is no measure of photos
    steady = (len(times) - 1 - from_here) / (times[-1] - times[from_here]) if times else 0.0
    return len(times), time.perf_counter() - begun, steady


def launchers(options: argparse.Namespace, folder: Path) -> None:
    """The same photos through all launchers: the time of each, whether the bytes are the same, and all of it again."""
    make_photos(folder / "in", options.photos, *options.size)
    step = options.step[0]
    ways = {"jobs": [["--jobs", "2"]], "shards": [["--shard", "0/2"], ["--shard", "1/2"]]}
    if options.ray:
        ways["ray"] = [["--jobs", "2", "--engine", "ray", *(["--address", options.ray] if options.ray != "-" else [])]]
    for name, commands in ways.items():
        for more in commands:
            count, seconds, steady = paced(job(name, step, *more), folder)
            print(
                f"{name} {' '.join(more)}: {count} photos in {seconds:.1f} s, {steady:.2f} a second once begun",
                flush=True,
            )
        again = sum(paced(job(name, step, *more), folder)[0] for more in commands)
        made = [{path.name: path.read_bytes() for path in (folder / n).glob("*.jpg")} for n in ("jobs", name)]
        same = "byte for byte the same" if made[0] == made[1] and len(made[0]) == options.photos else "DIFFERENT"
        print(f"{name}: {same} as jobs; the same command again does {again} photos", flush=True)


def memory(options: argparse.Namespace, folder: Path) -> None:
    """The parent's memory and its workers' while many small photos are done."""
    make_photos(folder / "in", options.photos, 120, 80)
    command = [*job("out", options.step[-1], "--jobs", "2", "--json")]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    curve: list[tuple[int, float, float]] = []
    assert process.stdout is not None
    for number, line in enumerate(process.stdout, 1):
        if number % max(options.photos // 100, 1) == 0 and "summary" not in line:
            parent = psutil.Process(process.pid)
            workers = [child.memory_info().rss for child in parent.children()]
            curve.append((number, parent.memory_info().rss / 2**20, max(workers, default=0) / 2**20))
        elif "summary" in line:
            print(json.loads(line)["summary"])
    early = next(point for point in curve if point[0] >= min(500, options.photos // 4))
    last = curve[-1]
    print(
        f"parent: {early[1]:.1f} MiB after {early[0]} photos, {last[1]:.1f} after {last[0]}: {last[1] / early[1]:.3f}"
    )
    print(
        f"worker: {early[2]:.1f} MiB after {early[0]} photos, {last[2]:.1f} after {last[0]}: {last[2] / early[2]:.3f}"
    )
    if options.plot:
        plot(curve, options.plot)


def plot(curve: list[tuple[int, float, float]], path: Path) -> None:
    """The curve as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    photos, parent, worker = zip(*curve, strict=True)
    axes.plot(photos, worker, label="one of two workers")
    axes.plot(photos, parent, label="parent")
    axes.set(xlabel="photos done", ylabel="MiB", ylim=(0, 1.15 * max(*parent, *worker)))
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run what is asked for in a folder that goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("throughput", "launchers", "memory"))
    parser.add_argument("--photos", type=int)
    parser.add_argument("--step", action="append")
    parser.add_argument("--ray", nargs="?", const="-")
    parser.add_argument("--size", type=int, nargs=2, default=(612, 408))
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    options.photos = options.photos or {"throughput": 500, "launchers": 200, "memory": 10_000}[options.what]
    options.step = options.step or ["denoise:noise=10,quality=fast", "saturation:amount=0.4"]
    with tempfile.TemporaryDirectory() as folder:
        {"throughput": throughput, "launchers": launchers, "memory": memory}[options.what](options, Path(folder))


if __name__ == "__main__":
    main()
