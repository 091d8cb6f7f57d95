"""The layouts of the styles that porcelain has. Importing this module makes them known to files."""

from .layout import LAYOUTS, Layout, Lettered
from .terrace_layout import Divider, Terrace
from .tower_layout import SEAT_RIM_MM, Tower

__all__ = ["LAYOUTS", "SEAT_RIM_MM", "Divider", "Layout", "Lettered", "Terrace", "Tower"]
