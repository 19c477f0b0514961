"""The symbolic derivations, each held against an independent route."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import chain, combinations, pairwise

import pytest
import sympy
from flint import fmpq, fmpq_mat
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from saddlesym.diagonal.path.minimiser import constrained_minimiser
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.network import diagonal_network, saddle_conditions, symbolic_saddle
from saddlesym.diagonal.symbolic.problem import SymbolicProblem
from saddlesym.errors import BadInputError, DegenerateProblemError

FAMILIES = {
    "generic 1": lambda: SymbolicProblem.generic(1),
    "generic 2": lambda: SymbolicProblem.generic(2),
    "generic 3": lambda: SymbolicProblem.generic(3),
    "generic data": lambda: SymbolicProblem.generic_data(2, 2),
    "correlation": lambda: SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2 - rho**2"], "rho"),
    "two parameters": lambda: SymbolicProblem.from_data(
        [[1, "a", "2*b"], [0, "1 - a", 1], [3, "a^2", "-1/b"]], [1, "b", -1], "a, b"
    ),
    "concrete": lambda: SymbolicProblem.of(DiagonalProblem([[2, 1, 0], [0, 1, 3], [1, 1, 1]], [1, -2, 3])),
}  # fmt: skip

few = settings(derandomize=True, max_examples=25, deadline=None)
small = st.fractions(-4, 4, max_denominator=5)


@pytest.fixture(params=FAMILIES, name="problem")
def _problem(request):
    return FAMILIES[request.param]()


def subsets(d):
    return chain.from_iterable(combinations(range(d), k) for k in range(d + 1))


@st.composite
def data(draw, d, n=None):
    n = n or d + 1
    rows = draw(st.lists(st.lists(small, min_size=d, max_size=d), min_size=n, max_size=n))
    return DiagonalProblem(rows, draw(st.lists(small, min_size=n, max_size=n)))


def gram_values(problem):
    """The parameters of ``SymbolicProblem.generic(d)`` at a concrete problem."""
    d = problem.d
    values = {f"m_{i + 1}{j + 1}": problem.M[i][j] for i in range(d) for j in range(i, d)}
    return values | {f"r_{i + 1}": problem.r[i] for i in range(d)}


def rational(x):
    return sympy.Rational(x.numerator, x.denominator)


def as_fraction(x):
    assert x.is_Rational
    return Fraction(int(x.p), int(x.q))


def is_zero(expression):
    return sympy.cancel(sympy.together(expression)) == 0


# --- the problem -----------------------------------------------------------------------------


def test_the_gradient_is_the_derivative_of_the_loss(problem):
    b = sympy.symbols(f"b_1:{problem.d + 1}", real=True)
    loss = problem.loss(b)
    for i, g in enumerate(problem.gradient(b)):
        assert is_zero(sympy.diff(loss, b[i]) - g)


def test_data_and_gram_give_the_same_loss():
    family = FAMILIES["two parameters"]()
    X, y = sympy.Matrix([[1, "a", "2*b"], [0, "1 - a", 1], [3, "a**2", "-1/b"]]), sympy.Matrix([1, "b", -1])
    here = {sympy.Symbol(s.name): s for s in family.parameters}
    b = sympy.Matrix(sympy.symbols("b_1:4", real=True))
    residual = X.subs(here) * b - y.subs(here)
    assert is_zero((residual.T * residual)[0] / 6 - family.loss(list(b)))


@few
@given(
    st.fractions(-3, 3, max_denominator=9),
    st.fractions(-3, 3, max_denominator=9),
    st.lists(small, min_size=3, max_size=3),
)
def test_values_of_a_family_are_problems(a, b, beta):
    assume(b != 0)
    family = FAMILIES["two parameters"]()
    direct = DiagonalProblem([[1, a, 2 * b], [0, 1 - a, 1], [3, a * a, -1 / b]], [1, b, -1])
    problem = family.at({"a": a, "b": b})
    assert (problem.M, problem.r) == (direct.M, direct.r)
    where = family.substitution({"a": a, "b": b})
    assert as_fraction(family.loss(beta).xreplace(where)) == direct.loss(beta)


def test_a_family_is_read_back_from_its_document(problem):
    document = json.loads(json.dumps(problem.to_dict()))
    assert SymbolicProblem.from_dict(document) == problem
    assert document.pop("kind") == "symbolic problem"
    build = SymbolicProblem.from_data if "X" in document else SymbolicProblem.from_gram
    again = build(**document)
    assert again.gram == problem.gram
    assert again.correlations == problem.correlations
    assert again.constant == problem.constant


@pytest.mark.parametrize("build", [
    lambda: SymbolicProblem.from_gram([[1, "rho"], ["-rho", 1]], [1, 1], "rho"),
    lambda: SymbolicProblem.from_gram([[1, 0]], [1], "rho"),
    lambda: SymbolicProblem.from_gram([[1]], [1, 2]),
    lambda: SymbolicProblem.from_gram([], []),
    lambda: SymbolicProblem.from_gram([["sigma"]], [1], "rho"),
    lambda: SymbolicProblem.from_gram([["1"]], [1], ["rho", "rho"]),
    lambda: SymbolicProblem.from_gram("1", [1]),
    lambda: SymbolicProblem.from_gram([[float("nan")]], [1]),
    lambda: SymbolicProblem.from_gram([[sympy.sqrt(sympy.Symbol("rho"))]], [1], "rho"),
    lambda: SymbolicProblem.from_gram([["__import__('os')"]], [1], "rho"),
    lambda: SymbolicProblem.from_data([[1, 2], [3]], [1, 2]),
    lambda: SymbolicProblem.from_data([[1, 2]], [1, 2]),
    lambda: SymbolicProblem.generic(0),
    lambda: SymbolicProblem.generic(True),
    lambda: SymbolicProblem.generic_data(2, -1),
    lambda: SymbolicProblem.generic(2).gradient([1]),
    lambda: SymbolicProblem.generic(2).block([0, 0]),
    lambda: SymbolicProblem.generic(2).block([2]),
    lambda: SymbolicProblem.generic(1).at({"m_11": 1}),
    lambda: SymbolicProblem.generic(1).at({"m_11": 1, "r_1": 1, "x": 1}),
    lambda: SymbolicProblem.generic(1).at({"m_11": -1, "r_1": 1}),
    lambda: SymbolicProblem.from_data([["1/rho"]], [1], "rho").at({"rho": 0}),
    lambda: diagonal_network(SymbolicProblem.from_gram([["u_1"]], [1], "u_1")),
])  # fmt: skip
def test_bad_input_is_refused_on_one_line(build):
    with pytest.raises(BadInputError) as caught:
        build()
    assert "\n" not in str(caught.value)


# --- the network -----------------------------------------------------------------------------


def test_gradient_and_hessian_have_their_closed_forms(problem):
    net = diagonal_network(problem)
    u, v, M = sympy.Matrix(net.u), sympy.Matrix(net.v), problem.M
    g = problem.gradient([a * b for a, b in zip(net.u, net.v, strict=True)])
    U, V, G = sympy.diag(*u), sympy.diag(*v), sympy.diag(*g)
    gradient = sympy.Matrix([*(V * g), *(U * g)])
    J = sympy.Matrix.hstack(V, U)
    hessian = J.T * M * J + sympy.Matrix(
        sympy.BlockMatrix([[sympy.zeros(problem.d), G], [G, sympy.zeros(problem.d)]])
    )
    assert all(is_zero(e) for e in net.gradient - gradient)
    assert all(is_zero(e) for e in net.hessian - hessian)
    assert net.flow == -net.gradient


def test_balancedness_is_conserved_and_other_quantities_are_not(problem):
    net = diagonal_network(problem)
    for quantity in net.conserved:
        assert net.time_derivative(quantity) == 0
    for a, b in zip(net.u, net.v, strict=True):
        for changed in (a**2 + b**2, a * b, a):
            assert net.time_derivative(changed) != 0
    assert is_zero(net.time_derivative(net.F) + sum(e**2 for e in net.gradient))


@few
@given(data(2), st.lists(small, min_size=4, max_size=4), st.lists(small, min_size=4, max_size=4))
def test_exact_finite_differences(problem, point, step):
    """F is a quartic: five exact values along a line determine its derivatives there."""
    net = diagonal_network(2)
    at = net.problem.substitution(gram_values(problem))

    def loss(weights):
        return problem.loss([weights[0] * weights[2], weights[1] * weights[3]]) - problem.loss([0, 0])

    f = [loss([p + k * s for p, s in zip(point, step, strict=True)]) for k in (-2, -1, 0, 1, 2)]
    first = (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / 12
    second = (-f[0] + 16 * f[1] - 30 * f[2] + 16 * f[3] - f[4]) / 12
    where = at | {w: rational(p) for w, p in zip(net.weights, point, strict=True)}
    gradient, hessian = net.gradient.xreplace(where), net.hessian.xreplace(where)
    s = sympy.Matrix([rational(x) for x in step])
    assert as_fraction(net.F.xreplace(where)) == loss(point)
    assert as_fraction((gradient.T * s)[0]) == first
    assert as_fraction((s.T * hessian * s)[0]) == second


# --- saddles ---------------------------------------------------------------------------------


def test_saddles_minimise_the_loss_over_their_active_set(problem):
    b = sympy.symbols(f"b_1:{problem.d + 1}", real=True)
    for S in subsets(problem.d):
        saddle = symbolic_saddle(problem, S)
        restricted = problem.loss([b[i] if i in S else 0 for i in range(problem.d)])
        here = dict(zip(b, saddle.beta, strict=True))
        assert all(is_zero(sympy.diff(restricted, b[i]).subs(here)) for i in S)
        assert all(saddle.beta[i] == 0 for i in range(problem.d) if i not in S)
        assert is_zero(problem.loss(list(saddle.beta)) - saddle.loss)
        assert all(is_zero(e) for e in problem.gradient(list(saddle.beta)) - saddle.gradient)
        assert is_zero(saddle.determinant - problem.M.extract(list(S), list(S)).det())


@few
@given(data(3))
def test_saddles_agree_with_the_exact_minimiser(problem):
    for S in subsets(3):
        saddle = symbolic_saddle(3, S)
        try:
            exact = constrained_minimiser(problem, S)
        except DegenerateProblemError:
            with pytest.raises(DegenerateProblemError):
                saddle.at(gram_values(problem))
            continue
        beta, gradient, loss = saddle.at(gram_values(problem))
        assert (beta, gradient) == (exact.beta, exact.gradient)
        assert loss == exact.loss - problem.loss([0, 0, 0])
        function = saddle.lambdify()
        args = [float(gram_values(problem)[s.name]) for s in saddle.problem.parameters]
        determinant = as_fraction(
            saddle.determinant.xreplace(saddle.problem.substitution(gram_values(problem)))
        )
        if abs(determinant) > Fraction(1, 10):
            numeric = function(*args)
            assert numeric[0] == pytest.approx(exact.beta.floats(), rel=1e-6, abs=1e-6)
            assert numeric[1] == pytest.approx(exact.gradient.floats(), rel=1e-6, abs=1e-6)


def inertia(matrix):
    """Numbers of negative, zero and positive eigenvalues of a symmetric rational matrix (Descartes)."""
    entries = [fmpq(int(e.p), int(e.q)) for e in matrix]
    coefficients = fmpq_mat(matrix.rows, matrix.cols, entries).charpoly().coeffs()
    zero = next(k for k, c in enumerate(coefficients) if c != 0)
    signs = [c > 0 for c in coefficients if c != 0]
    positive = sum(a != b for a, b in pairwise(signs))
    return matrix.rows - zero - positive, zero, positive


@few
@given(
    data(2), st.lists(st.sampled_from([Fraction(1), Fraction(-2), Fraction(3, 2)]), min_size=2, max_size=2)
)
def test_morse_index_and_rates_are_those_of_the_hessian(problem, split):
    """At weights u_i = c_i, v_i = β_i/c_i the Hessian of F has the promised inertia."""
    net = diagonal_network(2)
    values = gram_values(problem)
    at = net.problem.substitution(values)
    for S in subsets(2):
        saddle = symbolic_saddle(2, S)
        try:
            beta, gradient, _ = saddle.at(values)
        except DegenerateProblemError:
            continue
        if beta.support() != S:
            continue
        weights = [split[i] if i in S else Fraction(0) for i in range(2)]
        weights += [beta[i] / split[i] if i in S else Fraction(0) for i in range(2)]
        where = at | {w: rational(x) for w, x in zip(net.weights, weights, strict=True)}
        assert all(e == 0 for e in net.gradient.xreplace(where))
        hessian = sympy.Matrix(net.hessian.xreplace(where))
        negative, zero, positive = inertia(hessian)
        assert (negative, zero) == (saddle.morse_index.xreplace(at), saddle.nullity.xreplace(at))
        assert positive == len(S) + negative
        for e in saddle.unstable:
            j = e.coordinate
            rate, direction = e.rate.xreplace(at), e.direction.xreplace(at)
            # β_j = u_j v_j grows at twice the unstable eigenvalue of the block (u_j, v_j)
            block = hessian.extract([j, j + 2], [j, j + 2])
            assert block.trace() == 0
            assert 4 * block**2 == rate**2 * sympy.eye(2)
            assert as_fraction(rate) == 2 * abs(gradient[j])
            assert direction == (gradient[j] < 0) - (gradient[j] > 0)


def test_unstable_directions_leave_out_what_vanishes_identically():
    tied = SymbolicProblem.from_gram([[1, "c"], ["c", "c"]], [1, "c"], "c")
    saddle = symbolic_saddle(tied, [0])
    assert saddle.unstable == ()
    assert (saddle.morse_index, saddle.nullity) == (0, 3)


def test_saddle_conditions_are_the_gradient_of_f(problem):
    conditions = saddle_conditions(problem)
    for equation, derivative in zip(conditions.equations, conditions.network.gradient, strict=True):
        assert is_zero(equation - derivative)


def test_every_branch_solves_the_conditions(problem):
    conditions = saddle_conditions(problem)
    net = conditions.network
    branches = list(conditions.branches())
    assert [b.active for b in branches] == list(subsets(problem.d))
    for branch in branches:
        # β = u ⊙ v with u_i = c_i arbitrary solves the equations of the branch and ∇F = 0
        c = sympy.symbols(f"c_1:{problem.d + 1}", nonzero=True)
        where = {}
        for i in range(problem.d):
            active = i in branch.active
            where[net.u[i]] = c[i] if active else sympy.S.Zero
            where[net.v[i]] = branch.saddle.beta[i] / c[i] if active else sympy.S.Zero
        for expression in (*branch.equations, *conditions.equations):
            assert is_zero(expression.xreplace(where))


def test_a_singular_branch_is_said_to_have_no_single_saddle():
    equal = SymbolicProblem.from_gram([["a", "a"], ["a", "a"]], ["b", "b"], "a b")
    with pytest.raises(DegenerateProblemError) as caught:
        symbolic_saddle(equal, [0, 1])
    assert caught.value.columns == (0, 1)
    branch = saddle_conditions(equal).branch([0, 1])
    assert branch.saddle is None
    assert len(branch.equations) == 2


def test_results_are_frozen_short_and_print(problem):
    saddle, conditions = symbolic_saddle(problem, [0]), saddle_conditions(problem)
    for result in (saddle, conditions.network, conditions):
        assert len(repr(result)) < 300
        text = result.latex()
        assert text.startswith("\\begin{aligned}")
        assert text.count("{") == text.count("}")
        json.dumps(result.to_dict())
    with pytest.raises(FrozenInstanceError):
        saddle.active = (1,)


def test_latex_of_the_two_column_saddle():
    assert r"\beta_{1} &= \frac{r_{1}}{m_{11}}" in symbolic_saddle(2, [0]).latex()
