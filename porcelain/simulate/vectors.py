"""Arithmetic on whole rows of lanes, said outright: LLVM cannot know that the places in one array differ.

A kernel is a Python function of places in the array ``w`` and of numbers; it is run once, while it is compiled, and
leaves the instructions behind. ``lanewise`` makes an intrinsic of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba as nb
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from .state import LANES

_ROW = ir.VectorType(ir.DoubleType(), LANES)
_INDEX = ir.IntType(64)


class Row:
    """A number in every lane or, from a comparison, yes or no."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, make: Callable[[Any, Any], Any], other: Row | float) -> Row:
        return Row(self.builder, make(self.value, _value(other)))

    def __add__(self, other: Row | float) -> Row:
        return self._with(self.builder.fadd, other)

    def __sub__(self, other: Row | float) -> Row:
        return self._with(self.builder.fsub, other)

    def __mul__(self, other: Row | float) -> Row:
        return self._with(self.builder.fmul, other)

    def __truediv__(self, other: Row | float) -> Row:
        return self._with(self.builder.fdiv, other)

    def __rmul__(self, other: float) -> Row:
        return self * other

    def __rtruediv__(self, other: float) -> Row:
        return Row(self.builder, _value(other)) / self

    def __and__(self, other: Row) -> Row:
        return self._with(self.builder.and_, other)

    def __or__(self, other: Row) -> Row:
        return self._with(self.builder.or_, other)

    def _is(self, how: str, other: Row | float) -> Row:
        return self._with(lambda one, two: self.builder.fcmp_ordered(how, one, two), other)

    def __lt__(self, other: Row | float) -> Row:
        return self._is("<", other)

    def __le__(self, other: Row | float) -> Row:
        return self._is("<=", other)

    def __gt__(self, other: Row | float) -> Row:
        return self._is(">", other)

    def __ge__(self, other: Row | float) -> Row:
        return self._is(">=", other)

    def equals(self, other: Row | float) -> Row:
        """Where both are the same."""
        return self._is("==", other)

    def then(self, one: Row | float, other: Row | float) -> Row:
        """``one`` where this is so, ``other`` elsewhere."""
        return Row(self.builder, self.builder.select(self.value, _value(one), _value(other)))

    def within(self, low: Row, high: Row) -> Row:
        """Itself, but no less than ``low`` and no more than ``high``; ``low`` where it is no number."""
        least = (self > low).then(self, low)
        return (least < high).then(least, high)

    def root(self) -> Row:
        """The square root."""
        return self._llvm("sqrt")

    def size(self) -> Row:
        """Without its sign."""
        return self._llvm("fabs")

    def grown(self, factor: Row, what: Row) -> Row:
        """``self + factor * what``, rounded once."""
        return factor._llvm("fma", what, self)

    def any(self) -> Any:
        """Whether it is so in any lane: a truth of the compiled program."""
        lanes = self.builder.bitcast(self.value, ir.IntType(LANES))
        return self.builder.icmp_unsigned("!=", lanes, ir.Constant(ir.IntType(LANES), 0))

    def _llvm(self, name: str, *others: Row) -> Row:
        kind = ir.FunctionType(_ROW, [_ROW] * (1 + len(others)))
        known = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.{name}.v{LANES}f64")
        return Row(self.builder, self.builder.call(known, [self.value, *(other.value for other in others)]))


def _value(number: Row | float) -> Any:
    """A row as LLVM knows it; a number is the same in every lane."""
    return number.value if isinstance(number, Row) else ir.Constant(_ROW, [float(number)] * LANES)


class Place:
    """Where the fields of a vessel or a pipe begin: ``place[FIELD]`` is a row, and can be set."""

    def __init__(self, builder: Any, data: Any, at: Any) -> None:
        self.builder, self.data, self.at = builder, data, at

    def _pointer(self, field: Any) -> Any:
        at = self.builder.add(self.at, ir.Constant(_INDEX, int(field)))
        return self.builder.bitcast(self.builder.gep(self.data, [at]), _ROW.as_pointer())

    def __getitem__(self, field: Any) -> Row:
        return Row(self.builder, self.builder.load(self._pointer(field), align=8, typ=_ROW))

    def __setitem__(self, field: Any, row: Row | float) -> None:
        self.builder.store(_value(row), self._pointer(field), align=8)


def lanewise(kernel: Callable[..., Any], w: Any, *kinds: Any, result: Any = nb.void) -> Any:
    """What an intrinsic of the array ``w`` and of arguments of these types has to return.

    ``kernel`` gets a Place for every index into w and a Row for every number.
    """
    wanted = [nb.float64 if isinstance(kind, nb.types.Float) else nb.uint64 for kind in kinds]

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _data(context, builder, signature.args[0], arguments[0])
        found = kernel(
            *(
                Row(builder, _all(builder, what)) if kind == nb.float64 else Place(builder, data, what)
                for kind, what in zip(wanted, arguments[1:], strict=True)
            )
        )
        return context.get_dummy_value() if found is None else found

    return result(w, *wanted), emit


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


def _all(builder: Any, number: Any) -> Any:
    """A row with the same number in every lane."""
    undefined = ir.Constant(_ROW, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


@intrinsic
def add(typing: Any, w: Any, to: Any, source: Any, factor: Any) -> Any:
    """w[to : to + LANES] += factor * w[source : source + LANES]."""

    def kernel(to: Place, source: Place, factor: Row) -> None:
        to[0] = to[0] + factor * source[0]

    return lanewise(kernel, w, to, source, factor)


@intrinsic
def move(typing: Any, w: Any, to: Any, source: Any) -> Any:
    """w[to : to + LANES] = w[source : source + LANES]."""

    def kernel(to: Place, source: Place) -> None:
        to[0] = source[0]

    return lanewise(kernel, w, to, source)


@intrinsic
def clear(typing: Any, w: Any, to: Any) -> Any:
    """w[to : to + LANES] = 0."""

    def kernel(to: Place) -> None:
        to[0] = 0.0

    return lanewise(kernel, w, to)


@intrinsic
def some(typing: Any, w: Any, at: Any) -> Any:
    """Whether w[at + i] > 0 in any lane."""
    return lanewise(lambda at: (at[0] > 0.0).any(), w, at, result=nb.boolean)


@intrinsic
def gather(typing: Any, w: Any, to: Any, sources: Any, row: Any, shares: Any, first: Any, last: Any) -> Any:
    """Add two rows at ``to`` on: the sum over i of shares[i] times the two rows at sources[i] + row on."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, places, factors = (_data(context, builder, signature.args[k], arguments[k]) for k in (0, 2, 4))
        into = Place(builder, data, arguments[1])
        sums = [cgutils.alloca_once(builder, _ROW) for _ in range(2)]
        for k, total in enumerate(sums):
            builder.store(into[k * LANES].value, total)
        with cgutils.for_range_slice(builder, arguments[5], arguments[6], ir.Constant(_INDEX, 1), intp=_INDEX) as (
            i,
            _,
        ):
            source = builder.load(builder.gep(places, [i]), typ=_INDEX)
            here = Place(builder, data, builder.add(source, arguments[3]))
            factor = Row(builder, _all(builder, builder.load(builder.gep(factors, [i]), typ=ir.DoubleType())))
            for k, total in enumerate(sums):
                grown = Row(builder, builder.load(total, typ=_ROW)).grown(factor, here[k * LANES])
                builder.store(grown.value, total)
        for k, total in enumerate(sums):
            into[k * LANES] = Row(builder, builder.load(total, typ=_ROW))
        return context.get_dummy_value()

    return nb.void(w, nb.uint64, sources, nb.uint64, shares, nb.int64, nb.int64), emit


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
