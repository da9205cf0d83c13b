"""The page: four components made of the markup, styles and scripts beside this module, and what they trigger."""

from __future__ import annotations

import base64
from typing import Any

import gradio as gr

from ..state.batches import Batches
from ..state.budget import LIMIT
from ..state.desk import Desk
from ..state.folder import private_folder
from ..state.offers import Offers
from ..state.opening import Opening
from ..state.proxy import thumbnail
from ..state.runs import Runs
from ..state.saving import Saving
from ..state.tiles import Tiles
from ..web.assets import SAMPLES, asset, version
from .api import add_endpoints
from .installed import installed
from .outgoing import keep_to_itself
from .routes import SCRIPTS

SAMPLE_TITLES = {
    "cat-damaged.jpg": "Scratched, noisy cat",
    "astronaut.jpg": "Astronaut",
    "coffee.jpg": "Coffee",
    "cat.jpg": "Cat",
    "paper.jpg": "Paper to draw on",
}
# Gradio runs this as the body of a function; the component itself is a module
START = """import(`${{window.gradio_config?.root || ""}}{address}`)
  .then((page) => page.{name}({{ element, trigger, props, upload, watch }})); // triggers {events}"""
EVENTS = {  # what each component triggers: Gradio looks for the names, in quotes, in its script
    "chain": ("attach", "load_recipe", "save_recipe", "offer"),
    "stage": ("upload_done", "sample", "restore", "second", "tile", "unshelve", "close_photo"),
    "bar": ("run", "preview", "cancel", "download"),
    "dialogs": ("batch", "stop"),
}


class Page(gr.Blocks):
    """Gradio's blocks, which know the desk behind them; the door asks for it."""

    desk: Desk


def build(device: str = "auto", limit: int = LIMIT) -> Page:
    """The editor as Gradio blocks, with the tools of all installed plugins. `launch` serves it.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
        limit: bytes of all open work, in memory and on disk.
    """
    keep_to_itself()
    desk = Desk(device, limit)
    # no copies of what is there already
    gr.set_static_paths([private_folder() / "pages", private_folder() / "results"])
    with Page(title="imgen", analytics_enabled=False, fill_width=True) as page:
        page.desk = desk
        with gr.Row(elem_id="editor", equal_height=True):
            with gr.Column(elem_id="left", min_width=300, scale=0):
                chain = component("chain", value={"steps": []})
            with gr.Column(elem_id="right", min_width=400, scale=1):
                stage = component("stage", value={"photo": 0, "strokes": []}, samples=samples())
                bar = component("bar")
        dialogs = component("dialogs", installed=installed(device))
        page.unload(connect(desk, chain, stage, bar, dialogs).close)
        add_endpoints(desk)
    return page


def component(name: str, value: object = None, **given: Any) -> gr.HTML:
    """A component of the page.

    Args:
        name: of its .html file, and of the function in main.js that begins it. That reads
            `props.given` once, and `props.shown` whenever it changes.
        value: what it sends along with an event.
        given: what never changes.
    """
    return gr.HTML(
        value,
        elem_id=name,
        html_template=asset(f"{name}.html"),
        js_on_load=START.format(
            address=f"{SCRIPTS}{version()}/main.js", name=name, events=" ".join(f'"{event}"' for event in EVENTS[name])
        ),
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


def connect(desk: Desk, chain: gr.HTML, stage: gr.HTML, bar: gr.HTML, dialogs: gr.HTML) -> Opening:
    """Say who answers which event. The events' names stand in the components' scripts."""
    opening, runs, saving, batches = Opening(desk), Runs(desk), Saving(desk), Batches(desk)
    # "multiple": by default Gradio drops an event while the one before is not quite over
    plain: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
    # who waits for whom is the desk's to say (its lines); Gradio's queue only bounds how many wait there
    alone: dict[str, Any] = {"concurrency_limit": 16, "concurrency_id": "page", **plain}
    bar.run(runs.run, [chain, stage], [stage, bar], **alone)
    bar.preview(runs.preview, [chain, stage], [stage, bar], concurrency_limit=16, **plain)
    bar.cancel(runs.cancel, queue=False, **plain)
    bar.download(saving.download, None, [bar], **plain)
    stage.upload_done(opening.open_upload, None, [stage, bar], **plain)
    stage.sample(opening.open_sample, None, [stage, bar], **plain)
    stage.restore(opening.restore, None, [stage, bar], **plain)
    stage.unshelve(opening.unshelve, None, [stage, bar], **plain)
    stage.close_photo(opening.close_photo, None, [stage, bar], **plain)
    stage.second(opening.second, None, [stage, bar], **plain)
    stage.tile(Tiles(desk).tile, [chain, stage], [stage], concurrency_limit=16, **plain)
    chain.offer(Offers(desk).offer, [chain, stage], [chain, bar], concurrency_limit=16, **plain)
    chain.attach(opening.attach, None, [chain, bar], **plain)
    chain.load_recipe(saving.load_recipe, None, [chain, bar], **plain)
    chain.save_recipe(saving.save_recipe, [chain, stage], [chain, bar], **plain)
    dialogs.batch(batches.batch, [chain], [dialogs], **alone)
    dialogs.stop(runs.cancel, queue=False, **plain)
    return opening
