#!/usr/bin/env python3
"""How exact the simulator is: random machines of every kind against the same solver at 1e-12, one Markdown table."""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "simulate"))
from draws import errors

TOLERANCES = (1e-6, 1e-8, 1e-10)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--machines", type=int, default=1000)
    options.add_argument("--first", type=int, default=0, help="seed of the first machine")
    given = options.parse_args()
    found = np.array([errors(seed, TOLERANCES) for seed in range(given.first, given.first + given.machines)])
    print(
        "| tolerance | within it | within 3 times | median | worst (seed) | mass, worst | machines with other events |"
    )
    print("|---|---|---|---|---|---|---|")
    for k, tolerance in enumerate(TOLERANCES):
        off, mass, event = found[:, k].T
        off = off / tolerance
        print(
            f"| {tolerance:.0e} | {np.mean(off <= 1):.1%} | {np.mean(off <= 3):.1%} | {np.median(off):.2f}"
            f" | {off.max():.3g} ({given.first + int(off.argmax())}) | {mass.max():.0e}"
            f" | {int(np.isinf(event).sum())} |"
        )


if __name__ == "__main__":
    main()
