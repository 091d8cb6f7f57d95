"""The machine as its meshes alone say it is: flooded, weighed, followed and read back as a network."""

from .findings import inspection_text
from .reading import Inspection, inspect

__all__ = ["Inspection", "inspect", "inspection_text"]
