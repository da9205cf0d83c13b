"""Faces and digits from nothing, sums of faces, and faces completed."""

from .completion import complete_face
from .digits import draw_digit
from .faces import add_to_face, face_arithmetic, generate_faces, interpolate_faces

TOOLS = [generate_faces, interpolate_faces, face_arithmetic, add_to_face, complete_face, draw_digit]
