"""Machines for these tests, built by hand: a network in, a Design of plausible sizes out."""

from dataclasses import MISSING, fields
from itertools import pairwise

import numpy as np

from porcelain.encoding import Encoding
from porcelain.machine.design import Design
from porcelain.machine.layouts import Tower
from porcelain.machine.vessel import Bucket, Cup, Outlet, Pipe
from porcelain.network import Layer, Network
from porcelain.printer import Printer
from porcelain.water import Water

PLAN_MM2 = 400.0
_STANDS = {"feet_mm": [[-40.0, -40.0, 40.0, 40.0]]}  # no simulator looks at the body


def network(widths, seed=0, most_u=8.0):
    """A random network: thresholds up to ``most_u``, dense shares of at least 0.1 before normalising."""
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        shares = rng.uniform(0.1, 1.0, (n_in, n_out))
        layers.append(Layer(rng.uniform(0.5, most_u, n_in), shares / shares.sum(axis=1, keepdims=True)))
    n = widths[0]
    names = tuple(f"x{i}" for i in range(n))
    encoding = Encoding(names, ("cm",) * n, np.zeros(n), np.ones(n), np.zeros(n), np.full(n, 60.0))
    return Network(tuple(layers), encoding, tuple(f"class {j}" for j in range(widths[-1])), "test")


def machine(
    net,
    *,
    ml_per_unit=1.0,
    freeboard_mm=120.0,
    outlet_mm2=24.0,
    discharge=0.62,
    slabs=(1.0,),
    kind="orifice",
    opening_mm=8.0,
    width_mm=20.0,
    cup_ml=500.0,
    of="ideal",
):
    """A Design of this network. ``slabs`` are plan areas above the sill relative to the plan below it."""
    tiers, pipes = [], []
    n = len(net.layers)
    for k, layer in enumerate(net.layers):
        row = []
        for i, threshold in enumerate(layer.thresholds):
            sill = threshold * ml_per_unit * 1000.0 / PLAN_MM2
            tops = sill + freeboard_mm * (np.arange(len(slabs)) + 1) / len(slabs)
            areas = PLAN_MM2 * np.asarray(slabs)
            if sill > 0:
                tops, areas = np.concatenate([[sill], tops]), np.concatenate([[PLAN_MM2], areas])
            outlet = Outlet(
                kind, sill, discharge, width_mm if kind == "weir" else 0.0, opening_mm if kind == "weir" else 0
            )
            z = 200.0 * (n - k)
            row.append(Bucket(f"b{k}.{i}", f"b{k}.{i}", (40.0 * i, 0.0, z), (20.0, 20.0), tops, areas, outlet))
            for j in np.flatnonzero(layer.shares[i]):
                target = f"b{k + 1}.{j}" if k + 1 < n else f"c{j}"
                path = [[40.0 * i, 0.0, z + sill], [40.0 * j, 0.0, z - 60.0]]
                share = float(layer.shares[i, j])
                pipes.append(Pipe(f"p{k}.{i}-{j}", row[-1].name, target, share, share * outlet_mm2, path))
        tiers.append(tuple(row))
    cups = tuple(
        Cup(f"c{j}", name, (40.0 * j, 0.0, 0.0), (36.0, 36.0), [cup_ml * 1000.0 / 1296.0], [1296.0])
        for j, name in enumerate(net.class_names)
    )
    body = Tower(
        **{f.name: _STANDS.get(f.name, 2.0) for f in fields(Tower) if f.default is MISSING}
        | {"planes_mm": 200.0 * np.arange(n, 0, -1)}
    )
    worst = np.full(net.widths[0], 60.0 * ml_per_unit)
    return Design(
        "test",
        net,
        Printer.preset("ender3"),
        Water.preset(of),
        ml_per_unit,
        5.0,
        worst,
        tuple(tiers),
        tuple(pipes),
        cups,
        body,
    )
