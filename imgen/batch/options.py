"""How a job is run: all that does not change its results, and the few things that do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import ParameterError
from .manifest import Share
from .outcome import Existing

Engine = Literal["processes", "ray"]


@dataclass(frozen=True)
class Options:
    """How a job is run.

    Attributes:
        recursive: folders stand for the pictures in their folders, too.
        format: the type of all results, such as "png"; "" takes each photo's own, or the nearest.
        quality: 1..100 for JPEG and WebP.
        metadata: False leaves out EXIF, texts and the recipe.
        existing: what is done where a result of another origin is there: "refuse", "overwrite" it, or "skip" the photo.
        device: "auto", "cpu" or "cuda".
        jobs: processes that work at the same time; 0 works in this process, without time limit and watching.
        engine: "processes" of this machine, or "ray".
        address: of a Ray cluster; "" takes the one of this machine, or starts one.
        gpus: GPUs that each Ray worker takes; may be a fraction.
        share: (i, n) does the i-th of n parts, i from 0, so that n machines do the whole without knowing of each other.
        timeout: seconds that a photo may take.
        memory: GiB that a worker may take; 0 for any.
        tries: how often reading and writing is tried.
        max_failures: the job stops after more failures than these; -1 goes on.
        retry_failed: try those again that failed in an earlier run.
        verify: compare results and photos that are done with what the journals say, by their bytes.
    """

    recursive: bool = False
    format: str = ""
    quality: int = 95
    metadata: bool = True
    existing: Existing = "refuse"
    device: str = "auto"
    jobs: int = 1
    engine: Engine = "processes"
    address: str = ""
    gpus: float = 0.0
    share: tuple[int, int] = (0, 1)
    timeout: float = 900.0
    memory: float = 0.0
    tries: int = 4
    max_failures: int = -1
    retry_failed: bool = False
    verify: bool = False

    def __post_init__(self) -> None:
        number, of = self.share
        if not 0 <= number < of:
            raise ParameterError(f"shard {number}/{of}: the first number counts from 0 to {of - 1}")
        if self.jobs < 0 or self.timeout <= 0 or self.tries < 1 or self.engine not in ("processes", "ray"):
            raise ParameterError("jobs, timeout and tries are numbers above 0, engine is processes or ray")

    @property
    def suffix(self) -> str:
        """The type of all results as a suffix; "" for each photo's own."""
        return f".{self.format.lstrip('.')}" if self.format else ""

    @property
    def part(self) -> Share:
        """The share."""
        return Share(*self.share)
