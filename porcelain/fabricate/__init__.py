"""Design -> Parts -> files: the machine as closed meshes, as STL and 3MF."""

from typing import TYPE_CHECKING

from ..lazy import lazily

if TYPE_CHECKING:
    from .maker import parts, write
    from .options import FabricateOptions

__all__ = ["FabricateOptions", "parts", "write"]

__getattr__ = lazily(__name__, {"FabricateOptions": "options", "parts": "maker", "write": "maker"})
