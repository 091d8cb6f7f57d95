"""Design -> Parts -> files: the machine as closed meshes, as STL and 3MF."""

from .maker import parts, write

__all__ = ["parts", "write"]
