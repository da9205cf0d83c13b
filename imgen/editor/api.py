"""The editor's HTTP endpoints for programs: one for recipes, and one for every tool."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api
from gradio.utils import get_upload_folder

from ..context import Context, using
from ..errors import ImgenError
from ..photo import open as open_photo
from ..pictures import DATA
from ..pipeline import Pipeline, refuse_files
from ..plugins import tools
from ..tool import Tool, describe_range
from .desk import upload_at
from .export import in_users_words, read_options, save, saved_name

Answer = tuple[gr.FileData, list[str]]


def add_endpoints(device: str) -> None:
    """Register them with the page under construction: `/run_recipe`, and `/NAME` for the tool NAME."""

    def run_recipe(photo: gr.FileData | None, recipe: str, format: str = "same") -> Answer:  # noqa: A002  # as on the page
        """Run a recipe (JSON, as `Pipeline.to_json` writes it) on a photo; returns the result's file and notes."""
        return answer(photo, Pipeline.from_json(recipe, files=False), format, device)

    api(in_words(run_recipe), api_name="run_recipe", concurrency_limit=1, concurrency_id="run")
    for name, tool in tools().items():
        function = in_words(endpoint(name, device))
        api(function, api_name=name, api_description=described(tool), concurrency_limit=1, concurrency_id="run")


def described(tool: Tool) -> str:
    """What the tool does and what its parameters take: the endpoint's own schema only says that they are an object."""
    lines = [tool.summary, "Parameters:"]
    for name, schema in tool.schema.get("properties", {}).items():
        given = f"a picture, {DATA}..." if name in tool.pictures else describe_range(schema).removeprefix("must be ")
        default = f", by default {json.dumps(schema['default'])}" if "default" in schema else ""
        lines.append(f"{name}: {schema.get('description', '')} ({given}{default})")
    return "\n".join(lines if lines[2:] else lines[:1])


def endpoint(name: str, device: str) -> Callable[..., Answer]:
    """A function that runs one tool with parameters by name."""

    def run(photo: gr.FileData | None, parameters: dict[str, Any], format: str = "same") -> Answer:  # noqa: A002
        pipeline = Pipeline().add(name, **parameters)
        refuse_files(pipeline.steps[0])
        return answer(photo, pipeline, format, device)

    run.__name__ = name
    return run


def in_words(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """The same; imgen's errors reach the caller as messages, others as an internal error."""

    @wraps(function)
    def run(*values: Any, **named: Any) -> Answer:
        try:
            return function(*values, **named)
        except ImgenError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return run


def answer(given: Any, pipeline: Pipeline, form: str, device: str) -> Answer:
    """Run the pipeline on an uploaded photo and save the result beside Gradio's other files.

    Raises:
        ImgenError: the photo cannot be read, a step cannot be done, or the format cannot hold the result.
    """
    notes: list[str] = []
    upload, name = place_of(given)
    options = read_options(json.dumps({"format": form}))
    with using(Context(notes=notes)):
        try:
            photo = open_photo(upload) if upload else None
        except ImgenError as error:
            raise ImgenError(in_users_words(error, upload or Path(), name)) from error
        result = pipeline.run(photo, device=device, cache=None, notes=notes)
        folder = Path(tempfile.mkdtemp(dir=get_upload_folder()))
        path = save(result, folder / saved_name(name, options), options)
    return gr.FileData(path=str(path), orig_name=path.name), notes


def place_of(given: Any) -> tuple[Path | None, str]:
    """Where an uploaded file lies, and its name; nothing for none."""
    if given is None:
        return None, ""
    data = given if isinstance(given, dict) else given.model_dump()
    path = upload_at(data["path"])
    return path, data.get("orig_name") or path.name
