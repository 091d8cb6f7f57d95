"""Local rules: local they are, and each does what its paper says."""

import numpy as np
import pytest

from porcelain.exchange import new, rule_loops
from porcelain.exchange import rules as r
from porcelain.exchange.training import _flow

WIDTHS = (2, 5, 4, 4, 3)
M = 6


def running(seed=3):
    """Both pipes after a batch has run through them: F up, B down with the target's correction."""
    rng = np.random.default_rng(seed)
    flow = _flow(new(WIDTHS, rng), M)
    last = len(WIDTHS) - 1
    r.rows(flow.f, 0, M, 2)[:] = rng.uniform(-1, 1, (M, 2))
    r.rows(flow.b, last, M, 3)[:] = rng.choice([-1.0, 1.0], (M, 3))
    for k in range(1, last + 1):
        r.rise(flow, k, M)
    for k in range(last, 0, -1):
        r.target_fall(flow, k, M)
    return flow


def weights(flow, pipe, k):
    return r.section(flow, pipe, k)[0]


NOISE = np.random.default_rng(0).normal(0, 0.3, (M, 5))
LEARNERS = {
    "target, section of F": (r.F, lambda flow, k: r.target_follow(flow, k, M, 0.1)),
    "target, section of B": (r.B, lambda flow, k: r.target_rebuild(flow, k, M, NOISE[:, : WIDTHS[k]], 0.1)),
    "delta, section of F": (r.F, lambda flow, k: r.delta_follow(flow, r.F, k, M, 0.1)),
    "delta, section of B": (r.B, lambda flow, k: r.delta_follow(flow, r.B, k, M, 0.1)),
}


@pytest.mark.parametrize("k", range(1, len(WIDTHS)))
@pytest.mark.parametrize("name", LEARNERS)
def test_a_section_learns_the_same_when_all_but_its_neighbours_are_nan(name, k):
    pipe, rule = LEARNERS[name]
    free, poisoned = running(), running()
    for store in (poisoned.f, poisoned.b):
        keep = store[k - 1 : k + 1].copy()
        store[:] = np.nan
        store[k - 1 : k + 1] = keep
    own = weights(poisoned, pipe, k).copy()
    for every in (poisoned.forward, poisoned.backward, poisoned.scratch):
        every[:] = np.nan
    weights(poisoned, pipe, k)[:] = own
    rule(free, k)
    rule(poisoned, k)
    np.testing.assert_array_equal(weights(free, pipe, k), weights(poisoned, pipe, k))
    assert np.abs(weights(free, pipe, k) - own).max() > 1e-4
    others = running()
    for p in (r.F, r.B):
        for j in range(1, len(WIDTHS)):
            if (p, j) != (pipe, k):
                np.testing.assert_array_equal(weights(free, p, j), weights(others, p, j))


@pytest.mark.parametrize("k", range(1, len(WIDTHS)))
def test_the_target_falls_with_only_its_neighbours_in_sight(k):
    free, poisoned = running(), running()
    known = r.rows(poisoned.b, k, M, WIDTHS[k]).copy()
    beside = poisoned.f[k - 1 : k + 1].copy()
    for every in (poisoned.f, poisoned.b, poisoned.forward, poisoned.scratch):
        every[:] = np.nan
    own = weights(free, r.B, k).copy()
    poisoned.backward[:] = np.nan
    weights(poisoned, r.B, k)[:] = own
    r.rows(poisoned.b, k, M, WIDTHS[k])[:] = known
    poisoned.f[k - 1 : k + 1] = beside
    r.target_fall(poisoned, k, M)
    low = WIDTHS[k - 1]
    np.testing.assert_array_equal(r.rows(free.b, k - 1, M, low), r.rows(poisoned.b, k - 1, M, low))


def test_the_articles_rule_sees_one_section_and_its_neighbours():
    rng = np.random.default_rng(2)
    w, f, b = rng.uniform(-1, 1, (4, 4, 3)), rng.uniform(0, 1, (5, 3)), rng.uniform(0, 1, (5, 3))
    poison = [np.full_like(a, np.nan) for a in (w, f, b)]
    poison[0][2], poison[1][2:4], poison[2][3] = w[2], f[2:4], b[3]
    expected = w[2, :3] + w[2, :3] / w[2, :3].sum(axis=0) * ((f[2] - f[3]) + (b[3] - f[3])) * 0.1
    r.article_change(poison[0], 2, poison[1], 2, 3, poison[2], 0.1)
    np.testing.assert_allclose(poison[0][2, :3], expected, rtol=1e-14)
    assert np.isnan(poison[0][[0, 1, 3]]).all()


def test_the_target_is_reached_exactly_by_a_perfect_way_back():
    """Where B undoes F, target - value = B(target above) - B(value above): the definition, in plain NumPy."""
    flow = running()
    for k in range(len(WIDTHS) - 1, 0, -1):
        v, nonlinearity = r.section(flow, r.B, k)
        shape = np.tanh if nonlinearity == r.TANH else (lambda z: z)
        f, t = r.rows(flow.f, k, M, WIDTHS[k]), r.rows(flow.b, k, M, WIDTHS[k])
        expected = r.rows(flow.f, k - 1, M, WIDTHS[k - 1]) + shape(t @ v[:-1] + v[-1]) - shape(f @ v[:-1] + v[-1])
        np.testing.assert_allclose(r.rows(flow.b, k - 1, M, WIDTHS[k - 1]), expected, atol=1e-14)


@pytest.mark.parametrize(("nonlinearity", "slope"), [(r.TANH, lambda y: 1 - y**2), (r.SIGMOID, lambda y: y * (1 - y))])
def test_the_delta_rule_descends_the_squared_error(nonlinearity, slope):
    rng = np.random.default_rng(1)
    x, w, wanted = rng.normal(size=(M, 3)), rng.normal(size=(4, 2)), rng.uniform(-1, 1, (M, 2))
    own, error, step = np.empty((M, 2)), np.empty((M, 2)), 1e-3
    r.run(x, w, nonlinearity, own)
    error[:] = wanted - own
    r.scale_by_slope(error, own, nonlinearity)
    np.testing.assert_allclose(error, (wanted - own) * slope(own), rtol=1e-14)
    moved = w.copy()
    r.correct(x, error, moved, step)

    def loss(weights):
        out = np.empty((M, 2))
        r.run(x, weights, nonlinearity, out)
        return 0.5 * ((wanted - out) ** 2).sum() / M

    for at in np.ndindex(*w.shape):
        nudged = [w.copy(), w.copy()]
        nudged[0][at] += 1e-6
        nudged[1][at] -= 1e-6
        slope_there = (loss(nudged[0]) - loss(nudged[1])) / 2e-6
        assert (moved - w)[at] / step == pytest.approx(-slope_there, abs=1e-8)


def test_the_compiled_epoch_is_difference_target_propagation_in_plain_numpy():
    """Strict DTP written down once more in matrices: rebuild, fall, follow, batch by batch."""
    rng = np.random.default_rng(4)
    start = new(WIDTHS, rng)
    x, y = rng.uniform(-1, 1, (14, 2)), rng.choice([-1.0, 1.0], (14, 3))
    order, noise, steps = rng.permutation(14), rng.normal(0, 0.3, (14, sum(WIDTHS[1:]))), np.array([0.2, 0.1, 0.05])
    flow = _flow(start, M)
    rule_loops.target(flow, x, y, order, noise, M, steps)
    f_weights, b_weights = [w.copy() for w in start.forward_weights], [w.copy() for w in start.backward_weights]
    shapes = [lambda z: z, *[np.tanh] * 3]

    def correct(weights, x, error, step):
        x = np.column_stack([x, np.ones(len(x))])
        weights += min(step, 2 / (x**2).sum(axis=1).mean()) * x.T @ error / len(x)

    for turn, step in enumerate(steps):
        rows = slice(turn * M, min((turn + 1) * M, 14))
        carried = [x[order[rows]]]
        for w in f_weights:
            carried.append(np.tanh(carried[-1] @ w[:-1] + w[-1]))
        column = 0
        for k, (w, shape) in enumerate(zip(b_weights, shapes, strict=True)):
            noisy = carried[k + 1] + noise[rows, column : column + WIDTHS[k + 1]]
            column += WIDTHS[k + 1]
            rebuilt = shape(noisy @ w[:-1] + w[-1])
            correct(w, noisy, (carried[k] - rebuilt) * (1 - rebuilt**2 if k else 1.0), rule_loops.LEAD * step)
        wanted = [y[order[rows]]]
        for k in reversed(range(len(b_weights))):
            w, shape = b_weights[k], shapes[k]
            back = shape(wanted[0] @ w[:-1] + w[-1]) - shape(carried[k + 1] @ w[:-1] + w[-1])
            wanted.insert(0, carried[k] + back)
        for k, w in enumerate(f_weights):
            correct(w, carried[k], (wanted[k + 1] - carried[k + 1]) * (1 - carried[k + 1] ** 2), step)
    np.testing.assert_allclose(flow.forward, np.concatenate([w.ravel() for w in f_weights]), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(flow.backward, np.concatenate([w.ravel() for w in b_weights]), rtol=1e-10, atol=1e-13)
