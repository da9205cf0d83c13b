import pytest

from imgen.errors import ParameterError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.training import memory
from imgen.training.hardware import Setup
from imgen.training.memory import check_memory, check_weights, load, peak, smaller
from imgen_plugins.autoencoder.training import Denoise, DenoiseSettings

CPU = Setup("cpu", "32", True, 1)


@pytest.fixture
def photos(cat_file):
    return cat_file.parent


def denoiser(photos, **settings):
    trainer = Denoise(DenoiseSettings(widths=(16, 16, 16), blocks=1, **settings))
    trainer.load([photos])
    return trainer


def test_sizes_that_cannot_fit_are_refused_with_an_estimate_and_what_would_fit(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(memory, "available", lambda setup: 4e9)
    assert runs.train("autoencoder/denoise", photos, tmp_path / "run", 1, "crop=8000") == 1
    said = capsys.readouterr().err
    assert "crop=8000" in said
    assert "4.0 GB are free" in said
    assert "would fit" in said
    assert not (tmp_path / "run").exists()


def test_what_is_said_to_fit_does_fit(photos, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda setup: 2e8)
    with pytest.raises(ParameterError, match=r"crop=\d+") as error:
        check_memory(denoiser(photos, crop=4000), CPU, 0)
    size = int(str(error.value).split("crop=")[-1].split()[0])
    check_memory(denoiser(photos, crop=size), CPU, 0)
    assert peak(denoiser(photos, crop=size), CPU) < 2e8
    with pytest.raises(ParameterError):
        check_memory(denoiser(photos, crop=round(size * 1.3) // 8 * 8), CPU, 0)


def test_the_memory_of_a_step_grows_as_the_estimate_supposes(photos):
    large = denoiser(photos, crop=256, batch=4)
    small = denoiser(photos, **smaller(large.settings).model_dump(exclude={"widths", "blocks"}))
    assert (small.settings.crop, small.settings.batch) == (64, 2)
    assert load(large.settings) / load(small.settings) == 32
    assert peak(large, CPU) == pytest.approx(32 * peak(small, CPU), rel=0.2)


def test_networks_that_cannot_fit_are_refused_before_they_are_built(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(memory, "available", lambda setup: 4e9)
    wide = "widths=[4096,4096,4096]"
    assert runs.train("autoencoder/denoise", photos, tmp_path / "run", 1, wide, "blocks=8") == 1
    assert "numbers needs some" in capsys.readouterr().err
    assert check_weights(denoiser(photos), CPU) < 4e6


def test_free_memory_is_within_the_containers_limit():
    assert 1e8 < memory.available(CPU) < 1e14
