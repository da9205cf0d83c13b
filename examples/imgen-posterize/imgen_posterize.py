"""A complete imgen plugin: one tool."""

from typing import Annotated

import imgen
from pydantic import Field

Levels = Annotated[int, Field(ge=2, le=16, description="Tones kept per channel")]


def posterize(image: imgen.Image, *, levels: Levels = 4) -> imgen.Image:
    """Flatten the image to a few tones."""
    return (image * (levels - 1)).round() / (levels - 1)


@imgen.hookimpl
def imgen_tools():
    """One tool."""
    return [posterize]
