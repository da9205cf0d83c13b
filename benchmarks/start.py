"""How long `imgen` takes to start, beside another checkout of it: CPU seconds, in turn, as medians.

python benchmarks/start.py --against ../imgen-before [--times 10]

Both run with this environment's packages. Only the ratios of one call are comparable, as machines get busy.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[1]
COMMANDS = (["--help"], ["tools"], ["tools", "denoise"], ["plugins"], ["models"])
ROOMS = {"imgen": "imgen", "imgen_plugins": "plugins", "imgen_exports": "exports"}


def packages(checkout: Path, folder: Path) -> Path:
    """A folder from which Python imports that checkout with its own plugins, whatever is installed."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = folder / f"{project['name']}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]["imgen.plugins"]
    (about / "entry_points.txt").write_text("[imgen.plugins]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()))
    for package, inside in ROOMS.items():
        (folder / package).symlink_to(checkout / inside)
    return folder


def seconds(path: Path, command: list[str]) -> float:
    """CPU seconds, user and system, that one call takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "PYTHONPATH": str(path), "PYTHONPYCACHEPREFIX": str(path / "compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    arguments = [sys.executable, "-m", "imgen.cli", *command]
    subprocess.run(arguments, env=env, cwd=path, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, required=True, metavar="DIR", help="another checkout")
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        new = packages(HERE, Path(scratch) / "new")
        old = packages(options.against.resolve(), Path(scratch) / "old")
        for command in COMMANDS:
            seconds(new, command), seconds(old, command)  # the first call compiles
            pairs = [(seconds(new, command), seconds(old, command)) for _ in range(options.times)]
            here, there = (median(times) for times in zip(*pairs, strict=True))
            name = "imgen " + " ".join(command)
            print(f"{name:24} {here:.3f} s here, {there:.3f} s there: {here / there:.2f} times", flush=True)


if __name__ == "__main__":
    main()
