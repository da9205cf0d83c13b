"""The controls of every kind of parameter, those that plugins bring along, and choices seen on one's own photo."""

from __future__ import annotations

import re

import numpy as np
import pytest

from .acts import (
    RUN,
    SAMPLES,
    add_step,
    download,
    open_photo,
    pixels,
    placed,
    previewed,
    sample,
    save_recipe,
    tools_shown,
    value,
)

pytestmark = pytest.mark.browser


def test_colours_choices_files_and_curves_have_controls(page, tmp_path):
    sample(page)
    add_step(page, "mix")
    card = page.locator(".card[data-tool=mix]")
    card.get_by_label("Ink").fill("#00ff00")
    card.get_by_label("green").check()
    card.get_by_label("blue").check()
    area = card.locator(".graph").bounding_box()
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 4)
    card.get_by_role("button", name="Point 2").press("ArrowDown")
    with page.expect_file_chooser() as chooser:
        card.locator("[data-name=table] button").click()
    chooser.value.set_files({"name": "half.lut", "mimeType": "application/octet-stream", "buffer": b"\x80"})
    card.locator("[data-name=table] button", has_text="half.lut").wait_for()
    previewed(page)
    made = placed(save_recipe(page, tmp_path))
    assert (made["ink"], made["channels"]) == ("#00ff00", ["green", "blue"])
    assert made["curve"] == [[0, 0], [pytest.approx(0.5, abs=0.02), pytest.approx(0.73, abs=0.02)], [1, 1]]
    before, after = pixels(SAMPLES / "coffee.jpg") / 255, pixels(download(page, "png", tmp_path)) / 255
    xs, ys = zip(*made["curve"], strict=True)
    curved = np.interp(before, xs, ys)
    wanted = np.stack([curved[..., 0], 0.5 + curved[..., 1] / 2, curved[..., 2] / 2], 2)
    assert np.abs(after - wanted).max() < 0.01
    card.get_by_role("button", name="Point 2").press("Delete")
    assert card.locator(".graph button").count() == 2


def test_a_plugins_own_control_sets_its_parameter_and_reaches_nothing_else(page):
    sample(page)
    add_step(page, "mix")
    previewed(page)  # a card gets its small picture then, which moves what is below it, away from under a click
    frame = page.frame_locator(".card[data-tool=mix] iframe")
    frame.get_by_text("refused refused refused").wait_for()  # the page, its storage, the network
    assert frame.get_by_text("Amount 0").is_visible()
    frame.get_by_role("button", name="0.25").click()
    number = page.locator(".card[data-tool=mix] [data-name=amount] input[type=number]")
    page.wait_for_function("document.querySelector('.card [data-name=amount] input[type=number]').value === '0.25'")
    number.fill("0.5")  # the usual control is there, too, and both agree
    frame.get_by_text("Amount 0.5").wait_for()
    previewed(page)
    answer = page.request.get(page.url + "web/control/mix/amount")
    assert "sandbox allow-scripts; default-src 'none'" in answer.headers["content-security-policy"]
    assert page.request.get(page.url + "web/control/mix/ink").status == 404


def test_a_choice_is_seen_on_the_photo_and_taken_by_a_click(page):
    sample(page)
    page.get_by_label("Live preview").uncheck()
    add_step(page, "translate")
    card = page.locator(".card[data-tool=translate]")
    names = card.locator("[data-name=domain] option").all_inner_texts()
    card.get_by_role("button", name="See each on your photo").click()
    shown = card.locator(".offers button")
    page.wait_for_function(
        "count => document.querySelectorAll('.offers img').length === count", arg=len(names), timeout=RUN
    )
    assert shown.all_inner_texts() == names
    images = card.locator(".offers img").all()
    assert len({image.get_attribute("src") for image in images}) == len(names)
    for image in images:
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 50)")
    shown.nth(1).click()
    assert card.locator("[data-name=domain] select").input_value() == names[1]
    add_step(page, "guess")
    guess = page.locator(".card[data-tool=guess]")
    guess.get_by_role("button", name="See each on your photo").click()
    guess.get_by_role("button", name="brighter").click(timeout=RUN)
    assert value(page, "guess") == "2"
    assert tools_shown(page) == ["translate", "guess"]


def test_what_costs_is_not_in_a_preview_unless_it_is_run(page, damaged):
    open_photo(page, damaged)
    add_step(page, "negative")
    page.locator("#bar .text", has_text=re.compile("Negative takes long or costs money")).wait_for()
    add_step(page, "saturation")
    previewed(page)
    assert "Negative is not previewed" in page.locator("#bar .notes").inner_text()
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bar [data-state=done]").wait_for(timeout=RUN)
    assert "not previewed" not in page.locator("#bar").inner_text()


def test_a_number_out_of_range_stops_at_the_end(page):
    sample(page)
    add_step(page, "contrast")
    number = page.locator(".card[data-tool=contrast] [data-name=amount] input[type=number]")
    number.fill("10")
    number.press("Tab")
    assert number.input_value() == "1"
    previewed(page)
    number.fill("-7")
    number.press("Tab")
    assert number.input_value() == "-1"
    number.fill("")
    number.press("Tab")
    assert number.input_value() == "-1"


def test_export_options_out_of_range_stop_at_the_end(page):
    sample(page)
    add_step(page, "contrast")
    page.locator("#bar [data-do=options]").click()
    quality, longest = (page.locator(f"#bar input[name={name}]") for name in ("quality", "longest"))
    for typed, taken in (("0", "1"), ("500", "100"), ("", "95")):
        quality.fill(typed)
        quality.press("Tab")
        assert quality.input_value() == taken
    for typed, taken in (("1.5", "2"), ("-3", "1"), ("", "")):
        longest.fill(typed)
        longest.press("Tab")
        assert longest.input_value() == taken


def test_who_looks_at_the_result_goes_on_with_it_after_a_download(page, tmp_path):
    sample(page)
    add_step(page, "contrast")
    previewed(page)
    page.locator("[data-view=result]").click()
    download(page, "png", tmp_path)
    assert page.locator("[data-view=result]").get_attribute("aria-pressed") == "true"
