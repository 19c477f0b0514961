"""Symbolic jump times, and the inequalities that say when a sequence is the path."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import combinations, pairwise, product

import pytest
import sympy
import z3
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from saddlesym.diagonal.path.walk import saddle_path
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.path import sign_sequence, symbolic_path
from saddlesym.diagonal.symbolic.problem import SymbolicProblem
from saddlesym.diagonal.symbolic.regions import path_intervals, possible_paths
from saddlesym.diagonal.symbolic.signs import SignConditions
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, NonUniqueMinimiserError
from saddlesym.exact.functions.rational_functions import RationalFunctionField
from saddlesym.exact.vectors import RationalVector, to_sympy

GENERIC = {d: SymbolicProblem.generic(d) for d in (1, 2, 3, 4)}
TWO = possible_paths(GENERIC[2])

small = st.fractions(-4, 4, max_denominator=3)


def settled(examples):
    return settings(derandomize=True, max_examples=examples, deadline=None)


@st.composite
def data(draw, d, n, entries=small):
    rows = draw(st.lists(st.lists(entries, min_size=d, max_size=d), min_size=n, max_size=n))
    return DiagonalProblem(rows, draw(st.lists(entries, min_size=n, max_size=n)))


def gram_values(problem):
    d = problem.d
    values = {f"m_{i + 1}{j + 1}": problem.M[i][j] for i in range(d) for j in range(i, d)}
    return values | {f"r_{i + 1}": problem.r[i] for i in range(d)}


def data_values(problem):
    X, y = problem.X, problem.y
    values = {f"x_{i + 1}{j + 1}": X[i][j] for i in range(problem.n) for j in range(problem.d)}
    return values | {f"y_{i + 1}": y[i] for i in range(problem.n)}


def exact_path(problem):
    """The exact path, or None where a minimiser on it is not unique."""
    try:
        return saddle_path(problem)
    except NonUniqueMinimiserError:
        return None


def single_entries(d, longest, begun=()):
    """All sequences in which one coordinate enters at every jump, at most `longest` jumps."""
    old = begun[-1] if begun else (0,) * d
    found = []
    for j in (i for i in range(d) if not old[i] and len(begun) < longest):
        support = [i for i in range(d) if old[i]]
        for side, kept in product((1, -1), product((0, 1), repeat=len(support))):
            new = [0] * d
            new[j] = side
            for i, k in zip(support, kept, strict=True):
                new[i] = k * old[i]
            longer = (*begun, tuple(new))
            found += [longer, *single_entries(d, longest, longer)]
    return found


SINGLE_ENTRIES = single_entries(3, 2)


def agrees(symbolic, values, path):
    """Every exact number of the symbolic path is that of the exact path."""
    where = symbolic.problem.substitution(values)
    zero = symbolic.problem.loss_at_zero.xreplace(where) - to_sympy(path.loss(0))
    for jump, exact in zip(symbolic.jumps, path.jumps, strict=True):
        assert jump.time.xreplace(where) == to_sympy(exact.time)
        assert jump.beta.xreplace(where) == exact.beta.sympy()
        assert jump.dual.xreplace(where) == exact.dual.sympy()
        assert jump.gradient.xreplace(where) == exact.gradient.sympy()
        assert jump.loss.xreplace(where) == to_sympy(exact.loss) + zero
        assert (jump.entered, jump.left, jump.support) == (exact.entered, exact.left, exact.support)
    assert symbolic.at(values) == list(zip(path.times(), path.saddles(), strict=True))


# --- d = 2, completely -----------------------------------------------------------------------


@settled(150)
@given(data(2, 2, st.integers(-3, 3)))
def test_for_two_columns_the_conditions_hold_exactly_for_the_path_taken(problem):
    """Ties, singular Gram matrices and early ends included: there no condition set holds."""
    path = exact_path(problem)
    taken = None if path is None else sign_sequence(path)
    holding = [p for p in TWO if p.holds_at(gram_values(problem))]
    assert [p.signs for p in holding] == [p.signs for p in TWO if p.signs == taken]
    for symbolic in holding:
        agrees(symbolic, gram_values(problem), path)


def test_all_sequences_for_two_columns_occur():
    """Sixteen: which column enters first, the two signs of entry, and whether the first column leaves."""
    assert len({p.signs for p in TWO}) == len(TWO) == 16
    rng = random.Random(3)
    met = set()
    for _ in range(3000):
        X = [[rng.randint(-3, 3) for _ in range(2)] for _ in range(2)]
        path = exact_path(DiagonalProblem(X, [rng.randint(-3, 3) for _ in range(2)]))
        if path is not None:
            met.add(sign_sequence(path))
    assert {p.signs for p in TWO} <= met


def z3_polynomial(expression, names):
    if expression.is_Symbol:
        return names[expression.name]
    if expression.is_Rational:
        return z3.RealVal(str(expression))
    parts = [z3_polynomial(a, names) for a in expression.args]
    if expression.is_Add:
        return z3.Sum(parts)
    if expression.is_Mul:
        return z3.Product(parts)
    assert expression.is_Pow
    return z3.Product([parts[0]] * int(expression.exp))


def z3_region(path, names):
    ours = []
    for c in path.conditions:
        value = z3_polynomial(c.expression, names)
        ours.append({">": value > 0, ">=": value >= 0, "=": value == 0}[c.sign])
    return z3.And(ours)


def test_the_regions_for_two_columns_cover_generic_parameters_and_are_disjoint():
    """Proved by an SMT solver over the reals, for every definite M and every r off six varieties."""
    names = {name: z3.Real(name) for name in GENERIC[2].field.names}
    regions = [z3_region(p, names) for p in TWO]
    a, c, b, p, q = (names[n] for n in ("m_11", "m_12", "m_22", "r_1", "r_2"))
    definite = [a > 0, b > 0, a * b - c * c > 0]
    off = [p != 0, q != 0, p != q, p != -q, a * q != c * p, b * p != c * q]

    def decided(*claims):
        solver = z3.SolverFor("QF_NRA")
        solver.set("timeout", 60_000)
        solver.add(*claims)
        return solver.check()

    assert decided(*definite, *off, z3.Not(z3.Or(regions))) == z3.unsat
    assert decided(*definite, *off, z3.Not(z3.Or(regions[1:]))) == z3.sat
    for one, other in combinations(regions, 2):
        assert decided(one, other) == z3.unsat
    for region in regions:
        assert decided(*definite, region) == z3.sat


def test_closed_form_of_the_jump_times_for_two_columns():
    m11, m12, r1, r2 = (GENERIC[2].parameters[k] for k in (0, 1, 3, 4))
    one, two = symbolic_path(2, [{0: 1}, {0: 1, 1: 1}]).times()
    assert one == 1 / r1
    # s_2 = r_2/r_1 at t_1, and needs 1 − r_2/r_1 at the speed r_2 − m_12 r_1/m_11
    assert sympy.cancel(two - one - (1 - r2 / r1) / (r2 - m12 * r1 / m11)) == 0


# --- d = 3 and beyond, along a given sequence -------------------------------------------------


@pytest.mark.parametrize(("d", "n", "examples"), [(1, 1, 20), (3, 4, 40), (4, 4, 6)])
def test_conditions_hold_and_numbers_agree_along_the_exact_path(d, n, examples):
    seen = []

    @settled(examples)
    @given(data(d, n))
    def law(problem):
        path = exact_path(problem)
        assume(path is not None and path.jumps)
        sequence, values = sign_sequence(path), gram_values(problem)
        try:
            symbolic = symbolic_path(GENERIC[d], sequence)
            inside = symbolic.holds_at(values)
        except BadInputError:
            inside = False
        if all(len(jump.entered) == 1 for jump in path.jumps) and problem_is_definite(problem):
            # an incomplete sequence leaves out a coordinate that just touches its bound at the end
            touch = any(abs(s) == 1 for i, s in enumerate(path.jumps[-1].dual) if i not in met_support(path))
            assert inside or (touch and not symbolic.complete)
        if inside:
            agrees(symbolic, values, path)
        for other in seen[-3:]:
            if other.signs != sequence and other.complete:
                assert not other.holds_at(values)
        if inside and symbolic.signs not in [p.signs for p in seen]:
            seen.append(symbolic)

    law()
    assert len(seen) >= min(d, 3)


def met_support(path):
    """Active before or after the last jump."""
    before = path.jumps[-2].support if len(path.jumps) > 1 else ()
    return set(before) | set(path.jumps[-1].support)


def problem_is_definite(problem):
    return sympy.Matrix(problem.d, problem.d, [to_sympy(e) for row in problem.M for e in row]).det() != 0


@settled(40)
@given(data(3, 4), st.data())
def test_a_changed_sequence_is_not_the_path(problem, draw):
    path = exact_path(problem)
    assume(path is not None and path.jumps)
    sequence = [list(signs) for signs in sign_sequence(path)]
    k = draw.draw(st.integers(0, len(sequence) - 1))
    i = draw.draw(st.integers(0, 2))
    sequence[k][i] = draw.draw(st.sampled_from([s for s in (-1, 0, 1) if s != sequence[k][i]]))
    try:
        changed = symbolic_path(GENERIC[3], sequence)
    except BadInputError:
        return
    assert not changed.holds_at(gram_values(problem))


@settled(30)
@given(data(3, 3))
def test_a_beginning_holds_where_the_path_begins_so(problem):
    path = exact_path(problem)
    assume(path is not None and len(path.jumps) >= 2 and problem_is_definite(problem))
    assume(all(len(jump.entered) == 1 for jump in path.jumps))
    begun = symbolic_path(GENERIC[3], sign_sequence(path)[:-1])
    assert not begun.complete
    last = path.jumps[-2]
    touching = [i for i in range(3) if not last.beta[i] and abs(last.dual[i]) == 1 and i not in last.left]
    assert begun.holds_at(gram_values(problem)) == (not touching)


def test_a_beginning_leaves_out_a_tie_at_its_last_jump():
    """At r_1 = r_2 both columns reach their bound at once, and both enter."""
    begun = symbolic_path(2, [{0: 1}])
    values = {"m_11": 2, "m_12": 1, "m_22": 3, "r_1": 1, "r_2": 1}
    assert sign_sequence(saddle_path(GENERIC[2].at(values))) == ((1, 1),)
    assert not begun.holds_at(values)
    assert begun.holds_at(values | {"r_2": "0.99"})


@settled(30)
@given(data(3, 2))
def test_wide_data_end_with_as_many_coordinates_as_rows(problem):
    path = exact_path(problem)
    assume(path is not None and path.jumps and all(len(jump.entered) == 1 for jump in path.jumps))
    symbolic = symbolic_path(SymbolicProblem.generic_data(2, 3), sign_sequence(path))
    assert symbolic.complete == (len(path.final.support()) == 2)
    if symbolic.complete:
        assert symbolic.holds_at(data_values(problem))
    agrees(symbolic, data_values(problem), path)


def test_dual_facts_hold_identically():
    """s moves along −∇L on each dwell and is ±1 on the support."""
    path = symbolic_path(3, [{0: 1}, {0: 1, 1: 1}, {1: 1, 2: -1}, {0: -1, 1: 1, 2: -1}])
    old_time, old_dual = sympy.Integer(0), sympy.zeros(3, 1)
    gradient = -path.problem.r
    for jump in path.jumps:
        expected = old_dual - (jump.time - old_time) * gradient
        assert all(sympy.cancel(e) == 0 for e in jump.dual - expected)
        assert all(jump.dual[i] == jump.signs[i] for i in jump.support)
        old_time, old_dual, gradient = jump.time, jump.dual, jump.gradient
    assert path.complete
    assert [jump.left for jump in path.jumps] == [(), (), (0,), ()]


def test_lambdified_values_agree_with_the_exact_path():
    problem = DiagonalProblem([[3, 1, -2], [1, 2, 2], [0, 1, -1], [2, 0, 1]], [4, 3, -2, 1])
    path, values = saddle_path(problem), gram_values(problem)
    symbolic = symbolic_path(3, sign_sequence(path))
    args = [values[s.name] for s in symbolic.problem.parameters]
    times, saddles = symbolic.lambdify()(*map(float, args))
    assert times == pytest.approx([float(t) for t in path.times()], rel=1e-12)
    for numeric, exact in zip(saddles, path.saddles(), strict=True):
        assert numeric == pytest.approx(exact.floats(), rel=1e-12, abs=1e-12)


def test_orthogonal_columns_jump_at_one_over_r():
    family = SymbolicProblem.from_gram([["a", 0], [0, "b"]], ["p", "q"], "a, b, p, q")
    path = symbolic_path(family, [{0: 1}, {0: 1, 1: -1}])
    a, b, p, q = family.parameters
    assert path.times() == [1 / p, -1 / q]
    assert list(path.saddles()[-1]) == [p / a, q / b]
    assert {str(c) for c in path.conditions} >= {"p > 0", "-q > 0", "p + q > 0"}


# --- touching a bound -------------------------------------------------------------------------


def test_a_touch_with_a_singular_block_is_not_the_path():
    """Two columns that coincide at rho = 1: {+0} reaches a minimum there, and so does {+1}."""
    family = SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "rho"], "rho")
    path = symbolic_path(family, [{0: 1}])
    assert path.complete
    assert path.holds_at({"rho": "0.99"})
    assert all(c.holds(family.substitution({"rho": 1})) for c in path.conditions)
    assert sign_sequence(saddle_path(family.at({"rho": 1}))) == ((1, 1),)
    assert not path.holds_at({"rho": 1})


def test_a_touch_with_a_definite_block_is_the_path():
    """s_2 reaches 1 with s_1, while the minimiser under both signs has beta_2 = 0."""
    family = SymbolicProblem.from_gram([[1, "rho"], ["rho", 2]], [1, "rho"], "rho")
    path = symbolic_path(family, [{0: 1}])
    assert saddle_path(family.at({"rho": 1})).jumps[0].dual == RationalVector.of([1, 1])
    assert sign_sequence(saddle_path(family.at({"rho": 1}))) == path.signs
    assert path.holds_at({"rho": 1})


def test_columns_that_touch_at_all_parameters_are_refused():
    equal = SymbolicProblem.from_gram([[1, 1], [1, 1]], ["a", "a"], "a")
    with pytest.raises(DegenerateProblemError):
        symbolic_path(equal, [{0: 1}])
    assert possible_paths(equal) == ()


@pytest.mark.parametrize("last", [{0: 1, 1: 1}, {1: 1, 2: 1}])
def test_a_mean_of_two_columns_touches_when_both_do(last):
    columns = SymbolicProblem.from_data([[1, 0, "1/2"], [0, 1, "1/2"]], ["a", "a + 1/2"], "a")
    with pytest.raises(NonUniqueMinimiserError):
        saddle_path(columns.at({"a": 2}))
    with pytest.raises(DegenerateProblemError):
        symbolic_path(columns, [{1: 1}, last])


@pytest.mark.parametrize("last", [{0: 1, 1: 1}, {1: 1, 2: 1}])
def test_a_mean_of_two_columns_that_touches_at_one_parameter(last):
    """The third column is the mean of the others only at c = 1/2."""
    columns = SymbolicProblem.from_data([[1, 0, "c"], [0, 1, "1/2"]], [2, "5/2"], "c")
    values = {"c": "1/2"}
    with pytest.raises(NonUniqueMinimiserError):
        saddle_path(columns.at(values))
    path = symbolic_path(columns, [{1: 1}, last])
    assert all(c.holds(columns.substitution(values)) for c in path.conditions)
    assert not path.holds_at(values)


@settled(60)
@given(data(3, 2, st.integers(-2, 2)))
def test_conditions_that_hold_give_the_path_on_singular_data(problem):
    """Three columns of two rows, ties and touches included: what holds is the exact path."""
    path = exact_path(problem)
    taken = None if path is None else sign_sequence(path)
    held = []
    for sequence in SINGLE_ENTRIES:
        try:
            symbolic = symbolic_path(problem, sequence)
        except (BadInputError, DegenerateProblemError):
            continue
        if symbolic.complete and symbolic.holds_at({}):
            held.append(symbolic.signs)
    if held or taken in SINGLE_ENTRIES:
        assert held == [taken] or (not held and has_singular_touch(problem, path))


def has_singular_touch(problem, path):
    """Whether M is singular on the coordinates with |s_i| = 1 and no gradient, at some jump."""
    gram = sympy.Matrix(problem.d, problem.d, [to_sympy(e) for row in problem.M for e in row])
    tight = [
        [i for i in range(problem.d) if abs(jump.dual[i]) == 1 and not jump.gradient[i]]
        for jump in path.jumps
    ]
    return any(gram.extract(E, E).det() == 0 for E in tight)


# --- sequences that are no paths ---------------------------------------------------------------


@pytest.mark.parametrize("sequence", [
    [{0: 1}, {0: -1}],
    [{0: 1}, {}],
    [{0: 1}, {0: 1}],
    [{}],
    [{0: 2}],
    [{2: 1}],
    [(1,)],
    [(1, 0, 0)],
    ["+0"],
    [5],
    [{"0": 1}],
])  # fmt: skip
def test_impossible_sequences_are_refused(sequence):
    with pytest.raises(BadInputError) as caught:
        symbolic_path(2, sequence)
    assert "\n" not in str(caught.value)


def test_a_support_that_is_met_twice_has_impossible_conditions():
    again = symbolic_path(2, [{0: 1}, {1: 1}, {0: -1}])
    assert again.is_impossible
    assert not again.holds_at({"m_11": 1, "m_12": 0, "m_22": 1, "r_1": 2, "r_2": 1})


def test_singular_supports_are_refused():
    equal = SymbolicProblem.from_gram([[1, 1], [1, 1]], ["a", "a"], "a")
    with pytest.raises(DegenerateProblemError):
        symbolic_path(equal, [{0: 1, 1: 1}])


def test_no_gram_matrix_is_no_instance():
    with pytest.raises(BadInputError):
        TWO[0].holds_at({"m_11": 1, "m_12": 2, "m_22": 1, "r_1": 2, "r_2": 1})


def test_a_symmetric_family_ties_identically():
    family = SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, 1], "rho")
    (path,) = possible_paths(family)
    assert path.signs == ((1, 1),)
    assert path.times() == [1]
    assert path.holds_at({"rho": "1/3"})


def test_a_tie_that_is_not_identical_needs_an_equality():
    path = symbolic_path(2, [{0: 1, 1: 1}])
    assert [str(c) for c in path.conditions if c.sign == "="] == ["r_1 - r_2 = 0"]
    values = {"m_11": 2, "m_12": 1, "m_22": 3, "r_1": 1, "r_2": 1}
    assert path.holds_at(values)
    assert not path.holds_at(values | {"r_2": "1.01"})
    assert sign_sequence(saddle_path(GENERIC[2].at(values))) == path.signs


# --- one parameter -----------------------------------------------------------------------------

LINES = {
    "correlation": SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2"], "rho"),
    "three columns": SymbolicProblem.from_gram(
        [[1, "rho", "1/3"], ["rho", 1, "rho/2"], ["1/3", "rho/2", 1]], [1, "2/3", "1/2"], "rho"
    ),
    "data": SymbolicProblem.from_data(
        [[1, "rho", 2], [0, "1-rho", 1], [3, "rho^2", -1], [1, 1, "rho"]], [1, 2, -1, "1/2"], "rho"
    ),
    "poles": SymbolicProblem.from_data([["1/rho", 1], [1, 2]], [1, 1], "rho"),
}


@pytest.mark.parametrize("line", LINES)
def test_intervals_carry_the_sequence_of_the_exact_path(line):
    family, low, high = LINES[line], Fraction(-7, 2), Fraction(7, 2)
    pieces = path_intervals(family, low, high)
    assert len(pieces) >= 2
    for k in range(101):
        rho = low + (high - low) * Fraction(2 * k + 1, 203)
        try:
            problem = family.at({"rho": rho})
        except BadInputError:
            assert not [p for p in pieces if p.lower < to_sympy(rho) < p.upper]
            continue
        inside = [p for p in pieces if p.lower < to_sympy(rho) < p.upper]
        if not inside:  # the point is an end point itself
            assert to_sympy(rho) in {end for p in pieces for end in (p.lower, p.upper)}
            continue
        (piece,) = inside
        path = saddle_path(problem)
        assert piece.signs == sign_sequence(path)
        assert piece.path.holds_at({"rho": rho})
        agrees(piece.path, {"rho": rho}, path)


@pytest.mark.parametrize("line", LINES)
def test_breakpoints_are_sharp(line):
    """Just left and right of an inner end point the exact path has the sequences of the two sides."""
    family = LINES[line]
    pieces = path_intervals(family, Fraction(-7, 2), Fraction(7, 2))
    for one, two in pairwise(pieces):
        if one.upper != two.lower:
            continue
        near = sympy.Rational(str(sympy.N(one.upper, 40)))
        for piece, side in ((one, -1), (two, 1)):
            rho = near + side * sympy.Rational(1, 10**30)
            assert sign_sequence(saddle_path(family.at({"rho": rho}))) == piece.signs
        assert one.signs != two.signs


def test_breakpoint_of_two_correlated_columns():
    """s_2 turns at ρ = r_2/r_1, where the second column has no gradient left."""
    one, two = path_intervals(LINES["correlation"], -2, 2)
    half = sympy.Rational(1, 2)
    assert (one.lower, one.upper, two.lower, two.upper) == (-1, half, half, 1)
    assert (one.signs[-1], two.signs[-1]) == ((1, 1), (1, -1))


@pytest.mark.parametrize(("centre", "unit"), [
    (10**30, 1), (-(10**30), 1), (10**60, Fraction(1, 10**20)), (0, Fraction(1, 10**40)), (0, 10**40)
])  # fmt: skip
def test_intervals_move_with_the_parameter(centre, unit):
    """x = centre + unit z only renames the parameter, whatever the magnitudes."""
    plain = path_intervals(SymbolicProblem.from_gram([[1, 0], [0, 1]], [1, "z"], "z"), -3, 3)
    moved = SymbolicProblem.from_gram([[1, 0], [0, 1]], [1, f"(x - ({centre}))/({unit})"], "x")
    pieces = path_intervals(moved, centre - 3 * unit, centre + 3 * unit)
    assert [p.signs for p in pieces] == [p.signs for p in plain]
    assert [(p.lower, p.upper) for p in pieces] == [
        tuple(to_sympy(centre + unit * Fraction(str(end))) for end in (p.lower, p.upper)) for p in plain
    ]
    assert all(p.lower < to_sympy(p.sample) < p.upper for p in pieces)


def test_irrational_breakpoints_that_share_many_digits():
    """r_2 = x^2 - 10^60 - 2: the points where it is -1, 0, 1 agree in the first 60 digits."""
    family = SymbolicProblem.from_gram([[1, 0], [0, 1]], [1, f"x^2 - {10**60} - 2"], "x")
    low = Fraction(10**30)
    high = low + Fraction(2, 10**30)
    pieces = path_intervals(family, low, high)
    squares = [p.upper**2 - 10**60 for p in pieces[:-1]]
    assert squares == [1, 2, 3]
    signs = [((1, 0), (1, -1)), ((1, 0), (1, 1)), ((0, 1), (1, 1))]
    assert [p.signs for p in pieces] == [((0, -1), (1, -1)), *signs]


@pytest.mark.parametrize("arguments", [
    (GENERIC[2], 0, 1),
    (LINES["correlation"], 1, 1),
    (LINES["correlation"], 0, "x"),
    (LINES["correlation"], 0, float("inf")),
])  # fmt: skip
def test_bad_ranges_are_refused(arguments):
    with pytest.raises(BadInputError):
        path_intervals(*arguments)


def test_a_path_that_is_nowhere_unique_is_refused():
    doubled = SymbolicProblem.from_data([[1, 1, "rho"], [2, 2, 1]], [1, "rho"], "rho")
    with pytest.raises(DegenerateProblemError):
        path_intervals(doubled, "1/10", "2/10")


def test_more_than_two_columns_are_not_enumerated():
    with pytest.raises(BudgetError):
        possible_paths(3)


# --- conditions --------------------------------------------------------------------------------


@settled(60)
@given(st.data())
def test_reduction_keeps_the_conjunction(draw):
    """Random conditions, reduced in order, have the truth value of the unreduced ones."""
    field = RationalFunctionField(["a", "b"])
    a, b = field.generators
    atoms = [a, b, a - b, a + b, a * a - b, a * b - 1, b + 2]
    conditions, wanted = SignConditions(field), []
    for _ in range(draw.draw(st.integers(1, 6))):
        function = field.constant(draw.draw(st.sampled_from([1, -1])))
        for atom in draw.draw(st.lists(st.sampled_from(atoms), min_size=1, max_size=3)):
            function = function * atom
        # divide only by what an earlier strict condition keeps away from zero
        strict = [f for f, sign in wanted if sign == ">"]
        if strict and draw.draw(st.booleans()):
            function = function / draw.draw(st.sampled_from(strict))
        sign = draw.draw(st.sampled_from([">", ">=", "="]))
        conditions.require(function, sign)
        wanted.append((function, sign))
    for x, y in product(range(-3, 4), repeat=2):
        where = dict(zip(field.symbols, map(sympy.Integer, (x, y)), strict=True))
        expected = True
        for function, sign in wanted:
            value = function.sympy().xreplace(where)
            if not value.is_Rational:  # an earlier strict condition fails there
                assert not expected
                break
            expected &= bool({">": value > 0, ">=": value >= 0, "=": value == 0}[sign])
        assert all(c.holds(where) for c in conditions.result()) == expected


def test_conditions_are_reduced_to_what_is_new():
    field = RationalFunctionField(["a", "b"])
    a, b = field.generators
    conditions = SignConditions(field)
    for function, sign in [
        (a, ">"),
        (-a * a * b, ">"),
        (b / a, ">="),
        (a + b, ">="),
        (a + b, ">"),
        (a, ">="),
    ]:
        conditions.require(function, sign)
    # the third contradicts the second, the fifth sharpens the fourth, the sixth is implied
    assert [str(c) for c in conditions.result()] == ["a > 0", "-b > 0", "-1 >= 0", "a + b > 0"]
    assert [c.truth for c in conditions.result()] == [None, None, False, None]


def test_results_are_short_and_print():
    path = symbolic_path(2, [{0: 1}, {1: 1}, {0: -1, 1: 1}])
    assert repr(path) == "SymbolicPath({+0} -> {+1} -> {-0, +1}, 9 conditions, complete)"
    assert all(len(repr(jump)) < 200 for jump in path.jumps)
    text = path.latex()
    assert r"t_{1} &= \frac{1}{r_{1}}" in text
    assert text.count("{") == text.count("}")
    assert text.count(">") + text.count(r"\geq") == len(path.conditions)
    document = json.loads(json.dumps(path.to_dict()))
    assert [jump["signs"] for jump in document["jumps"]] == [[1, 0], [0, 1], [-1, 1]]
    assert path.region() == sympy.And(*(c.relation for c in path.conditions))
    (piece, _) = path_intervals(LINES["correlation"], -1, 1)
    assert json.loads(json.dumps(piece.to_dict()))["upper"] == "1/2"
