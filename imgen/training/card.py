"""Cards: the evaluation's figures, written beside the model and into the plugin's README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ..engine.plugins import installed
from ..inference.registry import Model
from .report import Report


def record(model: Model, report: Report, data: Sequence[Path]) -> str:
    """Put a report into the model's card and its page; returns it as a table.

    The page is the plugin's README.md, or what the evaluation's module names as PAGE.
    """
    card = model.card | {
        "evaluation": report.as_dict()
        | {"data": ["/".join(folder.parts[-2:]) for folder in data], "date": datetime.now(UTC).strftime("%Y-%m-%d")}
    }
    path = model.card_file
    whole = path.with_suffix(".tmp")
    whole.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    whole.replace(path)  # whoever runs the model meanwhile reads the old card or the new one
    readme = page(import_module(installed().evaluation(model.name).__module__))
    if readme.exists() and model.origin != "user":
        readme.write_text(with_section(readme.read_text(encoding="utf-8"), model.name, section(card)), encoding="utf-8")
    return table(card)


def page(module: ModuleType) -> Path:
    """Where the figures of an evaluation's module are shown: what it names as PAGE, or its plugin's README.md."""
    folder = Path(module.__file__ or "").parent
    while not (folder / "README.md").exists() and (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return getattr(module, "PAGE", folder / "README.md")


def section(card: dict[str, Any]) -> str:
    """A card as the README shows it; made from the JSON alone, so that a test can compare."""
    e, storage = card["evaluation"], "int8" if card.get("bits") == 8 else "float16"
    lines = [
        f"- {card['parameters']:,} parameters, {card['bytes'] / 2**20:.1f} MiB as ONNX with {storage} storage; "
        f"SHA-256 `{card['sha256'][:16]}…`",
        *trainings(card["training"]),
        f"- data: {card['terms']}",
        f"- {seeing(card)}; ONNX Runtime and PyTorch differ by at most {card['onnx_error']:.1e}",
        f"- measured on {e['pictures']} pictures of `{', '.join(e['data'])}` on {e['date']} by "
        f"`imgen evaluate {card['name']} --data DIR`: {e['unit']}, mean ± half of the 95 % bootstrap interval",
    ]
    return "\n".join(lines) + "\n\n" + table(card)


def seeing(card: dict[str, Any]) -> str:
    """How much of a picture the network must see at once."""
    if card["reach"] is None:
        return "it sees the whole picture at once, at a working size"
    return f"tiles need a halo of {card['halo']} pixels (receptive field: radius {card['reach']})"


def trainings(run: dict[str, Any]) -> list[str]:
    """One line for each run that led to the weights, the first one first."""
    before = trainings(run["started_from"]) if run.get("started_from") else []
    line = (
        f"- {'then ' if before else ''}trained for {run['step']:,} steps in {run['seconds'] / 60:.0f} minutes on "
        f"{', '.join(f'`{name}`' for name in run['data'])}, seed {run['seed']}, settings "
        f"`{json.dumps(run['settings'])}`{', on ' + run['hardware'] if 'hardware' in run else ''}"
        f"{'; ' + run['schedule'] if 'schedule' in run else ''}"
    )
    return [*before, line]


def table(card: dict[str, Any]) -> str:
    """The figures as a Markdown table, one method a column."""
    rows: dict[str, dict[str, Any]] = card["evaluation"]["rows"]
    methods = list(dict.fromkeys(m for row in rows.values() for m in row))
    lines = ["| | " + " | ".join(methods) + " |", "|---|" + "---|" * len(methods)]
    for name, row in rows.items():
        digits = 3 if max(figure["mean"] for figure in row.values()) < 1 else 2
        cells = [f"{row[m]['mean']:.{digits}f} ± {row[m]['interval']:.{digits}f}" if m in row else "" for m in methods]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_section(text: str, name: str, body: str) -> str:
    """`text` with the part between the model's markers replaced."""
    begin, end = f"<!-- {name}: written by imgen evaluate -->", "<!-- end -->"
    before, found, rest = text.partition(begin)
    if not found:
        return f"{text.rstrip()}\n\n{begin}\n{body}\n{end}\n"
    after = rest.partition(end)[2]
    return f"{before}{begin}\n{body}\n{end}{after}"
