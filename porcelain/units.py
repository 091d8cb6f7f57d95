"""Conversions and physical constants. porcelain counts in mm, mL and s; a network counts volumes in its own unit, u."""

MM3_PER_ML = 1000.0

STANDARD_GRAVITY_MM_S2 = 9806.65
"""Standard gravity, CGPM 1901 (exact by definition)."""

WATER_DENSITY_KG_M3 = 998.2
"""Water at 20 C and 1 atm; Kell, J. Chem. Eng. Data 20 (1975) 97."""

WATER_KINEMATIC_VISCOSITY_MM2_S = 1.0034
"""Water at 20 C; IAPWS 2008 formulation."""
