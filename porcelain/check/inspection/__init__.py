"""The machine as its meshes alone say it is: flooded, weighed, followed and read back as a network."""

from .findings import inspection_text
from .inspected import Inspection
from .inspection import inspect

__all__ = ["Inspection", "inspect", "inspection_text"]
