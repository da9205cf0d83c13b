"""What everybody meets: words and keys, what the bar says, the page that is loaded again, and smaller windows."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from .acts import RUN, SAMPLES, add_step, open_photo, previewed, resize, sample, tools_shown

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """A photo that takes a moment to come back."""
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    with Image.open(SAMPLES / "astronaut.jpg") as picture:
        picture.resize((5000, 5000)).save(path)
    return path


def told(page):
    return page.locator("#bar .text")


def test_the_search_is_empty_when_the_tasks_are_back(page):
    sample(page)
    search = page.get_by_label("Find a tool")
    search.fill("brightness")
    assert page.locator(".palette .tool strong").first.inner_text() == "Light"
    search.fill("square")
    search.press("Enter")
    page.locator(".card[data-tool=crop]").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.locator(".tile[data-task=restore]").wait_for()
    assert search.input_value() == ""


def test_a_long_preview_is_told_and_stopped(page):
    sample(page)
    add_step(page, "dawdle")
    page.locator("#bar .text", has_text="Making a preview: Step 1 of 1: Dawdle").wait_for(timeout=RUN)
    page.get_by_role("button", name="Cancel").click()
    page.locator("#bar .text", has_text="The preview was stopped").wait_for(timeout=RUN)
    assert page.get_by_role("button", name="Cancel").is_hidden()
    assert page.get_by_role("button", name="Run", exact=True).is_enabled()


def test_a_long_message_is_read_in_a_larger_bar(page):
    page.evaluate(
        """async () => { const entries = performance.getEntriesByType('resource');
        const bus = await import(entries.find(({ name }) => name.endsWith('/bus.js')).name);
        bus.tell('error', 'This file is not one of those that can be read. '.repeat(9)) }"""
    )
    whole = (
        "(() => { const m = document.querySelector('#bar .message'); return m.scrollHeight - m.clientHeight < 4 })()"
    )
    assert not page.evaluate(whole)
    page.get_by_role("button", name="More", exact=True).click()
    assert page.evaluate(whole)
    page.get_by_role("button", name="Less", exact=True).click()
    assert not page.evaluate(whole)


def test_keys_skip_to_the_photo_and_go_on_with_the_tasks(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the photo"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "choose a photo"
    page.locator("[data-sample='cat.jpg']").press("Enter")
    page.locator("#stage .about", has_text="cat.jpg").wait_for()
    page.wait_for_function("document.activeElement.dataset.task === 'restore'")


def test_a_page_that_is_loaded_again_shows_no_start_meanwhile(page, large):
    open_photo(page, large)
    add_step(page, "saturation")
    previewed(page)
    for _ in range(2):  # the second time before the photo is back
        page.reload(wait_until="commit")
        seen = page.wait_for_function(  # all at one moment, as the photo may be back at the next
            """() => { const [busy, start, save] = [".busy", ".empty", "[data-do=download]"]
                .map((one) => document.querySelector(one));
            return busy && !busy.hidden && save && [start.checkVisibility(), save.disabled] }"""
        )
        assert seen.json_value() == [False, True]
    page.locator("#stage .about", has_text="large.jpg").wait_for()
    assert page.locator("#stage .busy").is_hidden()
    assert tools_shown(page) == ["saturation"]


def test_the_systems_light_and_dark_are_followed(page):
    for scheme in ("dark", "light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("look => document.documentElement.dataset.look === look", arg=scheme)
    page.get_by_role("button", name="Light or dark").click()  # now it is the user's choice
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    assert page.locator("html").get_attribute("data-look") == "light"


def test_at_1280_the_toolbar_is_one_row_and_nothing_sticks_out(page):
    resize(page, 1280, 720)
    sample(page)
    add_step(page, "crop")
    tops = page.locator(".toolbar > :visible").evaluate_all("all => all.map((one) => one.offsetTop)")
    assert max(tops) - min(tops) < 20
    edge = "one => one.getBoundingClientRect().right"
    crop, card = page.locator(".pick.crop[aria-pressed=true]"), page.locator(".card")
    assert crop.evaluate(edge) < card.evaluate(edge) - 10
    assert page.get_by_role("button", name="Download").evaluate(edge) > 1260


def test_the_bar_names_tools_as_the_page_does_and_no_device_that_is_expected(page):
    sample(page, "cat-damaged.jpg")
    add_step(page, "denoise")
    previewed(page)
    notes = page.locator("#bar .notes").inner_text()
    assert re.match("Denoise: estimated noise", notes)
    assert "ran on" not in notes
