"""The page's modules by themselves, in the browser that runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.editor.web.assets import version
from imgen_plugins.core.tools.tone import LEVELS, table_of

pytestmark = pytest.mark.browser
WEB = Path(imgen.__file__).parent / "editor/web"


@pytest.fixture(scope="module")
def module(profile, server: str):
    """Runs an expression in which `m` is a module of the page."""
    page = profile.new_page()
    page.goto(f"{server}favicon.ico")

    def evaluate(name: str, expression: str) -> object:
        address = f"/web/{version()}/{name}.js"
        return page.evaluate(f"async () => {{ const m = await import('{address}'); return {expression} }}")

    yield evaluate
    page.close()


def test_a_rectangle_keeps_its_ratio_and_stays_inside(module):
    whole = "{left: 0.2, top: 0.2, width: 0.4, height: 0.4}"
    assert module("rectangle", f"m.moved({whole}, 9, -9)") == {"left": 0.6, "top": 0, "width": 0.4, "height": 0.4}
    free = module("rectangle", f"m.resized({whole}, 'nw', 0.1, -0.1)")
    assert free == {"left": 0.3, "top": 0.1, "width": 0.3, "height": 0.5}
    bound = module("rectangle", f"m.resized({whole}, 'se', 9, 0, 2)")
    assert (bound["width"], bound["height"]) == (0.8, 0.4)
    upward = module("rectangle", f"m.resized({whole}, 'nw', -9, 0, 1)")
    assert upward == {"left": 0, "top": 0, "width": 0.6, "height": 0.6}
    shaped = module("rectangle", "m.shaped(m.WHOLE, 0.5)")
    assert (shaped["width"], shaped["height"]) == (0.5, 1)
    # a head at the top stays
    assert module("rectangle", "m.shaped(m.WHOLE, 2)") == {
        "left": 0,
        "top": 0.1,
        "width": 1,
        "height": 0.5,
    }  # a head stays
    taller = module("rectangle", "m.shaped({left: 0.2, top: 0.4, width: 0.6, height: 0.2}, 1)")
    assert (taller["left"], taller["top"], taller["height"]) == (0.25, 0.25, 0.5)  # around its middle
    assert module("rectangle", "m.grown(0, 1.5)") == 1
    assert abs(module("rectangle", "m.grown(45, 1)") - 2**0.5) < 1e-9


def test_a_curve_is_drawn_as_the_tools_bend_tones(module):
    for points in ([(0, 0), (1, 1)], [(0.1, 0.2), (0.3, 0.9), (0.5, 0.85), (0.9, 1)], [(0, 0.1), (0.2, 0), (1, 1)]):
        drawn = module("kinds", f"Array.from({{length: 21}}, (_, i) => m.smooth({json.dumps(points)}, i / 20))")
        bent = np.interp(np.linspace(0, 1, 21), np.linspace(0, 1, LEVELS), table_of(points))
        assert drawn == pytest.approx(bent, abs=1e-4)


def test_a_title_counts_more_than_another_word(module):
    found = module(
        "search",
        """m.search("black white", [
            { title: "Crop", also: "", about: "Cut" },
            { title: "Saturation", also: ["grey"], about: "black and white" },
            { title: "Colourise", also: "black and white, old", about: "" },
            { title: "White black", also: "", about: "" },
        ], (one) => one).map((one) => one.title)""",
    )
    assert found == ["White black", "Colourise", "Saturation"]
    assert module("search", "m.fit('', { title: 'x', also: '', about: '' })") == 1


def test_a_tool_that_changes_the_picture_comes_before_one_that_selects(module):
    found = module(
        "search",
        """m.search("bright", [
            { title: "Select brightness", also: "", about: "", helps: true },
            { title: "Light", also: "brightness", about: "" },
            { title: "Text", also: "", about: "bright letters" },
        ], (one) => one).map((one) => one.title)""",
    )
    assert found == ["Light", "Select brightness", "Text"]


def test_revisions_count_each_part(module):
    before, after = module(
        "revision", "[m.now(), (m.changed('chain'), m.changed('stage'), m.changed('stage'), m.now())]"
    )
    chain, stage = (int(part) for part in before.split("."))
    assert after == f"{chain + 1}.{stage + 2}"


def test_history_forgets_strokes_of_another_photo_and_steps_that_change_nothing(module):
    labels = module(
        "history",
        """(() => { let heard; const state = { chain: [], stage: { photo: 1, strokes: [] } };
        for (const name of Object.keys(state))
            m.part(name, { read: () => state[name], write: (next) => { state[name] = next } });
        state.chain = ["crop"]; m.note("", "Added");
        state.stage.strokes = ["a line"]; m.note("", "Brushed");
        state.chain = ["crop", "blur"]; m.note("", "Blurred");
        state.stage = { photo: 2, strokes: [] }; m.onto(2, undefined);
        m.undo(); const one = [...state.chain]; m.undo(); const two = [...state.chain]; m.undo();
        return [one, two, [...state.chain], state.stage] })()""",
    )
    assert labels == [["crop"], [], [], {"photo": 2, "strokes": []}]


def test_steps_that_wait_begin_with_the_selection(module):
    steps = """[{ tool: "a", enabled: true, waits: true, mask: [] }, { tool: "b", enabled: true, mask: [] }]"""
    tools = """(step) => ({
        a: { needs: true, effect: "obeys", controls: [] }, b: { needs: false, effect: "selects", controls: [] },
    }[step.tool])"""
    assert module("cards", f"m.follow({steps}, {tools}, false).map((one) => one.runs)") == [False, True]
    assert module("cards", f"m.follow({steps}, {tools}, true).map((one) => one.runs)") == [True, True]
    assert module("cards", f"m.selectedAfter({steps}, {tools}, false)") is True


def test_modules_import_only_each_other_and_stay_small():
    for file in WEB.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r'(?:from|import\()\s*"([^"]+)"', text):
            assert (WEB / name).is_file(), f"{file.name} imports {name}"
        assert "window.imgen" not in text
        assert len(text.splitlines()) <= 250, file.name


def test_scripts_of_another_version_do_not_exist(profile, server: str):
    page = profile.new_page()
    good = page.request.get(f"{server}web/{version()}/main.js")
    assert good.ok
    assert "immutable" in good.headers["cache-control"]
    assert good.headers["content-type"].startswith("text/javascript")
    for path in (
        "web/0000/main.js",
        f"web/{version()}/page.py",
        f"web/{version()}/..%2Fassets.py",
        f"web/{version()}/no.js",
    ):
        assert page.request.get(f"{server}{path}").status == 404
    page.close()


def test_the_first_change_begins_a_slow_preview_and_further_ones_stop_it(module):
    told = module(
        "previews",
        """(async () => {
            const revision = await import(`/web/VERSION/revision.js`);
            const told = [], rest = (time) => new Promise((done) => setTimeout(done, time));
            let began = 0, run = "";
            const trigger = (name, detail) => { run = detail.run; told.push([name, performance.now() - began]); };
            const ask = m.previews({ wanted: () => true, trigger, slow: () => {} });
            ask.soon();
            await rest(450);
            ask.over(); // it was a slow one
            await rest(250);
            began = performance.now();
            revision.changed("chain");
            ask.soon();
            ask.soon(); // one act, told twice
            await rest(250);
            ask.soon(); // and of no news
            await rest(20);
            revision.changed("chain");
            ask.soon();
            await rest(280);
            return [told, ask.is(run)];
        })()""".replace("VERSION", version()),
    )
    assert isinstance(told, list)
    events, running = told
    assert [name for name, _ in events] == ["preview", "preview", "cancel"]
    assert events[1][1] < 150  # the first change waits for nothing
    assert events[2][1] > 450  # the next one for a rest
    assert running  # until the server says that it is over
