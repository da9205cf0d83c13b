import shutil

import numpy as np
import pytest

import imgen
from imgen.cli.doctor import check
from imgen.engine.plugins import available
from imgen.errors import DeviceError, ModelError
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


def test_a_users_model_takes_the_place_of_the_shipped_one(user_model):
    assert imgen.model("autoencoder/denoise").origin == "user"


def test_a_damaged_model_is_refused(user_model, photo):
    data = bytearray(user_model.read_bytes())
    data[len(data) // 2] ^= 1
    user_model.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256"):
        imgen.Pipeline().add("denoise", noise=10)(photo, cache=None)


def test_a_model_without_card_is_explained(user_model):
    user_model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="card"):
        imgen.model("autoencoder/denoise").verify()


def test_an_unknown_model_is_explained():
    with pytest.raises(ModelError, match="did you mean 'autoencoder/denoise'"):
        imgen.model("autoencoder/denois")


def test_wrong_inputs_are_explained():
    with pytest.raises(ModelError, match="condition, image"):
        imgen.model("autoencoder/denoise")(picture=np.zeros((1, 3, 8, 8), np.float32))


def test_sessions_are_reused():
    model = imgen.model("autoencoder/denoise")
    assert sessions.session(model.path, model.checksum, "cpu") is sessions.session(model.path, model.checksum, "cpu")


def test_the_device_that_ran_is_told(photo):
    notes: list[str] = []
    imgen.Pipeline().add("denoise", noise=10)(photo, cache=None, notes=notes, device="cpu")
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
    edit = imgen.Pipeline().add("denoise", noise=10)
    edit(photo, cache=None, notes=notes)
    assert any("CUDA was found but does not work" in text for text in notes)
    assert "autoencoder/denoise ran on CPU (autoencoder)" in notes
    with pytest.raises(DeviceError, match="cuDNN"):
        edit(photo, cache=None, device="cuda")


def test_cuda_without_cuda_is_an_error(photo, monkeypatch):
    monkeypatch.setattr(sessions, "cuda_works", lambda: False)
    with pytest.raises(DeviceError, match=r"imgen\[cuda\]"):
        imgen.Pipeline().add("denoise", noise=10)(photo, device="cuda")
    assert sessions.choose("auto") == "cpu"
