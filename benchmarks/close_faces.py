"""In how many of the last 500 close crops of FairFace a face is found, by group, and how far off its eyes are.

python benchmarks/close_faces.py faces/fairface_128
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import imgen
from imgen import faces
from imgen.faces.training.marks import people
from imgen.faces.training.referee import TEST, UPRIGHT, groups


def main(folder: Path) -> None:
    """Search the faces, then print a line for each group, the worst first."""
    who, off = people(folder), list[float]()
    found: dict[str, list[bool]] = defaultdict(list)
    for name in sorted(who)[-TEST:]:
        seen = faces.find(imgen.open(folder / "images" / name).pixels)
        off += [min(map(away, seen))] if seen else []
        for group in ("all", *groups(*who[name])):
            found[group].append(bool(seen))
    for group, hits in sorted(found.items(), key=lambda item: np.mean(item[1])):
        print(f"{group}: found in {100 * np.mean(hits):.1f} % of {len(hits)}")
    print(f"eyes off by {np.median(off):.3f} eye distances (median), {np.quantile(off, 0.95):.3f} (95 %)")


def away(face: faces.Face) -> float:
    """How far the eyes are from where crops have them, as a part of their distance."""
    left, right = (np.hypot(*np.subtract(a, b)) for a, b in zip(face[:2], UPRIGHT[:2], strict=True))
    return float(left + right) / 2 / (UPRIGHT.right[0] - UPRIGHT.left[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
