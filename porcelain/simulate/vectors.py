"""Whole rows of lanes as vectors, said outright: LLVM cannot know that the places in one array differ."""

from __future__ import annotations

from typing import Any

import numba as nb
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from .state import (
    FLOW,
    INTO,
    LANES,
    MIDDLE,
    ODD,
    OUT,
    PART,
    PER_U,
    RATE1,
    S0,
    S1,
    S2,
    S3,
    TURN,
    UU,
)  # fmt: skip

_ROW = ir.VectorType(ir.DoubleType(), LANES)
_INDEX = ir.IntType(64)


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


def _place(builder: Any, data: Any, at: Any) -> Any:
    """A pointer to the row of lanes that begins at ``at``."""
    return builder.bitcast(builder.gep(data, [at]), _ROW.as_pointer())


def _load(builder: Any, data: Any, at: Any) -> Any:
    return builder.load(_place(builder, data, at), align=8, typ=_ROW)


def _grown(builder: Any, total: Any, factor: Any, what: Any) -> Any:
    """``total + factor * what``, rounded once."""
    kind = ir.FunctionType(_ROW, [_ROW] * 3)
    fused = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f64")
    return builder.call(fused, [factor, what, total])


def _all(builder: Any, number: Any) -> Any:
    """A row with the same number in every lane."""
    undefined = ir.Constant(_ROW, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


@intrinsic
def add(typing: Any, w: Any, to: Any, source: Any, factor: Any) -> Any:
    """w[to : to + LANES] += factor * w[source : source + LANES]."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        into, what = (_load(builder, data, at) for at in arguments[1:3])
        total = builder.fadd(into, builder.fmul(_all(builder, arguments[3]), what))
        builder.store(total, _place(builder, data, arguments[1]), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, nb.uint64, nb.float64), emit


@intrinsic
def move(typing: Any, w: Any, to: Any, source: Any) -> Any:
    """w[to : to + LANES] = w[source : source + LANES]."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        builder.store(_load(builder, data, arguments[2]), _place(builder, data, arguments[1]), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, nb.uint64), emit


@intrinsic
def clear(typing: Any, w: Any, to: Any) -> Any:
    """w[to : to + LANES] = 0."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        builder.store(ir.Constant(_ROW, [0.0] * LANES), _place(builder, data, arguments[1]), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64), emit


@intrinsic
def above(typing: Any, w: Any, one: Any, other: Any) -> Any:
    """Whether w[one + i] > w[other + i] in any lane."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        rows = [_load(builder, data, at) for at in arguments[1:]]
        lanes = builder.bitcast(builder.fcmp_ordered(">", *rows), ir.IntType(LANES))
        return builder.icmp_unsigned("!=", lanes, ir.Constant(ir.IntType(LANES), 0))

    return nb.boolean(w, nb.uint64, nb.uint64), emit


@intrinsic
def some(typing: Any, w: Any, at: Any) -> Any:
    """Whether w[at + i] is not 0 in any lane."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        row = _load(builder, _data(context, builder, signature.args[0], arguments[0]), arguments[1])
        lanes = builder.bitcast(builder.fcmp_unordered("!=", row, ir.Constant(_ROW, [0.0] * LANES)), ir.IntType(LANES))
        return builder.icmp_unsigned("!=", lanes, ir.Constant(ir.IntType(LANES), 0))

    return nb.boolean(w, nb.uint64), emit


@intrinsic
def gather(typing: Any, w: Any, to: Any, sources: Any, row: Any, shares: Any, first: Any, last: Any) -> Any:
    """Add two rows at ``to`` on: the sum over i of shares[i] times the two rows at sources[i] + row on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, places, factors = (_data(context, builder, signature.args[k], arguments[k]) for k in (0, 2, 4))
        rows = [builder.add(arguments[1], ir.Constant(_INDEX, k * LANES)) for k in range(2)]
        sums = [cgutils.alloca_once(builder, _ROW) for _ in rows]
        for row, total in zip(rows, sums, strict=True):
            builder.store(_load(builder, data, row), total)
        with cgutils.for_range_slice(builder, arguments[5], arguments[6], ir.Constant(_INDEX, 1), intp=_INDEX) as (
            i,
            _,
        ):
            source = builder.add(builder.load(builder.gep(places, [i]), typ=_INDEX), arguments[3])
            factor = _all(builder, builder.load(builder.gep(factors, [i]), typ=ir.DoubleType()))
            for k, total in enumerate(sums):
                what = _load(builder, data, builder.add(source, ir.Constant(_INDEX, k * LANES)))
                builder.store(_grown(builder, builder.load(total, typ=_ROW), factor, what), total)
        for row, total in zip(rows, sums, strict=True):
            builder.store(builder.load(total, typ=_ROW), _place(builder, data, row), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, sources, nb.uint64, shares, nb.int64, nb.int64), emit


@intrinsic
def deal(typing: Any, w: Any, bucket: Any, pipe: Any) -> Any:
    """A branch takes its share of what left a bucket.

    With the share s0 as the step began and s1 now: INTO = OUT (s0 + s1) / 2 + TURN (s1 - s0), exact where the share
    changes evenly, but where a lane was taken alone (ODD), stretch by stretch; RATE1 = s1 FLOW; PART = s1.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])

        def at(base: Any, field: Any) -> Any:
            return builder.add(base, ir.Constant(_INDEX, int(field)))

        def of(field: Any) -> Any:
            return _load(builder, data, at(arguments[1], field))

        def own(field: Any) -> Any:
            return _load(builder, data, at(arguments[2], field))

        mine = builder.fcmp_ordered("==", of(ODD), ir.Constant(_ROW, [0.0] * LANES))
        x = builder.fmul(builder.fsub(of(UU), of(MIDDLE)), of(PER_U))
        before, now = own(PART), own(S3)
        for field in (S2, S1, S0):
            now = _grown(builder, own(field), x, now)
        mean = builder.fmul(builder.fadd(before, now), ir.Constant(_ROW, [0.5] * LANES))
        into = _grown(builder, builder.fmul(mean, of(OUT)), of(TURN), builder.fsub(now, before))
        into = builder.select(mine, into, own(INTO))
        for field, value in ((INTO, into), (RATE1, builder.fmul(now, of(FLOW))), (PART, now)):
            builder.store(value, _place(builder, data, at(arguments[2], field)), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, nb.uint64), emit


@intrinsic
def stream(typing: Any, out: Any, at: Any, number: Any) -> Any:
    """out[at] = number, out as if flat, past the caches: for what is written once and not soon read."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.gep(_data(context, builder, signature.args[0], arguments[0]), [arguments[1]])
        whole = builder.bitcast(arguments[2], _INDEX)  # processors stream integers
        stored = builder.store(whole, builder.bitcast(place, _INDEX.as_pointer()), align=8)
        stored.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return nb.void(out, nb.uint64, nb.float64), emit


@intrinsic
def streamed(typing: Any) -> Any:
    """Everything streamed before is there for other threads to see."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return nb.void(), emit
