"""Store a shipped model's weights in eight bits where its training weights are gone: half of its file.

python benchmarks/smaller.py exports/autoencoder/inpaint.onnx

The file, its golden values and its card's checksum, size and error are written anew, and what changed is printed.
The card's figures are those of the file before: run `imgen evaluate` afterwards, and compare.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from imgen.training.storage import quartered, widened


def main() -> None:
    """Convert, and print how far the outputs moved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    path = parser.parse_args().model
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if card.get("bits") == 8:
        raise SystemExit(f"{path} is stored in eight bits already")
    before = path.stat().st_size
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as golden:
        arrays = dict(golden)
    inputs = {name.removeprefix("in_"): value for name, value in arrays.items() if name.startswith("in_")}
    model = quartered(widened(onnx.load(path)))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, inputs)
    moved = max(float(np.abs(new - arrays[f"out_{i}"]).max()) for i, new in enumerate(outputs))
    onnx.save(model, path)
    np.savez_compressed(path.with_suffix(".npz"), allow_pickle=False, **arrays | name_outputs(outputs))
    card["bits"], card["bytes"] = 8, path.stat().st_size
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    card["onnx_error"] = (card.get("onnx_error") or 0.0) + moved
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {before:,} bytes became {card['bytes']:,}; golden values moved by at most {moved:.2g}")


def name_outputs(outputs: Sequence[Any]) -> dict[str, Any]:
    """As golden values are named."""
    return {f"out_{i}": value for i, value in enumerate(outputs)}


if __name__ == "__main__":
    main()
