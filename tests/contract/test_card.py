import json
from pathlib import Path

import pytest
from pydantic import ValidationError

import imgen
from imgen.contract.card import Card, problem, safe_address
from imgen.engine.plugins import available
from imgen.errors import ModelError
from imgen.inference.registry import user_folder

LEAST = {"task": "make it glow", "sha256": "a" * 64}
URL = {"url": "https://example.org/glow.onnx", "bytes": 12, "licence": "MIT"}


def wrong(**changes: object) -> str:
    """What is said of a card with those changes; a field that is None is left out."""
    fields = {name: value for name, value in (LEAST | changes).items() if value is not None}
    with pytest.raises(ValidationError) as caught:
        Card.model_validate(fields)
    return problem(caught.value)


@pytest.mark.parametrize("name", sorted(available()))
def test_shipped_cards_say_what_they_must(name):
    model = imgen.model(name)
    about = model.about
    assert (about.name, about.model_extra, about.bytes) == (name, {}, model.path.stat().st_size)
    assert about.sha256 == model.card["sha256"] == model.checksum
    assert about.training is not None
    assert about.training.model_extra == {}
    assert about.evaluation is not None


def test_a_strangers_card_needs_two_fields():
    card = Card.model_validate(LEAST | {"mood": "sunny"})
    assert (card.terms, card.multiple, card.halo, card.training, card.bits) == ("not stated", 1, None, None, 16)
    assert card.model_extra == {"mood": "sunny"}  # fields of others are kept


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": None}, "the field 'sha256' is missing (SHA-256 of the ONNX file"),
        ({"task": None}, "the field 'task' is missing (what the network does, in a few words)"),
        ({"task": ""}, "the field 'task' should have at least 1 character (got '')"),
        ({"sha256": "A" * 64}, "the field 'sha256' should match pattern '^[0-9a-f]{64}$'"),
        ({"multiple": "8"}, "the field 'multiple' should be a valid integer (got '8')"),
        ({"multiple": 0}, "the field 'multiple' should be greater than or equal to 1 (got 0)"),
        ({"bits": 7}, "the field 'bits' should be 8, 16 or 32 (got 7)"),
        ({"mutliple": 8}, "it has a field 'mutliple'; did you mean 'multiple'?"),
        ({"training": {"settings": 3}}, "the field 'training.settings' should be a valid dictionary (got 3)"),
        ({"evaluation": {"pictures": 2}}, "the field 'evaluation.unit' is missing"),
        ({"training": {"setings": {}}}, "it has a field 'setings'; did you mean 'settings'?"),
        (URL | {"licence": None}, "a model at a url needs the field 'licence'"),
        (URL | {"bytes": None}, "a model at a url needs the field 'bytes'"),
        (URL | {"url": "http://example.org/a.onnx"}, "the field 'url' should begin with https://"),
        (URL | {"url": "file:///etc/passwd"}, "the field 'url' should begin with https://"),
        (URL | {"url": "https://me:secret@example.org/"}, "the field 'url' should hold no name and password"),
        (URL | {"url": "http://[::1/"}, "the field 'url' should be an address"),
    ],
)
def test_what_is_wrong_is_one_sentence(changes, message):
    said = wrong(**changes)
    assert message in said
    assert "\n" not in said


@pytest.mark.parametrize("url", ["https://a.example/x", "http://localhost:8/x", "http://127.1.2.3/x", "http://[::1]/x"])
def test_addresses_that_nobody_can_change_on_the_way(url):
    assert safe_address(url) == url


@pytest.mark.parametrize("url", ["http://localhost.example.org/", "http://127.0.0.1.nip.io/", "http://10.0.0.1/", ""])
def test_others_are_refused(url):
    with pytest.raises(ValueError, match="should begin with"):
        safe_address(url)


def test_a_models_wrong_card_names_file_field_and_remedy():
    folder = user_folder() / "shiny"
    folder.mkdir(parents=True)
    (folder / "glow.onnx").write_bytes(b"")
    for text, message in (
        (json.dumps(LEAST | {"multiple": 0}), "the field 'multiple' should be"),
        ("[]", "it is no JSON object"),
        ("{", "Expecting property name"),
    ):
        (folder / "glow.json").write_text(text)
        with pytest.raises(ModelError, match=message) as caught:
            _ = imgen.model("shiny/glow").card
        assert str(folder / "glow.json") in str(caught.value)
        assert "mend it" in str(caught.value)


def test_the_documentation_lists_every_field():
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    for name, field in Card.model_fields.items():
        assert f"| `{name}` |" in page
        assert str(field.description) in page
