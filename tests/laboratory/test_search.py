"""The search: smallest counterexamples against plain enumeration, walls against chance, what it keeps."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, permutations, product
from threading import Event

import plain
import pytest

from saddlesym import DeepLinearProblem, DiagonalProblem, certify, saddle_path
from saddlesym.errors import BadInputError
from saddlesym.laboratory import (
    Conjecture,
    Ensemble,
    Fact,
    GivenData,
    IntegerBox,
    RandomData,
    Walls,
    refute,
)
from saddlesym.laboratory import refutation as refuting
from saddlesym.laboratory.boxes import MAX_STRATA, integer_vectors, order_of, told
from saddlesym.laboratory.conjecture import LawError
from saddlesym.laboratory.ensembles import SORTS
from saddlesym.laboratory.language.evaluation import SYMMETRIES
from saddlesym.laboratory.refutation import Interrupted, usual_spaces
from saddlesym.laboratory.shrink import shrunk
from saddlesym.laboratory.sources import conjecture_of, folklore
from saddlesym.laboratory.symmetries import symmetries_of
from saddlesym.laboratory.walls import on_walls
from saddlesym.progress import Progress
from saddlesym.theorems import Verdict
from saddlesym.theorems.assumptions import assumption
from saddlesym.theorems.diagonal.folklore import DIAGONAL_RECORDED

#: The last saddle has the largest support; at most 2d jumps; what left stays away; the first to enter
#: stays; half of the loss at the first saddle; at most d jumps.
LARGEST, TWICE, AWAY = "size(final) >= max_size", "jumps <= 2*d", "returns == 0"
FIRST, HALF, FEW = "all(active(j, 1) implies active(j, k) for j in columns for k in 1..final)", "loss(1) <= loss(0)/2", "jumps <= d"  # fmt: skip


def written(text: str, *assumes: str) -> Conjecture:
    return Conjecture.written(text, assumes=assumes)


def entries(problem: DiagonalProblem) -> tuple[Fraction, ...]:
    return (*(x for row in problem.X for x in row), *problem.y)


# -------------------------------------------------------------------------- against plain enumeration


def plain_violations(X: list[list[int]], y: list[int]) -> set[str]:
    """Which of the sentences fail on the data, from a path that shares nothing with the program."""
    steps = plain.path(X, y)
    supports = [{j for j, b in enumerate(beta) if b} for _, beta in steps]
    losses = [plain.loss(X, y, beta) for _, beta in steps]
    out = set()
    if len(supports[-1]) < max(map(len, supports)):
        out.add(LARGEST)
    if len(steps) - 1 > 2 * len(X[0]):
        out.add(TWICE)
    if len(steps) - 1 > len(X[0]):
        out.add(FEW)
    met: set[int] = set()
    for before, after in pairwise(supports):
        met |= before
        if (after - before) & met:
            out.add(AWAY)
    if len(steps) > 1 and any(not supports[1] <= later for later in supports[1:]):
        out.add(FIRST)
    if len(steps) > 1 and losses[1] > losses[0] / 2:
        out.add(HALF)
    return out


def plain_smallest(n: int, d: int, largest: int, wanted: set[str]) -> dict[str, tuple[int, ...] | None]:
    """The smallest data that violate each sentence, by going through all of them: no symmetry is used."""
    everything = sorted(
        product(range(-largest, largest + 1), repeat=n * d + n),
        key=lambda v: (max(map(abs, v)), sum(map(abs, v)), v),
    )
    found: dict[str, tuple[int, ...] | None] = dict.fromkeys(wanted)
    for v in everything:
        X, y = [list(v[k * d : (k + 1) * d]) for k in range(n)], list(v[n * d :])
        try:
            violated = plain_violations(X, y)
        except plain.NotUniqueError:
            continue
        for text in violated & wanted:
            found[text] = found[text] or v
        if None not in found.values():
            break
    return found


@pytest.mark.parametrize(
    ("n", "d", "largest", "wanted"),
    [(2, 2, 2, {FIRST, HALF}), (2, 2, 1, {LARGEST, TWICE, AWAY, FIRST, HALF, FEW}), (2, 1, 2, {HALF}), (1, 2, 2, {HALF})],
)  # fmt: skip
def test_the_smallest_counterexample_is_that_of_plain_enumeration(
    n: int, d: int, largest: int, wanted: set[str]
) -> None:
    expected = plain_smallest(n, d, largest, wanted)
    box = IntegerBox(n * d, largest, least_size=n * d, least_n=n, least_d=d)
    for text in wanted:
        # data with equal or opposite columns share among them, which the plain path does not know
        found = refute(written(text, "unique-minimisers"), box).counterexample
        assert (None if found is None else entries(found.problem)) == expected[text], text


@pytest.mark.long
def test_long_smallest_counterexamples_of_two_by_two_are_those_of_plain_enumeration() -> None:
    expected = plain_smallest(2, 2, 2, {AWAY, FIRST, HALF, FEW, TWICE, LARGEST})
    for text, data in expected.items():
        box = IntegerBox(4, 2, least_size=4, least_n=2, least_d=2)
        found = refute(written(text, "unique-minimisers"), box).counterexample
        assert (None if found is None else entries(found.problem)) == data, text


@pytest.mark.parametrize(
    ("text", "data", "box"),
    [
        (AWAY, ([[-2, -1], [-1, 0]], [-2, 1]), (4, 2)),
        (FIRST, ([[-2, -1], [-1, 0]], [-1, 0]), (4, 2)),
        (HALF, ([[-2], [-1]], [0, -1]), (4, 2)),
        (FEW, ([[-2, -1], [-1, 0]], [-2, 1]), (4, 2)),
        ("jumps <= 2", ([[-2, -1], [-1, 0]], [-2, 1]), (4, 2)),
        ("ties == 0", ([[-1, -1]], [-1]), (4, 1)),
        ("families == 0", ([[0]], [-1]), (2, 1)),
        ("l1(final) <= max_r", ([[-1], [0]], [-1, 0]), (4, 1)),
    ],
)
def test_conjectures_and_the_smallest_data_that_refute_them(text, data, box) -> None:
    found = refute(written(text), IntegerBox(*box)).counterexample
    assert found is not None
    assert found.problem == DiagonalProblem(*data), told(found.problem)
    assert written(text).test(found.problem).verdict is Verdict.FAILS
    assert "none smaller" in found.smallest


@pytest.mark.parametrize("text", [TWICE, "jumps <= 2**d", "loss(final) <= loss(1)", "time(1) == 1 / max_r", "index(final) == 0"])  # fmt: skip
def test_laws_that_no_data_of_the_box_refute(text: str) -> None:
    search = refute(written(text), IntegerBox(4, 1))
    assert (search.verdict, search.exit_status) == (Verdict.HOLDS, 0)
    assert search.headline.startswith("HOLDS ON ")
    assert search.tally.tried == sum(1 for b in IntegerBox(4, 1).blocks(SYMMETRIES) for _ in b.entries())


@pytest.mark.parametrize(
    ("jumps", "X", "y"),
    [
        (9, [[1, 1, 0, 0], [6, 11, -37, 0], [0, 0, 4, -31], [0, 1, -6, -3]], [0, 1, 1, -3]),
        (11, [[-7, -7, -10, 12], [38, 7, 6, -23], [20, 7, 5, -7], [1, 8, 11, -9]], [-2, -5, -4, -10]),
        (14, [[9, -23, -31, -1, -8], [53, -8, -5, -6, 1], [16, -6, -6, -3, -4], [7, -4, -7, -3, 2], [-21, 1, -11, 0, 23]], [17, 2, -5, -24, -1]),
        (18, [[3, -8, -6, -29, 0, 2], [-9, -7, -9, 24, -3, -10], [2, 6, 7, 0, 5, 10], [-7, 1, 0, 27, 9, 11],
              [-27, -3, 1, -7, 13, -19], [-34, -7, -5, 17, 26, -5]], [-11, -8, -2, -7, 1, -7]),
    ],
)  # fmt: skip
def test_more_than_twice_as_many_jumps_as_columns(jumps: int, X: list[list[int]], y: list[int]) -> None:
    """What climbs found, by the plain algorithm and by a certificate of the path."""
    problem = DiagonalProblem(X, y)
    assert len(saddle_path(problem).jumps) == jumps > 2 * problem.d
    assert len(plain.path(X, y)) - 1 == jumps
    assert certify(saddle_path(problem)).holds
    assert written(TWICE).test(problem).detail == f"jumps = {jumps}, d = {problem.d}"


# ------------------------------------------------------------------------------------- a wall, and chance

PLANTED = "all(hits(k) == 1 for k in 2..final)"


def test_a_law_false_only_on_ties_is_refuted_around_walls_and_not_by_chance() -> None:
    ensemble = Ensemble.of("gaussian", n=3, d=3, digits=6)
    by_chance = refute(written(PLANTED), RandomData(ensemble, 300, seed=5))
    assert by_chance.verdict is Verdict.HOLDS
    assert by_chance.tally[Verdict.HOLDS] == 300
    around = refute(written(PLANTED), Walls(ensemble, 20, seed=5), shrink=False)
    assert around.verdict is Verdict.FAILS
    assert around.counterexample is not None
    assert any(len(jump.hits) > 1 for jump in saddle_path(around.counterexample.problem).jumps[1:])


@pytest.mark.parametrize("seed", range(6))
def test_points_on_walls_are_on_them_and_those_beside_are_not(seed: int) -> None:
    ensemble = Ensemble.of("gaussian", n=(2, 4), d=(2, 4), digits=4)
    problem = ensemble.instance(seed, 0)
    assert isinstance(problem, DiagonalProblem)
    names = [name for name, _ in on_walls(problem)]
    assert {"tie", "beside a tie", "vanishing"} <= set(names) or problem.d == 2
    unmet = 0
    for name, point in on_walls(problem):
        if name == "tie":  # unless the changed column comes first
            unmet += bool(assumption("isolated-jumps")(point).holds)
        elif name == "beside a tie":
            assert assumption("isolated-jumps")(point).holds
        elif name == "rest":
            assert any(g == 0 and b == 0 for j in saddle_path(point).jumps for g, b in zip(j.gradient, j.beta, strict=True))  # fmt: skip
    assert unmet <= names.count("tie") / 2


# --------------------------------------------------------------------------------------- order, symmetries


def test_integer_vectors_are_all_of_them_in_order() -> None:
    found = [v for total in range(1, 7) for v in integer_vectors(3, 2, total)]
    expected = [v for v in product(range(-2, 3), repeat=3) if max(map(abs, v)) == 2]
    assert found == sorted(expected, key=lambda v: (sum(map(abs, v)), v))


def carried(X, y, names):
    """All data that exchanges and signs carry to these."""
    n, d = len(X), len(X[0])
    rows = list(permutations(range(n))) if "rows" in names else [range(n)]
    columns = list(permutations(range(d))) if "columns" in names else [range(d)]
    turns = list(product((1, -1), repeat=n)) if "rows" in names else [(1,) * n]
    signs = list(product((1, -1), repeat=d)) if "signs" in names else [(1,) * d]
    for order, turn, column, sign in product(rows, turns, columns, signs):
        yield (
            *(turn[k] * sign[j] * X[k][j] for k in order for j in column),
            *(turn[k] * y[k] for k in order),
        )


@pytest.mark.parametrize(
    "names", [set(), {"rows"}, {"columns"}, {"signs"}, {"rows", "signs"}, set(SYMMETRIES)], ids=str
)
@pytest.mark.parametrize(("n", "d"), [(2, 2), (1, 3), (3, 1)])
def test_symmetries_leave_out_nothing_that_is_smallest(n: int, d: int, names: set[str]) -> None:
    """The smallest of all that are carried to each other is kept, and the order is the documented one."""
    box = IntegerBox(n * d, 1, least_size=n * d, least_n=n, least_d=d)
    kept = [v for block in box.blocks(frozenset(names)) for v in block.entries()]
    assert kept == sorted(kept, key=lambda v: (max(map(abs, v)), sum(map(abs, v)), v))
    assert len(kept) == len(set(kept))
    left = set(kept)
    for v in product((-1, 0, 1), repeat=n * d + n):
        if any(v):
            orbit = set(carried([v[k * d : (k + 1) * d] for k in range(n)], v[n * d :], names))
            assert min(orbit) in left
    if not names:
        assert len(kept) == 3 ** (n * d + n) - 1


@pytest.mark.parametrize(
    ("text", "largest", "shape"),
    [(LARGEST, 1, (2, 2)), (FIRST, 2, (2, 2)), (HALF, 2, (2, 1)), ("ties == 0", 1, (1, 3)), ("l1(final) <= max_r", 1, (2, 2))],
)  # fmt: skip
def test_symmetries_change_no_smallest_counterexample(
    text: str, largest: int, shape: tuple[int, int]
) -> None:
    n, d = shape
    box = IntegerBox(n * d, largest, least_size=n * d, least_n=n, least_d=d)
    without = refute(replace(written(text), symmetries=frozenset()), box)
    within = refute(written(text), box)
    assert (without.counterexample is None) == (within.counterexample is None)
    if within.counterexample is not None and without.counterexample is not None:
        assert within.counterexample.problem == without.counterexample.problem
    assert within.tally.tried < without.tally.tried / 2


def test_symmetries_of_a_law_in_python_are_found_by_trying() -> None:
    named = Conjecture("x0", "x0 enters first", lambda path: not path.jumps or 0 in path.jumps[0].entered)
    signed = Conjecture("sum", "β sums to something", lambda path: sum(path.final) >= 0)
    rows = Conjecture("X", "the first entry is not 1", lambda problem: problem.X[0][0] != 1, about="data")
    plain_one = Conjecture("few", "few jumps", lambda path: len(path.jumps) <= path.problem.d)
    assert symmetries_of(named)[0] == {"rows", "signs"}
    assert symmetries_of(signed)[0] == {"rows", "columns"}
    assert symmetries_of(rows)[0] == frozenset()
    assert symmetries_of(plain_one)[0] == SYMMETRIES
    assert "tried" not in symmetries_of(replace(plain_one, symmetries={"rows"}))[1]


def test_a_box_beyond_all_reach_is_refused_at_once() -> None:
    for box, names in (
        (IntegerBox(1000, 1), SYMMETRIES),
        (IntegerBox(300, 2), frozenset()),
        (IntegerBox(6, 1000), SYMMETRIES),
    ):
        with pytest.raises(BadInputError, match=str(MAX_STRATA)):
            box.blocks(names)


def test_the_usual_box_is_smaller_for_a_law_without_symmetries() -> None:
    law = written(FEW)
    assert usual_spaces(law)[0] == IntegerBox(6, 2)
    assert usual_spaces(law, symmetries=frozenset())[0] == IntegerBox(4, 1)
    assert usual_spaces(law, symmetries=frozenset({"rows"}))[0] == IntegerBox(4, 2)


# ------------------------------------------------------------------------------------------------ folklore


@pytest.mark.parametrize("entry", [e for e in DIAGONAL_RECORDED if e.statement != "order-of-correlations"], ids=lambda e: e.statement)  # fmt: skip
def test_search_finds_the_recorded_counterexample_to_folklore(entry) -> None:
    found = refute(folklore(entry.statement), IntegerBox(4, 2)).counterexample
    assert found is not None
    assert found.problem == entry.problem


@pytest.mark.long
def test_long_search_finds_the_recorded_counterexample_to_folklore() -> None:
    found = refute(folklore("order-of-correlations"), IntegerBox(6, 3)).counterexample
    assert found is not None
    assert found.problem == next(
        e.problem for e in DIAGONAL_RECORDED if e.statement == "order-of-correlations"
    )


def test_nothing_smaller_refutes_the_order_of_correlations_among_the_smallest_entries() -> None:
    search = refute(folklore("order-of-correlations"), IntegerBox(6, 1))
    assert search.counterexample is None
    assert search.tally[Verdict.HOLDS] > 100


@pytest.mark.parametrize(
    ("one", "text"),
    [("at-most-d-jumps", "jumps <= d"), ("active-set-grows", "leaves == 0"), ("sign-kept", "flips == 0")],
)
def test_folklore_says_what_the_same_law_in_the_language_says(one: str, text: str) -> None:
    ensemble = Ensemble.of("family:path")
    for number in range(40):
        problem = ensemble.instance(3, number)
        assert problem is not None
        first, second = folklore(one).test(problem).verdict, written(text).test(problem).verdict
        assert first is second or (first, second) == (Verdict.SKIPPED, Verdict.HOLDS)  # no jump at all


@pytest.mark.parametrize(
    "one", ["deep-rank-grows-by-one", "deep-order-from-target", "deep-every-pair-maximises"]
)
def test_deep_folklore_is_a_conjecture_too(one: str) -> None:
    from saddlesym.theorems.folklore import recorded

    assert folklore(one).test(recorded(one).make()).verdict is Verdict.FAILS  # type: ignore[union-attr]


@pytest.mark.long
def test_number_of_sign_flips_over_small_integer_data() -> None:
    flips = 0
    for a, b, c, e, f, g in product(range(-3, 4), repeat=6):
        path = saddle_path(DiagonalProblem([[a, b], [c, e]], [f, g]))
        flips += any(jump.flipped for jump in path.jumps)
    assert flips == 3904


# -------------------------------------------------------------------------------- what a law may answer

FLIP = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])


@pytest.mark.parametrize(
    ("law", "verdict"),
    [
        (lambda _: True, Verdict.HOLDS), (lambda _: False, Verdict.FAILS), (lambda _: None, Verdict.SKIPPED),
        (lambda _: Fact(True, ""), Verdict.HOLDS), (lambda _: Fact(None, "balls overlap"), Verdict.UNDECIDED),
        (lambda _: [Fact(True, ""), Fact(False, "second")], Verdict.FAILS), (lambda _: [], Verdict.SKIPPED),
        (lambda path: (jump.time > 0 for jump in path.jumps), Verdict.HOLDS),
    ],
)  # fmt: skip
def test_answers_of_a_law_in_python(law, verdict: Verdict) -> None:
    assert Conjecture("one", "", law).test(FLIP).verdict is verdict


@pytest.mark.parametrize(
    "law",
    [lambda path: 1 / 0, lambda path: "yes", lambda path: 3, lambda path: [3], lambda path: path.nothing],
)
def test_a_broken_law_is_told_with_the_data_it_broke_on(law) -> None:
    with pytest.raises(LawError, match=r"X = \[\[-3, -1\], \[-1, 0\]\], y = \[-1, 1\]"):
        Conjecture("broken", "", law).test(FLIP)


def test_assumptions_are_shipped_ones_or_functions() -> None:
    twin = DiagonalProblem([[1, 1], [0, 0]], [1, 1])
    one = Conjecture(
        "one", "", lambda path: False, assumes=("unique-minimisers", lambda problem: problem.d > 1)
    )
    assert one.test(FLIP).verdict is Verdict.FAILS
    assert one.test(twin).verdict is Verdict.SKIPPED
    assert one.test(DiagonalProblem([[1]], [1])).verdict is Verdict.SKIPPED
    with pytest.raises(BadInputError, match="nothing-like-it"):
        Conjecture("one", "", lambda path: True, assumes=("nothing-like-it",))


@pytest.mark.parametrize(
    "about", ["data", "path", "saddles", "graph", "quantities", "deep data", "deep saddles", "deep path"]
)
def test_a_law_is_given_what_it_is_about(about: str) -> None:
    seen = []
    one = Conjecture("one", "", lambda result: seen.append(type(result).__name__), about=about)
    problem = DeepLinearProblem.whitened([[2, 0], [0, 1]]) if about.startswith("deep") else FLIP
    one.test(problem)
    expected = {"data": "DiagonalProblem", "path": "SaddlePath", "saddles": "tuple", "graph": "SaddleGraph",
                "quantities": "Subject", "deep data": "DeepLinearProblem", "deep saddles": "tuple", "deep path": "GreedyPath"}  # fmt: skip
    assert seen == [expected[about]]
    with pytest.raises(BadInputError):
        one.test(FLIP if about.startswith("deep") else DeepLinearProblem.whitened([[1]]))


def test_a_law_about_flows_is_decided_by_balls() -> None:
    one = Conjecture("jumps", "as many rushes as jumps", lambda flow: len(flow.jumps) == 3, about="flow")
    found = one.test(FLIP)
    assert (str(found.kind), found.verdict) == ("ball", Verdict.HOLDS)


# --------------------------------------------------------------------------- processes, time, interrupts


def test_blocks_that_are_done_in_any_order_give_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What several processes would do at worst: the last block first."""
    alone = refute(written(AWAY), IntegerBox(4, 2)).to_dict()

    def backwards(run, blocks):
        for k in reversed(range(len(blocks))):
            yield k, refuting.examined(run.conjecture, blocks[k])

    monkeypatch.setattr(refuting._Run, "performed", backwards)
    box = IntegerBox(4, 2, least_size=4, least_n=2, least_d=2)
    found = refute(written(AWAY), box)
    assert found.to_dict()["counterexample"]["problem"] == alone["counterexample"]["problem"]
    assert found.searched[0].whole


@pytest.mark.long
def test_long_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuting, "_ALONE", 0.0)
    alone = refute(written(AWAY), IntegerBox(4, 2)).to_dict()
    assert refute(written(AWAY), IntegerBox(4, 2), jobs=2).to_dict() == alone


def test_without_time_nothing_is_searched_and_that_is_said() -> None:
    stop = Event()
    stop.set()
    search = refute(written(FEW), IntegerBox(4, 1), stop=stop)
    assert (search.verdict, search.exit_status, search.partial) == (Verdict.UNDECIDED, 3, True)
    assert "nothing of it" in search.searched[0].space


def test_an_interrupt_keeps_what_was_searched() -> None:
    def press(moment: Progress) -> None:
        if moment.done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        refute(written(TWICE), IntegerBox(4, 2), progress=press)
    search = caught.value.search
    assert search.partial
    assert search.tally[Verdict.HOLDS] > 20
    assert "up to n·d = " in search.searched[0].space
    assert not search.searched[0].whole


def test_an_interrupt_while_it_is_made_smaller_keeps_the_counterexample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refuting, "shrunk", press)
    with pytest.raises(Interrupted) as caught:
        refute(written(AWAY), RandomData(Ensemble.of("integer", n=2, d=2, size=4), 200))
    found = caught.value.search.counterexample
    assert found is not None
    assert written(AWAY).test(found.problem).verdict is Verdict.FAILS


def test_given_data_are_tested_as_they_are() -> None:
    search = refute(written(FEW), GivenData((DiagonalProblem([[1]], [1]), FLIP)), shrink=False)
    assert search.counterexample is not None
    assert search.counterexample.problem == FLIP


# ------------------------------------------------------------------------------------ ensembles, shrinking


@pytest.mark.parametrize("name", sorted(SORTS))
def test_an_instance_depends_on_seed_and_number_alone(name: str) -> None:
    ensemble = Ensemble.of(name, n=3, d=(2, 3))
    documents = [ensemble.instance(7, k).to_dict() for k in range(6)]
    again = [Ensemble.read(str(ensemble)).instance(7, k).to_dict() for k in reversed(range(6))]
    assert documents == again[::-1]
    assert len({json.dumps(document) for document in documents}) > 3
    assert documents != [ensemble.instance(8, k).to_dict() for k in range(6)]


def test_ensembles_are_what_they_are_called() -> None:
    def columns(name: str, count: int = 400, **parameters: object) -> list[list[float]]:
        X = Ensemble.of(name, n=count, d=3, **parameters).instance(1, 0).X
        return [[float(row[j]) for row in X] for j in range(3)]

    def correlation(a: list[float], b: list[float]) -> float:
        return (
            sum(x * z for x, z in zip(a, b, strict=True))
            / (sum(x * x for x in a) * sum(z * z for z in b)) ** 0.5
        )

    a, b, c = columns("toeplitz", rho="4/5")
    assert abs(correlation(a, b) - 0.8) < 0.1
    assert abs(correlation(a, c) - 0.64) < 0.12
    a, b, c = columns("correlated", rho="4/5")
    assert abs(correlation(a, c) - 0.8) < 0.1
    assert all(abs(x) == 1 for column in columns("signs") for x in column)
    assert all((1000 * x).denominator == 1 for row in Ensemble.of("gaussian", n=4, d=4, digits=3).instance(1, 0).X for x in row)  # fmt: skip
    M = Ensemble.of("orthogonal", n=4, d=3).instance(1, 0).M
    assert all(M[i][j] == 0 for i in range(3) for j in range(i))
    assert not Ensemble.of("gram").instance(1, 0).has_data
    sparse = Ensemble.of("sparse", n=6, d=4, k=2).instance(1, 0)
    assert sum(map(bool, saddle_path(sparse).final)) == 2


@pytest.mark.parametrize(
    "text",
    ["gauss", "gaussian:n=0", "gaussian:n=3..2", "gaussian:n=x", "gaussian:digits=31", "gaussian:digits=1/2", "gaussian:rho=1/2",
     "toeplitz:rho=2", "gaussian:n", "gaussian:n=2,n=3", "gaussian:n=9999,d=9999", "orthogonal:n=2,d=3", "family:none",
     "family:any:n=3", "integer:size=abc", "integer:size=1e99999999", "sparse:k=0", ":", ""],
)  # fmt: skip
def test_bad_ensembles_are_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        Ensemble.read(text)


@pytest.mark.parametrize("text", [AWAY, "leaves == 0", HALF, "ties == 0 or jumps < 2", "size(1) == d"])
def test_shrinking_gives_a_smaller_counterexample_from_which_nothing_can_be_left_out(text: str) -> None:
    law, rng = written(text), random.Random(4)
    fails = lambda problem: law.test(problem).verdict is Verdict.FAILS  # noqa: E731
    while True:
        X = [[Fraction(rng.randint(-400, 400), 100) for _ in range(3)] for _ in range(3)]
        problem = DiagonalProblem(X, [Fraction(rng.randint(-400, 400), 100) for _ in range(3)])
        if fails(problem) or text.startswith("ties"):
            break
    if text.startswith("ties"):
        problem = DiagonalProblem([["1.23", 0, 0], [0, "1.23", 0], [0, 0, 3]], ["2.5", "2.5", 1])
        assert fails(problem)
    small, tries = shrunk(problem, fails)
    assert fails(small)
    assert tries <= 2000
    assert order_of(small) < order_of(problem)
    for k in range(small.n if small.n > 1 else 0):
        rows = [i for i in range(small.n) if i != k]
        assert not fails(DiagonalProblem([small.X[i] for i in rows], [small.y[i] for i in rows]))
    assert max(x.denominator for x in entries(small)) == 1


# ------------------------------------------------------------------------------------------------- sources


def test_words_of_the_command_line() -> None:
    assert conjecture_of("jumps <= d").text == "jumps <= d"
    assert conjecture_of("sign-kept").about == "path"
    for word in ("loss-falls", "no-such-law", "missing.py", "missing.py:LAW"):
        with pytest.raises(BadInputError):
            conjecture_of(word)
