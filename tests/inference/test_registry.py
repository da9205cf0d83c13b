import json
import os
import shutil
import sys
import time

import numpy as np
import pytest

import imgen
from imgen.cli.doctor import check
from imgen.engine.plugins import available
from imgen.errors import DeviceError, ModelError
from imgen.inference import registry
from imgen.inference import session as sessions
from imgen.inference.registry import user_folder

SHIPPED = sorted(available())


@pytest.fixture
def user_model():
    """A copy of a shipped model in the user's own folder."""
    source = imgen.model("autoencoder/denoise").path
    folder = user_folder() / "autoencoder"
    folder.mkdir(parents=True)
    for suffix in (".onnx", ".json", ".npz"):
        shutil.copy(source.with_suffix(suffix), folder)
    return folder / source.name


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_give_their_golden_output(name):
    assert check(imgen.model(name)) == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_are_small_and_have_a_whole_card(name):
    model = imgen.model(name)
    assert model.path.stat().st_size < 12 * 2**20
    for key in ("task", "terms", "training", "sha256", "commit"):
        assert model.card[key], key
    used = {name for tool in imgen.tools().values() for name in tool.models}
    assert name not in used or model.card["evaluation"]["rows"]  # others are baselines
    assert "not stated" not in model.card["terms"]


PICTURE, HOLE = np.zeros((1, 3, 8, 8), np.float32), np.zeros((1, 1, 8, 8), np.float32)


@pytest.mark.parametrize(
    ("unnamed", "named", "message"),
    [
        ([PICTURE], {}, r"inpaint takes its inputs by name: condition=\.\.\., image=\.\.\.$"),
        ([], {}, "takes the inputs condition, image, got none"),
        ([], {"picture": PICTURE}, "takes the inputs condition, image, got picture"),
        ([], {"image": PICTURE[0], "condition": HOLE}, r"image must have the shape \(1, 3, h, w\), got \(3, 8, 8\)"),
        ([], {"image": PICTURE, "condition": PICTURE}, r"condition must have the shape \(1, 1, h, w\), got \(1, 3, 8"),
        ([], {"image": PICTURE.astype(float), "condition": HOLE}, "image must be a float32 array, got float64"),
        ([], {"image": PICTURE.tolist(), "condition": HOLE}, "image must be a float32 array, got list"),
    ],
)
def test_inputs_that_do_not_fit_are_explained(unnamed, named, message):
    with pytest.raises(ModelError, match=message):
        imgen.model("autoencoder/inpaint")(*unnamed, **named)


def test_a_users_model_takes_the_place_of_the_shipped_one(user_model):
    assert imgen.model("autoencoder/denoise").origin == "user"


def test_models_come_and_go_while_the_process_lives(user_model):
    assert imgen.model("autoencoder/denoise").origin == "user"
    for suffix in (".onnx", ".json"):
        shutil.copy(user_model.with_suffix(suffix), user_model.parent / f"mine{suffix}")
    mine = imgen.model("autoencoder/mine")
    assert (mine.origin, mine.path) == ("user", user_model.parent / "mine.onnx")
    assert imgen.model("autoencoder/mine") is mine  # as long as nothing changes
    mine.path.unlink()
    with pytest.raises(ModelError, match="there is no model 'autoencoder/mine'"):
        imgen.model("autoencoder/mine")
    shutil.rmtree(user_model.parent)
    assert imgen.model("autoencoder/denoise").origin == "autoencoder"
    assert "autoencoder/mine" not in available()


def test_a_changed_card_is_read_again(user_model):
    model = imgen.model("autoencoder/denoise")
    card = model.card
    for task in ("one", "two", "six"):  # of one length, within one tick of the clock
        new = user_model.parent / "new"
        new.write_text(json.dumps(card | {"task": task}))
        new.replace(model.card_file)
        assert (model.about.task, model.card["task"]) == (task, task)


def test_folders_are_read_once_they_have_settled(user_model, monkeypatch):
    long_ago = time.time() - 60
    os.utime(user_model.parent, (long_ago, long_ago))
    read = []
    cards_in = registry.cards_in
    monkeypatch.setattr(registry, "cards_in", lambda folder: read.append(folder) or cards_in(folder))
    for _ in range(3):
        imgen.model("autoencoder/denoise")
    assert read.count(user_model.parent) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="where the system has its folders")
def test_the_users_folder(tmp_path, monkeypatch):
    assert user_folder() == tmp_path / "models"  # $IMGEN_MODELS
    monkeypatch.delenv("IMGEN_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert user_folder() == tmp_path / "data" / "imgen" / "models"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_folder() == tmp_path / ".local" / "share" / "imgen" / "models"


def test_the_folder_of_earlier_versions_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("IMGEN_MODELS")
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME", str(tmp_path / "old"))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "new")
    assert user_folder() == tmp_path / "new" / "models"
    (tmp_path / "old" / "imgen" / "models").mkdir(parents=True)
    assert user_folder() == tmp_path / "old" / "imgen" / "models"
    (tmp_path / "new" / "models").mkdir(parents=True)
    assert user_folder() == tmp_path / "new" / "models"


def test_a_damaged_model_is_refused(user_model, photo):
    data = bytearray(user_model.read_bytes())
    data[len(data) // 2] ^= 1
    user_model.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256"):
        imgen.Pipeline().add("denoise", noise=10, quality="fast")(photo, cache=None)


def test_a_model_without_card_is_explained(user_model):
    user_model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="card"):
        imgen.model("autoencoder/denoise").verify()


def test_an_unknown_model_is_explained():
    with pytest.raises(ModelError, match="did you mean 'autoencoder/denoise'"):
        imgen.model("autoencoder/denois")


def test_sessions_are_reused():
    model = imgen.model("autoencoder/denoise")
    assert sessions.session(model.path, model.checksum, "cpu") is sessions.session(model.path, model.checksum, "cpu")


def test_the_device_that_ran_is_told(photo):
    notes: list[str] = []
    imgen.Pipeline().add("denoise", noise=10, quality="fast")(photo, cache=None, notes=notes, device="cpu")
    assert "autoencoder/denoise ran on CPU (autoencoder)" in notes


def test_a_broken_cuda_is_said_and_never_silent(photo, monkeypatch):
    monkeypatch.setattr(sessions, "cuda_works", lambda: True)
    load = sessions.load

    def broken_cuda(path, device):
        if device == "cuda":
            raise DeviceError("no cuDNN")
        return load(path, device)

    monkeypatch.setattr(sessions, "load", broken_cuda)
    notes: list[str] = []
    edit = imgen.Pipeline().add("denoise", noise=10, quality="fast")
    edit(photo, cache=None, notes=notes)
    assert any("CUDA was found but does not work" in text for text in notes)
    assert "autoencoder/denoise ran on CPU (autoencoder)" in notes
    with pytest.raises(DeviceError, match="cuDNN"):
        edit(photo, cache=None, device="cuda")


def test_cuda_without_cuda_is_an_error(photo, monkeypatch):
    monkeypatch.setattr(sessions, "cuda_works", lambda: False)
    with pytest.raises(DeviceError, match=r"imgen\[cuda\]"):
        imgen.Pipeline().add("denoise", noise=10, quality="fast")(photo, device="cuda")
    assert sessions.choose("auto") == "cpu"


def test_a_card_of_version_0_1_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path))
    folder = tmp_path / "cyclegan"
    folder.mkdir()
    (folder / "old.onnx").touch()
    (folder / "old.json").write_text('{"task": "x", "sha256": "' + "0" * 64 + '", "facts": {"style": "old"}}')
    assert imgen.model("cyclegan/old").card["measured"] == {"style": "old"}
