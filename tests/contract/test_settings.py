"""A plugin's settings and secrets: from the environment or a file, never in a recipe."""

import pytest

import imgen
from imgen.contract.context import Context, using
from imgen.contract.settings import Settings
from imgen.contract.tool import tool_from
from imgen.engine.plugins import installed


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGEN_SETTINGS", str(tmp_path / "settings.toml"))
    return tmp_path / "settings.toml"


def test_the_file_and_the_environment(file, monkeypatch):
    settings = Settings("my-cloud")
    assert settings.get("api_key") is None
    assert settings.get("rounds", 3) == 3
    file.write_text('[my-cloud]\napi_key = "from the file"\nrounds = 5\n')
    assert settings["api_key"] == "from the file"
    assert settings["rounds"] == 5
    monkeypatch.setenv("IMGEN_MY_CLOUD_API_KEY", "from the environment")
    assert settings["api_key"] == "from the environment"


def test_a_missing_one_says_where_to_put_it(file):
    with pytest.raises(imgen.ToolError, match=r"set IMGEN_CLOUD_KEY, or write key = \.\.\. under \[cloud\] in .*toml"):
        Settings("cloud")["key"]
    file.write_text("[cloud")
    with pytest.raises(imgen.ToolError, match="mend the file"):
        Settings("cloud")["key"]


def test_results_of_other_settings_are_other_results_and_no_recipe_tells_them(file, photo, monkeypatch):
    def secretive(image: imgen.Image) -> imgen.Image:
        """Paint with a secret."""
        asked.append(imgen.context().settings["tone"])
        return image * 0 + float(asked[-1])

    asked: list[str] = []
    monkeypatch.setattr(installed(), "_tools", {"secretive": tool_from(secretive, "cloud", "1")})
    monkeypatch.setenv("IMGEN_CLOUD_TONE", "0.25")
    edit, cache = imgen.Pipeline((imgen.Step("secretive"),)), imgen.Cache()
    assert edit(photo, cache=cache).pixels[0, 0, 0] == 0.25
    edit(photo, cache=cache)
    assert asked == ["0.25"]
    monkeypatch.setenv("IMGEN_CLOUD_TONE", "0.5")
    made = edit(photo, cache=cache)
    assert made.pixels[0, 0, 0] == 0.5
    assert "0.5" not in str(made.recipe)


def test_a_folder_goes_with_the_run(photo, monkeypatch):
    def untidy(image: imgen.Image) -> imgen.Image:
        """Leave files."""
        with imgen.Workers(1) as workers:  # also in the tool's own threads
            folders.append(workers.submit(lambda: imgen.context().folder).result())
        (folders[-1] / "a").mkdir()
        (folders[-1] / "a" / "b.txt").write_text("x")
        assert imgen.context().folder == folders[-1]
        return image

    folders = []
    monkeypatch.setattr(installed(), "_tools", {"untidy": tool_from(untidy, "x", "1")})
    imgen.Pipeline((imgen.Step("untidy"),))(photo, cache=None)
    assert not folders[0].exists()


def test_a_preview_is_told_apart_and_kept_apart(photo, monkeypatch):
    def rough(image: imgen.Image) -> imgen.Image:
        """Be quick where it is only looked at."""
        return image * (0.5 if imgen.context().preview else 1)

    monkeypatch.setattr(installed(), "_tools", {"rough": tool_from(rough, "x", "1")})
    edit, cache = imgen.Pipeline((imgen.Step("rough"),)), imgen.Cache()
    seen = edit(photo, cache=cache, preview=True)
    assert edit(photo, cache=cache).pixels.mean() > seen.pixels.mean()


def test_outside_of_a_run_there_is_a_context_too():
    assert not imgen.context().cancelled
    assert not imgen.context().preview
    with using(Context(plugin="x")):
        assert imgen.context().settings.plugin == "x"
