"""Which state of the page something belongs to: a result is the page's only as long as nothing was changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

Count = Annotated[int, Field(ge=0, le=2**53)]


class Counted(BaseModel):
    """What the steps and the picture send along: how often they were changed."""

    revision: Count = 0


def revision_of(chain: object, stage: object) -> str:
    """The revision of what an event carries, "steps.selection", as revision.js writes it.

    It comes with the values themselves, so that it cannot be that of others; values without one have revision 0.
    """
    return f"{count(chain)}.{count(stage)}"


def count(value: object) -> int:
    """How often one of them was changed; 0 where it does not say so."""
    try:
        return Counted.model_validate(value or {}).revision
    except ValidationError:  # the value itself is checked, and explained, where it is used
        return 0
