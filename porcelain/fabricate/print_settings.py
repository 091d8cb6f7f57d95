"""What a slicer must know to print a machine: layers, walls, filament and bed, by PrusaSlicer's names."""

from __future__ import annotations

from ..machine.design import Design
from ..printer import Printer


def metadata(design: Design) -> dict[str, str]:
    """What a 3MF says about itself, in the words of its specification."""
    text = f"PeLU network {design.network.name}, {design.ml_per_unit:g} mL per unit, for {design.printer.name}"
    return {
        "Description": f"{text}; {'; '.join(f'{k} {v}' for k, v in settings(design.printer).items())}",
        "LicenseTerms": "MIT",
    }


def settings(printer: Printer) -> dict[str, str]:
    """How to slice, by PrusaSlicer's names: four lines make a wall that holds water, and nothing needs support.

    Temperatures are PLA's. What a 3MF does not say a slicer takes as 0, and 0 is no bed that a print sticks to.
    """
    outline, tall = printer.bed_outline_mm, printer.bed_mm[2]
    layer, hot, bed = f"{printer.layer_mm:g}", "210", "60"
    return {
        "layer_height": layer,
        "first_layer_height": layer,
        "nozzle_diameter": f"{printer.nozzle_mm:g}",
        "extrusion_width": f"{1.125 * printer.nozzle_mm:g}",
        "perimeters": "4",
        "fill_density": "15%",
        "support_material": "0",
        "skirts": "0",
        "filament_type": "PLA",
        "filament_diameter": "1.75",
        "filament_density": "1.24",
        "temperature": hot,
        "first_layer_temperature": hot,
        "bed_temperature": bed,
        "first_layer_bed_temperature": bed,
        "bed_shape": ",".join(f"{x:g}x{y:g}" for x, y in outline),
        "max_print_height": f"{tall:g}",
    }
