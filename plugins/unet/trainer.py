"""The trainers of the U-Net plugin."""

from __future__ import annotations

from .colorize_trainer import Colorize
from .pix2pix_trainer import Pix2Pix
from .segment_trainer import Segment
from .subject_trainer import SubjectTrainer

TRAINERS = [Segment, SubjectTrainer, Colorize, Pix2Pix]
