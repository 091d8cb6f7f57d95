"""Shapes that know no machine: channel sections, a stroke font, SVG drawings, and solids by the geometry kernel."""
