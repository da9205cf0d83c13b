"""Progress and lines of text on stderr, which do not get into each other's way."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from ..batch.plan import Job


class Bar:
    """One progress bar over all photos and steps; silent when told or when nobody watches."""

    def __init__(self, jobs: int, quiet: bool) -> None:
        form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
        self._quiet = quiet
        self._bar: tqdm[Any] = tqdm(
            total=float(jobs), disable=True if quiet else None, bar_format=form, leave=False, file=sys.stderr
        )
        self._done = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, job: Job, part: float, label: str) -> None:
        """Called while a job runs."""
        self._bar.n = self._done + part
        self._bar.set_description_str(f"{(job.photo or job.output).name} {label}", refresh=False)
        self._bar.refresh()

    def finish(self) -> None:
        """Called when a job is done, whatever came of it."""
        self._done += 1

    def say(self, text: str, *, always: bool = False) -> None:
        """Print a line above the bar; only `always` also where the user wants quiet."""
        if always or not self._quiet:
            self._bar.write(text, file=sys.stderr)
