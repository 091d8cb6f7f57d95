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


class Written(torch.nn.Module):
    """A model with a forward of its own."""

    def __init__(self, forward, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.own = forward

    def forward(self, volumes):
        return self.own(self, volumes)


SHARED = PeLU(3, 3)


@pytest.mark.parametrize(
    "model",
    [
        Written(lambda m, v: m.b(m.a(m.a(v))), a=SHARED, b=PeLU(3, 3)),
        Written(lambda m, v: m.a(m.b(v)), a=PeLU(3, 3), b=PeLU(3, 3)),
        Written(lambda m, v: 2 * m.a(v), a=PeLU(3, 3)),
        Written(lambda m, v: m.a(v)[..., :2], a=PeLU(3, 3)),
        Written(lambda m, v: (m.a(v), v), a=PeLU(3, 3)),
        Written(lambda m, v: m.missing(v), a=PeLU(3, 3)),
        torch.nn.ModuleList([PeLU(3, 3)]),
    ],
)
def test_a_model_that_is_not_its_modules_in_turn_is_refused(model):
    with pytest.raises(PorcelainError, match="PeLU") as told:
        network_from_torch(model)
    assert "\n" not in str(told.value)
    assert model.training


@pytest.mark.parametrize(
    "model",
    [
        torch.nn.Sequential(SHARED, SHARED),
        torch.nn.Sequential(torch.nn.Sequential(PeLU(4, 3), torch.nn.Identity()), torch.nn.Sequential(PeLU(3, 2))),
        Written(lambda m, v: m.b(m.a(v)), a=PeLU(4, 6), b=PeLU(6, 2)),
    ],
)
def test_shared_nested_and_written_models_are_read_as_they_compute(model):
    network = network_from_torch(model)
    water = 20.0 * torch.rand(9, network.widths[0])
    np.testing.assert_allclose(network(water.numpy()), model(water).detach().numpy(), rtol=1e-4, atol=1e-4)


def test_volumes_of_another_width_are_refused():
    for shape in ((5, 1), (5, 3), ()):
        with pytest.raises(PorcelainError, match="last dimension must be 4"):
            PeLU(4, 3)(torch.ones(shape))


def test_device_and_drawing_anew():
    module = PeLU(4, 3, device="meta")
    assert module.height.device.type == module.logits.device.type == "meta"
    torch.manual_seed(1)
    module = PeLU(4, 3, dtype=torch.float64)
    first = module.height.detach().clone()
    module.reset_parameters()
    assert not torch.equal(first, module.height)
    torch.manual_seed(1)
    module.reset_parameters()
    assert torch.equal(first, module.height)


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_a_height_of_zero_grows_where_that_helps(optimizer):
    module = PeLU(1, 1, dtype=torch.float64)
    with torch.no_grad():
        module.height.zero_()
    stepper = optimizer(module.parameters(), lr=0.05)
    for _ in range(400):
        stepper.zero_grad()
        ((module(torch.full((1, 1), 5.0, dtype=torch.float64)) - 3.0) ** 2).sum().backward()
        stepper.step()
    assert module.height.item() ** 2 == pytest.approx(2.0, abs=1e-3)
    with torch.no_grad():
        module.height.zero_()
    stepper.zero_grad()
    ((module(torch.full((1, 1), 5.0, dtype=torch.float64)) - 7.0) ** 2).sum().backward()
    assert module.height.grad.item() == 0.0
