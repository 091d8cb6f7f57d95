"""Data sets: the noun, the reader of people's tables, and where a network's data are found again."""

from .dataset import Dataset
from .loading import load, made
from .options import ReadOptions
from .provenance import recall

__all__ = ["Dataset", "ReadOptions", "load", "made", "recall"]
