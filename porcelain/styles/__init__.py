"""Styles: one folder for each shape of machine, and the rules and requirements that all of them share.

A style becomes known when its folder is imported here.
"""

from . import terrace, tower  # each registers its style
from .base import STYLES, FloorPlan, Style, View, register, style, style_of

__all__ = ["STYLES", "FloorPlan", "Style", "View", "register", "style", "style_of", "terrace", "tower"]
