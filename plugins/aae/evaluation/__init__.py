"""What measures the models of this plugin for their cards; needs torch."""

from . import codes, faces

EVALUATIONS = codes.EVALUATIONS | faces.EVALUATIONS
