"""The trainers of the U-Net plugin."""

from __future__ import annotations

from .colorize import Colorize
from .pix2pix import Pix2Pix
from .segment import Segment
from .subject import SubjectTrainer

TRAINERS = [Segment, SubjectTrainer, Colorize, Pix2Pix]
