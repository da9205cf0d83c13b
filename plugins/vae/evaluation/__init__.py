"""What measures the models of this plugin for their cards; needs torch."""

from . import closeup, closeup_edits, codes, faces

EVALUATIONS = faces.EVALUATIONS | codes.EVALUATIONS | closeup.EVALUATIONS | closeup_edits.EVALUATIONS
