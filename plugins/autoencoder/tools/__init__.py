"""What the plugin offers: finding damage, denoising, inpainting, enlarging. Needs no torch."""

from .damage import select_damage as select_damage
from .denoising import denoise as denoise
from .inpainting import inpaint as inpaint
from .upscaling import upscale as upscale
