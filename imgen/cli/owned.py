"""What training, exporting and evaluating may write: only what is theirs, and nothing that they read."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import ParameterError
from ..io.overlap import overlaps, read_only

CHECKPOINT, HISTORY = "last.safetensors", "figures.jsonl"  # of training, which imports torch
SHOWN = ("report.html", "curves.png", "sheet.png", "sheets", "export")  # what a run writes beside them
MODEL = (".onnx", ".json", ".npz", ".safetensors")


def check_run_folder(out: Path, data: Sequence[Path]) -> None:
    """Refuse to train into a folder whose files a run would replace or that it learns from.

    Raises:
        ParameterError: it is the data's, a file, read-only, or holds files that a run would replace.
    """
    for folder in data:
        if os.path.realpath(folder) == os.path.realpath(out):
            raise ParameterError(f"--out {out} is the folder of the data; give another one")
        if out.resolve().is_relative_to(folder.resolve()):
            print(f"note: {out} is inside {folder}: its sheets may be taken for data when the run goes on; "
                  "--out elsewhere avoids it", file=sys.stderr)  # fmt: skip
    if out.exists() and not out.is_dir():
        raise ParameterError(f"--out {out} is a file; give a folder")
    if any((out / name).exists() for name in (CHECKPOINT, HISTORY)):
        return
    strange = [name for name in SHOWN if (out / name).exists()]
    if strange:
        raise ParameterError(f"--out {out} holds {strange[0]}, which no run wrote that is there; give another folder")


def check_model(made: Path, target: Path, *, overwrite: bool) -> None:
    """Refuse to replace a model that is there already, in silence, or one that is read.

    Args:
        made: what is copied, MODEL.onnx.
        target: where to.
        overwrite: whether an older model may be replaced.

    Raises:
        ParameterError: it would be.
    """
    reads = [made.with_suffix(suffix) for suffix in MODEL]
    writes = [target.with_suffix(suffix) for suffix in MODEL]
    for read, written in overlaps(reads, writes):
        raise ParameterError(f"{written} would replace {read}, which is read; give another --to")
    for path in writes:
        if path.exists() and not overwrite:
            raise ParameterError(
                f"{path} is there already; --overwrite replaces that model, --name PLUGIN/MODEL keeps both"
            )
        if read_only(path):
            raise ParameterError(f"{path} is read-only; make it writable, or give another --to")


def check_card(model: Path) -> None:
    """Refuse to measure a model for hours if its card cannot be written then.

    Raises:
        ParameterError: it cannot.
    """
    card = model.with_suffix(".json")
    if read_only(card) or not os.access(card.parent, os.W_OK):
        raise ParameterError(f"the figures cannot be written into {card}, which is read-only; make it writable")
