"""What the plugin offers: colours, selections, and pictures by models of a user's own. Needs no torch."""

from .colour import colorize as colorize
from .pictures import image_to_image as image_to_image
from .selection import segment as segment
from .selection import select_subject as select_subject
