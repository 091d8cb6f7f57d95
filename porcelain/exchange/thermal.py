"""The physical heat exchanger: two touching pipes, hot water in one, cold water in the other.

For each pipe, with A the area of the channel, c the heat capacity per volume and C = flow * c:

    A c dT/dt + C dT/dx = g (T_other - T) + l (T_room - T)

per length, x along the hot pipe. In counterflow the cold water runs towards smaller x. Mixing and conduction along the
pipe are left out.

The transient is a finite-volume scheme: face values by Koren's third-order limited upwind formula (in Notes on
Numerical Fluid Mechanics 45, 1993, p. 117), which makes no new maxima, and time by the three-stage Runge-Kutta
scheme of Shu and Osher (J. Comput. Phys. 77, 1988, 439). What leaves one cell enters the next, so heat is conserved
to rounding. The steady state solves two linear equations by a matrix exponential.
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
PATIENCE = 60.0  # transits, times (1 + NTU) in counterflow, after which water that is still changing is reported
CELL_UNITS = 0.5  # transfer units of both streams in one cell: with more, the limited scheme can cycle in parallel flow
CELLS = 200
MOST_CELLS = 4000
ABSOLUTE_ZERO_C = -273.15
STATES_PER_TRANSIT = 20
MOST_WORK = 2e10  # cells times steps: a minute or so
MOST_KEPT = 5e7  # temperatures of each pipe


@dataclass(frozen=True)
class Stream:
    """Water through one pipe.

    Parameters
    ----------
    inlet_c : float
        Temperature at the inlet, degrees Celsius.
    flow_ml_s : float
        Flow, mL/s.
    area_mm2 : float
        Area of the channel, mm2.
    heat_j_ml_k : float
        Heat capacity per volume, J/(mL K).

    Raises
    ------
    PorcelainError
        If a value is not finite, or not positive where it must be.

    Examples
    --------
    >>> round(Stream(80.0, 10.0).capacity_w_k, 1)
    41.8
    """

    inlet_c: float
    flow_ml_s: float
    area_mm2: float = ThermalOptions.area
    heat_j_ml_k: float = WATER_HEAT_J_ML_K

    def __post_init__(self) -> None:
        _temperature("inlet_c", self.inlet_c)
        for what in ("flow_ml_s", "area_mm2", "heat_j_ml_k"):
            _positive(what, getattr(self, what))

    @property
    def capacity_w_k(self) -> float:
        """Heat that the stream carries per kelvin, C = flow * heat capacity, W/K."""
        return self.flow_ml_s * self.heat_j_ml_k

    @property
    def speed_mm_s(self) -> float:
        """Mean speed, mm/s."""
        return self.flow_ml_s * MM3_PER_ML / self.area_mm2


@dataclass(frozen=True)
class HeatExchanger:
    """Two streams that touch over a length. Each may lose heat to the room.

    Parameters
    ----------
    hot, cold : Stream
        The streams.
    length_mm : float
        Length over which they touch, mm.
    conductance_w_m_k : float
        Conductance of the wall, W/(m K).
    counterflow : bool
        Whether the streams run against each other.
    loss_w_m_k : float
        Conductance of each pipe to the room, W/(m K).
    room_c : float
        Temperature of the room, degrees Celsius.

    Raises
    ------
    PorcelainError
        If a value is not finite, a length is not positive, or a conductance is negative.

    Examples
    --------
    >>> exchanger = HeatExchanger(Stream(80.0, 10.0), Stream(20.0, 10.0), conductance_w_m_k=40.0)
    >>> round(exchanger.ntu, 3), round(exchanger.effectiveness, 3)
    (0.479, 0.324)
    """

    hot: Stream
    cold: Stream
    length_mm: float = ThermalOptions.length
    conductance_w_m_k: float = ThermalOptions.conductance
    counterflow: bool = not ThermalOptions.parallel
    loss_w_m_k: float = ThermalOptions.loss
    room_c: float = ThermalOptions.room

    def __post_init__(self) -> None:
        _positive("length_mm", self.length_mm)
        _temperature("room_c", self.room_c)
        for what in ("conductance_w_m_k", "loss_w_m_k"):
            _finite(what, getattr(self, what))
            if getattr(self, what) < 0:
                raise PorcelainError(f"{what} is {getattr(self, what)}; heat flows from hot to cold: 0 or more")

    @property
    def ntu(self) -> float:
        """Number of transfer units: conductance of the whole wall over the smaller capacity of the streams."""
        return self.conductance_w_m_k * self.length_mm / 1000.0 / self._capacities[0]

    @property
    def effectiveness(self) -> float:
        """Heat exchanged over the most that could be exchanged, without loss to the room.

        The closed form of Kays and London, Compact Heat Exchangers (1955).
        """
        smaller, larger = self._capacities
        ratio, n = smaller / larger, self.ntu
        if not self.counterflow:
            return float(-np.expm1(-n * (1.0 + ratio)) / (1.0 + ratio))
        if ratio == 1.0:
            return n / (1.0 + n)
        faded = -float(np.expm1(-n * (1.0 - ratio)))
        return faded / ((1.0 - ratio) + ratio * faded)

    @property
    def cells_needed(self) -> int:
        """Fewest cells, at least 200, in which a transient settles: the first cell holds half a transfer unit."""
        if self.counterflow:
            return CELLS
        smaller, larger = self._capacities
        return max(CELLS, int(np.ceil(self.ntu * (1.0 + smaller / larger) / CELL_UNITS)))

    @property
    def transit_s(self) -> float:
        """Time that the slower stream takes to pass, s."""
        return self.length_mm / min(self.hot.speed_mm_s, self.cold.speed_mm_s)

    @property
    def _capacities(self) -> tuple[float, float]:
        low, high = sorted((self.hot.capacity_w_k, self.cold.capacity_w_k))
        return low, high

    def steady(self, x_mm: Floats) -> tuple[Floats, Floats]:
        """Temperatures once nothing changes any more.

        Parameters
        ----------
        x_mm : ndarray, shape (n,)
            Positions from the hot inlet, mm.

        Returns
        -------
        tuple of ndarray
            Temperatures (n,) of the hot and the cold pipe, degrees Celsius.
        """
        x = np.asarray(x_mm, dtype=np.float64)
        inlets = np.array([self.hot.inlet_c, self.cold.inlet_c]) - self.room_c
        hot, cold = (self._counterflow if self.counterflow else self._parallel)(x) @ inlets
        return hot + self.room_c, cold + self.room_c

    def _counterflow(self, x: Floats) -> Floats:
        """Response (2 pipes, n, 2 inlets) at x (n,): what one kelvin at an inlet adds to each pipe."""
        g, loss = self.conductance_w_m_k / 1000.0, self.loss_w_m_k / 1000.0
        p, q = 1.0 / self.hot.capacity_w_k, 1.0 / self.cold.capacity_w_k
        mean = (g + loss) * (q - p) / 2.0
        half = float(np.hypot(g * (p - q) / 2.0, np.sqrt(loss * (2.0 * g + loss)) * (p + q) / 2.0))
        width = (g + loss) * (p + q) / 2.0

        def sine(length: Floats) -> Floats:  # sinh(half * length) / half, over exp(half * length)
            return -np.expm1(-2.0 * half * length) / (2.0 * half) if half * self.length_mm > 1e-12 else 1.0 * length

        def mixed(length: Floats) -> Floats:  # cosh(half * length) + width * sinh(half * length) / half, likewise
            return (1.0 + np.exp(-2.0 * half * length)) / 2.0 + width * sine(length)

        rest = self.length_mm - x
        from_hot = np.exp((mean - half) * x) / mixed(np.array(self.length_mm))
        from_cold = np.exp(-(mean + half) * rest) / mixed(np.array(self.length_mm))
        return np.array(
            [
                np.column_stack([from_hot * mixed(rest), from_cold * g * p * sine(x)]),
                np.column_stack([from_hot * g * q * sine(rest), from_cold * mixed(x)]),
            ]
        )

    def _parallel(self, x: Floats) -> Floats:
        """Response (2 pipes, n, 2 inlets) at x (n,) where both inlets are at x = 0."""
        g, loss = self.conductance_w_m_k / 1000.0, self.loss_w_m_k / 1000.0
        p, q = 1.0 / self.hot.capacity_w_k, 1.0 / self.cold.capacity_w_k
        half = float(np.hypot((g + loss) * (p - q) / 2.0, g * np.sqrt(p * q)))
        quick = (g + loss) * (p + q) / 2.0 + half
        slow = loss * (2.0 * g + loss) * p * q / quick if quick else 0.0  # the product of both is the determinant
        fades, stays = np.exp(-quick * x), np.exp(-slow * x)
        even, odd = (stays + fades) / 2.0, (stays - fades) / (2.0 * half) if half else x
        skew = (g + loss) * (q - p) / 2.0
        return np.array(
            [
                np.column_stack([even + skew * odd, g * p * odd]),
                np.column_stack([g * q * odd, even - skew * odd]),
            ]
        )


@dataclass(frozen=True, eq=False)
class WarmUp:
    """Temperatures of the two pipes over time. Both begin at the temperature of the room.

    Attributes
    ----------
    exchanger : HeatExchanger
        What was simulated.
    x_mm : ndarray, shape (cells,)
        Middles of the cells, from the hot inlet.
    times_s : ndarray, shape (T,)
        Times.
    hot_c, cold_c : ndarray, shape (T, cells)
        Mean temperature of every cell.
    hot_out_c, cold_out_c : ndarray, shape (T,)
        Temperatures at the outlets.
    balance_j : float
        Heat in less heat out, lost and stored over the whole run, J: 0 but for rounding.
    moved_j : float
        Heat that entered and left with the streams, J: the scale of ``balance_j``.
    status, message : str
        "settled" or "changing", and advice.

    Examples
    --------
    >>> run = warm_up(HeatExchanger(Stream(80.0, 10.0), Stream(20.0, 10.0), conductance_w_m_k=40.0), cells=20, frames=5)
    >>> run.status, round(run.effectiveness, 2)
    ('settled', 0.32)
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
        """Heat that the hot water gave up at the end over the most it could."""
        e = self.exchanger
        most = min(e.hot.capacity_w_k, e.cold.capacity_w_k) * (e.hot.inlet_c - e.cold.inlet_c)
        if most == 0.0:
            return float("nan")
        return float(e.hot.capacity_w_k * (e.hot.inlet_c - self.hot_out_c[-1]) / most)


def warm_up(
    exchanger: HeatExchanger,
    cells: int | None = ThermalOptions.cells,
    frames: int = 400,
    end_s: float | None = None,
    progress: Callable[[float], object] | None = None,
) -> WarmUp:
    """Open both taps at once on pipes at the temperature of the room, and follow them until they settle.

    Parameters
    ----------
    exchanger : HeatExchanger
        What to simulate.
    cells : int
        Cells of each pipe.
    frames : int
        Number of times to keep, evenly spaced.
    end_s : float, optional
        When to stop, s. Without it the run goes on until nothing changes.
    progress : callable, optional
        Called with the seconds of the run.

    Returns
    -------
    WarmUp
        Temperatures over time. A run that still changes at its end has the status "changing", with advice.

    Raises
    ------
    PorcelainError
        If there are too few cells or frames, or ``end_s`` is not positive.

    Examples
    --------
    >>> exchanger = HeatExchanger(Stream(80.0, 10.0), Stream(20.0, 10.0), conductance_w_m_k=40.0)
    >>> warm_up(exchanger, cells=20, frames=5, end_s=1.0).status
    'changing'
    """
    if cells is None:
        cells = min(exchanger.cells_needed, MOST_CELLS)
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
    times, states, leaving = [0.0], [state.copy()], [np.zeros(2)]
    last_s = end_s or PATIENCE * e.transit_s * (1.0 + e.ntu if e.counterflow else 1.0)
    per_state = max(1, round(e.transit_s / STATES_PER_TRANSIT / dt))
    _affordable(last_s / dt, per_state, cells)
    change = np.inf
    while times[-1] < last_s * (1 - 1e-12) and (end_s is not None or change > SETTLED * scale):
        rest = last_s - times[-1]
        steps = min(per_state, int(np.ceil(rest / dt * (1 - 1e-12))))
        step = min(dt, rest / steps)
        moved += advance(state, inlets, speeds, stored, rate, dx, step, steps, e.counterflow)
        change = float(np.abs(state - states[-1]).max()) * e.transit_s / (steps * step)
        times.append(times[-1] + steps * step)
        states.append(state.copy())
        leaving.append(outlets(state, inlets))
        if progress:
            progress(times[-1])
    settled = change <= SETTLED * scale
    chosen = np.unique(np.linspace(0, len(times) - 1, frames).round().astype(int))
    temperatures = np.array(states)[chosen] + e.room_c
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
        "" if settled else _advice(e, cells, times[-1], change),
    )


def _affordable(steps: float, per_state: int, cells: int) -> None:
    """Raise PorcelainError for a run that would take hours or more memory than there is."""
    for what, value, most in (
        ("steps times cells", steps * cells, MOST_WORK),
        ("values", steps / per_state * cells, MOST_KEPT),
    ):
        if not value <= most:
            raise PorcelainError(
                f"the run needs {value:.3g} {what}, limit {most:g}; use fewer cells, less conductance or an earlier end"
            )


def _advice(e: HeatExchanger, cells: int, end_s: float, change_k: float) -> str:
    """Which number to change so that a run settles."""
    needed = e.cells_needed
    step = f"use {needed} cells, not {cells}" if cells < needed else "run longer to settle"
    return f"after {end_s:.4g} s the water still changes by {change_k:.2g} K per transit; {step}"


def _temperature(what: str, value: float) -> None:
    _finite(what, value)
    if value < ABSOLUTE_ZERO_C:
        raise PorcelainError(f"{what} is {value} C; nothing is colder than {ABSOLUTE_ZERO_C} C")


def _finite(what: str, value: float) -> None:
    if not np.isfinite(value):
        raise PorcelainError(f"{what} is {value}; a finite number is needed")


def _positive(what: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise PorcelainError(f"{what} is {value}; a finite number above 0 is needed")
