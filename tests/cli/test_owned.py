import os
from pathlib import Path

import pytest

from imgen.cli.owned import check_card, check_model, check_run_folder
from imgen.errors import ParameterError


def model(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".onnx", ".json", ".npz"):
        path.with_suffix(suffix).write_text("model")
    return path


def test_a_run_does_not_take_the_place_of_anything(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    check_run_folder(out, [data])
    (tmp_path / "link").symlink_to(data)
    with pytest.raises(ParameterError, match="is the folder of the data"):
        check_run_folder(tmp_path / "link", [data])
    out.mkdir()
    (out / "report.html").write_text("mine")
    with pytest.raises(ParameterError, match=r"holds report\.html, which no run wrote"):
        check_run_folder(out, [data])
    (out / "figures.jsonl").touch()  # a run's folder: it goes on
    check_run_folder(out, [data])
    with pytest.raises(ParameterError, match="is a file"):
        check_run_folder(out / "report.html", [data])
    assert capsys.readouterr().err == ""
    check_run_folder(data / "run", [data])
    assert "its sheets may be taken for data" in capsys.readouterr().err


def test_a_model_is_not_replaced_in_silence(tmp_path):
    made, target = model(tmp_path / "run" / "m.onnx"), tmp_path / "models" / "plugin" / "m.onnx"
    check_model(made, target, overwrite=False)
    model(target)
    with pytest.raises(ParameterError, match="--overwrite replaces that model, --name PLUGIN/MODEL keeps both"):
        check_model(made, target, overwrite=False)
    check_model(made, target, overwrite=True)
    target.chmod(0o444)
    with pytest.raises(ParameterError, match="is read-only"):
        check_model(made, target, overwrite=True)
    target.unlink()
    os.link(made, target)
    with pytest.raises(ParameterError, match="which is read"):
        check_model(made, target, overwrite=True)


def test_a_card_that_cannot_be_written_is_told_before_the_measuring(tmp_path):
    path = model(tmp_path / "m.onnx")
    check_card(path)
    path.with_suffix(".json").chmod(0o444)
    with pytest.raises(ParameterError, match="which is read-only"):
        check_card(path)
