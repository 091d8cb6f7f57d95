"""Check a machine: what each step from data to mesh loses, and what its meshes really hold."""

from .agreement import Agreement, Criterion, report
from .html_report import write_report
from .inspection import Inspection, inspect
from .markdown_report import report_markdown
from .measurement import measure
from .mesh.readers import placed, read_parts, reread
from .superposition import superposition_error
from .text_report import inspection_text, report_text

__all__ = [
    "Agreement",
    "Criterion",
    "Inspection",
    "inspect",
    "inspection_text",
    "measure",
    "placed",
    "read_parts",
    "report",
    "report_markdown",
    "report_text",
    "reread",
    "superposition_error",
    "write_report",
]
