"""Small machines to inspect: a tower and a stair."""

import numpy as np
import pytest

from porcelain import fabricate, plan
from porcelain.check import reread
from porcelain.encoding import Encoding
from porcelain.machine.assembly import Assembly
from porcelain.network import Layer, Network


def small(first=0.6):
    layer = Layer([6.0, 3.0, 9.0], [[first, 1.0 - first], [1.0, 0.0], [0.3, 0.7]])
    n = layer.n_in
    encoding = Encoding(("a", "b", "c"), ("cm",) * n, np.zeros(n), np.ones(n), np.zeros(n), np.full(n, 20.0))
    return Network((layer,), encoding, ("low", "high"), "small")


@pytest.fixture(scope="session")
def small_network():
    return small


@pytest.fixture(scope="module")
def machine():
    design = plan.design(small(), style="tower")
    parts = reread(fabricate.parts(design))
    return design, parts, Assembly.of(design, parts)


@pytest.fixture(scope="module")
def stair():
    design = plan.design(small(0.55), style="terrace")
    parts = reread(fabricate.parts(design))
    return design, parts, Assembly.of(design, parts)
