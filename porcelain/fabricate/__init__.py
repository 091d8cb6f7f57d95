"""Design -> Parts -> files: the parts of a machine as closed meshes, written as STL, 3MF and other formats."""

from typing import TYPE_CHECKING

from ..lazy import lazily

if TYPE_CHECKING:
    from .formats import FORMATS, Fabricated, Format, register
    from .maker import parts, write
    from .options import FabricateOptions

__all__ = ["FORMATS", "FabricateOptions", "Fabricated", "Format", "parts", "register", "write"]

__getattr__ = lazily(
    __name__,
    {"FORMATS": "formats", "Fabricated": "formats", "FabricateOptions": "options", "Format": "formats"}
    | {"parts": "maker", "register": "formats", "write": "maker"},
)
