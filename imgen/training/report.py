"""What an evaluation measured: a table of means with their uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Report:
    """Figures of several methods on several tests, one value a picture.

    Args:
        pictures: how many there are.
        unit: what the figures are; rows whose name says otherwise (seconds) say so.
    """

    def __init__(self, pictures: int, unit: str) -> None:
        self.pictures, self.unit = pictures, unit
        self._values: dict[str, dict[str, list[float]]] = {}
        self._statistics: dict[str, dict[str, dict[str, float]]] = {}

    def add(self, row: str, method: str, value: float) -> None:
        """One picture's figure."""
        self._values.setdefault(row, {}).setdefault(method, []).append(value)

    def add_all(self, row: str, method: str, values: Iterable[Any]) -> None:
        """One figure a picture."""
        for value in values:
            self.add(row, method, float(value))

    def add_statistic(
        self, row: str, method: str, values: NDArray[Any], statistic: Callable[[NDArray[Any]], float], draws: int = 200
    ) -> None:
        """A figure that is no mean over pictures; `values` has a first entry for each picture."""
        rng = np.random.default_rng(0)
        drawn = [statistic(values[rng.integers(len(values), size=len(values))]) for _ in range(draws)]
        figure = {"mean": round(statistic(values), 3), "interval": half_width(drawn)}
        self._statistics.setdefault(row, {})[method] = figure

    def mean(self, row: str, method: str) -> float:
        """The mean over the pictures."""
        return float(np.mean(self._values[row][method]))

    def as_dict(self) -> dict[str, Any]:
        """For the card: mean and half-width of the 95 % bootstrap interval of each figure."""
        rows = {
            row: {m: {"mean": round(float(np.mean(v)), 3), "interval": interval(v)} for m, v in methods.items()}
            for row, methods in self._values.items()
        }
        return {"pictures": self.pictures, "unit": self.unit, "rows": self._statistics | rows}


def interval(values: list[float], draws: int = 1000) -> float:
    """Half-width of the 95 % interval of the mean, by bootstrap with a fixed seed."""
    rng = np.random.default_rng(0)
    return half_width(rng.choice(values, (draws, len(values))).mean(1))


def half_width(drawn: Sequence[float] | NDArray[np.float64]) -> float:
    """Half of what holds 95 % of the drawn figures."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return round(float(high - low) / 2, 3)
