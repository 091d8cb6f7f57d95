"""Sections and the links that point the way the information flows."""

import numpy as np
import pytest

from porcelain.errors import PorcelainError
from porcelain.exchange import Section


def test_links_point_the_way_of_the_flow():
    a, b, c = Section(2, 1), Section(3, 2), Section(4, 3)
    assert (a > b > c) is c
    assert (b.network_input, c.network_input, a.network_input) == (a, b, None)
    assert (b.weight.shape, c.weight.shape) == ((2, 3), (3, 4))
    d, e, f = Section(2, 1), Section(3, 2), Section(4, 3)
    assert d < e < f
    assert (d.network_input, e.network_input, f.network_input) == (e, f, None)


def test_a_pipe_is_its_equation_and_keeps_every_activation():
    a, b, c = Section(2, 1), Section(3, 2), Section(1, 3)
    assert a > b > c
    x = np.array([0.3, -0.7])
    hidden = 1 / (1 + np.exp(-(x @ b.weight)))
    np.testing.assert_allclose(c(x), 1 / (1 + np.exp(-(hidden @ c.weight))), rtol=1e-15)
    np.testing.assert_array_equal(a.activation, x)
    np.testing.assert_allclose(b.activation, hidden, rtol=1e-15)
    np.testing.assert_allclose(c(np.array([x, x + 1]))[0], c(x), rtol=1e-15)


def test_relinking_draws_new_weights_of_the_new_shape():
    a, b, wide = Section(2, 1), Section(3, 2), Section(5, 3)
    assert a > b
    first = b.weight
    assert a > b
    assert not np.array_equal(first, b.weight)
    assert wide > b
    assert b.weight.shape == (5, 3)
    assert np.abs(b.weight).max() <= 1


def test_the_name_is_short_and_random():
    names = {repr(Section(2, seed)) for seed in range(50)}
    assert len(names) > 40
    assert all(len(name) == 5 and name[1:4].isdigit() for name in names)


def test_what_cannot_be_is_refused():
    a, b, c = Section(2, 1), Section(2, 2), Section(2, 3)
    assert a > b > c
    with pytest.raises(PorcelainError, match="cannot be a ring"):
        a.takes_input(c)
    with pytest.raises(PorcelainError, match="takes 2 numbers"):
        c([1.0, 2.0, 3.0])
    with pytest.raises(PorcelainError, match="not finite"):
        c([1.0, np.nan])
    with pytest.raises(PorcelainError, match="at least 1"):
        Section(0)
    with pytest.raises(TypeError):
        a > 3  # noqa: B015
