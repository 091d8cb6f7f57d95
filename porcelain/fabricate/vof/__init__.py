"""One outlet of a machine as a free-surface case for OpenFOAM's interFoam: the referee of the laws of hydraulics.

Writing a case needs no OpenFOAM; ``scripts/vof`` runs one and reads it.
"""

from .case import of_design, settings_of, write_case, write_outlet
from .setup import VofOptions

__all__ = ["VofOptions", "of_design", "settings_of", "write_case", "write_outlet"]
