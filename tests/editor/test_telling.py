"""What the page says of a run."""

from __future__ import annotations

import pytest

from imgen.editor.state import telling
from imgen.editor.state.telling import titled, told

CPU, CUDA, USERS = "vae/faces ran on CPU (vae)", "vae/faces ran on CUDA (vae)", "vae/faces ran on CPU (user)"


@pytest.mark.parametrize(
    ("works", "device", "news"),
    [
        (False, "auto", [CUDA, USERS]),
        (True, "auto", [CPU, USERS]),  # CUDA broke in the middle of it
        (True, "cpu", [CUDA, USERS]),
    ],
)
def test_only_an_unexpected_device_or_a_model_of_ones_own_is_news(
    monkeypatch: pytest.MonkeyPatch, works: bool, device: str, news: list[str]
):
    monkeypatch.setattr(telling, "cuda_works", lambda: works)
    assert told([CPU, CUDA, USERS], device) == news


def test_tools_have_their_titles():
    assert titled("selection_to_alpha: nothing is selected") == "Selection to alpha: nothing is selected"
    assert titled("select_subject found nothing") == "Select subject found nothing"
    assert titled("text files are no photos") == "text files are no photos"
    assert titled("photo.jpg: 3 tags were left out") == "photo.jpg: 3 tags were left out"
