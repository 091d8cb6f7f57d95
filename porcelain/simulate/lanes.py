"""All lanes of one bucket through one step in which nothing special happens: the engine's fast half, SIMD."""

from __future__ import annotations

import math
from typing import Any

import numba as nb
from llvmlite import ir
from numba.extending import intrinsic

from .kernel import (
    _L,
    ARRIVED,
    BAND,
    CAME,
    FLOW,
    FLOW0,
    GROWTH,
    INTO,
    LANES,
    ODD,
    OUT,
    PASSED,
    Q0,
    Q1,
    RATE0,
    RATE1,
    RIM,
    RUNS,
    UU,
    WATER,
    jit,
)  # fmt: skip


@intrinsic
def add(typing: Any, w: Any, to: Any, source: Any, factor: Any) -> Any:
    """w[to : to + LANES] += factor * w[source : source + LANES], as vectors: LLVM cannot know that they differ."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        lanes = ir.VectorType(ir.DoubleType(), LANES)
        places = [builder.bitcast(builder.gep(array.data, [at]), lanes.as_pointer()) for at in arguments[1:3]]
        into, what = (builder.load(place, align=8, typ=lanes) for place in places)
        undefined = ir.Constant(lanes, ir.Undefined)
        one = builder.insert_element(undefined, arguments[3], ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        factors = builder.shuffle_vector(one, undefined, mask)
        builder.store(builder.fadd(into, builder.fmul(factors, what)), places[0], align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, nb.uint64, nb.float64), emit


@intrinsic
def copy(typing: Any, w: Any, source: Any, out: Any, to: Any, more: Any) -> Any:
    """out[to : to + LANES] = w[source : source + LANES] + more, out counted as if it were flat."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = ir.VectorType(ir.DoubleType(), LANES)
        places = []
        for array, at in ((0, 1), (2, 3)):
            data = context.make_array(signature.args[array])(context, builder, arguments[array]).data
            places.append(builder.bitcast(builder.gep(data, [arguments[at]]), lanes.as_pointer()))
        undefined = ir.Constant(lanes, ir.Undefined)
        one = builder.insert_element(undefined, arguments[4], ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        plus = builder.shuffle_vector(one, undefined, mask)
        builder.store(builder.fadd(builder.load(places[0], align=8, typ=lanes), plus), places[1], align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, out, nb.uint64, nb.float64), emit


@jit
def together_linear(w: Any, at: Any, h: float, area: float, k: float, high: float) -> float:
    """A step of all lanes where Q = k u in one band; returns how many have to be taken alone (ODD)."""
    half = 0.25 * h * k / area
    f = 2.0 * half * half / (3.0 * k)
    per_area = 1.0 / area
    glide = 0.5 * h * per_area
    for off in range(_L):
        i = at + off
        water, u0, came = w[i + WATER], w[i + UU], w[i + CAME]
        qa, qb = w[i + Q0], w[i + Q1]
        d = u0 - half
        g = d * d + came * per_area
        r0 = qa / u0
        p = u0 + glide * (r0 - k)
        fits = (u0 > 2.0 * half) & (p > 2.0 * half)
        u1 = math.sqrt(g + (f * (qb / p - r0) if fits else 0.0)) - half
        fits = (u0 > 2.0 * half) & (u1 > 2.0 * half)
        u1 = math.sqrt(g + (f * (qb / u1 - r0) if fits else 0.0)) - half
        dead = water + came <= 0.0
        dead = dead & (w[i + RUNS] == 0.0)
        fine = (water > 0.0) & (u1 > 0.0) & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u1 < high)
        fine = fine & (w[i + ODD] == 0.0) & (w[i + RUNS] > 0.0) & (w[i + RIM] == 0.0)
        water1 = area * u1 * u1
        out = came + water - water1
        fine = fine & (out >= 0.0)
        w[i + FLOW0] = w[i + FLOW]
        w[i + OUT] = out if fine else 0.0
        w[i + WATER] = water1 if fine else (water + came if dead else water)
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = k * u1 if fine else w[i + FLOW]
        w[i + ODD] = 0.0 if (fine | dead) else 1.0
    odd = 0.0
    for off in range(_L):
        odd += w[at + ODD + off]
    return odd


@jit
def together(
    w: Any, at: Any, h: float, band: float, area: float, ml: float, low: float, high: float, mid: float, scale: float,
    f0: float, f1: float, f2: float, f3: float, f4: float, f5: float,
) -> None:  # fmt: skip
    """A step of the lanes that stand in this band and stay in it; ODD is cleared for those taken."""
    glide = 0.5 * h / area
    part = 0.5 * h / area
    turn = h * h / (24.0 * area * area)
    for off in range(_L):
        i = at + off
        water, u0, came = w[i + WATER], w[i + UU], w[i + CAME]
        qa, qb = w[i + Q0], w[i + Q1]
        x = (u0 - mid) * scale
        flow0 = w[i + FLOW]
        slope0 = scale * (f1 + x * (2.0 * f2 + x * (3.0 * f3 + x * (4.0 * f4 + x * 5.0 * f5))))
        base = u0 * u0 + came / area - part * flow0
        bend0 = slope0 * (qa - flow0) / u0
        can = u0 > part * slope0
        u1 = u0 + glide * (qa - flow0) / u0
        for _ in range(2):
            p = u1 if u1 > low else low
            p = p if p < high else high
            x = (p - mid) * scale
            flow = f0 + x * (f1 + x * (f2 + x * (f3 + x * (f4 + x * f5))))
            slope = scale * (f1 + x * (2.0 * f2 + x * (3.0 * f3 + x * (4.0 * f4 + x * 5.0 * f5))))
            b = part * slope
            extra = turn * (slope * (qb - flow) / p - bend0) if can & (p > b) & (p > 0.5 * u0) else 0.0
            u1 = 0.5 * (math.sqrt(b * b + 4.0 * (base + extra - part * (flow - slope * p))) - b)
        x = (u1 - mid) * scale
        flow = f0 + x * (f1 + x * (f2 + x * (f3 + x * (f4 + x * f5))))
        water1 = ml + area * (u1 - low) * (u1 + low)
        out = came + water - water1
        fine = (w[i + ODD] == 2.0) & (w[i + BAND] == band) & (water > 0.0) & (u1 > low) & (u1 < high) & (out >= 0.0)
        fine = fine & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u0 > low) & (w[i + RUNS] > 0.0) & (w[i + RIM] == 0.0)
        w[i + OUT] = out if fine else w[i + OUT]
        w[i + WATER] = water1 if fine else water
        w[i + Q0] = u0 if fine else qa  # the shares need both ends; the inflow's rates are done with
        w[i + Q1] = h * (flow - flow0) / 12.0 if fine else qb
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = flow if fine else flow0
        w[i + ODD] = 0.0 if fine else w[i + ODD]


@jit
def dead_or_alive(w: Any, at: Any) -> float:
    """Fill what stays below its outlet; mark the other lanes 2, or 1 where they must be taken alone."""
    alive = 0.0
    for off in range(_L):
        i = at + off
        dead = (w[i + WATER] + w[i + CAME] <= 0.0) & (w[i + RUNS] == 0.0)
        w[i + WATER] = w[i + WATER] + w[i + CAME] if dead else w[i + WATER]
        w[i + FLOW0] = w[i + FLOW]
        w[i + OUT] = 0.0
        w[i + ODD] = 0.0 if dead else (2.0 if w[i + ODD] == 0.0 else 1.0)
        w[i + Q0] = w[i + UU] if dead else w[i + Q0]
        w[i + Q1] = 0.0 if dead else w[i + Q1]
    for off in range(_L):
        alive += w[at + ODD + off]
    return alive


@jit
def deal(
    w: Any, at: Any, p: Any, band: float, mid: float, scale: float, c0: float, c1: float, c2: float, c3: float
) -> None:
    """Branch p takes its share of what left the lanes that took the step together in this band."""
    for off in range(_L):
        i = at + off
        x0 = (w[i + Q0] - mid) * scale
        x1 = (w[i + UU] - mid) * scale
        s0 = c0 + x0 * (c1 + x0 * (c2 + x0 * c3))
        s1 = c0 + x1 * (c1 + x1 * (c2 + x1 * c3))
        mine = (w[i + ODD] == 0.0) & (w[i + BAND] == band)
        w[p + INTO + off] = 0.5 * (s0 + s1) * w[i + OUT] + w[i + Q1] * (s1 - s0) if mine else w[p + INTO + off]
        w[p + RATE1 + off] = s1 * w[i + FLOW] if mine else w[p + RATE1 + off]


@jit
def arrive(w: Any, at: Any, p: Any) -> None:
    """What branch p took reaches its target."""
    add(w, p + PASSED, p + INTO, 1.0)
    add(w, p + ARRIVED, p + INTO, 1.0)
    add(w, at + CAME, p + INTO, 1.0)
    add(w, at + Q0, p + RATE0, 1.0)
    add(w, at + Q1, p + RATE1, 1.0)
    for off in range(_L):
        w[p + RATE0 + off] = w[p + RATE1 + off]


@jit
def arrive_constant(w: Any, at: Any, source: Any, share: float) -> None:
    """A constant share of what left the source reaches its target."""
    add(w, at + CAME, source + OUT, share)
    add(w, at + Q0, source + FLOW0, share)
    add(w, at + Q1, source + FLOW, share)
