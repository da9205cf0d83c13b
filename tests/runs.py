"""How tests train: by the command line, for some steps."""

from collections.abc import Sequence
from pathlib import Path

from imgen.cli.entry import main


def train(
    model: str,
    data: str | Path | Sequence[Path],
    out: Path,
    steps: int,
    *settings: str,
    seed: int = 1,
    more: Sequence[str] = (),
) -> int:
    """Exit code of a run of `imgen train`, without its export; `settings` are NAME=VALUE, `more` other options."""
    folders = [data] if isinstance(data, str | Path) else data
    options = [part for text in settings for part in ("--set", text)]
    command = ["train", model, "--data", *map(str, folders), "--out", str(out), "--steps", str(steps)]
    return main([*command, "--seed", str(seed), "--no-export", *options, *more])
