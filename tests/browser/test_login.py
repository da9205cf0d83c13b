"""The page that asks for the password, as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from security.servers import serving

pytestmark = pytest.mark.browser


def test_a_person_logs_in_and_edits(browser, tmp_path: Path):
    with serving(tmp_path, password="open sesame") as editor:
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(editor.address)
        field = page.get_by_label("The password of this editor")
        field.fill("wrong")
        field.press("Enter")
        page.get_by_role("alert").get_by_text("this is not the password").wait_for()
        field.fill("open sesame")
        page.get_by_role("button", name="Open the editor").click()
        page.locator("[data-sample='cat.jpg']").click()
        page.locator("#stage .about", has_text="cat.jpg").wait_for()
        page.wait_for_function("document.querySelector('.before').naturalWidth > 0")
        page.reload()
        page.locator("#stage .about", has_text="cat.jpg").wait_for()
        assert errors == []
        page.close()
