"""The card of a model: what its file is, where it comes from, and what is known of it (docs/models.md)."""

from __future__ import annotations

import difflib
import ipaddress
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from .tool import shortened

Count = Annotated[int, Field(ge=0)]
Checksum = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def safe_address(url: str) -> str:
    """An address whose answer nobody on the way can read or change: https, or http on this machine.

    Raises:
        ValueError: it is another; the message says what it should be.
    """
    try:
        parts = urlsplit(url)
        host, secret = parts.hostname, parts.username or parts.password
    except ValueError as error:
        raise ValueError(f"it should be an address, such as https://example.org/model.onnx ({error})") from error
    if secret:
        raise ValueError("it should hold no name and password")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and this_machine(host))):
        raise ValueError("it should begin with https:// (http:// is for this machine's own addresses)")
    return url


def this_machine(host: str) -> bool:
    """Whether a host's name or address is one of this machine's loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Part(BaseModel):
    """A part of a card: fields that imgen does not know are kept, a slip of the pen in one that it knows is refused."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    @model_validator(mode="after")
    def no_slips(self) -> Part:
        """Refuse a field whose name is nearly that of a known one."""
        for name in self.model_extra or {}:
            close = difflib.get_close_matches(name, type(self).model_fields, 1, 0.85)
            if close:
                raise ValueError(f"it has a field {name!r}; did you mean {close[0]!r}?")
        return self


class Figure(Part):
    """One measured number."""

    mean: float = Field(description="Mean over the pictures")
    interval: float = Field(ge=0, description="Half of the 95 % bootstrap interval of the mean")


class Evaluation(Part):
    """What `imgen evaluate` measured."""

    pictures: int = Field(ge=1, description="How many pictures were measured")
    unit: str = Field(description="Units of the figures, as shown beside them")
    rows: dict[str, dict[str, Figure]] = Field(description="Figures: row, then method; imgen's and the baselines'")
    data: list[str] = Field(description="Folders of the pictures, their last two parts each")
    date: str = Field(description="Day, as 2026-11-26")


class Training(Part):
    """The run that led to the weights."""

    model: str = Field("", description="Trainer, as plugin/model")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the trainer")
    data: list[str] = Field(default_factory=list[str], description="Folders of the data, their last two parts each")
    seed: int = Field(0, description="Seed of weights and data")
    started_from: Training | None = Field(None, description="The run whose weights it began with")
    step: Count = Field(0, description="Steps that it took")
    seconds: float = Field(0, ge=0, description="Time that it took")
    figures: dict[str, float] = Field(default_factory=dict, description="Last values of the curves")
    hardware: str = Field("", description="Processor and precision")
    schedule: str = Field("", description="How the rate of learning went")
    setup: dict[str, Any] = Field(default_factory=dict, description="Device, precision and threads")
    devices: Count = Field(1, description="Processes that trained together")
    finish: float | None = Field(None, description="Minutes or steps at which the rate of learning ended")


class Card(Part):
    """What a model's JSON file says. Only `task` and `sha256` must be there; one at a URL needs three fields more."""

    name: str = Field("", description="Name, plugin/model, for people; what counts is the place of the file")
    task: str = Field(min_length=1, description="What the network does, in a few words")
    sha256: Checksum = Field(description="SHA-256 of the ONNX file: 64 hexadecimal digits in small letters")
    terms: str = Field("not stated", description="Data that it was trained on and the terms of its use")
    licence: str = Field("", description="Licence of the weights, such as MIT or CC BY 4.0; needed with url")
    url: Annotated[str, AfterValidator(safe_address)] | None = Field(
        None, description="Where `imgen models get` finds the ONNX file: https, or http on this machine"
    )
    bytes: Annotated[int, Field(ge=1)] | None = Field(None, description="Size of the ONNX file; needed with url")
    parameters: Count | None = Field(None, description="Number of weights")
    bits: Literal[8, 16, 32] = Field(16, description="Bits in which weights are stored")
    multiple: Annotated[int, Field(ge=1)] = Field(1, description="Sides of the input must be multiples of this")
    reach: Count | None = Field(
        None, description="Radius of the receptive field in pixels; null where the network must see the whole picture"
    )
    halo: Count | None = Field(None, description="Pixels around a tile with which tiled and whole agree")
    measured: dict[str, Any] = Field(default_factory=dict, description="What the plugin's own code wants to know of it")
    training: Training | None = Field(None, description="The run that led to the weights")
    evaluation: Evaluation | None = Field(None, description="What `imgen evaluate` measured")
    exported: str = Field("", description="Day of the export")
    commit: str = Field("", description="Commit of the code that exported it")
    torch: str = Field("", description="Version of PyTorch")
    onnx: str = Field("", description="Version of the package onnx")
    onnx_error: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Largest difference between ONNX Runtime and PyTorch on random inputs"
    )

    @model_validator(mode="after")
    def whole_offer(self) -> Card:
        """What a user must know before the file is fetched."""
        if self.url:
            for name in ("bytes", "licence"):
                if not getattr(self, name):
                    raise ValueError(f"a model at a url needs the field {name!r} ({described(name)}), too")
        return self


def described(name: str) -> str:
    """What a field of the card is, as a part of a sentence."""
    text = Card.model_fields[name].description or ""
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def problem(error: ValidationError) -> str:
    """What is wrong with a card, as one sentence."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        known = described(place) if place in Card.model_fields else ""
        return f"the field {place!r} is missing" + (f" ({known})" if known else "")
    text = first["msg"].removeprefix("Value error, ")
    start = next((start for start in ("it should", "Input should", "String should") if text.startswith(start)), "")
    if not place or not start:
        return text
    got = "" if isinstance(first["input"], dict) else f" (got {shortened(repr(first['input']))})"
    return f"the field {place!r} should{text.removeprefix(start)}{got}"
