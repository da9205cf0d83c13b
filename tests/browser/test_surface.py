"""The picture looked at closely, and other values to choose from: tiles at full size, histogram, variations."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from .acts import RUN, add_step, open_photo, previewed, sample, set_slider

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def fine(tmp_path_factory):
    """A photo of 3000x2000 pixels with lines one pixel wide, which no smaller picture of it can show."""
    path = tmp_path_factory.mktemp("fine") / "fine.png"
    values = np.full((2000, 3000), 60, np.uint8)
    values[:, ::2] = 190
    Image.fromarray(values).save(path)
    return path


def sharp(page, name: str) -> float:
    """How much neighbouring pixels of a tile differ, in the middle of it."""
    return page.evaluate(
        """name => { const image = document.querySelector(name);
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 64;
        const pen = canvas.getContext('2d');
        pen.drawImage(image, 32, 32, 64, 64, 0, 0, 64, 64);
        const { data } = pen.getImageData(0, 0, 64, 64);
        let sum = 0;
        for (let i = 0; i < data.length - 8; i += 4) sum += Math.abs(data[i] - data[i + 4]);
        return sum / (64 * 64) }""",
        name,
    )


def shown(page, name: str) -> None:
    page.wait_for_function(f"!document.querySelector('{name}').hidden", timeout=RUN)


def test_close_up_the_pixels_of_photo_and_result_are_seen(page, fine):
    open_photo(page, fine)
    assert page.locator(".before-tile").is_hidden()
    page.keyboard.press("1")
    shown(page, ".before-tile")
    assert sharp(page, ".before-tile") > 80
    add_step(page, "contrast")
    set_slider(page, "contrast", "Amount", "-1")
    previewed(page)
    shown(page, ".after-tile")  # of what the steps will make, before they were run on all of it
    page.wait_for_timeout(1000)
    shown(page, ".after-tile")
    assert 5 < sharp(page, ".after-tile") < 110
    page.locator("[data-view=compare]").click()
    clips = page.evaluate("['.before-tiles', '.after-tiles'].map((n) => document.querySelector(n).style.clipPath)")
    assert all("inset" in clip for clip in clips)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar .text", has_text=re.compile("^Done")).wait_for(timeout=RUN)
    shown(page, ".after-tile")
    page.keyboard.press("0")  # it all fits: the small picture is sharp enough
    page.wait_for_function("document.querySelector('.before-tile').hidden")


def test_one_to_one_is_a_button_where_a_number_box_has_the_focus(page, fine):
    open_photo(page, fine)
    page.locator(".tile[data-task=enhance]").click()
    detail = page.locator(".task").get_by_label("Detail").and_(page.locator("input[type=number]"))
    detail.focus()
    page.get_by_role("button", name="Zoom to 1:1").click()
    page.locator("img:is(.before-tile, .after-tile):visible").first.wait_for(timeout=RUN)
    assert detail.input_value() == "0"


def test_a_step_that_needs_the_whole_is_not_guessed_from_a_part(page, fine):
    open_photo(page, fine)
    add_step(page, "light")
    previewed(page)
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    assert page.locator(".after-tile").is_hidden()


def test_a_curve_has_the_histogram_of_what_it_changes(page):
    sample(page)
    add_step(page, "curves")
    page.wait_for_function("document.querySelectorAll('.card[data-tool=curves] .histogram').length === 4")
    every = [one.get_attribute("points").split() for one in page.locator(".card[data-tool=curves] .histogram").all()]
    for points in every:
        heights = [1 - float(point.split(",")[1]) for point in points]
        assert len(points) == 66
        assert max(heights) == pytest.approx(0.95, abs=0.01)
    assert len({tuple(points) for points in every}) == 4  # each channel has its own


def test_variations_of_a_slider_are_made_while_one_looks_and_adopted_by_a_click(page):
    sample(page)
    add_step(page, "saturation")
    card = page.locator(".card[data-tool=saturation]")
    card.get_by_role("button", name="Saturation: variations").press("Enter")
    page.wait_for_function("document.querySelectorAll('.varying .offers img').length === 6", timeout=RUN)
    card.locator(".offers button", has_text=re.compile("^0$")).click()
    number = card.locator("[data-name=amount] input[type=number]")
    assert number.input_value() == "0"
    assert card.locator(".offers button[aria-pressed=true]").inner_text() == "0"
    previewed(page)
    page.get_by_role("button", name="Undo", exact=True).click()
    assert number.input_value() == "1.3"


def test_what_was_tried_on_the_photo_before_is_not_waited_for(page):
    seen = page.evaluate("""async () => {
      const address = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/offers.js')).name;
      const { offers, receive } = await import(address);
      const asked = [];
      const at = { step: 9, parameter: 'amount', value: 0, take: () => {}, ask: (detail) => asked.push(detail.run) };
      const come = (run, count) => receive({ step: '9', parameter: 'amount', run, more: false,
        pictures: Array.from({ length: count }, (_, i) => ({ value: i, label: `${i}`, path: '' })) });
      offers({ ...at, of: 'first' })[0].click();
      const [button, strip] = offers({ ...at, of: 'second' });
      document.body.append(strip);
      const seen = [strip.hidden, strip.childElementCount];
      button.click();
      for (const [run, count] of [[asked[0], 4], [asked[1], 6]]) {
        come(run, count);
        seen.push(strip.querySelectorAll('img').length);
      }
      return seen;
    }""")
    assert seen == [True, 0, 0, 6]


def test_seeds_vary_too(page):
    sample(page, "astronaut.jpg")
    add_step(page, "complete_face")
    card = page.locator(".card[data-tool=complete_face]")
    card.get_by_role("button", name="Complete face: variations").click()
    assert card.get_by_label("What varies").input_value() == "Seed"


def test_the_map_is_drawn_under_its_pad(page):
    add_step(page, "walk_map")
    card = page.locator(".card[data-tool=walk_map]")
    card.get_by_role("button", name="Draw the map").click()
    page.wait_for_function("document.querySelectorAll('.pad .offers img').length === 25", timeout=RUN)
    pad = page.locator(".pad").bounding_box()
    page.mouse.click(pad["x"] + pad["width"] * 0.9, pad["y"] + pad["height"] * 0.1)  # it is walked on as before
    assert float(card.get_by_label("X", exact=True).first.input_value()) == pytest.approx(0.9, abs=0.03)


def test_the_list_of_what_was_done_has_pictures(page):
    sample(page)
    for tool in ("saturation", "contrast"):
        add_step(page, tool)
        previewed(page)
        page.wait_for_timeout(300)
    page.get_by_role("button", name="History").click()
    page.wait_for_function("document.querySelectorAll('.past .entry img').length === 2")
    first, second = (one.get_attribute("src") for one in page.locator(".past .entry img").all())
    assert first != second
