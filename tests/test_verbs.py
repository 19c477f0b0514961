"""Each verb looks at the problem; every flow obeys one protocol; what belongs to another network is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import saddlesym
from saddlesym import (
    BadInputError,
    DeepLinearProblem,
    DiagonalProblem,
    FlowResult,
    Progress,
    certify,
    flow,
    recover_jump_times,
    saddle_path,
    saddles,
    stopping_time,
    transition_graph,
)
from saddlesym.deep import DeepRecovery, DeepSaddle, graded_flow
from saddlesym.diagonal import Saddle

DIAGONAL = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
DEEP = DeepLinearProblem.whitened([[2, 0], [0, 1]])

#: Every flow there is, followed to its rest.
FLOWS: dict[str, Callable[[], Any]] = {
    "two layers": lambda: flow(DIAGONAL, "1e-20", digits=8),
    "two layers, not certified": lambda: flow(DIAGONAL, "1e-20", digits=8, certify=False),
    "three layers": lambda: flow(DIAGONAL, "1e-20", digits=6, depth=3),
    "two matrices": lambda: flow(DEEP, "1e-20", digits=8),
    "three matrices": lambda: flow(DeepLinearProblem.whitened([[2, 0], [0, 1]], depth=3), "3e-2", digits=6),
    "two matrices in float64": lambda: graded_flow(DEEP, "1e-20"),
}
#: Until 1/2, where a flow does not yet rest.
SHORT: dict[str, Callable[[], Any]] = {
    "two layers": lambda: flow(DIAGONAL, "1e-20", digits=8, until="1/2"),
    "three layers": lambda: flow(DIAGONAL, "1e-20", digits=6, depth=3, until="1/2"),
    "two matrices": lambda: flow(DEEP, "1e-20", digits=8, until="3/4"),
    "two matrices in float64": lambda: graded_flow(DEEP, "1e-20", until=0.75),
}
#: What the protocol names.
PROTOCOL = ("problem", "scale", "until", "jumps", "end", "settled", "certified", "steps")
METHODS = ("times", "loss", "to_dict", "to_frame", "grid")


@pytest.fixture(scope="module")
def followed() -> dict[str, Any]:
    return {name: make() for name, make in FLOWS.items()}


@pytest.mark.parametrize("name", FLOWS)
def test_every_flow_obeys_the_protocol(followed: dict[str, Any], name: str) -> None:
    found = followed[name]
    assert isinstance(found, FlowResult)
    assert all(hasattr(found, attribute) for attribute in PROTOCOL)
    assert all(callable(getattr(found, method)) for method in METHODS)
    assert found.settled is True
    assert found.certified is (name in ("two layers", "three layers"))
    assert isinstance(found.steps, int)
    assert found.steps > 0
    assert str(found.scale) == ("3e-2" if name == "three matrices" else "1e-20")


@pytest.mark.parametrize("name", FLOWS)
def test_times_jumps_and_frames_agree(followed: dict[str, Any], name: str) -> None:
    found = followed[name]
    times = [float(t) for t in found.times()]
    assert times == [float(jump.time) for jump in found.jumps]
    assert times == sorted(times)
    assert len(times) == 2
    assert times[-1] < float(found.end)
    frame = found.to_frame()
    assert len(frame) == len(times)
    assert [float(t) for t in frame["t"]] == pytest.approx(times)
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("name", FLOWS)
def test_the_learned_map_and_its_loss_at_a_time(followed: dict[str, Any], name: str) -> None:
    """At the end the target is reached; a time beyond is refused in one line."""
    found = followed[name]
    end, deep = found.end, isinstance(found.problem, DeepLinearProblem)
    value = found.A(end) if deep else found.beta(end)
    flat = [float(x) for row in value for x in row] if deep else list(map(float, value))
    assert flat == pytest.approx([2, 0, 0, 1] if deep else [1.5, -1 / 3], abs=1e-3)
    assert float(found.loss(end)) == pytest.approx(0, abs=1e-6)
    assert float(found.loss(0)) == pytest.approx(2.5, rel=1e-2)
    assert hasattr(found, "beta") is not deep


@pytest.mark.parametrize("name", FLOWS)
def test_documents_name_what_the_protocol_names(followed: dict[str, Any], name: str) -> None:
    document = json.loads(json.dumps(followed[name].to_dict()))
    assert {"alpha", "certified", "settled", "end", "jumps", "steps"} <= document.keys()
    assert "t_end" not in document


@pytest.mark.parametrize("name", SHORT)
def test_a_flow_ends_where_it_is_told(name: str) -> None:
    found = SHORT[name]()
    last = Fraction(3, 4) if "matrices" in name else Fraction(1, 2)
    assert float(found.until) == float(last)
    assert float(found.end) == pytest.approx(float(last))
    assert found.settled is False
    assert len(found.jumps) == 1
    with pytest.raises(BadInputError) as caught:
        found.loss(1)
    assert "\n" not in str(caught.value)


def test_verbs_look_at_the_problem() -> None:
    assert {type(s) for s in saddles(DIAGONAL)} == {Saddle}
    assert {type(s) for s in saddles(DEEP)} == {DeepSaddle}
    assert repr(transition_graph(DIAGONAL)) == "SaddleGraph(4 saddles, 4 transitions (elementary), d=2)"
    assert repr(transition_graph(DEEP)) == "DeepSaddleGraph(4 saddles, 5 transitions (elementary))"
    assert [len(list(saddles(p, **options))) for p, options in (
        (DIAGONAL, {"max_support": 1}), (DEEP, {"max_rank": 1}))] == [3, 3]  # fmt: skip


def test_jump_times_are_recovered_from_flows_of_either_network() -> None:
    shallow = recover_jump_times(DIAGONAL, ["1e-50", "1e-100", "1e-200"], digits=20)
    assert [jump.exact for jump in shallow.jumps] == [Fraction(1, 3), Fraction(2, 3)]
    deep = recover_jump_times(DEEP, ["1e-20", "1e-40", "1e-80"])
    assert isinstance(deep, DeepRecovery)
    assert deep.times() == pytest.approx([0.5, 1])
    assert len(deep.to_frame()) == 2
    again = recover_jump_times(DEEP, ["1e-80", "1e-20", "1e-40"])  # in any order
    assert again == deep


def test_certificates_are_made_from_the_data_of_any_result() -> None:
    for result in (saddle_path(DIAGONAL), transition_graph(DIAGONAL), transition_graph(DEEP)):
        assert certify(result).holds is True
    wide = transition_graph(DEEP, elementary=False)
    assert certify(wide).holds is True


@pytest.mark.parametrize("what", [3, flow, DIAGONAL])
def test_what_is_no_result_is_not_certified(what: Any) -> None:
    with pytest.raises(BadInputError, match="a saddle path or a graph of saddles"):
        certify(what)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: flow(DEEP, kappa=[1]), "kappa=.* it is for diagonal networks"),
        (lambda: flow(DEEP, stop_loss=1), "stop_loss='1'.*diagonal networks"),
        (lambda: flow(DEEP, depth=3), "depth='3'.*depth=2, that of the problem"),
        (lambda: flow(DEEP, certify=True), "certify=True.*estimated, not proved"),
        (lambda: flow(DIAGONAL, max_rank=1), "max_rank='1'.*deep linear networks"),
        (lambda: flow(DIAGONAL, seed=0), "seed='0'.*deep linear networks"),
        (lambda: flow(DIAGONAL, direction=[[1]]), "direction=.*deep linear networks"),
        (lambda: flow(DIAGONAL, depth=1), "depth='1'; needed: 2 <= depth <= 20"),
        (lambda: flow(DIAGONAL, depth=3, stop_loss=1), "stop_loss='1'.*depth two"),
        (lambda: flow(DIAGONAL, kappa=[1, 2], stop_loss=1), "kappa="),
        (lambda: flow([[1]]), "needed: a problem"),
        (lambda: saddles(DEEP, max_support=1), "max_support='1'.*max_rank here"),
        (lambda: saddles(DIAGONAL, max_rank=1), "max_rank='1'.*max_support here"),
        (lambda: transition_graph(DEEP, max_support=1), "max_support='1'.*max_rank here"),
        (lambda: transition_graph(DIAGONAL, max_rank=1), "max_rank='1'.*max_support here"),
        (lambda: recover_jump_times(DEEP, digits=30), "digits='30'.*diagonal networks"),
        (lambda: recover_jump_times(DIAGONAL, seed=1), "seed='1'.*deep linear networks"),
        (lambda: recover_jump_times(DEEP, ["1e-20", "1e-40"]), "scales"),
        (lambda: recover_jump_times(DEEP, ["1e-20", "1e-20", "1e-40"]), "scales"),
    ],
)  # fmt: skip
def test_options_of_another_network_are_refused_in_one_line(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(BadInputError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        (lambda: saddle_path(DEEP), "DiagonalProblem; try: greedy_path"),
        (lambda: saddlesym.explore(DEEP, quick=True), "DiagonalProblem"),
        (lambda: saddlesym.path_of_shape(DEEP, [1]), "DiagonalProblem"),
        (lambda: saddlesym.shape_for_chain(DEEP, [[], [0]]), "DiagonalProblem"),
        (lambda: saddlesym.heteroclinic_orbit(DEEP, [0], [0]), "DiagonalProblem"),
        (lambda: stopping_time(DEEP, stop_loss=1), "DiagonalProblem"),
        (lambda: saddlesym.greedy_path(DIAGONAL), "DeepLinearProblem; try: saddle_path"),
        (lambda: saddlesym.escape(DIAGONAL), "DeepLinearProblem"),
        (lambda: saddlesym.check_transitions(transition_graph(DEEP)), "SaddleGraph"),
        (lambda: saddlesym.verify(["loss-falls"]), "a problem, or none"),
        (lambda: saddle_path([[1, 2]]), "DiagonalProblem"),
    ],
)
def test_a_problem_of_the_other_kind_is_refused_in_one_line(call: Callable[[], Any], needed: str) -> None:
    with pytest.raises(BadInputError, match=f"needed: {needed}") as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_flow_ends_by_the_stops_of_the_path() -> None:
    stop = {"stop_loss": "0.26"}
    end = stopping_time(DIAGONAL, **stop)
    found = flow(DIAGONAL, "1e-50", digits=8, **stop)
    assert found.until == end
    assert len(found.jumps) == 1
    assert flow(DIAGONAL, "1e-50", digits=8, until="2/5", **stop).until == Fraction(2, 5)
    recovery = recover_jump_times(DIAGONAL, ["1e-50", "1e-100", "1e-200"], digits=12, **stop)
    assert [jump.exact for jump in recovery.jumps] == [Fraction(1, 3)]


#: Verbs that take long, and what they count.
LONG: dict[str, tuple[Callable[..., Any], str]] = {
    "saddle_path": (lambda tell: saddle_path(DIAGONAL, progress=tell), "jumps"),
    "saddles": (lambda tell: list(saddles(DIAGONAL, progress=tell)), "active sets"),
    "saddles, deep": (lambda tell: list(saddles(DEEP, progress=tell)), "sets of modes"),
    "graph": (lambda tell: transition_graph(DIAGONAL, progress=tell), "active sets saddles"),
    "graph, deep": (lambda tell: transition_graph(DEEP, progress=tell), "sets of modes saddles"),
    "flow": (lambda tell: flow(DIAGONAL, "1e-20", digits=6, progress=tell), "steps"),
    "flow, depth 3": (lambda tell: flow(DIAGONAL, "1e-20", digits=6, depth=3, progress=tell), "steps"),
    "flow, deep": (lambda tell: flow(DEEP, "1e-20", digits=6, progress=tell), "steps"),
    "recovery": (lambda tell: recover_jump_times(DIAGONAL, digits=12, progress=tell), "steps"),
    "recovery, deep": (lambda tell: recover_jump_times(DEEP, progress=tell), "flows"),
    "check": (
        lambda tell: saddlesym.check_transitions(transition_graph(DIAGONAL), digits=8, progress=tell),
        "orbits",
    ),
    "greedy": (lambda tell: saddlesym.greedy_path(DEEP, progress=tell), "critical points"),
    "verify": (lambda tell: saddlesym.verify(ids=["loss-falls"], instances=1, progress=tell), "checks"),
}


@pytest.mark.parametrize("name", LONG)
def test_all_progress_is_of_one_kind(name: str) -> None:
    work, words = LONG[name]
    told: list[Progress] = []
    work(told.append)
    assert all(isinstance(moment, Progress) for moment in told)
    assert [*dict.fromkeys(moment.what for moment in told)] == [
        part for part in ("jumps", "active sets", "sets of modes", "saddles", "steps", "flows", "orbits",
                          "critical points", "checks") if part in words
    ]  # fmt: skip
    assert all(moment.total is None or 0 < moment.done <= moment.total for moment in told)
    if "flow" in name:
        assert all(moment.time is not None for moment in told)
        assert told[-1].done >= len(told)
