"""Whole rows of lanes as vectors, said outright: LLVM cannot know that the places in one array differ."""

from __future__ import annotations

from typing import Any

import numba as nb
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from .state import LANES

_ROW = ir.VectorType(ir.DoubleType(), LANES)
_INDEX = ir.IntType(64)


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


def _place(builder: Any, data: Any, at: Any) -> Any:
    """A pointer to the row of lanes that begins at ``at``."""
    return builder.bitcast(builder.gep(data, [at]), _ROW.as_pointer())


def _load(builder: Any, data: Any, at: Any) -> Any:
    return builder.load(_place(builder, data, at), align=8, typ=_ROW)


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
def gather(typing: Any, w: Any, to: Any, sources: Any, shares: Any, first: Any, last: Any) -> Any:
    """Add three rows at ``to`` on: the sum over i of shares[i] times the three rows at sources[i] on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, places, factors = (_data(context, builder, signature.args[k], arguments[k]) for k in (0, 2, 3))
        rows = [builder.add(arguments[1], ir.Constant(_INDEX, k * LANES)) for k in range(3)]
        sums = [cgutils.alloca_once(builder, _ROW) for _ in rows]
        for row, total in zip(rows, sums, strict=True):
            builder.store(_load(builder, data, row), total)
        with cgutils.for_range_slice(builder, arguments[4], arguments[5], ir.Constant(_INDEX, 1), intp=_INDEX) as (
            i,
            _,
        ):
            source = builder.load(builder.gep(places, [i]), typ=_INDEX)
            factor = _all(builder, builder.load(builder.gep(factors, [i]), typ=ir.DoubleType()))
            for k, total in enumerate(sums):
                what = _load(builder, data, builder.add(source, ir.Constant(_INDEX, k * LANES)))
                grown = builder.fadd(builder.load(total, typ=_ROW), builder.fmul(factor, what))
                builder.store(grown, total)
        for row, total in zip(rows, sums, strict=True):
            builder.store(builder.load(total, typ=_ROW), _place(builder, data, row), align=8)
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, sources, shares, nb.int64, nb.int64), emit


@intrinsic
def put(typing: Any, w: Any, start: Any, rise: Any, base: Any, a: Any, b: Any, c: Any, out: Any, to: Any) -> Any:
    """out[to : to + LANES] = w's row at start + base + a, b, c times its three rows at rise on; out as if flat."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        flat = _data(context, builder, signature.args[7], arguments[7])
        total = builder.fadd(_load(builder, data, arguments[1]), _all(builder, arguments[3]))
        for k in range(3):
            row = _load(builder, data, builder.add(arguments[2], ir.Constant(_INDEX, k * LANES)))
            total = builder.fadd(total, builder.fmul(_all(builder, arguments[4 + k]), row))
        builder.store(total, _place(builder, flat, arguments[8]), align=8)
        return context.get_dummy_value()

    kinds = (w, nb.uint64, nb.uint64, nb.float64, nb.float64, nb.float64, nb.float64, out, nb.uint64)
    return nb.void(*kinds), emit
