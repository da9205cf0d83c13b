"""What measures the models of this plugin for their cards; needs torch."""

from . import closeup, codes, faces

EVALUATIONS = faces.EVALUATIONS | codes.EVALUATIONS | closeup.EVALUATIONS
