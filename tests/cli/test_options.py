"""Flags come from dataclasses: library and command line have the same defaults, and help lists what can be said."""

import inspect
import re
import shlex
from dataclasses import dataclass, fields

import click
import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import check, cli, exchange, learn
from porcelain.check import tolerance
from porcelain.check.monte_carlo import run_jobs
from porcelain.check.options import CheckOptions, Faults, InspectOptions, ToleranceOptions
from porcelain.cli.exchange import body, teach, thermal
from porcelain.cli.make import PLAN
from porcelain.cli.options import Flag, Verb, flags
from porcelain.errors import PorcelainError
from porcelain.exchange.options import ExchangeOptions, ThermalOptions
from porcelain.exchange.thermal import HeatExchanger, warm_up
from porcelain.fabricate.exchanger import parts as exchanger_parts
from porcelain.fabricate.options import BodyOptions, FabricateOptions
from porcelain.learn import LearnOptions
from porcelain.learn.recipe import RECIPES
from porcelain.options import option
from porcelain.plan import PlanOptions
from porcelain.water import WATERS


def commands():
    """Every command with its own name."""
    ctx = click.Context(cli.porcelain)
    found = {name: cli.porcelain.get_command(ctx, name) for name in cli.VERBS}
    group = found.pop("exchange")
    return found | {"exchange circle": teach} | {f"exchange {name}": one for name, one in group.commands.items()}


COMMANDS = commands()
RIGHT = {
    "learn": [],
    "plan": ["network.json"],
    "simulate": ["design.json"],
    "make": ["iris"],
    "exchange circle": ["circle"],
    "exchange thermal": [],
    "exchange body": [],
}


def test_every_command_is_looked_at():
    assert len(COMMANDS) == 12
    assert all(isinstance(command, Verb) for command in COMMANDS.values())
    assert {thermal, body} <= set(COMMANDS.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_call_without_options_has_the_defaults_of_the_dataclasses(name):
    command = COMMANDS[name]
    context = command.make_context(name, list(RIGHT.get(name, ["x"])))
    flags = [param for param in command.params if isinstance(param, Flag)]
    assert flags
    for flag in flags:
        assert context.params[flag.name] == getattr(flag.of, flag.name), flag.name
        assert flag.of == type(flag.of)() or flag.of is PLAN  # make pours real water


def test_make_differs_from_plan_in_its_water_alone():
    differ = {f.name for f in fields(PlanOptions) if getattr(PLAN, f.name) != getattr(PlanOptions(), f.name)}
    assert differ == {"water"}
    assert PLAN.water == WATERS["rinse_aid"]
    taken = {flag.name for flag in COMMANDS["make"].params}
    for verb in ("learn", "plan"):
        flags = [flag for flag in COMMANDS[verb].params if isinstance(flag, Flag)]
        asked = {flag.name for flag in flags if isinstance(flag.of, LearnOptions | PlanOptions)}
        assert asked
        assert asked <= taken


def defaults_of(call):
    """The defaults of a function or class, by argument."""
    found = inspect.signature(call).parameters.values()
    return {one.name: one.default for one in found if one.default is not inspect.Parameter.empty}


@pytest.mark.parametrize(
    ("call", "of", "names"),
    [
        (learn.fit, LearnOptions, {"seed": "seed", "recipe": "recipe", "folds": "folds", "repeats": "repeats"}),
        (tolerance.draw_machines, ToleranceOptions, {"machines": "machines"}),
        (run_jobs, ToleranceOptions, {"machines": "machines"}),
        (tolerance.draw_machines, CheckOptions, {"seed": "seed"}),
        (check.report, CheckOptions, {"seed": "seed"}),
        (check.inspect, InspectOptions, {"pitch_mm": "pitch_mm"}),
        (
            exchange.train,
            ExchangeOptions,
            {name: name for name in ("rule", "epochs", "step", "batch", "noise")},
        ),
        (
            HeatExchanger,
            ThermalOptions,
            {"length_mm": "length", "conductance_w_m_k": "conductance", "loss_w_m_k": "loss", "room_c": "room"},
        ),
        (warm_up, ThermalOptions, {"cells": "cells", "end_s": "seconds"}),
        (exchanger_parts, BodyOptions, {"length_mm": "length", "area_mm2": "area", "leg_mm": "leg"}),
    ],
)
def test_the_library_has_the_same_defaults(call, of, names):
    found, wanted = defaults_of(call), of()
    for argument, field in names.items():
        assert found[argument] == getattr(wanted, field), argument


@dataclass(frozen=True)
class Toy:
    """Options of a verb that does not exist."""

    machines: int = option(7, "Number of machines.", least=1, most=9)
    style: str = option("round", "Shape.", choices=("round", "square"), aliases=(("pipes", "square"),), group="Shapes")
    height_mm: float | None = option(None, "Height.", flag="-e --height", above=0)
    text: bool = option(True, "Emboss names.")
    dry: bool = option(False, "No water.")
    rows: tuple[int, ...] | None = option(None, "Rows.", least=1, most=5)
    hidden: str = "no flag"


def toy(*words):
    """What a command with the flags of Toy is called with."""
    seen = []

    @click.command(cls=Verb)
    @flags("toy", Toy, "Numbers")
    def command(toy):
        seen.append(toy)

    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    return seen[0] if seen else result.output


def test_flags_make_the_dataclass():
    assert toy() == Toy()
    words = ("--machines", "9", "--style", "pipes", "-e", "2.5", "--no-text", "--dry", "--rows", "2,3x2")
    assert toy(*words) == Toy(9, "square", 2.5, False, True, (2, 3, 3))
    assert toy("--rows", "").rows == ()


def test_help_has_sections_choices_and_defaults():
    said = toy("--help")
    assert said.index("Numbers:") < said.index("Shapes:") < said.index("Other:")
    assert "[round|square]" in said
    assert "[default: 7]" in said
    assert "--text / --no-text" in said
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--machines", "10"), "--machines is 10; a whole number from 1 to 9 is needed"),
        (("--machines", "2.5"), "--machines is 2.5; a whole number from 1 to 9 is needed"),
        (("--height", "0"), "--height is 0; a finite number above 0 is needed"),
        (("--height", "inf"), "--height is inf; a finite number above 0 is needed"),
        (("--style", "squar"), "unknown style 'squar'; did you mean 'square'?"),
        (("--rows", "6"), "--rows is 6; a whole number from 1 to 5 is needed"),
    ],
)
def test_limits_and_choices_are_kept(words, says):
    with pytest.raises(PorcelainError) as caught:
        toy(*words)
    assert str(caught.value) == says


def examples():
    """Every line of every help that calls porcelain, as words."""
    for command in COMMANDS.values():
        text = re.sub(r"\\\n\s*", " ", inspect.cleandoc(command.help or "").replace("\b", ""))
        for line in text.splitlines():
            if found := re.search(r"(?:Examples?:)?\s*(porcelain .*)", line):
                yield from (part.strip() for part in found[1].split("|"))


@pytest.mark.parametrize("line", sorted(set(examples())))
def test_every_example_can_be_parsed(line):
    words = shlex.split(line)
    assert words[0] == "porcelain"
    name = " ".join(words[1:3]) if words[1] == "exchange" and words[2] in ("thermal", "body") else words[1]
    command, rest = (COMMANDS[name], words[1 + len(name.split()) :]) if name in COMMANDS else (teach, words[2:])
    assert command.make_context(name, rest) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_verb_has_several_examples(name):
    assert len(re.findall(r"\bporcelain \w+", COMMANDS[name].help)) >= 2


def test_choices_are_listed_in_the_help(porcelain):
    _, said, _ = porcelain("learn", "--help")
    assert f"[{'|'.join(RECIPES)}]" in said
    for verb, choices in {"plan": "[ideal|tap|rinse_aid]", "simulate": "torricelli|weir", "plan ": "[auto|"}.items():
        assert choices in porcelain(verb.strip(), "--help")[1]


def test_no_words_are_the_ordinary_help(porcelain):
    code, said, wrong = porcelain()
    assert (code, wrong) == (0, "")
    assert said.rstrip() == porcelain("--help")[1].rstrip()
    for name, line in cli.VERBS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", said, re.M)
    code, said, _ = porcelain("exchange")
    assert code == 0
    assert "..." not in said


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Faults(bore_sd_mm=-1), "bore_sd_mm is -1; a finite number from 0 to 1000 is needed"),
        (lambda: Faults(tilt_sd_deg=float("nan")), "tilt_sd_deg is nan; a finite number from 0 to 90 is needed"),
        (lambda: ToleranceOptions(np.int64(0)), "machines is 0; a whole number from 1 to 10000000 is needed"),
        (lambda: ToleranceOptions(2.5), "machines is 2.5; a whole number from 1 to 10000000 is needed"),
        (lambda: FabricateOptions(format=("stl", "slt")), "unknown format 'slt'; did you mean 'stl'?"),
    ],
)
def test_the_library_says_what_kind_of_number_an_option_takes(make, says):
    """The field's type counts, and not the type of a wrong value."""
    with pytest.raises(PorcelainError) as caught:
        make()
    assert str(caught.value) == says
