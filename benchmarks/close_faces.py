"""In how many of the last 500 close crops of FairFace a face is found, by group, and how far off its eyes are.

python benchmarks/close_faces.py faces/fairface_128 [subjects]

Beside it stands how many are found without `filling`, which looks for a face that fills the photo. With a second
folder, the photos without people in it that exports/core/faces-photos.txt names are searched, too, for what it adds.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

import numpy as np

import imgen
from imgen import faces
from imgen.faces import finder
from imgen.faces.training.marks import people
from imgen.faces.training.referee import TEST, UPRIGHT, groups
from imgen.inference.registry import shipped


def close(folder: Path) -> None:
    """Search the close crops, then print a line for each group, the worst first."""
    who, off = people(folder), list[float]()
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for name in sorted(who)[-TEST:]:
        photo = imgen.open(folder / "images" / name).pixels
        seen, plain = faces.find(photo), without(photo)
        off += [min(map(away, seen))] if seen else []
        for group in ("all", *groups(*who[name])):
            found[group].append((bool(seen), bool(plain)))
    for group, hits in sorted(found.items(), key=lambda item: np.mean(item[1], 0)[0]):
        share, plain_share = 100 * np.mean(hits, 0)
        print(f"{group}: found in {share:.1f} % of {len(hits)}, without filling in {plain_share:.1f} %")
    print(f"eyes off by {np.median(off):.3f} eye distances (median), {np.quantile(off, 0.95):.3f} (95 %)")


def nobody(paths: Iterable[Path]) -> None:
    """What `filling` adds in photos without people in which nothing is found else."""
    photos = [photo for photo in (imgen.open(path).pixels for path in paths) if not without(photo)]
    scores = sorted((face.score for photo in photos for face in finder.filling(photo)), reverse=True)
    print(f"{len(photos)} photos without people and without a find: {len(scores)} more", *(f"{s:.2f}" for s in scores))


def without(photo: imgen.Image) -> list[faces.Face]:
    """The faces that are found if none is looked for that fills the photo."""
    with patch.object(finder, "filling", lambda image: []):
        return faces.find(photo)


def away(face: faces.Face) -> float:
    """How far the eyes are from where crops have them, as a part of their distance."""
    left, right = (np.hypot(*np.subtract(a, b)) for a, b in zip(face[:2], UPRIGHT[:2], strict=True))
    return float(left + right) / 2 / (UPRIGHT.right[0] - UPRIGHT.left[0])


if __name__ == "__main__":
    close(Path(sys.argv[1]))
    if sys.argv[2:]:
        names = {*(shipped("core") / "faces-photos.txt").read_text(encoding="utf-8").split()}
        nobody(path for path in sorted(Path(sys.argv[2]).rglob("*")) if path.name in names)
