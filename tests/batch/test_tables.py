"""Columns of a table as parameters of the pipeline's steps."""

from __future__ import annotations

import imgen
from imgen.batch.tables import Columns


def test_a_rows_values_change_parameters_and_nothing_else_of_a_step():
    left = imgen.Pipeline().add("select_rectangle", width=0.5)
    edit = imgen.Pipeline().add("saturation", amount=1).blend(mask=left, opacity=0.5).add("contrast")
    made = Columns(edit).pipeline({"saturation.amount": "0.25", "note": "any"})
    assert made.steps[0].parameters == {"amount": 0.25}
    assert (made.steps[0].opacity, made.steps[0].mask) == (0.5, edit.steps[0].mask)
    assert made.steps[1] == edit.steps[1]
