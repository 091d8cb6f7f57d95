"""Data sets: the Dataset class, the reader of tables, and the search for a network's own data."""

from .dataset import Dataset
from .loading import load, made
from .options import ReadOptions
from .provenance import recall

__all__ = ["Dataset", "ReadOptions", "load", "made", "recall"]
