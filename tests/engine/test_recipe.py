"""Recipes at the door: what they may hold, how they carry pictures, and that opening one starts nothing."""

import base64
import io
import json
import re
import subprocess
import sys
from datetime import date

import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main
from imgen.contract.tool import tool_from
from imgen.engine import recipe
from imgen.engine.pipeline import differences
from imgen.engine.plugins import installed
from imgen.errors import ImgenError, ParameterError, PipelineError, UnknownToolError
from imgen.io import embedded
from imgen.io.embedded import DATA


def text_of(*steps: object) -> str:
    return json.dumps({"imgen": 1, "steps": list(steps)})


def with_picture(data: bytes, prefix: str = DATA) -> str:
    """A recipe with a picture inside."""
    value = prefix + base64.b64encode(data).decode()
    return text_of({"tool": "load_selection", "parameters": {"file": value}})


def png(width: int, height: int, mode: str = "1") -> bytes:
    file = io.BytesIO()
    Pillow.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


STEP = '{"imgen": 1, "steps": [{"tool": "denoise", "parameters": %s}]}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STEP % '{"noise": 1}, "models": [1]', "step 1, models: input should be a valid dictionary"),
        (STEP % '{"noise": 1}, "models": {"a": 1}', "step 1, models, a: input should be a valid string"),
        (STEP % '{"noise": 1}, "models": {"a\\nb": 1}', "step 1, models, ab: "),
        (STEP % '{"noise": 1}, "version": "a\\n"', "step 1, version: string should match"),
        (STEP % f'{{"noise": {"9" * 5000}}}', "a number in it has 5000 digits"),
        (STEP % f'{{"noise": 0.{"1" * 5000}}}', "too long or too large"),
        (STEP % '{"noise": 1e999}', "too long or too large"),
        (STEP % '{"noise": NaN}', "NaN in it is no number"),
        (STEP % '{"noise": -Infinity}', "-Infinity in it is no number"),
        (STEP % '{"noise\\u0000": 1}', "zero byte"),
        ('{"imgen": 1, "steps": [{"tool": "den\\u0000oise"}]}', "zero byte"),
        ('{"imgen": 1, "steps": [{"tool": "den\\ud800oise"}]}', "half a character"),
        (STEP % f'{{"noise": {"[" * 500}{"]" * 500}}}', "nested too deeply"),
        (STEP % f'{{"noise": {"[" * 10**6}', "nested too deeply|not an imgen recipe"),
        (STEP % f'{{"noise": [{"1," * 20_000}1]}}', "more than 10000 entries"),
        (f'{{"imgen": 1, "steps": [{",".join([STEP % "{}"] * 1000)}]}}', "1000 steps, imgen runs up to 100"),
        ('{"imgen": "1", "steps": []}', "imgen: input should be a valid integer"),
        ('{"imgen": true, "steps": []}', "imgen: input should be a valid integer"),
        ('{"imgen": 1, "steps": {}}', "steps: input should be a valid list"),
        ('{"imgen": 1, "steps": [1]}', "step 1: "),
        ('{"imgen": 1, "steps": [{"tool": "blur", "paramters": {}}]}', "step 1: it has .paramters.; did you mean .par"),
        ('{"imgen": 1, "steps": [{"tool": "tint", "plugin": "inks", "version": "2"}]}', "tool of the plugin inks 2"),
        ('{"imgen": 1, "steps": [{"tool": "crop", "enabled": "no"}]}', "step 1, enabled"),
        ('{"imgen": 1, "steps": [{"tool": "%s"}]}' % ("x" * 10**5), "step 1, tool: string should have at most"),
        ('{"imgen": 1, "steps": [1]}', 'step 1: should be an object, such as {"tool": "blur"'),
        ('[{"imgen": 1}]', r'not an imgen recipe .it should be an object, such as {"imgen": 1, "steps": '),
        ("null", "not an imgen recipe .it should be an object"),
        ('{"imgen": 1}', "steps: field required"),
        ("", "not an imgen recipe"),
        ('{"imgen": 1, "steps": [{"tool": "image_to_image", "parameters": {"model": "../../x"}}]}', "no model"),
    ],
)
def test_junk_is_answered_in_one_sentence(text, message):
    with pytest.raises(ImgenError, match=message) as caught:
        imgen.Pipeline.from_json(text, files=False).to_json()  # a model's name is looked up when it is needed
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
    assert not re.search("0x[0-9a-f]{4}", str(caught.value))
    with pytest.raises(ImgenError):
        differences(text)


def test_a_text_larger_than_any_recipe_is_refused(monkeypatch):
    monkeypatch.setattr(recipe, "TEXT", 100)
    with pytest.raises(PipelineError, match="MB"):
        imgen.Pipeline.from_json(text_of() + " " * 100)


def test_a_version_without_a_plugin_is_told():
    assert "made with 0.0.1" in differences(text_of({"tool": "crop", "version": "0.0.1"}))[0]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("[]", PipelineError, "this is not an imgen recipe"),
        (text_of({"tool": "light", "parameters": {"shadow": 1}}), ParameterError, "light has no parameter 'shadow'; d"),
        (text_of({"tool": "blur", "parameters": {"radius": -1}}), ParameterError, "blur: radius must be"),
        (text_of({"tool": "blurr"}), UnknownToolError, "there is no tool 'blurr'; did you mean 'blur'"),
    ],
)
def test_what_is_wrong_with_a_file_names_it(tmp_path, capsys, text, kind, message):
    file = tmp_path / "edit.json"
    file.write_text(text)
    with pytest.raises(kind) as caught:
        imgen.Pipeline.load(file)
    assert str(caught.value).startswith(f"{file}: {message}")
    assert main(["run", "a.png", "--pipeline", str(file), "-o", "b.png"]) == 1
    assert capsys.readouterr().err.startswith(f"imgen: {file}: {message}")


def test_old_recipes_load(mask_file):
    """As the first version wrote them: paths of second pictures, masks inside, what is unknown left aside."""
    old = {
        "tool": "load_selection",
        "parameters": {"file": str(mask_file)},
        "plugin": "core",
        "version": "0.1.0",
        "later": [1],
    }
    assert imgen.Pipeline.from_json(text_of(old)).steps[0].parameters == {"file": str(mask_file)}
    inside = with_picture(mask_file.read_bytes())
    assert imgen.Pipeline.from_json(inside, files=False).files == ()


def other_formats() -> list[str]:
    Pillow.init()
    return sorted(set(Pillow.SAVE) - {"PNG"})


@pytest.mark.parametrize("form", other_formats())
def test_an_embedded_picture_of_another_format_is_refused(form):
    for mode in ("RGB", "L", "1", "P"):
        file = io.BytesIO()
        try:
            Pillow.new(mode, (16, 16)).save(file, form)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError):
            continue  # Pillow writes it with other modes or options only
        for prefix in (DATA, "data:image/x;base64,", "data:"):
            with pytest.raises(ParameterError, match="PNG only"):
                imgen.Pipeline.from_json(with_picture(file.getvalue(), prefix))


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
STARTS = (
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "os.system",
    "os.spawn",
    "pty.spawn",
)


def test_opening_a_photo_or_a_recipe_starts_no_program(photo, tmp_path):
    """In a process of its own, as an audit hook can't be taken off; it sees every way to start a program."""
    bad = with_picture(EPS)
    for suffix in ("png", "jpg", "tif"):
        photo.replace(recipe=bad).save(tmp_path / f"in.{suffix}")
    (tmp_path / "recipe.json").write_text(bad)
    for suffix in ("png", "jpg", "tif", "eps", "webp"):
        (tmp_path / f"eps.{suffix}").write_bytes(EPS)
    code = f"""
import sys, pathlib
from PIL import EpsImagePlugin
EpsImagePlugin.gs_binary = "true"  # as if Ghostscript were here
started = []
sys.addaudithook(lambda event, _: started.append(event) if event in {STARTS!r} else None)
import imgen
from imgen.editor.state.chain import cards_of
from imgen.editor.state.workspace import Workspace
refused = 0
folder = pathlib.Path(sys.argv[1])
attempts = [
    imgen.open,
    lambda path: imgen.Pipeline.load(path)(imgen.open(folder / "in.png")),
    lambda path: cards_of(imgen.open(path).recipe, Workspace(folder)),
]
for path in sorted(folder.iterdir()):
    for attempt in attempts:
        try:
            attempt(path)
        except imgen.ImgenError:
            refused += 1
print(refused, started)
import subprocess
subprocess.run([sys.executable, "-c", ""])
print(bool(started))
"""
    made = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    # 3 photos whose recipe is refused twice; 6 that are no picture, or no recipe, thrice
    assert made.stdout.split("\n")[:2] == ["24 []", "True"]


def test_a_header_decides_before_anything_is_decoded(monkeypatch):
    huge = bytearray(png(8, 8))
    huge[16:24] = (60_000).to_bytes(4, "big") * 2
    monkeypatch.setattr(embedded, "shallow", lambda data: pytest.fail("decoded"))
    with pytest.raises(ParameterError, match="60000x60000 pixels"):
        imgen.Pipeline.from_json(with_picture(bytes(huge)))
    for width, height in ((0, 5), (2**31 - 1, 2**31 - 1)):
        huge[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        with pytest.raises(ParameterError, match="megapixels"):
            imgen.Pipeline.from_json(with_picture(bytes(huge)))


def test_values_that_json_does_not_know_are_written_as_pydantic_does(photo, monkeypatch):
    def dated(
        image: imgen.Image, *, day: date = date(2020, 1, 2), sizes: frozenset[int] = frozenset({3})
    ) -> imgen.Image:
        """Take what JSON has no word for."""
        return image

    made = {"dated": tool_from(dated, "test", "1")}
    monkeypatch.setattr(installed(), "_tools", {**installed().tools, **made})
    edit = imgen.Pipeline().add("dated", day="2021-03-04", sizes=[5])
    assert json.loads(edit.to_json())["steps"][0]["parameters"] == {"day": "2021-03-04", "sizes": [5]}
    assert imgen.Pipeline.from_json(edit.to_json()) == edit


def test_python_limits_are_left_alone():
    assert sys.get_int_max_str_digits() == 4300  # the door bounds numbers itself
