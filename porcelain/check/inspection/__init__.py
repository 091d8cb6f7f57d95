"""Inspect a machine from its meshes alone: measure volumes and channels, and read its network back."""

from .inspected import BucketInspection, Inspection
from .inspection import inspect

__all__ = ["BucketInspection", "Inspection", "inspect"]
