"""Generator, critic and encoder, and what is exported of the first two: they with the gradients of a search."""

from .gan import Critic, Encoder, Generator, Norm, Upsampling, base_of
from .gradient import Searchable

__all__ = ["Critic", "Encoder", "Generator", "Norm", "Searchable", "Upsampling", "base_of"]
