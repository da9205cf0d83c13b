import pytest

import imgen
from imgen.cli.steps import parse_step
from imgen.contract.texts import converted
from imgen.contract.tool import tool_from
from imgen.errors import ParameterError


def test_steps_are_parsed():
    assert parse_step("tool") == ("tool", {})
    assert parse_step("tool:") == ("tool", {})
    assert parse_step("tool:a=1,b=none,c=[1,2]") == ("tool", {"a": "1", "b": "none", "c": "[1,2]"})
    assert parse_step("tool: a = 1, b=x y") == ("tool", {"a": "1", "b": "x y"})
    with pytest.raises(ParameterError, match="NAME=VALUE"):
        parse_step("tool:a")
    with pytest.raises(ParameterError, match="twice"):
        parse_step("tool:a=1,a=2")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"a, b [1].jpg"', "a, b [1].jpg"),
        ("'a, b [1].jpg'", "a, b [1].jpg"),
        (r'"a \"b\", c.jpg"', 'a "b", c.jpg'),
        (r"'C:\new\a,b.jpg'", r"C:\new\a,b.jpg"),
        (r'"C:\photos\a,b.jpg"', r"C:\photos\a,b.jpg"),  # no JSON, and still clear
        ("a (1,2).jpg", "a (1,2).jpg"),
        ("a[1.jpg", "a[1.jpg"),
        ("a).jpg", "a).jpg"),
        ("[1] a.jpg", "[1] a.jpg"),
        ("'tis.jpg", "'tis.jpg"),
        ('say "hi".jpg', 'say "hi".jpg'),
        ("a=b.jpg", "a=b.jpg"),
        ('[[0.3,0.5,"a],b"]]', '[[0.3,0.5,"a],b"]]'),
        ("", ""),
    ],
)
def test_values_with_commas_brackets_and_quotes(written, meant):
    assert parse_step(f"tool:other={written}") == ("tool", {"other": meant})
    assert parse_step(f"tool:first=1,other={written},last=2") == ("tool", {"first": "1", "other": meant, "last": "2"})


def test_a_comma_in_a_name_is_explained():
    with pytest.raises(ParameterError, match="a value with commas in quotes: blur:NAME='a, b'"):
        parse_step("blur:mask=a, b.png")


def test_places_are_written_as_json():
    def mark(image: imgen.Image, *, hints: imgen.Dots = [], box: imgen.Box | None = None) -> imgen.Image:  # noqa: B006
        """Nothing."""
        return image

    tool = tool_from(mark)
    _, texts = parse_step('mark:hints=[[0.3,0.5,"#c02020"],[0,1,"#00ff00"]],box=none')
    assert tool.check(converted(tool, texts)) == {"hints": [(0.3, 0.5, "#c02020"), (0, 1, "#00ff00")], "box": None}
    with pytest.raises(ParameterError, match="write box as JSON"):
        converted(tool, {"box": "0.1;0.2"})
