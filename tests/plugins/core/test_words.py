from importlib.resources import files

import numpy as np
import pytest

import imgen
from imgen.errors import ParameterError
from imgen_plugins.core.tools.words import LETTERS

text = imgen.tools()["text"]
GREY = np.full((200, 300, 3), 0.5, np.float32)


def test_words_stand_where_they_are_asked_for_and_nowhere_else():
    result = text(GREY, words="Wort", x=0.25, y=0.25, size=0.15)
    rows, columns = np.nonzero((result != GREY).any(2))
    assert (rows.min() + rows.max()) / 2 == pytest.approx(50, abs=8)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(75, abs=4)
    assert result.max() > 0.99
    assert result.min() < 0.25  # the rim
    assert text(GREY, words="Wort", outline=False).min() == 0.5
    faint = text(GREY, words="Wort", outline=False, opacity=0.5)
    assert faint.max() == pytest.approx(0.75, abs=0.01)


def test_letters_of_many_languages_and_of_ones_own():
    drawn = [text(GREY, words=words) for words in ("ñ", "Ж", "Ω", "ế")]
    assert len({picture.tobytes() for picture in drawn}) == 4
    with pytest.raises(ParameterError, match="no 漢; give a font=FILE"):
        text(GREY, words="a 漢")
    with pytest.raises(ParameterError, match="no TrueType or OpenType"):
        text(GREY, words="a", font=b"no font")
    thin = files("font_source_sans_pro").joinpath(LETTERS.replace("Semibold", "Light")).read_bytes()
    assert not np.array_equal(text(GREY, words="a", font=thin), text(GREY, words="a"))
