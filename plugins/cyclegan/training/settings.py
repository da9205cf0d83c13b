"""How a pair of domains is learned."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from imgen.training.diffaugment import Change
from imgen.training.trainer import Settings

from ..networks.generator import MULTIPLE
from .critics import Kind

LEAST_HALF = 48  # pixels on a side of which a critic of half the size has a patch to judge


class PairSettings(Settings):
    """How a pair of domains is learned."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    change: Literal["light", "texture"] = Field(
        "light", description="What tells the domains apart: light, carried to full size; or texture, drawn there"
    )
    size: int = Field(64, ge=32, le=256, multiple_of=MULTIPLE, description="Side in pixels at which it learns")
    least: float = Field(0.7, gt=0, le=1, description="Smallest part of a picture's shorter side that is shown")
    batch: int = Field(2, ge=1, description="Pictures of each domain in a step")
    width: int = Field(16, ge=4, description="Channels of the generators at full size")
    blocks: int = Field(4, ge=1, description="Residual blocks of the generators")
    critics: tuple[Kind, ...] = Field(
        (),
        description="Who judges: pixels, pixels at half the size, what Lite0 sees in fine or in deep layers; "
        "if none is named pixels, and fine with change=texture",
    )
    critic_width: int = Field(32, ge=4, description="Channels of the critics after their first layer")
    cycle: float = Field(4.0, ge=0, description="Weight of the way there and back")
    identity: float = Field(1.0, ge=0, description="Weight of leaving alone what is in the domain already")
    thing: float = Field(0.0, ge=0, description="Weight of what Lite0 sees: a translated picture shall show the same")
    beyond: float = Field(0.0, ge=0, description="Weight of what is darker than black or lighter than white")
    others: float = Field(0.0, ge=0, lt=1, description="Part of what is made B of that are photos of other folders")
    relit: float = Field(0.0, ge=0, le=1, description="Part of what is made B of that is in another light, deeper")
    eased: float = Field(1.0, ge=0, le=1, description="Weight of these two on the way there and back")
    flat: bool = Field(False, description="Leave out detail on the way to B, as a painter with a broad brush does")
    pool: int = Field(50, ge=1, description="Earlier pictures that the critics are shown again")
    augment: tuple[Change, ...] = Field(("move",), description="Changes that the critics see through")
    rate: float = Field(4e-4, gt=0, description="Learning rate of the generators at its peak")
    critic_rate: float = Field(4e-4, gt=0, description="Learning rate of the critics at its peak")
    momentum: float = Field(0.5, ge=0, lt=1, description="Adam's first beta")

    def judges(self) -> tuple[Kind, ...]:
        """The critics of each domain."""
        return self.critics or (("fine",) if self.change == "texture" else ("pixels",))

    @model_validator(mode="after")
    def large_enough(self) -> PairSettings:
        """A critic must have a patch to judge."""
        if "half" in self.critics and self.size < LEAST_HALF:
            raise ValueError(f"at half of {self.size} pixels nothing is left to judge; give size={LEAST_HALF} or more")
        return self
