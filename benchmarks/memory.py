"""Peak memory and time of `imgen run` on photos of 1, 6 and 24 megapixels.

python benchmarks/memory.py [--step denoise:noise=10]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

CODE = """
import resource, sys
from imgen.cli import main
code = main(["run", sys.argv[1], "-s", sys.argv[3], "-o", sys.argv[2], "-q"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
sys.exit(code)
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", default="denoise:noise=10")
    step = parser.parse_args().step
    print(f"{step}\n{'photo':>12}{'peak MiB':>10}{'seconds':>9}{'s / megapixel':>15}")
    for width, height in ((1224, 816), (3000, 2000), (6000, 4000)):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "in.jpg"
            photo = np.asarray(Image.fromarray(data.coffee()).resize((width, height)), np.float32)
            noise = np.random.default_rng(0).normal(0, 10, photo.shape).astype(np.float32)
            Image.fromarray((photo + noise).clip(0, 255).astype(np.uint8)).save(source, quality=92)
            started = time.perf_counter()
            command = [sys.executable, "-c", CODE, str(source), f"{folder}/out.jpg", step]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds = time.perf_counter() - started
        megapixels = width * height / 1e6
        print(f"{width}x{height:<6}{float(done.stdout):10.0f}{seconds:9.1f}{seconds / megapixels:15.2f}", flush=True)


if __name__ == "__main__":
    main()
