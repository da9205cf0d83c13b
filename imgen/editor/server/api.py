"""The editor's HTTP endpoints for programs: one for recipes, and one for every tool."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from ...contract.context import Context, using
from ...contract.description import describe_range
from ...contract.tool import Tool
from ...engine.cache import size
from ...engine.pipeline import Pipeline, refuse_files
from ...engine.recipe import check_values
from ...engine.toolbox import tools
from ...errors import ImgenError, ParameterError
from ...io.pictures import DATA
from ..state.chain import carried
from ..state.desk import Desk
from ..state.export import read_options, save, saved_name
from ..state.shares import Aside

Answer = tuple[gr.FileData, list[str]]


def add_endpoints(desk: Desk) -> None:
    """Register them with the page under construction: `/run_recipe`, and `/NAME` for the tool NAME."""

    def run_recipe(photo: gr.FileData | None, recipe: str, format: str = "same") -> Answer:  # noqa: A002  # as on the page
        """Run a recipe (JSON, as `Pipeline.to_json` writes it) on a photo; returns the result's file and notes."""
        return answer(photo, Pipeline.from_json(recipe, files=False), format, desk)

    api(in_words(run_recipe), api_name="run_recipe", concurrency_limit=1, concurrency_id="run")
    for name, tool in tools().items():
        function = in_words(endpoint(name, desk))
        api(function, api_name=name, api_description=described(tool), concurrency_limit=1, concurrency_id="run")


def described(tool: Tool) -> str:
    """What the tool does and what its parameters take: the endpoint's own schema only says that they are an object."""
    lines = [tool.summary, "Parameters:"]
    for name, schema in tool.schema.get("properties", {}).items():
        given = f"a picture, {DATA}..." if name in tool.pictures else describe_range(schema).removeprefix("must be ")
        default = f", by default {json.dumps(schema['default'])}" if "default" in schema else ""
        lines.append(f"{name}: {schema.get('description', '')} ({given}{default})")
    return "\n".join(lines if lines[2:] else lines[:1])


def endpoint(name: str, desk: Desk) -> Callable[..., Answer]:
    """A function that runs one tool with parameters by name."""

    def run(photo: gr.FileData | None, parameters: dict[str, Any], format: str = "same") -> Answer:  # noqa: A002
        try:
            check_values(parameters)
        except ValueError as error:
            raise ParameterError(f"{name}: {error}") from error
        pipeline = Pipeline().add(name, **parameters)
        refuse_files(pipeline.steps[0])
        return answer(photo, pipeline, format, desk)

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


def answer(given: Any, pipeline: Pipeline, form: str, desk: Desk) -> Answer:
    """Run the pipeline on an uploaded photo and save the result for its caller to fetch.

    Raises:
        ImgenError: the photo cannot be read, a step cannot be done, there is no room, or the format cannot hold it.
    """
    notes: list[str] = []
    options = read_options(json.dumps({"format": form}))
    call = f"call {secrets.token_hex(8)}"
    with ExitStack() as stack, using(Context(notes=notes)):
        stack.enter_context(desk.runs.turn())
        photo, name = None, ""
        if given is not None:
            path, name = place_of(given, desk)
            photo = stack.enter_context(desk.opened(call, path, name))
        stack.enter_context(desk.budget.room(call, (size(photo) if photo else 0) + carried(pipeline), "run"))
        aside = Aside(desk.shares, threading.Event())

        def step(done: float, tool: str) -> None:
            aside.step()

        result = pipeline.run(photo, progress=step, device=desk.device, cache=desk.passing, notes=notes)
        stack.enter_context(desk.memory(result))
        path = save(result, desk.files.result(saved_name(name, options, result)), options)
        desk.files.keep_result(path)
    return gr.FileData(path=str(path), orig_name=path.name), notes


def place_of(given: Any, desk: Desk) -> tuple[Path, str]:
    """Where an uploaded file lies, and its name.

    Raises:
        ImgenError: it is no upload.
    """
    data = given if isinstance(given, dict) else given.model_dump()
    return desk.uploaded(str(data.get("path") or ""), str(data.get("orig_name") or ""))
