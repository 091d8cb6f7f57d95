"""Design -> Parts -> files: the machine as closed meshes, as STL and 3MF."""

from .fabricate import fabricate, write

__all__ = ["fabricate", "write"]
