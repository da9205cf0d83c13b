"""Large photos in bounded memory. The full 24 megapixels are `benchmarks/memory.py`; this is its quick form."""

import os
import subprocess
import sys

import numpy as np
from PIL import Image as Pillow

CODE = """
import resource, sys
from pathlib import Path
from imgen.cli import main
assert main(["run", sys.argv[1], "-s", "denoise:noise=5", "-o", sys.argv[2], "-q", "--device", "cpu"]) == 0
status = Path("/proc/self/status")
if status.exists():  # Linux counts the process that started this one into ru_maxrss
    print(next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
# What is freed goes back to the system at once. By default the C library keeps some of it, and how much depends on
# how its threads happened to run: 100 MiB more or less from one run to the next.
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def peak(size: tuple[int, int], folder) -> int:
    """MiB of resident memory that a run on a photo of that size needs."""
    source, out = folder / f"{size[0]}.jpg", folder / f"{size[0]}.out.jpg"
    Pillow.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(source)
    command = [sys.executable, "-c", CODE, str(source), str(out)]
    env = {**os.environ, **AT_ONCE}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=600)
    return int(done.stdout)


def test_memory_grows_only_with_the_picture_itself(tmp_path):
    small, large = peak((1000, 700), tmp_path), peak((1800, 1300), tmp_path)
    grown_pixels = 1800 * 1300 - 1000 * 700
    # input and output as float32, input and output files as bytes, and half as much again for temporaries
    assert large - small < 1.5 * grown_pixels * (2 * 12 + 2 * 3) / 2**20 + 60
