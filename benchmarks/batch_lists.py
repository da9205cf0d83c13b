"""Long lists: a million listed paths planned, and a finished job of 100,000 photos begun again: time and memory.

python benchmarks/batch_lists.py [--photos 1000000] [--finished 100000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

import imgen
from imgen.batch.journal import Journal
from imgen.batch.spec import claim, spec_of
from imgen.batch.store import stamp

CODE = """
import sys, time, imgen
from imgen.batch import run
from imgen.batch.worker import peak
began, cpu = time.perf_counter(), time.process_time()
running = run(imgen.Pipeline().add("crop", width=0.5), sys.argv[1], sys.argv[2])
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
print(running.counts.todo, running.counts.done, round(seconds, 2), round(cpu, 2), round(peak(), 1))
running.close()
"""


def planned(inputs: Path, output: Path) -> tuple[int, int, str, float]:
    """Photos to do and done, seconds for planning, and the peak memory in MiB of a process that does nothing else."""
    done = subprocess.run([sys.executable, "-c", CODE, inputs, output], capture_output=True, text=True, check=True)
    todo, finished, seconds, cpu, memory = done.stdout.split()
    return int(todo), int(finished), f"{seconds} s ({cpu} s of a core)", float(memory)


def finished_job(folder: Path, count: int) -> None:
    """Photos, results, and the journals that two workers would have written."""
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, "PNG")
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    spec = spec_of(imgen.Pipeline().add("crop", width=0.5), suffix="", quality=95, metadata=True)
    home = claim(spec, str(folder / "out"), overwrite=False)
    workers = [Journal(home, f"0-of-1-{number}") for number in range(2)]
    for number in range(count):
        name = f"p{number:07}.png"
        (folder / "in" / name).write_bytes(data.getvalue())
        (folder / "out" / name).write_bytes(data.getvalue())
        found = stamp(str(folder / "in" / name))
        about = {"source": f"in/{name}", "etag": found.etag if found else "", "parameters": None}
        line = {"key": "0" * 64, "sha256": "0" * 64, "bytes": len(data.getvalue())}
        workers[number % 2].add("saving", name, **about, **line)
        workers[number % 2].add("done", name, **about, **line, read=0.1, compute=0.1, write=0.1)
    for worker in workers:
        worker.close()


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--finished", type=int, default=100_000)
    parser.add_argument("--folder", help="where to put them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        with (folder / "list.txt").open("w") as file:
            file.writelines(f"holiday/{n // 1000:04}/photo-{n:07}.jpg\n" for n in range(options.photos))
        todo, _, seconds, memory = planned(folder / "list.txt", folder / "listed")
        print(f"{todo:,} listed paths planned in {seconds}, peak {memory:.0f} MiB", flush=True)
        finished_job(folder, options.finished)
        for when in ("the first time, when all journals are read", "another time"):
            todo, done, seconds, memory = planned(folder / "in", folder / "out")
            told = f"a finished job of {done:,} photos ({todo} to do) begun again, {when}"
            print(f"{told}: {seconds}, peak {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
