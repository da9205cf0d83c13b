import json
import os
import signal
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.training import checkpoint
from imgen.training.budget import Budget, learning_rate
from imgen.training.checkpoint import CHECKPOINT
from imgen.training.data import DataError, Pictures
from imgen.training.loop import TrainingError

SMALL = ["widths=[8,8,8]", "blocks=1", "batch=2", "crop=16"]


@pytest.fixture
def folder(cat, tmp_path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    for i in range(3):
        Pillow.fromarray(cat[i * 20 :, i * 9 :]).save(data / f"{i}.png")
    return data


def train(folder: Path, out: Path, steps: int, *settings: str, model: str = "autoencoder/denoise", more=()) -> int:
    return runs.train(model, folder, out, steps, *SMALL, *settings, more=more)


def tensors(run: Path) -> dict[str, object]:
    from safetensors.torch import load_file

    return load_file(run / CHECKPOINT)


def test_a_stopped_run_resumes_to_the_same_state(folder, tmp_path, monkeypatch, capsys):
    assert train(folder, tmp_path / "whole", 6) == 0
    # a stopped run: the budget is known from the start, the work ends after 3 of 6 steps
    from imgen.training.loop import Loop

    step = Loop.step

    def stop_after_three(self):
        step(self)
        if self.progress.step == 3:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Loop, "step", stop_after_three)
    assert train(folder, tmp_path / "parts", 6) == 0
    assert checkpoint.about(tmp_path / "parts" / CHECKPOINT)["step"] == 3
    monkeypatch.setattr(Loop, "step", step)
    assert train(folder, tmp_path / "parts", 6) == 0
    assert "from step 3" in capsys.readouterr().out

    whole, parts = tensors(tmp_path / "whole"), tensors(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


@pytest.mark.parametrize("model", ["denoise", "inpaint"])
def test_train_export_run(folder, tmp_path, cat_file, mask_file, capsys, model):
    assert train(folder, tmp_path / "run", 3, model=f"autoencoder/{model}") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "my own photos"]) == 0
    found = imgen.model(f"autoencoder/{model}")
    assert (found.origin, found.card["terms"]) == ("user", "my own photos")
    assert found.card["training"]["step"] == 3
    step = "denoise:noise=20" if model == "denoise" else f"inpaint:mask={mask_file}"
    assert main(["run", str(cat_file), "-s", step, "-o", str(tmp_path / "out.png")]) == 0
    assert f"autoencoder/{model} ran on CPU (user)" in capsys.readouterr().err


def test_fine_tuning_starts_from_another_runs_weights(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "first", 3) == 0
    assert train(folder, tmp_path / "second", 1, "rate=1e-12", more=["--start", str(tmp_path / "first")]) == 0
    first, second = tensors(tmp_path / "first"), tensors(tmp_path / "second")
    name = next(k for k in first if k.startswith("net/average/") and "weight" in k)
    assert torch.allclose(first[name], second[name], atol=1e-6)
    assert checkpoint.about(tmp_path / "second" / CHECKPOINT)["started_from"]["step"] == 3
    assert train(folder, tmp_path / "third", 1, more=["--start", str(tmp_path / "nowhere")]) == 1
    assert "give another run's folder" in capsys.readouterr().err


def test_training_goes_on_from_an_exported_models_weights(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "first", 3) == 0
    start = ["--start", "autoencoder/mine"]
    assert train(folder, tmp_path / "early", 1, more=start) == 1
    assert "or a model's name" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "first"), "--name", "autoencoder/mine"]) == 0
    assert train(folder, tmp_path / "second", 1, "rate=1e-12", more=start) == 0
    first, second = tensors(tmp_path / "first"), tensors(tmp_path / "second")
    for name in (k for k in first if k.startswith("net/average/") and first[k].is_floating_point()):
        assert torch.allclose(first[name], second[name], rtol=1e-3, atol=1e-4), name
    assert checkpoint.about(tmp_path / "second" / CHECKPOINT)["started_from"]["step"] == 3
    assert train(folder, tmp_path / "third", 1, "blocks=2", more=start) == 1
    assert "take its settings" in capsys.readouterr().err


def test_training_goes_on_from_a_shipped_model_that_has_no_weights_beside_it():
    from imgen_plugins.autoencoder.training import Denoise

    known = checkpoint.from_onnx(imgen.model("autoencoder/denoise").path)
    trainer = Denoise(Denoise.Settings())
    trainer.build()
    card = checkpoint.begin_with(imgen.model("autoencoder/denoise"), trainer.networks)
    assert card["step"] > 1000
    weights = trainer.networks["model"].state_dict()
    assert all(torch.equal(weight, known[name]) for name, weight in weights.items())


def test_weights_of_another_export_are_refused(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "run", 1) == 0
    assert main(["export", str(tmp_path / "run")]) == 0
    card = imgen.model("autoencoder/denoise").path.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | {"sha256": "0" * 64}))
    assert train(folder, tmp_path / "next", 1, more=["--start", "autoencoder/denoise"]) == 1
    assert "another export" in capsys.readouterr().err


def test_the_weights_of_a_model_that_keeps_none_do_not_stay(folder, tmp_path, monkeypatch):
    from imgen_plugins.autoencoder.training import Denoise

    assert train(folder, tmp_path / "run", 1) == 0
    assert main(["export", str(tmp_path / "run")]) == 0
    kept = imgen.model("autoencoder/denoise").path.with_suffix(checkpoint.WEIGHTS)
    assert kept.exists()
    monkeypatch.setattr(Denoise, "keeps_weights", False)
    assert train(folder, tmp_path / "other", 1) == 0
    assert main(["export", str(tmp_path / "other"), "--overwrite"]) == 0
    assert not kept.exists()


def test_other_settings_do_not_resume_a_run(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "run", 1) == 0
    assert train(folder, tmp_path / "run", 2, "rate=1e-3") == 1
    assert "give the same settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["autoencoder/denois", "--steps", "1"], "did you mean 'autoencoder/denoise'"),
        (["autoencoder/denoise"], "--minutes"),
        (["autoencoder/denoise", "--steps", "1", "--set", "batch=0"], "batch"),
        (["autoencoder/denoise", "--steps", "1", "--set", "bach=2"], "bach"),
        (["autoencoder/denoise", "--steps", "1", "--set", "batch"], "NAME=VALUE"),
    ],
)
def test_mistakes_are_explained(folder, tmp_path, capsys, arguments, message):
    assert main(["train", "--no-export", *arguments, "--data", str(folder), "--out", str(tmp_path / "run")]) == 1
    assert message in capsys.readouterr().err


def test_bad_data_is_explained(tmp_path):
    with pytest.raises(DataError, match="not a folder"):
        Pictures([tmp_path / "none"])
    with pytest.raises(DataError, match="no pictures"):
        Pictures([tmp_path])
    (tmp_path / "bad.jpg").write_text("no")
    with pytest.raises(DataError, match=r"bad\.jpg"):
        Pictures([tmp_path])


def test_pictures_are_decoded_once_and_exactly(folder, cat, monkeypatch):
    first = Pictures([folder])
    assert np.array_equal(first[0], cat)
    monkeypatch.setattr("imgen.training.data.decode_all", None)
    again = Pictures([folder])
    assert np.array_equal(again[2], cat[40:, 18:])
    crops = again.crops(np.random.default_rng(0), 5, 300)  # larger than the pictures
    assert crops.shape == (5, 300, 300, 3)


def test_the_learning_rate_warms_up_and_falls_over_the_budget():
    rates = [learning_rate(spent, step=10_000) for spent in (0, 0.5, 1)]
    assert rates == pytest.approx([1, 0.505, 0.01])
    assert learning_rate(0, step=0) == pytest.approx(1 / 200)
    assert learning_rate(0.05, step=3) > 0.99  # a short run is soon warm
    assert Budget(minutes=2).spent(0, 47.5) == 0.5  # of 95 seconds; the rest is for the export
    assert Budget(minutes=2, steps=10).spent(9, 60) == 0.9
    assert Budget(minutes=0.2).spent(0, 9) == 1


def test_an_export_without_a_run_is_explained(tmp_path, capsys):
    assert main(["export", str(tmp_path)]) == 1
    assert "imgen train --out" in capsys.readouterr().err


def test_evaluate_writes_the_card(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "run", 1) == 0
    assert main(["export", str(tmp_path / "run")]) == 0
    assert main(["evaluate", "autoencoder/denoise", "--data", str(folder)]) == 0
    assert "| Gaussian 25 |" in capsys.readouterr().out
    card = json.loads((Path(os.environ["IMGEN_MODELS"]) / "autoencoder" / "denoise.json").read_text())
    assert card["evaluation"]["pictures"] == 3


def test_a_loss_that_is_not_finite_stops_the_run(folder, tmp_path, monkeypatch, capsys):
    from imgen_plugins.autoencoder.training import Denoise

    monkeypatch.setattr(Denoise, "step", lambda self, hardware, dice: {"loss": float("nan")})
    assert train(folder, tmp_path / "run", 60) == 1
    assert "not finite" in capsys.readouterr().err
    assert TrainingError.__mro__[1] is imgen.ImgenError


def test_figures_go_to_the_page_of_the_plugin_however_deep_its_evaluation_is(tmp_path):
    from imgen.training.card import page

    for folder in ("plugin", "plugin/evaluation"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "plugin" / "README.md").touch()
    (tmp_path / "README.md").touch()
    module = types.SimpleNamespace(__file__=str(tmp_path / "plugin" / "evaluation" / "colour.py"))
    assert page(module) == tmp_path / "plugin" / "README.md"
    module.PAGE = tmp_path / "README.md"
    assert page(module) == tmp_path / "README.md"
