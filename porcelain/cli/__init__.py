"""The command line: one module per verb, each parses and prints and nothing else.

Wrong use and impossible input end in one line per fault and exit code 2; findings and criteria not met in exit code 1.
"""

from __future__ import annotations

import importlib
import signal
import sys

import click
from click.shell_completion import CompletionItem

from ..errors import DesignError, PorcelainError, TableError, unknown

VERBS = {
    "learn": "Train a network of buckets and pipes on a data set.",
    "plan": "Give a network its dimensions in millimetres.",
    "simulate": "Pour water into a machine and follow it.",
    "fabricate": "Write a machine as printable meshes.",
    "inspect": "Read a machine back from its meshes.",
    "check": "Compare network, design, simulation and meshes.",
    "show": "Draw a network, a design or a run.",
    "guide": "Write the assembly guide of a machine.",
    "make": "Do all of this for a data set, in one folder.",
    "exchange": "Train or build a Neural Heat Exchanger.",
}
"""Every verb with the line that stands for it in the help."""


class Verbs(click.Group):
    """Loads a verb's module only when it is called, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs that begin so, without loading them, and the options of porcelain itself."""
        verbs = [CompletionItem(name, help=line) for name, line in VERBS.items() if name.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise click.UsageError(str(unknown("verb", args[0], VERBS)))
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, subcommand_metavar="VERB [ARGS]...", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="porcelain")
def porcelain() -> None:
    """Neural networks of buckets and pipes: train, plan, pour, print and check them.

    \b
    data -> network -> design -> run, parts -> report, files, page
       learn      plan     simulate, fabricate     check, show

    \b
    Examples: porcelain make iris -o build/iris
              porcelain learn --help
    """


def main() -> None:
    """Run the command line; the entry point of the ``porcelain`` script."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        porcelain(prog_name="porcelain", standalone_mode=False)
    except DesignError as error:
        _stop("\n".join(map(str, error.findings)), 2)
    except TableError as error:
        _stop("\n".join(" ".join(fault.split()) for fault in error.faults), 2)
    except PorcelainError as error:
        _stop(" ".join(str(error).split()), 2)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        _stop("stopped by you", 130)
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        _stop(" ".join(error.format_message().split()).rstrip(".") + hint, 2)
    except click.ClickException as error:
        _stop(" ".join(error.format_message().split()), 2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _terminated(*_: object) -> None:
    """Leave through every clean-up, so that no file is left half-written and no worker goes on."""
    raise SystemExit(128 + signal.SIGTERM)


def _stop(message: str, code: int) -> None:
    for line in message.splitlines():
        click.echo("porcelain: " + " ".join(line.split()), err=True)
    sys.exit(code)
