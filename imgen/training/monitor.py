"""What a run shows of itself: a line now and then, curves, sheets and a report in its folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TypedDict

import torch
from PIL import Image as Pillow
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from . import run_report
from .budget import Progress

HISTORY = "figures.jsonl"


class Row(TypedDict):
    """One line of the history: means since the line before."""

    step: int
    seconds: float
    figures: dict[str, float]


class Monitor:
    """Keeps the figures of a run and writes them down.

    Args:
        out: the run's folder, which is made.
        step: where the run goes on; what its history says of later steps was lost with them.
    """

    def __init__(self, out: Path, step: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.warnings = out, list[str]()
        self.history = [row for row in read(out / HISTORY) if row["step"] <= step]
        (out / HISTORY).write_text("".join(json.dumps(row) + "\n" for row in self.history), encoding="utf-8")
        self.writer = SummaryWriter(out, purge_step=step + 1)
        self._seen = dict[str, list[Tensor]]()

    def add(self, figures: dict[str, float | Tensor]) -> None:
        """Take in what a step returned."""
        for name, value in figures.items():
            tensor = value.detach().float() if isinstance(value, Tensor) else torch.tensor(float(value))
            self._seen.setdefault(name, []).append(tensor)  # becomes a number when it is needed: a GPU may be at work

    def record(self, progress: Progress) -> None:
        """Write down the means of what came in since the last record, also into `progress.figures`."""
        if not self._seen:
            return
        progress.figures = {name: float(torch.stack(values).mean()) for name, values in self._seen.items()}
        self._seen = {}
        row = Row(step=progress.step, seconds=round(progress.seconds, 2), figures=progress.figures)
        self.history.append(row)
        with (self.out / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        for name, value in progress.figures.items():
            self.writer.add_scalar(name, value, progress.step)

    def warn(self, step: int, text: str) -> None:
        """Say what is going wrong."""
        self.warnings.append(f"step {step}: {text}" if step else text)
        print(f"warning at step {step}: {text}" if step else f"warning: {text}", file=sys.stderr, flush=True)
        self.writer.add_text("warning", text, step)

    def sheet(self, step: int, picture: Tensor) -> None:
        """Keep a picture (3, H, W) in 0..1 that shows what the network can do: sheet.png, and one for the report."""
        pixels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
        made, folder = Pillow.fromarray(pixels), self.out / "sheets"
        folder.mkdir(exist_ok=True)
        made.save(folder / f"{step:07}.png")
        made.save(self.out / "sheet.png")
        self.writer.add_image("sheet", picture.clamp(0, 1).cpu(), step)

    def report(self, about: dict[str, Any], task: str, fields: dict[str, str]) -> None:
        """Draw curves.png and write report.html."""
        curves = run_report.draw_curves(self.history, self.out / "curves.png")
        sheets = sorted((self.out / "sheets").glob("*.png"))
        page = run_report.page(about, task, fields, self.warnings, sheets, curves)
        (self.out / run_report.NAME).write_text(page, encoding="utf-8")

    def close(self) -> None:
        """Let go of TensorBoard's file."""
        self.writer.close()


def read(path: Path) -> list[Row]:
    """The history of a run; a last line that a kill cut short is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("}\n")]
