"""What the plugin offers: denoising and inpainting. Needs no torch."""

from .denoising import denoise as denoise
from .inpainting import inpaint as inpaint
