from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: torch)")

import torch

from porcelain.data import load
from porcelain.errors import PorcelainError
from porcelain.learn import fit
from porcelain.learn.objective import Loss, Objective
from porcelain.learn.topology import Topology
from porcelain.learn.torch_module import PeLU, network_from_torch, torch_from_network

torch.set_num_threads(1)  # on networks this small, threads that wait for each other cost far more than they give

IRIS = load("iris")
WATER = 10.0 * IRIS.features
LABELS = torch.tensor(IRIS.labels)


def model_and_theta(widths, seed=0):
    torch.manual_seed(seed)
    layers = [PeLU(n, m, dtype=torch.float64) for n, m in pairwise(widths)]
    theta = np.concatenate([p.detach().numpy().ravel() for layer in layers for p in (layer.height, layer.logits)])
    return torch.nn.Sequential(*layers), theta


@pytest.mark.parametrize("widths", [(4, 3), (4, 3, 3), (4, 8, 5, 3)])
def test_outputs_and_gradients_equal_ours(widths):
    model, theta = model_and_theta(widths)
    cups = model(torch.from_numpy(WATER))
    loss = torch.nn.functional.cross_entropy(cups, LABELS)
    loss.backward()
    theirs = np.concatenate([p.grad.numpy().ravel() for layer in model for p in (layer.height, layer.logits)])
    value, gradient = Loss(WATER, IRIS.labels, Topology.full(widths), Objective())(theta)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())
    np.testing.assert_allclose(network_from_torch(model)(WATER), cups.detach().numpy(), rtol=1e-12, atol=1e-12)


def test_there_and_back_again_without_loss():
    network = fit(IRIS, recipe="plain", min_share=0.08, folds=0)
    model = torch_from_network(network)
    back = network_from_torch(model, network.encoding, network.class_names, network.name)
    for ours, theirs in zip(network.layers, back.layers, strict=True):
        np.testing.assert_allclose(theirs.thresholds, ours.thresholds, rtol=1e-12)
        np.testing.assert_allclose(theirs.shares, ours.shares, rtol=1e-12)
        np.testing.assert_array_equal(theirs.shares == 0, ours.shares == 0)
    np.testing.assert_allclose(model(torch.from_numpy(WATER)).detach().numpy(), network(WATER), rtol=1e-12, atol=1e-10)


def test_closed_pipes_stay_closed_in_training():
    network = fit(IRIS, recipe="plain", min_share=0.08, folds=0)
    model = torch_from_network(network)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    torch.nn.functional.cross_entropy(model(torch.from_numpy(WATER)), LABELS).backward()
    optimizer.step()
    after = network_from_torch(model, network.encoding, network.class_names)
    for ours, theirs in zip(network.layers, after.layers, strict=True):
        np.testing.assert_array_equal(theirs.shares == 0, ours.shares == 0)


def test_slips_into_a_float32_model():
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), PeLU(6, 3))
    assert model(torch.rand(2, 7, 4)).shape == (2, 7, 3)
    assert len(list(model[2].parameters())) == 2
    with pytest.raises(PorcelainError, match="Linear, ReLU"):
        network_from_torch(model)
    assert network_from_torch(PeLU(4, 3)).widths == (4, 3)


def test_the_articles_training_loop_reaches_its_two_percent():
    torch.manual_seed(0)
    model = torch.nn.Sequential(PeLU(4, 3), PeLU(3, 3))
    water, labels = torch.tensor(WATER, dtype=torch.float32), LABELS
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10_000):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(water), labels).backward()
        optimizer.step()
    wrong = (model(water).argmax(dim=1) != labels).sum().item()
    assert wrong <= 3
