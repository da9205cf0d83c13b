"""What is saved: the export, its choices, many photos, the recipe in a picture, and what programs are given."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import imgen

from .acts import (
    RUN,
    SAMPLES,
    add_step,
    download,
    drop,
    open_photo,
    pixels,
    previewed,
    run,
    sample,
    set_slider,
    tools_shown,
    until,
)

pytestmark = pytest.mark.browser


def test_a_dropped_picture_brings_its_recipe(page, tmp_path):
    photo = imgen.open(SAMPLES / "coffee.jpg")
    made = imgen.Pipeline().add("saturation", amount=0.0).add("blur", radius=3.0).run(photo).save(tmp_path / "made.png")
    drop(page, made, ".empty")
    page.locator("#stage .about", has_text="made.png").wait_for()
    assert tools_shown(page) == ["saturation", "blur"]
    assert page.locator(".card.off").count() == 2  # the picture shows their work already
    sample_recipe = imgen.Pipeline().add("invert_selection").save(tmp_path / "other.json")
    drop(page, sample_recipe, ".frame")
    page.locator(".card[data-tool=invert_selection]").wait_for()
    drop(page, made, "#chain .cards")
    page.locator(".card[data-tool=blur]").wait_for()
    assert page.locator(".card.off").count() == 0


def test_the_export_is_the_command_lines_byte_for_byte(page, damaged, tmp_path):
    open_photo(page, damaged)
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0.5")
    add_step(page, "blur")
    add_step(page, "crop")
    from_page = download(page, "same", tmp_path)
    recipe = imgen.Pipeline.load(from_page).save(tmp_path / "recipe.json")
    out = tmp_path / "cli.jpg"
    command = [
        sys.executable,
        "-m",
        "imgen.cli.entry",
        "run",
        str(damaged),
        "--pipeline",
        str(recipe),
        "-o",
        str(out),
        "-q",
    ]
    subprocess.run(command, check=True, timeout=300)
    assert from_page.read_bytes() == out.read_bytes()


def test_size_quality_and_metadata_are_chosen(page, damaged, tmp_path):
    open_photo(page, damaged)
    add_step(page, "saturation")
    page.get_by_role("button", name="Export options").click()
    page.get_by_label("Longest side").fill("300")
    page.get_by_label("Keep metadata").uncheck()
    path = download(page, "jpeg", tmp_path)
    with Image.open(path) as file:
        assert max(file.size) == 300
        assert not file.getexif()
    assert imgen.open(path).recipe is None


def test_many_photos_become_a_zip(page, damaged, tmp_path):
    sample(page)
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    page.get_by_role("button", name="Batch…").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose photos").click()
    with page.expect_download(timeout=RUN) as saved:
        chooser.value.set_files([damaged, tmp_path / "broken.jpg", SAMPLES / "cat.jpg"])
    states = page.locator("dialog.batch tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.state)")
    assert states == ["done", "failed", "done"]
    assert "is not a picture" in page.locator("dialog.batch tbody").inner_text()
    with zipfile.ZipFile(saved.value.path()) as bundle:
        assert bundle.namelist() == ["holiday_cat-imgen.jpg", "cat-imgen.jpg"]
        grey = np.asarray(Image.open(io.BytesIO(bundle.read("holiday_cat-imgen.jpg"))).convert("RGB"), int)
    assert np.ptp(grey, axis=2).max() <= 2


def test_24_megapixels_are_previewed_small_and_saved_large(page, tmp_path):
    rows, columns = np.mgrid[:4000, :6000].astype(np.float32) / 16
    Image.fromarray(np.dstack([rows, columns, rows]).astype(np.uint8)).save(tmp_path / "large.jpg", quality=80)
    open_photo(page, tmp_path / "large.jpg")
    add_step(page, "saturation")
    set_slider(page, "saturation", "Amount", "0")
    previewed(page)
    path = download(page, "same", tmp_path)
    with Image.open(path) as file:
        assert file.size == (6000, 4000)
        assert np.ptp(np.asarray(file.convert("RGB").crop((0, 0, 999, 999)), int), axis=2).max() <= 2


def test_what_is_installed_is_told(page):
    page.get_by_role("button", name="Plugins and models").click()
    dialog = page.locator("dialog.installed")
    assert "paint-places 1.0" in dialog.inner_text()
    broken = dialog.locator("tr[data-state=failed]", has_text="no-plugin 0.3")
    assert "No module named 'a_package_that_is_missing'" in broken.inner_text()
    colours = page.evaluate(
        "['failed', 'done'].map((state) => getComputedStyle("
        "document.querySelector(`dialog.installed tr[data-state=${state}] td`)).color)"
    )
    assert colours[0] != colours[1]
    dialog.locator("summary", has_text="autoencoder/denoise-best").click()
    assert dialog.locator("details[open] .figures caption").inner_text().startswith("Measured on")
    assert dialog.locator("details[open] .figures tbody tr").count() > 2
    assert "non-commercial" in dialog.inner_text() or "licence" in dialog.inner_text().lower()
    page.keyboard.press("Escape")
    before = page.evaluate("getComputedStyle(document.querySelector('#left')).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("getComputedStyle(document.querySelector('#left')).backgroundColor") != before


def test_programs_call_recipes_and_tools_by_name(server, damaged):
    client_of = pytest.importorskip("gradio_client")
    client = client_of.Client(server, verbose=False, httpx_kwargs={"timeout": 300})
    recipe = imgen.Pipeline().add("saturation", amount=0.0).to_json()
    file, notes = client.predict(client_of.handle_file(damaged), recipe, "png", api_name="/run_recipe")
    assert np.ptp(pixels(Path(file)).astype(int), axis=2).max() == 0
    assert isinstance(notes, list)
    told = json.loads(urllib.request.urlopen(f"{server}gradio_api/info").read())["named_endpoints"]["/blur"]
    assert "radius: Standard deviation (a number from 0 to " in told["description"]
    file, _ = client.predict(client_of.handle_file(damaged), {"width": 0.5, "height": 0.5}, "same", api_name="/crop")
    assert pixels(Path(file)).shape == (500, 752, 3)
    with pytest.raises(client_of.exceptions.AppError, match="width"):
        client.predict(client_of.handle_file(damaged), {"width": 50}, "same", api_name="/crop")
    secret = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises((client_of.exceptions.AppError, ValueError)):
        client.predict(secret, {}, "same", api_name="/crop")


def test_an_animation_moves_and_is_saved_as_a_gif(page, tmp_path):
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "blink")
    run(page)
    assert "2 frames of 600 x 400 pixels" in page.locator("#bar").inner_text()
    page.locator("button[data-view=result][aria-pressed=true]").wait_for()
    picture = page.locator("#stage .picture")
    first = picture.screenshot()
    until(page, lambda: picture.screenshot() != first, "the picture does not move")
    with Image.open(download(page, "gif", tmp_path)) as file:
        assert (file.format, file.n_frames) == ("GIF", 2)


def test_depth_transparency_and_profile_are_kept(page, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    values = np.random.default_rng(0).integers(0, 65536, (60, 90, 4), np.uint16)
    imgen.Photo.from_array(values, icc=profile).save(tmp_path / "deep.png")
    open_photo(page, tmp_path / "deep.png")
    assert "16 bit" in page.locator("#stage .about").inner_text()
    add_step(page, "crop")
    run(page)
    saved = imgen.open(download(page, "same", tmp_path))
    assert (saved.depth, saved.icc) == (16, profile)
    np.testing.assert_array_equal(np.rint(saved.pixels * 65535), values[..., :3])
    np.testing.assert_array_equal(np.rint(saved.alpha * 65535), values[..., 3])


def test_a_second_picture_is_uploaded_for_a_step(page, tmp_path):
    mask = np.zeros((400, 600), np.uint8)
    mask[100:200, 50:250] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    page.locator("[data-sample='coffee.jpg']").click()
    page.locator("#stage .about", has_text="coffee.jpg").wait_for()
    add_step(page, "load_selection")
    with page.expect_file_chooser() as chooser:
        page.locator(".card[data-tool=load_selection] .file").click()
    chooser.value.set_files(tmp_path / "mask.png")
    page.locator(".card .file.chosen", has_text="mask.png").wait_for()
    run(page)
    page.locator(".selected").wait_for()  # the last step selects, so the selection is shown
    add_step(page, "selection_to_alpha")
    run(page)
    np.testing.assert_array_equal(pixels(download(page, "png", tmp_path))[..., 3], mask)
    with page.expect_file_chooser() as chooser:
        page.locator(".card[data-tool=load_selection] .file").click()
    chooser.value.set_files(SAMPLES / "README.md")
    page.locator("#bar [data-state=error]", has_text="README.md is not a picture").wait_for()
    attached = page.locator(".card[data-tool=load_selection] .file", has_text=re.compile("^mask.png$"))
    attached.wait_for()  # that one is still there
    page.get_by_label("File format").select_option("jpeg")
    page.get_by_role("button", name="Download").click()
    page.locator("#bar [data-state=error]", has_text="JPEG has no transparency").wait_for()
