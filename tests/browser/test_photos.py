"""Several photos open in one page: a strip to go from one to another, and to mix one into another."""

from __future__ import annotations

import numpy as np
import pytest

from .acts import SAMPLES, add_step, brush, download, pixels, press, previewed, sample, set_slider, value

pytestmark = pytest.mark.browser


def strip(page):
    return page.get_by_role("group", name="Open photos")


def two(page):
    """The coffee with a step and a stroke of its own, then the cat with another step."""
    sample(page, "coffee.jpg")
    assert strip(page).is_hidden()
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0")
    brush(page, (0.2, 0.3), (0.6, 0.3))
    sample_again(page, "cat.jpg")
    set_slider(page, "saturation", "Amount", "2")


def sample_again(page, name):
    page.get_by_role("button", name="Samples", exact=True).click()
    sample(page, name)


def go(page, name):
    strip(page).get_by_role("button", name=name, exact=True).click()
    page.locator("#stage .about", has_text=name).wait_for()


def test_each_photo_has_its_own_steps_and_strokes(page, tmp_path):
    two(page)
    assert strip(page).locator(".go").count() == 2
    go(page, "coffee.jpg")
    assert value(page, "saturation") == "0"
    previewed(page)
    made = pixels(download(page, "png", tmp_path))
    before = pixels(SAMPLES / "coffee.jpg")
    changed = (made != before).any(2)
    assert 0.01 < changed.mean() < 0.3  # what was brushed on it, and nothing else
    assert np.ptp(made[changed].astype(int), axis=1).max() <= 2
    go(page, "cat.jpg")
    assert value(page, "saturation") == "2"
    assert strip(page).locator("[aria-pressed=true]").inner_text() == "cat.jpg"


def test_another_open_photo_becomes_a_steps_picture_by_drag_and_by_list(page):
    sample(page, "astronaut.jpg")
    sample_again(page, "cat.jpg")
    add_step(page, "match_look" if page.locator("[data-tool=match_look]").count() else "morph_faces")
    picture = page.locator(".card .pictures")
    strip(page).get_by_role("button", name="astronaut.jpg", exact=True).drag_to(picture.locator("button"))
    page.locator(".card .file.chosen", has_text="astronaut.jpg").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    picture.locator("select").select_option("astronaut.jpg")
    page.locator(".card .file.chosen", has_text="astronaut.jpg").wait_for()


def test_keys_go_from_photo_to_photo_and_a_reload_keeps_them(page):
    two(page)
    strip(page).get_by_role("button", name="coffee.jpg", exact=True).press("Enter")
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    previewed(page)
    page.reload()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    strip(page).get_by_role("button", name="cat.jpg", exact=True).wait_for()


def test_all_files_that_are_chosen_are_opened(page):
    with page.expect_file_chooser() as chooser:
        page.locator("[data-do=open]:visible").first.click()
    chooser.value.set_files([SAMPLES / "coffee.jpg", SAMPLES / "cat.jpg", SAMPLES / "astronaut.jpg"])
    strip(page).get_by_role("button", name="astronaut.jpg", exact=True).wait_for()
    assert strip(page).locator(".go").all_inner_texts() == ["coffee.jpg", "cat.jpg", "astronaut.jpg"]
    assert strip(page).locator("[aria-pressed=true]").inner_text() == "coffee.jpg"


def test_a_photo_is_closed_and_its_work_only_when_that_is_meant(page):
    two(page)
    sample_again(page, "paper.jpg")
    close = strip(page).get_by_role("button", name="Close coffee.jpg")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    close.click()
    assert asked == ["Close coffee.jpg and what was done to it?"]
    assert strip(page).locator(".go").count() == 3
    page.once("dialog", lambda dialog: dialog.accept())
    close.click()
    close.wait_for(state="detached")
    page.once("dialog", lambda dialog: dialog.accept())
    strip(page).get_by_role("button", name="Close paper.jpg").click()  # the one that is shown
    page.locator("#stage .about", has_text="cat.jpg").wait_for()
    assert strip(page).is_hidden()
    assert value(page, "saturation") == "2"


def test_undo_stays_with_the_photo(page):
    two(page)
    go(page, "coffee.jpg")
    undo = page.get_by_role("button", name="Undo", exact=True)
    undo.click()
    assert value(page, "saturation") == "0"  # the stroke is gone
    undo.click()
    assert value(page, "saturation") not in ("0", "2")
    go(page, "cat.jpg")
    assert value(page, "saturation") == "2"


def test_steps_of_photos_that_are_not_shown_outlive_a_reload(page):
    two(page)
    page.reload()
    page.locator("#stage .about", has_text="cat.jpg").wait_for()
    go(page, "coffee.jpg")
    assert value(page, "saturation") == "0"
    page.locator("[data-do=clear]:enabled").wait_for(state="attached")  # the stroke is back
    assert page.get_by_role("button", name="Undo", exact=True).is_disabled()  # as there is nothing of its own to undo
    go(page, "cat.jpg")
    assert value(page, "saturation") == "2"


@pytest.mark.parametrize("screen", ["390x844"], indirect=True)
def test_a_light_page_is_light_on_a_phone_too(screen):
    ground = "getComputedStyle(document.querySelector('#editor')).backgroundColor"
    before = screen.evaluate(ground)
    press(screen, screen.locator("[data-do=theme]"))
    screen.wait_for_function(f"before => {ground} !== before", arg=before)
    assert {before, screen.evaluate(ground)} == {"rgb(18, 21, 27)", "rgb(217, 220, 225)"}


@pytest.mark.parametrize("screen", ["390x844"], indirect=True)
def test_a_finger_goes_from_photo_to_photo(screen):
    sample(screen, "coffee.jpg")
    press(screen, screen.get_by_role("button", name="Samples", exact=True))
    sample(screen, "cat.jpg")
    press(screen, strip(screen).get_by_role("button", name="coffee.jpg", exact=True))
    screen.locator("#stage .about", has_text="coffee.jpg").wait_for()
