"""report.html of a training run: where it stands, its curves, what its network makes, warnings and settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .data import cache_folder
from .lines import clock

NAME = "report.html"
TAGS = ("th", "td", "td")  # of a table's columns
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; background: #fff; }
figure { margin: 1rem 0; } figcaption { opacity: .7; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
.warning { border-left: .3rem solid #d97706; padding-left: .7rem; }
"""


def page(
    about: Mapping[str, Any],
    task: str,
    fields: Mapping[str, str],
    warnings: Sequence[str],
    sheets: Sequence[Path],
    curves: Path | None,
) -> str:
    """The report as HTML; pictures are named relative to the run's folder.

    Args:
        about: what the checkpoint says of the run.
        task: what the model is for.
        fields: the meaning of each setting.
        warnings: what went wrong.
        sheets: pictures named by their step.
        curves: the drawn figures.
    """
    figures = table([name, f"{value:.4g}"] for name, value in about["figures"].items())
    settings = table([name, value, fields.get(name, "")] for name, value in about["settings"].items())
    run = {
        "steps": f"{about['step']:,} in {clock(about['seconds'])}",
        "data": ", ".join(about["data"]),
        "computed with": about["hardware"],
        "seed": about["seed"],
        "started from": "the beginning" if about["started_from"] is None else about["started_from"].get("model", ""),
    }
    parts = [
        f"<h1>{escape(about['model'])}</h1><p>{escape(task)}</p>{table(run.items())}",
        "".join(f'<p class="warning">{escape(text)}</p>' for text in warnings),
        "<h2>What it makes</h2>" if sheets else "",
        "".join(f"<figure>{image('sheets/' + s.name, f'step {int(s.stem):,}')}</figure>" for s in reversed(sheets)),
        f"<h2>Curves</h2>{image(curves.name, 'figures over the steps')}" if curves else "",
        f"<h2>Last figures</h2>{figures}<h2>Settings</h2>{settings}",
    ]
    head = f'<meta charset="utf-8"><title>{escape(about["model"])}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def table(rows: Iterable[Iterable[Any]]) -> str:
    """A table whose first column is its heads."""
    lines = (
        "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for tag, cell in zip(TAGS, row, strict=False)) for row in rows
    )
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def image(source: str, text: str) -> str:
    """A picture with its caption."""
    return f'<img src="{escape(source)}" alt="{escape(text)}"><figcaption>{escape(text)}</figcaption>'


def draw_curves(history: Sequence[Mapping[str, Any]], path: Path) -> Path | None:
    """Each figure over the steps, as PNG; nothing before there are two points."""
    if len(history) < 2:
        return None
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder().parent / "matplotlib"))
    from matplotlib.figure import Figure

    names = sorted({name for row in history for name in row["figures"]})
    columns = min(3, len(names))
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(4 * columns, 2.6 * lines), layout="constrained")
    for place, name in enumerate(names, 1):
        points = [(row["step"], row["figures"][name]) for row in history if name in row["figures"]]
        axes = figure.add_subplot(lines, columns, place)
        axes.plot(*zip(*points, strict=True))
        axes.set_title(name)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=100)
    return path
