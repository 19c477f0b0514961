"""One verb for one notion: Python, the command line and both documents agree in names, order and defaults."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import click
import pytest

import saddlesym
from saddlesym.chambers.census import census
from saddlesym.chambers.partition import chambers
from saddlesym.cli.main import cli
from saddlesym.deep.experiments.initialisation import initialisation_study

#: Each command, the verb that it calls, and what of the verb is no option of it.
COMMANDS: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "path": (saddlesym.saddle_path, set()),
    "saddles": (saddlesym.saddles, {"max_rank"}),
    "graph": (saddlesym.transition_graph, {"max_rank"}),
    "flow": (saddlesym.flow, {"direction", "seed", "max_rank"}),
    "recover": (saddlesym.recover_jump_times, {"seed"}),
    "explore": (saddlesym.explore, set()),
    "verify": (saddlesym.verify, {"ids"}),
    "chambers": (chambers, set()),
    "census": (census, set()),
    "deep saddles": (saddlesym.transition_graph, {"reachable", "max_support"}),
    "deep flow": (
        saddlesym.flow,
        {"depth", "kappa", "certify", "stop_loss", "stop_residual", "data_precision", "direction"},
    ),
    "deep greedy": (saddlesym.greedy_path, set()),
    "deep escape": (saddlesym.escape, set()),
    "deep verify": (saddlesym.verify, {"ids", "instances"}),
    "deep initialisation": (initialisation_study, set()),
}
#: What no command has: the data themselves, and what only a program can pass.
NEVER = {"problem", "family", "target", "progress", "stop", "stop_path", "keep"}
#: Options whose default is another on the command line, and why.
OTHER_DEFAULTS = {
    "jobs": "workers import the program that starts them: a library does not start any unasked",
    "budget": "a program bounds the time that data of any size may take",
    "check_budget": "the same",
}


def command(words: str) -> click.Command:
    found: Any = cli
    for word in words.split():
        found = found.commands[word]
    return found


def options(words: str) -> dict[str, click.Parameter]:
    return {str(p.name): p for p in command(words).params}


def parameters(verb: Callable[..., Any], left_out: set[str]) -> dict[str, inspect.Parameter]:
    every = inspect.signature(verb).parameters
    assert left_out <= every.keys()
    return {name: p for name, p in every.items() if name not in left_out | NEVER}


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_have_the_parameters_of_their_verbs_in_the_same_order(words: str) -> None:
    verb, left_out = COMMANDS[words]
    names = list(parameters(verb, left_out))
    assert [name for name in options(words) if name in names] == names


@pytest.mark.parametrize("words", COMMANDS)
def test_defaults_are_the_same(words: str) -> None:
    """Where click has none, the help says what Python has."""
    verb, left_out = COMMANDS[words]
    given = options(words)
    for name, parameter in parameters(verb, left_out).items():
        if name in OTHER_DEFAULTS:
            assert "Default: " in (given[name].help or ""), name
            continue
        default, option = parameter.default, given[name]
        chosen = option.get_default(click.Context(command(words)))
        chosen = None if "UNSET" in repr(chosen) else chosen
        if option.multiple:
            assert (chosen or (), default or ()) == ((), ()), name
        elif chosen is None and default is not None and default is not inspect.Parameter.empty:
            assert f"Default: {default}" in (option.help or "") or default is False, (name, option.help)
        elif default is not inspect.Parameter.empty:
            assert chosen == default, (name, chosen, default)


def check_settings() -> dict[str, inspect.Parameter]:
    return parameters(saddlesym.check_transitions, {"graph"})


def test_graph_has_the_parameters_of_check_transitions_too() -> None:
    names = list(check_settings())
    assert [name for name in options("graph") if name in names] == names
    for name, parameter in check_settings().items():
        if name not in ("which", "resume", "jobs", "arc_lengths"):
            assert f"Default: {parameter.default}" in options("graph")[name].help


VERBS = [
    *{verb for verb, _ in COMMANDS.values()},
    saddlesym.certify,
    saddlesym.check_transitions,
    saddlesym.heteroclinic_orbit,
    saddlesym.path_of_shape,
    saddlesym.shape_for_chain,
    saddlesym.stopping_time,
]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_docstrings_describe_every_parameter_in_order(verb: Callable[..., Any]) -> None:
    text = inspect.getdoc(verb) or ""
    args = re.search(r"^Args:\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    assert args is not None, text
    described = re.findall(r"^    (\w+): ", args[1], re.MULTILINE)
    assert described == list(inspect.signature(verb).parameters)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_one_word_for_one_thing(verb: Callable[..., Any]) -> None:
    """What was called two ways is called one."""
    gone = {"t_end", "init_shape", "processes", "reachable_from_origin", "decades", "out"}
    names = set(inspect.signature(verb).parameters)
    assert not names & gone
    positional = [p for p in inspect.signature(verb).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= 3, "after what it is about, options are passed by name"


def every_command() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []

    def walk(group: Any, words: list[str]) -> None:
        for name, one in group.commands.items():
            if isinstance(one, click.Group):
                walk(one, [*words, name])
            else:
                found.append((" ".join([*words, name]), one))

    walk(cli, [])
    return found


@pytest.mark.parametrize(("words", "one"), every_command(), ids=lambda x: x if isinstance(x, str) else "")
def test_options_mean_one_thing_in_all_commands(words: str, one: click.Command) -> None:
    named = {opt: p for p in one.params for opt in p.opts}
    assert not {"--out", "--processes", "--shape", "--recover"} & named.keys()
    if "-o" in named:
        assert named["-o"] is named["--output"]
        assert named["-o"].metavar.startswith(("FILE", "DIR"))
    for name in ("--jobs", "--seed", "--digits", "--until", "--plot"):
        if name in named:
            assert named[name].help, (words, name)
    if "--plot" in named and words != "theorems":
        assert named["--plot"].help == "Figure as .svg, .png or .pdf."
