"""The trainers of the autoencoder plugin."""

from __future__ import annotations

from .damage import Damage as Damage
from .restoring import Denoise as Denoise
from .restoring import DenoiseBest as DenoiseBest
from .restoring import DenoiseSettings as DenoiseSettings
from .restoring import Inpaint as Inpaint
from .upscale import Upscale as Upscale

TRAINERS = [Denoise, DenoiseBest, Inpaint, Upscale, Damage]
