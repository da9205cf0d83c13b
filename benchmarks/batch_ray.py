"""Ray on this machine against --jobs 2 in turns: photos a second, seconds of a core, and what the start takes.

python benchmarks/batch_ray.py [--photos 500] [--rounds 3] [--step saturation:amount=0.4] [--address auto]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from batch import job, make_photos


class Pace(NamedTuple):
    """How a launcher went: from the first tenth of the photos to the last one, as starting is no measure of photos.

    Attributes:
        rate: photos a second.
        cores: seconds of a core for each photo, of all processes.
        first: seconds until the first photo was done.
        begun: seconds of a core until then.
        total: seconds of all.
    """

    rate: float
    cores: float
    first: float
    begun: float
    total: float


def spent(root: psutil.Process) -> float:
    """Seconds of a core that a process and all below it have used."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def paced(command: list[str], folder: Path, photos: int) -> Pace:
    """Run it, and look at the clock and at all its processes as photos come."""
    begun, times, used = time.perf_counter(), list[float](), dict[int, float]()
    looks = (1, photos // 10, photos // 2)  # far from the end, where processes go and take their seconds along
    with subprocess.Popen(
        [*command, "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        root = psutil.Process(process.pid)
        for line in process.stdout:
            if "summary" in line:
                continue
            times.append(time.perf_counter())
            if len(times) in looks:
                used[len(times)] = spent(root)
    if process.returncode or len(times) != photos:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    first, early, late = looks
    return Pace(
        (photos - early) / (times[-1] - times[early - 1]),
        (used[late] - used[early]) / (late - early),
        times[0] - begun,
        used[first],
        time.perf_counter() - begun,
    )


def main() -> None:
    """Both in turns, so that both meet what else the machine does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", default="saturation:amount=0.4")
    parser.add_argument("--address", help="of a cluster that runs already")
    options = parser.parse_args()
    ray = ["--engine", "ray", *(["--address", options.address] if options.address else [])]
    rates, cores = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder / "in", options.photos, 1224, 816)
        for number in range(options.rounds):
            both = {}
            for engine, more in (("jobs", []), ("ray", ray)) if number % 2 else (("ray", ray), ("jobs", [])):
                both[engine] = pace = paced(job("out", options.step, "--jobs", "2", *more), folder, options.photos)
                shutil.rmtree(folder / "out")
                print(
                    f"{engine}: {pace.rate:.2f} photos a second once begun, {pace.cores * 1000:.1f} ms of a core each; "
                    f"the first after {pace.first:.1f} s ({pace.begun:.1f} s of a core), all in {pace.total:.1f} s",
                    flush=True,
                )
            rates.append(both["ray"].rate / both["jobs"].rate)
            cores.append(both["jobs"].cores / both["ray"].cores)
    print(
        f"ray over jobs, {options.rounds} rounds of {options.photos} photos: {described(rates)} by the clock, "
        f"{described(cores)} by seconds of a core; load {os.getloadavg()[0]:.1f}"
    )


def described(values: list[float]) -> str:
    """The median and all of them."""
    return f"{statistics.median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"


if __name__ == "__main__":
    main()
