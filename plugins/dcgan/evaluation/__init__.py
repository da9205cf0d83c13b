"""What measures the models of this plugin for their cards; needs torch."""

from . import digits, faces, photos

EVALUATIONS = faces.EVALUATIONS | digits.EVALUATIONS | photos.EVALUATIONS
