"""Design -> Parts -> files: the machine as closed meshes, as STL and 3MF."""

from typing import TYPE_CHECKING

from ..lazy import lazy

if TYPE_CHECKING:
    from .maker import parts, write
    from .options import FabricateOptions

__all__ = ["FabricateOptions", "parts", "write"]

__getattr__ = lazy(__name__, {"FabricateOptions": "options", "parts": "maker", "write": "maker"})
