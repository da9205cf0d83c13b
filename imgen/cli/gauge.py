"""How a job gets on, on standard error: one line that changes, and lines above it."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from tqdm import tqdm

from ..batch.meter import Meter
from ..batch.outcome import Outcome
from ..batch.survey import Counts

FORM = "{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} {postfix}"
NAMED = 1000  # of more photos, those that are saved are counted and not named


class Gauge:
    """Tells of each photo, in words or as JSON lines on standard output."""

    def __init__(self, meter: Meter, *, quiet: bool, as_json: bool) -> None:
        self._meter, self._quiet, self._json = meter, quiet or as_json, as_json
        self._told: set[str] = set()
        self._bar: tqdm[Any] = tqdm(
            total=meter.total, disable=True if quiet else None, bar_format=FORM, leave=False, file=sys.stderr
        )

    def __enter__(self) -> Gauge:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, outcome: Outcome) -> None:
        """What came of one photo."""
        if self._json:
            print(json.dumps(outcome._asdict()), flush=True)
        elif not outcome.ok:
            title = "" if outcome.source in outcome.reason else f"{outcome.source}: "
            self.say(f"imgen: {title}{outcome.reason}", always=True)
        elif outcome.event == "done" and self._meter.total <= NAMED:
            self.say(f"saved {outcome.result}")
        elif outcome.event == "skipped":
            self.say(f"skipped {outcome.source}: {outcome.result} is there already")
        for note in outcome.notes:
            if note not in self._told and len(self._told) < 100:  # the same for a million photos
                self._told.add(note)
                self.say(note)
        self._bar.set_postfix_str(rates(self._meter), refresh=False)
        self._bar.update()

    def say(self, text: str, *, always: bool = False) -> None:
        """Print a line above the bar; only `always` also where the user wants quiet."""
        if always or not self._quiet:
            self._bar.write(text, file=sys.stderr)

    def summary(self, counts: Counts, failures: int) -> None:
        """The last words."""
        if self._json:
            before = {"done_before": counts.done, "failed_before": counts.failed, "skipped_before": counts.skipped}
            print(json.dumps({"summary": {**self._meter.summary(), **before}}), flush=True)
            return
        self.say(totals(self._meter, counts), always=failures > 0)
        if self._meter.events["done"]:
            self.say(speeds(self._meter))


def rates(meter: Meter) -> str:
    """One line while it runs."""
    left = "" if math.isinf(meter.left) else f", {duration(meter.left)} left"
    return f"{meter.rate(meter.count):.2f} photos/s, {meter.rate(meter.megapixels):.2f} MP/s{left}, {parts(meter)}"


def parts(meter: Meter) -> str:
    """Where the workers' time goes."""
    return ", ".join(f"{name} {share:.0%}" for name, share in meter.shares().items())


def totals(meter: Meter, counts: Counts) -> str:
    """How many of each kind, as `imgen run` says it of few photos."""
    there = counts.skipped + meter.events["skipped"]
    texts = [
        f"{meter.events['done']} saved",
        f"{counts.done + meter.events['kept']} done before" if counts.done + meter.events["kept"] else "",
        f"{there} there already" if there else "",
        f"{meter.failed} failed",
        f"{counts.failed} failed before (--retry-failed tries them again)" if counts.failed else "",
    ]
    return ", ".join(text for text in texts if text)


def speeds(meter: Meter) -> str:
    """How long it took, for one line at the end."""
    found = meter.summary()
    per = found["seconds_per_photo"]
    return (
        f"{duration(meter.seconds)}: {found['photos_per_second']:.2f} photos/s, "
        f"{found['megapixels_per_second']:.2f} MP/s; {parts(meter)}; half of the photos in {per['p50']:.2f} s, "
        f"90 % in {per['p90']:.2f} s, 99 % in {per['p99']:.2f} s; workers up to {meter.memory:.0f} MiB"
    )


def duration(seconds: float) -> str:
    """Such as 4.2 s, 3:07 or 12:03:07."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
