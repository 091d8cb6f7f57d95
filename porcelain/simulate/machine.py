"""Machine tables: the outlets, pipes, gates and spill ways of a Design in the records that the solver reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Floats
from ..hydraulics.laws import Wetted
from ..machine.design import Design
from .outlets import OutletTable, outlet_table
from .tables import BAND, BRANCH, BUCKET, EVENT, PIECE, SOURCE, STATE, STREAM, Machine, Work


def compile_machine(
    design: Design,
    law: Wetted,
    gate_s: Sequence[float],
    overflow_to: Mapping[str, str],
    delay_s: Mapping[str, float],
) -> Machine:
    """The tables of a design: ``gate_s`` a tier, ``overflow_to`` vessels that catch spill, ``delay_s`` a pipe."""
    tables = [outlet_table(bucket, design.branches(bucket.name), law) for bucket in design.buckets]
    stream = _streams(design, tables)
    pipes = _pipes(design, tables, stream)
    names = [vessel.name for vessel in design.vessels]
    buckets = np.zeros(len(names), BUCKET)
    sources: list[tuple[int, float, float, int, int]] = []
    for v, vessel in enumerate(design.vessels):
        record = buckets[v]
        record["source_first"] = len(sources)
        if v < len(design.tiers[0]):
            sources.append((v, 1.0, 0.0, 0, 0))
        above = [pipe.name for pipe in design.pipes if pipe.target == vessel.name]
        sources += [(*pipes[name], delay_s.get(name, 0.0), 0, 0) for name in above]
        spill = [names.index(source) for source, target in overflow_to.items() if target == vessel.name]
        sources += [(int(stream[k + 1]) - 1, 1.0, 0.0, 0, 0) for k in spill]
        record["source_end"] = len(sources)
        record["capacity"], record["gate"] = vessel.capacity_ml, np.inf
        record["tier"] = design.tier_of(vessel.name)
        record["stream_first"], record["stream_end"] = stream[v], stream[v + 1]
    for bucket, record, table in zip(design.buckets, buckets, tables, strict=False):
        record["base"], record["gate"] = table.base_ml, gate_s[record["tier"]]
        record["way"] = max(delay_s.get(pipe.name, 0.0) for pipe in design.branches(bucket.name))
    bands, poly, edges, edge_band = _outlets(buckets, tables)
    order = [pipes[pipe.name] for pipe in design.pipes]
    return Machine(
        bucket=buckets,
        source=np.array(sources, SOURCE),
        band=bands,
        poly=poly,
        edge=edges,
        edge_band=edge_band,
        pipe_stream=np.array([s for s, _ in order]),
        pipe_factor=np.array([f for _, f in order]),
        pipe_delay=np.array([delay_s.get(pipe.name, 0.0) for pipe in design.pipes]),
        pipe_source=np.array([names.index(pipe.source) for pipe in design.pipes]),
    )


def _streams(design: Design, tables: Sequence[OutletTable]) -> np.ndarray:
    """(V + 1,) where each vessel's trajectories begin: one a branch, or one where shares are fixed, and what spills."""
    branches = [1 if t.shares is not None else t.segments[0][0].poly.shape[0] - 1 for t in tables]
    counts = [n + 1 for n in branches] + [1] * len(design.cups)
    return len(design.tiers[0]) + np.concatenate([[0], np.cumsum(counts)])


def _pipes(design: Design, tables: Sequence[OutletTable], stream: np.ndarray) -> dict[str, tuple[int, float]]:
    """The trajectory each pipe carries, and its part of that."""
    found = {}
    for b, (bucket, table) in enumerate(zip(design.buckets, tables, strict=True)):
        for j, pipe in enumerate(design.branches(bucket.name)):
            if table.shares is None:
                found[pipe.name] = (int(stream[b]) + j, 1.0)
            else:
                found[pipe.name] = (int(stream[b]), float(table.shares[j]))
    return found


def _outlets(buckets: np.ndarray, tables: Sequence[OutletTable]) -> tuple[np.ndarray, Floats, Floats, np.ndarray]:
    """Bands, polynomials, edges and the first band above each edge of all buckets, noted in their records."""
    bands: list[tuple[float, ...]] = []
    rows: list[Floats] = []
    edges: list[float] = []
    edge_band: list[int] = []
    for record, table in zip(buckets, tables, strict=False):
        record["band_first"], record["edge_first"] = len(bands), len(edges)
        for segment in table.segments:
            edge_band.append(len(bands))
            for band in segment:
                bands.append((band.high, band.origin, band.root, band.exact, band.mid, band.scale, len(rows)))
                rows.extend(band.poly)
        edge_band.append(len(bands))
        edges.extend(table.edges_ml)
        record["band_end"], record["edge_end"] = len(bands), len(edges)
    width = max(len(row) for row in rows)
    poly = np.array([np.pad(row, (0, width - len(row))) for row in rows])
    return np.array(bands, BAND), poly, np.array(edges), np.array(edge_band)


def room_for(machine: Machine, pieces: int, events: int) -> Work:
    """Room for the trajectories of one pour."""
    streams = int(machine.bucket["stream_end"][-1])
    widest = int((machine.bucket["stream_end"] - machine.bucket["stream_first"]).max())
    return Work(
        piece=np.zeros(pieces, PIECE),
        stream=np.zeros(streams, STREAM),
        source=machine.source.copy(),
        event=np.zeros(events, EVENT),
        used=np.zeros(3, np.int64),
        still=np.zeros(len(machine.bucket)),
        gate=np.zeros(len(machine.bucket)),
        state=np.zeros(1, STATE),
        branch=np.zeros(widest, BRANCH),
    )
