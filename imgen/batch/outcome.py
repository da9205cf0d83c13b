"""What came of one photo of a job, and what a worker must know to do it. Both travel as JSON."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

from .spec import Spec

Existing = Literal["refuse", "overwrite", "skip"]  # what is done where another result is there
Event = Literal["done", "kept", "skipped", "failed", "later"]


class Outcome(NamedTuple):
    """What came of a photo.

    Attributes:
        source: its path or address.
        result: the name of its result below the output.
        event: "done"; "kept" where the right result was there already; "skipped" where another one was; "failed", which
            no second try would mend; "later" where another time may be better, as a store did not answer or another
            result is in the way.
        reason: why it failed.
        notes: what the user should know.
        megapixels: of the photo.
        bytes: of the result.
        read: seconds for reading and decoding.
        compute: seconds for the steps.
        write: seconds for encoding and writing.
        memory: the worker's peak so far in MiB.
    """

    source: str
    result: str
    event: Event
    reason: str = ""
    notes: tuple[str, ...] = ()
    megapixels: float = 0.0
    bytes: int = 0
    read: float = 0.0
    compute: float = 0.0
    write: float = 0.0
    memory: float = 0.0

    def text(self) -> str:
        """One line of JSON."""
        return json.dumps(self) + "\n"

    @classmethod
    def from_text(cls, line: str) -> Outcome:
        """What `text` wrote."""
        values = json.loads(line)
        return cls._make([*values[:4], tuple(values[4]), *values[5:]])

    @property
    def ok(self) -> bool:
        """Whether a result is there."""
        return self.event not in ("failed", "later")

    @property
    def seconds(self) -> float:
        """For all of it."""
        return self.read + self.compute + self.write


class Setup(NamedTuple):
    """What a worker must know.

    Attributes:
        spec: the job.
        output: the place of the results.
        home: the place of the job's state.
        existing: what is done where another result is there.
        device: "auto", "cpu" or "cuda".
        tries: how often reading and writing is tried.
        pause: seconds before the second try; twice as long before each further one.
        memory: GiB that a worker may take; 0 for any.
    """

    spec: Spec
    output: str
    home: str
    existing: Existing = "refuse"
    device: str = "auto"
    tries: int = 4
    pause: float = 0.5
    memory: float = 0.0

    def text(self) -> str:
        """One line of JSON."""
        return json.dumps(self._asdict() | {"spec": self.spec._asdict()}) + "\n"

    @classmethod
    def from_text(cls, line: str) -> Setup:
        """What `text` wrote."""
        values = json.loads(line)
        return cls(**values | {"spec": Spec(**values["spec"])})
