"""A recipe's text, checked once at the door: its form, its size, and what the values in it may be."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import PipelineError, closest
from ..image.combine import How
from ..io.door import open as open_photo
from ..io.embedded import RECIPE_PIXELS
from ..io.saving import replacing

FORMAT = 2  # the first has no masks
PLACED = ("mask", "opacity", "combine")  # what a step of the second has beside those of the first
STEPS = 100  # in a recipe
TEXT = 64_000_000  # characters of a recipe, its pictures included
DIGITS = 60  # of one number
ITEMS = 10_000  # in one list or object
DEPTH = 20  # of lists and objects in each other
PARTS = 20  # steps of a mask
A_STEP = '{"tool": "blur", "parameters": {"radius": 4}}'
A_RECIPE = f'{{"imgen": 1, "steps": [{A_STEP}]}}'

Name = Annotated[str, Field(max_length=200, pattern="^[^\\x00-\\x1f\\x7f]*$")]  # of one line, for messages


class Entry(BaseModel):
    """One step as a recipe records it; what it does not know is left aside, but not what is misspelt."""

    model_config = ConfigDict(strict=True, extra="ignore")

    tool: Name
    tool_version: Annotated[int, Field(ge=1)] = 1
    parameters: Annotated[dict[Name, Any], Field(max_length=200)] = {}
    enabled: bool = True
    plugin: Name = ""
    version: Name = ""
    models: Annotated[dict[Name, Name], Field(max_length=200)] = {}
    opacity: Annotated[float, Field(ge=0, le=1)] = 1.0
    mask: Annotated[list[Entry], Field(max_length=PARTS)] = []
    combine: How = "replace"

    @model_validator(mode="before")
    @classmethod
    def spelt(cls, data: Any) -> Any:
        """Refuse a key that looks like one of these: what it says would be lost in silence."""
        for key in data if isinstance(data, dict) else ():  # pyright: ignore[reportUnknownVariableType]: JSON
            if key not in cls.model_fields and (meant := closest(str(key), cls.model_fields)):  # pyright: ignore[reportUnknownArgumentType]: JSON
                raise ValueError(f"it has {key!r}; did you mean {meant!r}?")
        return data  # pyright: ignore[reportUnknownVariableType]: JSON


class Head(BaseModel):
    """A whole recipe, its steps not looked into."""

    model_config = ConfigDict(strict=True, extra="ignore")

    imgen: int
    steps: list[Any]


class Steps(BaseModel):
    """The steps of a recipe of this format."""

    steps: list[Entry]


def parse(text: str) -> list[Entry]:
    """The steps that a recipe records.

    Raises:
        PipelineError: not a recipe, one of another format, or one beyond the limits; one sentence says which.
    """
    if len(text) > TEXT:
        raise PipelineError(
            f"the recipe has {len(text) / 1e6:.0f} MB, imgen reads {TEXT // 10**6}; use smaller pictures"
        )
    try:
        data = json.loads(text, parse_int=whole, parse_float=decimal, parse_constant=no_number)
        check_values(data)
        head = Head.model_validate(data)
        if not 1 <= head.imgen <= FORMAT:
            raise PipelineError(
                f"the recipe has format {head.imgen}, this imgen reads up to {FORMAT}; pip install -U imgen"
            )
        if len(head.steps) > STEPS:
            raise PipelineError(f"the recipe has {len(head.steps)} steps, imgen runs up to {STEPS}; split it")
        return Steps.model_validate({"steps": head.steps}).steps
    except RecursionError as error:
        raise not_a_recipe("its lists are nested too deeply") from error
    except ValidationError as error:
        raise not_a_recipe(explained(error)) from error
    except json.JSONDecodeError as error:
        raise not_a_recipe(f"no JSON: {error.msg}, line {error.lineno}") from error
    except ValueError as error:
        raise not_a_recipe(str(error)) from error


def not_a_recipe(reason: str) -> PipelineError:
    """The error for a text that is none."""
    return PipelineError(f"this is not an imgen recipe ({reason}); imgen saves them as JSON, and in its pictures")


def explained(error: ValidationError) -> str:
    """The first thing that is wrong, with its place: "step 2, models: input should be a valid dictionary"."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ["".join(filter(str.isprintable, str(part)))[:80] for part in first["loc"] if part != "[key]"]
    if where[:1] == ["steps"] and len(where) > 1:
        where[:2] = [f"step {int(where[1]) + 1}"]
    message = first["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if first["type"] == "model_type":
        message = f"should be an object, such as {A_STEP if where else A_RECIPE}"
    return f"{', '.join(where)}: {message}" if where else message.replace("should", "it should", 1)


def check_values(data: Any) -> None:
    """Bound what no tool's own check does.

    Raises:
        ValueError: lists nested too deeply or too long, or a text that is none; the sentence is for the user.
    """
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                raise ValueError("a text in it has a zero byte")
            if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
                raise ValueError("a text in it has half a character")
            continue
        if not isinstance(value, (list, dict)):
            continue
        if depth > DEPTH:
            raise ValueError("its lists are nested too deeply")
        if len(value) > ITEMS:  # pyright: ignore[reportUnknownArgumentType]: JSON
            raise ValueError(f"a list in it has more than {ITEMS} entries")
        inside: list[Any] = list(value) if isinstance(value, list) else [*value, *value.values()]  # pyright: ignore[reportUnknownArgumentType]: JSON
        waiting += [(one, depth + 1) for one in inside]


def whole(text: str) -> int:
    """A whole number of a sane length."""
    if len(text) > DIGITS:
        raise ValueError(f"a number in it has {len(text)} digits")
    return int(text)


def decimal(text: str) -> float:
    """A number of a sane length and size."""
    number = float(text) if len(text) <= DIGITS else float("inf")
    if abs(number) == float("inf"):
        raise ValueError("a number in it is too long or too large")
    return number


def no_number(text: str) -> NoReturn:
    """NaN and Infinity, which Python's JSON knows."""
    raise ValueError(f"{text} in it is no number")


def check_pixels(pixels: int) -> None:
    """Refuse a recipe whose pictures are too large together.

    Raises:
        PipelineError: they are.
    """
    if pixels > RECIPE_PIXELS:
        most = RECIPE_PIXELS // 10**6
        raise PipelineError(f"the recipe's pictures have more than {most} megapixels together; use smaller ones")


def recipe_text(path: Path) -> str:
    """The recipe in a JSON file, or inside a picture that imgen saved.

    Raises:
        PipelineError: no such file, one too large, or a picture without a recipe.
        PhotoError: neither a text nor a picture.
    """
    try:
        with path.open("rb") as file:
            data = file.read(4 * TEXT + 1)
    except (OSError, ValueError) as error:
        raise PipelineError(f"the recipe {path} cannot be read: {getattr(error, 'strerror', error)}") from error
    if b"\0" not in data[:256]:
        if len(data) > 4 * TEXT:
            raise PipelineError(f"{path} is too large to be a recipe")
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
    recipe = open_photo(path).recipe
    if recipe is None:
        raise PipelineError(f"{path} holds no recipe; imgen puts one into the PNG, TIFF and JPEG files that it saves")
    return recipe


def write(text: str, path: Path) -> Path:
    """Write a recipe's text to a file, whole or not at all.

    Raises:
        PipelineError: it cannot be written.
    """
    try:
        with replacing(path, PipelineError) as part:
            part.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise PipelineError(f"the recipe cannot be saved as {path}: {error.strerror}") from error
    return path
