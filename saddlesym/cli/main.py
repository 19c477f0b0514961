"""The program ``saddlesym``: its commands, and what becomes of errors.

Exit status: 0 done, 1 something was checked and is false, 2 bad input or usage, or no memory,
3 nothing is false but something is undecided, 70 a fault of this program, 124 out of the time that
``--timeout`` gave, 130 interrupted, 141 the reader of the output went away, 143 terminated.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from saddlesym import __version__
from saddlesym.cli.commands.campaign import campaign
from saddlesym.cli.commands.chambers import census, chambers
from saddlesym.cli.commands.check import check
from saddlesym.cli.commands.compare import compare
from saddlesym.cli.commands.explore import explore
from saddlesym.cli.commands.flow import flow
from saddlesym.cli.commands.graph import graph
from saddlesym.cli.commands.path import path
from saddlesym.cli.commands.recover import recover
from saddlesym.cli.commands.saddles import saddles
from saddlesym.cli.commands.study import study
from saddlesym.cli.deep.group import deep
from saddlesym.cli.endings import (
    OUT_OF_TIME,
    TerminatedError,
    clock,
    reopen_standard_streams,
    terminable,
    told,
    with_timeout,
)
from saddlesym.cli.progress import ctrl_c_remembered
from saddlesym.cli.statements.conjecture import conjecture
from saddlesym.cli.statements.kernel import kernel
from saddlesym.cli.statements.theorems import theorems
from saddlesym.cli.statements.verify import verify
from saddlesym.errors import SaddlesymError, visible


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="saddlesym")
def cli() -> None:
    """Exact saddle-to-saddle dynamics of linear neural networks.

    DATA is a CSV file (header optional), .npy, .npz, - for standard input, or a shipped
    example such as diabetes. Numbers are read exactly: 0.1 is 1/10.
    """


for command in (
    explore,
    path,
    saddles,
    graph,
    flow,
    recover,
    compare,
    chambers,
    census,
    deep,
    theorems,
    verify,
    conjecture,
    campaign,
    study,
    check,
    kernel,
):
    cli.add_command(command)
with_timeout(cli)


# Matrices are small here: threads of BLAS only wait for each other. It is read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# No window is ever opened here; a backend that is not there would end the import of matplotlib.
os.environ["MPLBACKEND"] = "agg"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; errors become one line on stderr."""
    reopen_standard_streams()
    clock.rang, clock.seconds = 0, None
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Greek letters is no reason to stop
            stream.reconfigure(errors="replace")
    try:
        with terminable(), ctrl_c_remembered():
            result = cli.main(args=arguments, prog_name="saddlesym", standalone_mode=False)
            sys.stdout.flush()
            if clock.rang:
                return _fail(f"the {clock.seconds:g} s of --timeout are over", OUT_OF_TIME)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = f" {context.command_path.partition(' ')[2]}".rstrip() if context else ""
        return _fail(f"{' '.join(error.format_message().split())} (see saddlesym{where} --help)")
    except SaddlesymError as error:
        return _fail(" ".join(str(error).split()))
    except (KeyboardInterrupt, click.Abort):
        if clock.rang:
            return _fail(f"the {clock.seconds:g} s of --timeout are over", OUT_OF_TIME)
        return _fail("interrupted", 130)
    except TerminatedError as ended:
        return _fail("terminated", ended.status)
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        # the reader of our output went away: nothing more can be said, least of all a verdict
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except Exception as error:
        return _fail(*told(error))
    return result if isinstance(result, int) else 0


def run_study(file: str) -> int:
    """Run a case study as a program of its own: ``python study.py [--quick] [-o DIR]``."""
    from saddlesym.studies.library import Study, studies

    one = Study.of(Path(file))
    studies()[one.name] = one  # an edited copy stands for the shipped one
    return main(["study", one.name, *sys.argv[1:]])


def _fail(message: str, status: int = 2) -> int:
    with suppress(OSError):  # nobody is left to read it
        click.echo(f"saddlesym: {visible(message)}", err=True)
    return status
