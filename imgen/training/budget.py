"""How long a run may take, and the learning rate over that time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

FINISH = 25.0  # seconds at the end of a run that are kept for its last sheet, its report and its export


@dataclass(frozen=True)
class Budget:
    """How long to train, in minutes from the command's start to its end, or in steps.

    Attributes:
        minutes: None for any time.
        steps: None for any number.
        finish: seconds that are kept for what follows the last step; a quarter of the minutes at most, or where it was
            measured half of them.
    """

    minutes: float | None = None
    steps: float | None = None
    finish: float = FINISH

    @property
    def seconds(self) -> float:
        """When training ends; the rest of the minutes is for what follows it."""
        whole = 60 * self.minutes if self.minutes else math.inf
        return whole - min(self.finish, whole / (4 if self.finish <= FINISH else 2))

    def keeping(self, finish: float) -> Budget:
        """The same with so many seconds for what follows the last step, if that is more."""
        return replace(self, finish=max(self.finish, finish))

    def spent(self, step: int, seconds: float) -> float:
        """The part of the training that is done, 0..1."""
        by_steps = step / self.steps if self.steps else 0.0
        return min(1.0, max(by_steps, seconds / self.seconds))

    def steps_left(self, step: int, seconds: float, each: float) -> int:
        """How many steps of `each` seconds are still to come."""
        by_time = (self.seconds - seconds) / each
        by_steps = self.steps - step if self.steps else math.inf
        return max(0, math.ceil(min(by_time, by_steps)))

    def seconds_left(self, step: int, seconds: float, each: float) -> float:
        """Until the end of the minutes; or of the steps, of `each` seconds."""
        by_time = 60 * self.minutes - seconds if self.minutes else math.inf
        by_steps = (self.steps - step) * each if self.steps else math.inf
        return max(0.0, min(by_time, by_steps))


@dataclass
class Progress:
    """Where a run stands; saved in every checkpoint.

    Attributes:
        step: how many are done.
        seconds: of all its parts, each from the command's start on.
        figures: what the trainer's last steps returned, on average.
    """

    step: int = 0
    seconds: float = 0.0
    figures: dict[str, float] = field(default_factory=dict[str, float])


def learning_rate(spent: float, step: int, warmup: int = 200) -> float:
    """Factor on the base rate: linear warm-up, then a cosine down to 1 % at the end of the budget.

    The warm-up takes so many steps, but no more than a twentieth of the budget, or short runs would learn nothing.
    """
    warm = min(1.0, max((step + 1) / warmup, 20 * spent))
    return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * spent)))
