"""The physical heat exchanger: two touching pipes, hot water in one, cold in the other, and the heat that crosses.

For each pipe, with A the bore's area, c the heat capacity per volume and C = flow * c:

    A c dT/dt + C dT/dx = g (T_other - T) + l (T_room - T)

per length, x along the hot pipe; in counterflow the cold water runs towards smaller x. Water moves as a plug and
heat does not creep along the pipe: mixing and conduction along it are left out.

The transient is a finite-volume scheme: face values by Koren's third-order limited upwind formula (in Notes on
Numerical Fluid Mechanics 45, 1993, p. 117), which makes no new maxima, and time by the three-stage Runge-Kutta
scheme of Shu and Osher (J. Comput. Phys. 77, 1988, 439). What leaves one cell enters the next, so heat is conserved
to rounding. The steady state is exact: two linear equations and a matrix exponential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from ..units import MM3_PER_ML, WATER_DENSITY_KG_M3
from .options import ThermalOptions

WATER_HEAT_J_ML_K = 4.184 * WATER_DENSITY_KG_M3 / 1000.0
"""Water at 20 C and 1 atm: 4.184 J/(g K), CRC Handbook of Chemistry and Physics, table of the properties of water."""

COURANT = 0.5  # of a cell per step: the limited scheme makes no new maxima up to here
SETTLED = 1e-10  # change per transit, of the largest difference: past this the state is as exact as its cells
PATIENCE = 60.0  # transits times (1 + NTU) after which water that is still changing is reported
LOOKS_PER_TRANSIT = 20
MOST_WORK = 2e10  # cells times steps: a minute or so
MOST_KEPT = 5e7  # temperatures of each pipe


@dataclass(frozen=True)
class Stream:
    """Water through one pipe: inlet temperature, flow, the bore's area and the heat capacity per volume."""

    inlet_c: float
    flow_ml_s: float
    area_mm2: float = ThermalOptions.area
    heat_j_ml_k: float = WATER_HEAT_J_ML_K

    def __post_init__(self) -> None:
        _finite("inlet_c", self.inlet_c)
        for what in ("flow_ml_s", "area_mm2", "heat_j_ml_k"):
            _positive(what, getattr(self, what))

    @property
    def capacity_w_k(self) -> float:
        """C: what the stream carries per kelvin."""
        return self.flow_ml_s * self.heat_j_ml_k

    @property
    def speed_mm_s(self) -> float:
        return self.flow_ml_s * MM3_PER_ML / self.area_mm2


@dataclass(frozen=True)
class HeatExchanger:
    """Two streams that touch over ``length_mm``; each loses heat to the room, too, if ``loss_w_m_k`` is not 0."""

    hot: Stream
    cold: Stream
    length_mm: float = ThermalOptions.length
    conductance_w_m_k: float = ThermalOptions.conductance
    counterflow: bool = not ThermalOptions.parallel
    loss_w_m_k: float = ThermalOptions.loss
    room_c: float = ThermalOptions.room

    def __post_init__(self) -> None:
        _positive("length_mm", self.length_mm)
        _finite("room_c", self.room_c)
        for what in ("conductance_w_m_k", "loss_w_m_k"):
            _finite(what, getattr(self, what))
            if getattr(self, what) < 0:
                raise PorcelainError(f"{what} is {getattr(self, what)}; heat flows from hot to cold: 0 or more")

    @property
    def ntu(self) -> float:
        """Number of transfer units: conductance of the whole wall over the smaller stream's capacity."""
        return self.conductance_w_m_k * self.length_mm / 1000.0 / self._capacities[0]

    @property
    def effectiveness(self) -> float:
        """Heat exchanged over the most that could be, without loss: the closed form of Kays and London (1955)."""
        smaller, larger = self._capacities
        ratio, n = smaller / larger, self.ntu
        if not self.counterflow:
            return float(-np.expm1(-n * (1.0 + ratio)) / (1.0 + ratio))
        if n * (1.0 - ratio) < 1e-9:  # the general form is 0 / 0 at equal streams
            return n / (1.0 + n)
        return float(-np.expm1(-n * (1.0 - ratio)) / (1.0 - ratio * np.exp(-n * (1.0 - ratio))))

    @property
    def transit_s(self) -> float:
        """How long the slower stream takes to pass."""
        return self.length_mm / min(self.hot.speed_mm_s, self.cold.speed_mm_s)

    @property
    def _capacities(self) -> tuple[float, float]:
        low, high = sorted((self.hot.capacity_w_k, self.cold.capacity_w_k))
        return low, high

    def steady(self, x_mm: Floats) -> tuple[Floats, Floats]:
        """Temperatures (n,) of the hot and the cold pipe at x_mm (n,) from the hot inlet, once nothing changes."""
        from scipy.linalg import expm

        direction = -1.0 if self.counterflow else 1.0
        g, loss = self.conductance_w_m_k / 1000.0, self.loss_w_m_k / 1000.0
        hot, cold = self.hot.capacity_w_k, direction * self.cold.capacity_w_k
        # d/dx (hot, cold, 1) is this times (hot, cold, 1), temperatures counted from the room's
        slope = np.array([[-(g + loss) / hot, g / hot], [g / cold, -(g + loss) / cold]])
        start = np.array([self.hot.inlet_c, self.cold.inlet_c]) - self.room_c
        if self.counterflow:  # the cold inlet is at the far end: what leaves at x = 0 is still to be found
            across = expm(slope * self.length_mm)
            start[1] = (start[1] - across[1, 0] * start[0]) / across[1, 1]
        along = np.array([expm(slope * x) @ start for x in np.asarray(x_mm, dtype=float)])
        return along[:, 0] + self.room_c, along[:, 1] + self.room_c


@dataclass(frozen=True, eq=False)
class WarmUp:
    """What the two pipes did over time; both began at the room's temperature.

    Attributes
    ----------
    x_mm : (cells,) middles of the cells, from the hot inlet
    times_s : (T,)
    hot_c, cold_c : (T, cells) mean temperature of every cell
    hot_out_c, cold_out_c : (T,) what leaves
    balance_j : heat in less heat out, lost and stored over the whole run: rounding, if all is right
    moved_j : heat that entered and left by the streams, the scale of ``balance_j``
    """

    exchanger: HeatExchanger
    x_mm: Floats
    times_s: Floats
    hot_c: Floats
    cold_c: Floats
    hot_out_c: Floats
    cold_out_c: Floats
    balance_j: float
    moved_j: float
    status: str = "settled"
    message: str = ""

    @property
    def effectiveness(self) -> float:
        """Heat the hot water gave up at the end over the most it could."""
        e = self.exchanger
        most = min(e.hot.capacity_w_k, e.cold.capacity_w_k) * (e.hot.inlet_c - e.cold.inlet_c)
        return float(e.hot.capacity_w_k * (e.hot.inlet_c - self.hot_out_c[-1]) / most)


def warm_up(
    exchanger: HeatExchanger,
    cells: int = ThermalOptions.cells,
    frames: int = 400,
    end_s: float | None = None,
    progress: Callable[[float], object] | None = None,
) -> WarmUp:
    """Open both taps at once on pipes at the room's temperature and follow them, until ``end_s`` or until they settle.

    ``frames`` moments are kept, evenly in time. ``progress`` is called with seconds of the run. A run that is still
    changing at its end has the status "changing", with advice.
    """
    if cells < 4 or frames < 2:
        raise PorcelainError(f"{cells} cells and {frames} frames; at least 4 cells and 2 frames are needed")
    if end_s is not None:
        _positive("end_s", end_s)
    from .advection import advance, outlets

    e = exchanger
    dx = e.length_mm / cells
    rate = np.array([e.conductance_w_m_k, e.loss_w_m_k]) / 1000.0  # W / (mm K)
    speeds = np.array([e.hot.speed_mm_s, e.cold.speed_mm_s])
    stored = np.array([s.area_mm2 * s.heat_j_ml_k / MM3_PER_ML for s in (e.hot, e.cold)])  # J / (mm K)
    dt = 1.0 / (speeds.max() / (COURANT * dx) + rate.sum() / stored.min())
    inlets = np.array([e.hot.inlet_c, e.cold.inlet_c]) - e.room_c
    scale = max(abs(inlets[0] - inlets[1]), np.abs(inlets).max())
    state, moved = np.zeros((2, cells)), np.zeros(3)  # each pipe in the order of its own flow, K above the room
    times, looks, leaving = [0.0], [state.copy()], [np.zeros(2)]
    last_s = end_s or PATIENCE * e.transit_s * (1.0 + e.ntu)
    per_look = max(1, round(e.transit_s / LOOKS_PER_TRANSIT / dt))
    _affordable(last_s / dt, per_look, cells)
    change = np.inf
    while times[-1] < last_s * (1 - 1e-12) and (end_s is not None or change > SETTLED * scale):
        rest = last_s - times[-1]
        steps = min(per_look, int(np.ceil(rest / dt * (1 - 1e-12))))
        step = min(dt, rest / steps)
        moved += advance(state, inlets, speeds, stored, rate, dx, step, steps, e.counterflow)
        change = float(np.abs(state - looks[-1]).max()) * e.transit_s / (steps * step)
        times.append(times[-1] + steps * step)
        looks.append(state.copy())
        leaving.append(outlets(state, inlets))
        if progress:
            progress(times[-1])
    settled = change <= SETTLED * scale
    chosen = np.unique(np.linspace(0, len(times) - 1, frames).round().astype(int))
    temperatures = np.array(looks)[chosen] + e.room_c
    out = np.array(leaving)[chosen] + e.room_c
    return WarmUp(
        e,
        np.asarray((np.arange(cells) + 0.5) * dx, dtype=np.float64),
        np.array(times)[chosen],
        temperatures[:, 0],
        temperatures[:, 1, ::-1] if e.counterflow else temperatures[:, 1],
        out[:, 0],
        out[:, 1],
        float(moved[0] - moved[1] - moved[2] - (stored @ state).sum() * dx),
        float(np.abs(moved).sum()),
        "settled" if settled else "changing",
        ""
        if settled
        else f"after {times[-1]:.4g} s the water still changes by {change:.2g} K per transit; run longer to settle",
    )


def _affordable(steps: float, per_look: int, cells: int) -> None:
    """Raise PorcelainError for a run that would take hours or more memory than there is."""
    for what, value, most in (
        ("steps times cells", steps * cells, MOST_WORK),
        ("values", steps / per_look * cells, MOST_KEPT),
    ):
        if not value <= most:
            raise PorcelainError(
                f"the run needs {value:.3g} {what}, limit {most:g}; use fewer cells, less conductance or an earlier end"
            )


def _finite(what: str, value: float) -> None:
    if not np.isfinite(value):
        raise PorcelainError(f"{what} is {value}; a finite number is needed")


def _positive(what: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise PorcelainError(f"{what} is {value}; a finite number above 0 is needed")
