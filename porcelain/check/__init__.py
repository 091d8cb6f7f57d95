"""Nouns against promises: the chain of losses, superposition, and what the meshes really are."""

from .agreement import Agreement, agreement
from .inspection import Inspection, inspect, inspection_text
from .markdown_report import as_card
from .measurement import measure
from .mesh.readers import placed, read_parts, reread
from .report import as_text, write_report
from .superposition import superposition

__all__ = [
    "Agreement",
    "Inspection",
    "agreement",
    "as_card",
    "as_text",
    "inspect",
    "inspection_text",
    "measure",
    "placed",
    "read_parts",
    "reread",
    "superposition",
    "write_report",
]
