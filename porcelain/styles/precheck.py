"""Checks of a network before it is laid out: what is refused, and which pipes are closed as too narrow to print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import Finding
from ..network import Layer, Network

MAX_PIPES = 300  # booleans over long slanted pipes grow steeply beyond; measured with manifold3d
MAX_TIERS = 4


def unprintable(network: Network, floor: float) -> list[Finding]:
    """Findings about a network that no style lays out; ``floor`` is the smallest share that can be printed."""
    findings = []
    if len(network.layers) > MAX_TIERS:
        findings.append(
            Finding("rows of buckets", network.name, str(len(network.layers)), str(MAX_TIERS), "train fewer layers")
        )
    if network.n_pipes > MAX_PIPES:
        advice = f"train with fewer buckets or with --pipes {MAX_PIPES}"
        findings.append(Finding("number of pipes", network.name, str(network.n_pipes), str(MAX_PIPES), advice))
    for k, layer in enumerate(network.layers):
        for i in np.flatnonzero(layer.shares.max(axis=1) < floor):
            best = f"{layer.shares[i].max():.3f}"
            advice = "use fewer targets or a printer that makes narrower channels"
            findings.append(Finding("largest share", f"b{k}.{i}", best, f"{floor:.3f}", advice))
    best = network.layers[-1].shares.max(axis=0)
    advice = f"its cup would stay dry; train with --min-share {floor:.3f}, or without that class"
    dry = np.flatnonzero(best < floor)
    return findings + [Finding("largest share", f"c{j}", f"{best[j]:.3f}", f"{floor:.3f}", advice) for j in dry]


def close_small_shares(network: Network, floor: float) -> tuple[Network, list[Finding]]:
    """The network without pipes below the printable floor, rows renormalised, and what was closed."""
    layers, findings = [], []
    for k, layer in enumerate(network.layers):
        shares = layer.shares.copy()
        for i, j in np.argwhere((shares > 0) & (shares < floor)):
            advice = (
                f"closed, and the other branches of b{k}.{i} widened; train with --min-share {floor:.3f} to keep it"
            )
            findings.append(Finding("share", f"p{k}.{i}-{j}", f"{shares[i, j]:.4f}", f"{floor:.3f}", advice, "warning"))
            shares[i, j] = 0.0
        layers.append(Layer(layer.thresholds, shares / shares.sum(axis=1, keepdims=True)))
    return replace(network, layers=tuple(layers)), findings
