import sys
import types
from importlib.metadata import EntryPoint, entry_points

import pytest

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.engine.plugins import GROUP, Plugins, installed
from imgen.training.hardware import Setup
from imgen.training.memory import SMALL, check_weights, smaller
from imgen.training.trainer import Trainer

TRAINERS = installed().trainers()[0]


def test_the_list_tells_data_and_terms_of_each(capsys):
    assert main(["trainers"]) == 0
    said = capsys.readouterr().out
    for kind in TRAINERS:
        assert f"{kind.name}\n  task   {kind.task}\n  data   {kind.layout}\n  terms  {kind.terms}\n" in said


def test_a_plugin_that_fails_to_tell_its_trainers_hides_no_others(monkeypatch, capsys):
    def broken():
        raise RuntimeError("no such thing")

    module = types.ModuleType("strange_trainers")
    module.imgen_trainers = imgen.hookimpl(broken, specname="imgen_trainers")
    point = EntryPoint("strange", "strange_trainers", GROUP)
    monkeypatch.setitem(sys.modules, "strange_trainers", module)
    plugins = Plugins([*entry_points(group=GROUP), point])
    monkeypatch.setattr("imgen.cli.trainers.installed", lambda: plugins)
    assert main(["trainers"]) == 1
    said = capsys.readouterr().out
    assert "strange: ERROR: RuntimeError: no such thing" in said
    assert "autoencoder/denoise" in said


@pytest.mark.parametrize("kind", TRAINERS, ids=lambda kind: kind.name)
def test_a_trainer_says_what_it_takes(kind):
    assert kind.layout != Trainer.layout
    assert all(field.description for field in kind.Settings.model_fields.values())
    trainer = kind(kind.Settings())
    assert check_weights(trainer, Setup("cpu", "32", True, 1)) > 0  # it can be built without memory and without data
    small = smaller(trainer.settings)
    assert kind.Settings.model_validate(small.model_dump()) == small
    numbers = {name for name, value in trainer.settings if isinstance(value, int)}  # a crop may be a word
    assert {"batch", "crop", "size"} & numbers <= set(kind.Settings.grows)
    assert set(kind.Settings.grows.values()) <= set(SMALL)


def test_help_shows_a_models_settings_with_default_range_and_meaning(capsys):
    with pytest.raises(SystemExit) as left:
        main(["train", "autoencoder/denoise", "--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert "--minutes" in said
    assert "  widths=[32,48,96]\n        Channels at 1/2, 1/4 and 1/8 of the size (3 of [whole number from" in said
    assert "  crop=80\n        Side of a crop in pixels (a whole number of at least 16, a multiple of 8)" in said


def test_help_of_a_model_that_is_not_there_is_explained(capsys):
    assert main(["train", "autoencoder/denois", "--help"]) == 1
    assert "did you mean 'autoencoder/denoise'" in capsys.readouterr().err
