"""How real the faces of several generators look: imgen's as shipped, and others that were trained in the same way.

python benchmarks/samples.py FACES dcgan/short-ours dcgan/short-plain ...

FACES holds aligned faces, of which no generator has seen the last 1,000; the other names are models that
`imgen export --name` wrote. Ratios are to the first of them. Besides random features, which see colours and textures,
distances are measured in what `core/attributes` sees, a network that tells faces' attributes and that no generator
knows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import imgen
from imgen.training.frechet import frechet, prdc, random_features
from imgen.faces.training.portraits import portraits
from imgen.faces.training.measures import TEST, classified
from imgen_plugins.dcgan.evaluation.faces import drawn_by

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("faces", type=Path)
parser.add_argument("models", nargs="+")
parser.add_argument("--seeds", type=int, default=5)
options = parser.parse_args()


def figures(pictures: np.ndarray, test: np.ndarray, seed: int) -> tuple[float, ...]:
    """Distances in the classifier's and in random features, density and coverage in random ones, of (N, 64, 64, 3)."""
    real, made = (random_features(np.ascontiguousarray(part), seed) for part in (test, pictures))
    shares = prdc(real, made)
    distance = frechet(classified(test)[1], classified(pictures)[1])
    return distance, frechet(real, made), shares["density"], shares["coverage"]


def main() -> None:
    """Print the table: mean and spread over the seeds of codes and features."""
    seen, test = (x.astype(np.float32) / np.float32(255) for x in np.split(portraits([options.faces]).images, [-TEST]))
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in ("real faces", *options.models)}
    for seed in range(options.seeds):
        known = seen[np.random.default_rng(seed).choice(len(seen), TEST, replace=False)]
        rows["real faces"].append(figures(known, test, seed))
        for name in options.models:
            rows[name].append(figures(drawn_by(imgen.model(name), 100 + seed, TEST), test, seed))
    first = np.mean([row[0] for row in rows[options.models[0]]])
    print("| | Fréchet, classifier | of the first | Fréchet, random | density | coverage |\n|---|---|---|---|---|---|")
    for name, values in rows.items():
        mean, spread = np.mean(values, 0), np.std(values, 0)
        ratio = np.mean([row[0] for row in values]) / first
        distances = f"{mean[0]:.3f} ± {spread[0]:.3f} | {ratio:.2f} | {mean[1]:.3f} ± {spread[1]:.3f}"
        print(f"| {name} | {distances} | {mean[2]:.2f} | {mean[3]:.2f} |")


main()
