"""The machine as its meshes alone say it is: flooded, weighed, followed and read back as a network."""

from .inspected import BucketInspection, Inspection
from .inspection import inspect

__all__ = ["BucketInspection", "Inspection", "inspect"]
