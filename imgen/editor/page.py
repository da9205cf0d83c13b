"""The page: three components made of the markup, styles and scripts beside this module, and what they trigger."""

from __future__ import annotations

import base64
from typing import Any

import gradio as gr

from ..plugins import tools
from .assets import SAMPLES, asset
from .controls import palette
from .handlers import Handlers
from .proxy import thumbnail

SAMPLE_TITLES = {
    "cat-damaged.jpg": "Scratched, noisy cat",
    "astronaut.jpg": "Astronaut",
    "coffee.jpg": "Coffee",
    "cat.jpg": "Cat",
}


def build(device: str = "auto") -> gr.Blocks:
    """The editor as Gradio blocks, with the tools of all installed plugins. `launch` serves it.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
    """
    handlers = Handlers(device)
    # what the page may fetch lies in folders whose names only that page is told
    gr.set_static_paths([handlers.workspaces.root])
    hour = 3600
    with gr.Blocks(title="imgen", analytics_enabled=False, fill_width=True, delete_cache=(hour, 6 * hour)) as page:
        with gr.Row(elem_id="editor", equal_height=True):
            with gr.Column(elem_id="left", min_width=300, scale=0):
                chain = component("chain", value={"steps": []}, tools=palette(tools().values()))
            with gr.Column(elem_id="right", min_width=400, scale=1):
                stage = component("stage", value={"photo": 0, "strokes": []}, samples=samples())
                bar = component("bar")
        connect(handlers, chain, stage, bar)
        page.unload(handlers.close)
    return page


def component(name: str, value: object = None, **given: Any) -> gr.HTML:
    """A component of the page.

    Args:
        name: of its .html and .js files. The script reads `props.given` once, and `props.shown` whenever it changes.
        value: what it sends along with an event.
        given: what never changes.
    """
    return gr.HTML(
        value,
        elem_id=name,
        html_template=asset(f"{name}.html"),
        js_on_load=asset(f"{name}.js"),
        head=f"<script>{asset('common.js') + asset('places.js')}</script>",
        apply_default_css=False,
        given=given,
        shown={},
    )


def samples() -> list[dict[str, str]]:
    """The sample photos with their thumbnails, which are part of the page."""
    return [
        {
            "name": name,
            "title": title,
            "picture": "data:image/jpeg;base64," + base64.b64encode(thumbnail(SAMPLES / name)).decode(),
        }
        for name, title in SAMPLE_TITLES.items()
    ]


def connect(handlers: Handlers, chain: gr.HTML, stage: gr.HTML, bar: gr.HTML) -> None:
    """Say which handler answers which event. The events' names stand in the components' scripts."""
    plain: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # one run at a time for all pages: models use every core; whoever comes later waits in Gradio's queue
    bar.run(handlers.run, [chain, stage], [stage, bar], concurrency_limit=1, **plain)
    bar.cancel(handlers.cancel, queue=False, **plain)
    bar.download(handlers.download, None, [bar], **plain)
    stage.upload_done(handlers.open_upload, None, [stage, bar], **plain)
    stage.sample(handlers.open_sample, None, [stage, bar], **plain)
    chain.attach(handlers.attach, None, [chain, bar], **plain)
    chain.load_recipe(handlers.load_recipe, None, [chain, bar], **plain)
    chain.save_recipe(handlers.save_recipe, [chain, stage], [chain, bar], **plain)
