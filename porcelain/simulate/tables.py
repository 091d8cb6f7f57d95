"""Records that the compiled solver reads and writes: every field by its name."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import Floats

Records = np.ndarray[Any, Any]

PLAIN, START, END = 0, 1, 2
"""The variable of a piece: time, the root of the time since its start, the root of the time until its end."""

STARTS, STOPS, RIM_REACHED, RIM_LEFT = range(4)
"""What an event may be; the order is that of ``driver.WHAT``."""

JET = ("flow", "slope", "bend", "root")
"""A flow, its first and second derivative by time, and by the root of time where it starts or stops as that does."""

PIECE = np.dtype(
    [("start", "f8"), ("per_s", "f8"), ("kind", "i8"), ("corner", "i8")] + [(f"c{n}", "f8") for n in range(6)]
)
"""One piece of a trajectory: from ``start`` (s) on, for 1 / ``per_s``, cumulative volume c0 + c1 x + ... + c5 x^5 (mL).

``per_s`` 0 is a constant, ``kind`` is the variable x; ``corner`` says whether volume, rate or slope jump at the start.
"""

STREAM = np.dtype([("first", "i8"), ("count", "i8"), ("stride", "i8")])
"""A trajectory: where its pieces lie among all pieces."""

SOURCE = np.dtype([("stream", "i8"), ("factor", "f8"), ("delay", "f8"), ("cursor", "i8"), ("corner", "i8")])
"""What a vessel is fed by: a part of a trajectory, ``delay`` seconds later; two cursors of whoever reads it."""

BUCKET = np.dtype(
    [("base", "f8"), ("capacity", "f8"), ("gate", "f8"), ("way", "f8"), ("tier", "i8")]
    + [(f"{what}_{end}", "i8") for what in ("source", "band", "edge", "stream") for end in ("first", "end")]
)
"""A bucket: water below its outlet and at its rim (mL), when its gate opens and the longest delay of its pipes (s).

Its sources, bands, edges and streams lie from ``first`` to ``end``; the last stream is what spills. Edges are volumes
above ``base``; between two of them the flow is smooth. A cup has no bands and one stream, what spills.
"""

BAND = np.dtype(
    [("high", "f8"), ("origin", "f8"), ("root", "i8"), ("exact", "i8"), ("mid", "f8"), ("scale", "f8"), ("row", "i8")]
)
"""A stretch of volume above the outlet, up to ``high`` (mL), on which flow is a polynomial in (z - mid) * scale.

z is the volume above ``origin``, or its root. ``row`` is the polynomial of the whole flow, those of the branches
follow where shares vary. ``exact`` flow is a straight line through z = 0: Torricelli's law.
"""

STATE = np.dtype(
    [(x, "f8") for x in ("t", "water", "came", "rate", "slope", "out", "spilt", "start", "h", "close_ml", "close_s")]
    + [(x, "f8") for x in ("calm_ml", "calm_s", "stopped_s", "t1", "water1", "came1", "rate1", "slope1", "error")]
    + [(x, "i8") for x in ("comes", "segment", "band", "runs", "rim", "kind", "band1")]
)
"""A bucket as it is solved: time, water above its outlet (mL), and its inflow just after that time.

``came``, ``out`` and ``spilt`` are cumulative, ``start`` is what stood in it first. ``h`` is the next step to try;
errors may be ``close_ml`` and what passes in ``close_s``. ``calm_s`` is when it last fell below ``calm_ml``. What ends
on 1 belongs to the end of a step that is tried, as do its ``kind`` and ``error``.
"""

BRANCH = np.dtype(
    [(x, "f8") for x in ("volume", "fixed", "part")] + [(f"{x}{end}", "f8") for end in (0, 1) for x in JET]
)
"""One of the trajectories a bucket writes: its volume so far, and its flow at both ends of a step (a jet).

While a level stands it gets ``fixed`` mL/s and ``part`` of what comes.
"""

EVENT = np.dtype([("time", "f8"), ("vessel", "i8"), ("what", "i8")])

CHANGE = np.dtype([("time", "f8"), ("volume", "f8"), ("rate", "f8"), ("slope", "f8"), ("count", "i8")])
"""What changes in the pouring into one bucket: volume at once, rate, its slope, and how many pieces run."""


class Machine(NamedTuple):
    """A design under a law, as tables: buckets and then cups, in the order of the Design.

    ``edge`` volumes (mL) and ``edge_band`` the first band above each; ``poly`` one polynomial a row, lowest power
    first; for each pipe of the Design the trajectory it carries, its part of that, its delay and the bucket above.
    """

    bucket: Records
    source: Records
    band: Records
    poly: Floats
    edge: Floats
    edge_band: Any
    pipe_stream: Any
    pipe_factor: Floats
    pipe_delay: Floats
    pipe_source: Any


class Work(NamedTuple):
    """Room to work in: the pieces of all trajectories, and what is noted on the way.

    ``used`` counts pieces from below, events, and the free pieces from above, where spill is written; ``still`` (V,)
    when a bucket came to rest, infinite if it runs; ``gate`` (V,) when it opened.
    """

    piece: Records
    stream: Records
    source: Records
    event: Records
    used: Any
    still: Floats
    gate: Floats
    state: Records
    branch: Records


class Pouring(NamedTuple):
    """The pouring of n pours: ``changes`` sorted by pour, input and time; ``first`` (n, inputs + 1); ``end_s`` (n,)."""

    changes: Records
    first: Any
    end_s: Floats


class Output(NamedTuple):
    """What became of n pours; inside the solver, of one of them without the first axis.

    ``ends`` (n, 4, V): volumes, spilled and in pipes at the end, and when each vessel came to rest for good.
    ``volumes``, ``spilled`` (n, T, V), ``flows``, ``passed``, ``arrived`` (n, T, P), of no times where not asked for.
    """

    ends: Floats
    volumes: Floats
    spilled: Floats
    flows: Floats
    passed: Floats
    arrived: Floats
