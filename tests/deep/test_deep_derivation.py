"""The symbolic side of deep linear networks: its laws, and agreement with the exact problem."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy

from saddlesym import BadInputError, BudgetError, DeepLinearProblem
from saddlesym.deep import critical_set, deep_network, exchange_block, scalar_mode

WIDTHS = [(1, 1, 1), (2, 2, 2), (2, 1, 3), (1, 2, 1, 1), (1, 2, 2, 1, 1)]
COMPLETION = DeepLinearProblem.matrix_completion([[3, 1], [1, 2]], [[1, 0], [1, 1]], depth=3)
DATA = DeepLinearProblem.squared_error([[1, 2], [0, 1]], [[1, 1]], (2, 2, 1))


def networks():
    return [*map(deep_network, WIDTHS), deep_network(COMPLETION), deep_network(DATA)]


@pytest.mark.parametrize("net", networks(), ids=repr)
def test_balancedness_is_conserved_and_the_loss_falls(net):
    for quantity in net.conserved:
        assert net.time_derivative(quantity) == sympy.zeros(*quantity.shape)
    alone = net.weights[0] * net.weights[0].T  # without its partner it is not conserved
    assert net.time_derivative(alone) != sympy.zeros(*alone.shape)
    squares = sum(entry**2 for g in net.gradient for entry in g)
    assert sympy.expand(net.time_derivative(net.loss) + squares) == 0


@pytest.mark.parametrize("net", networks(), ids=repr)
def test_the_closed_form_of_the_gradient(net):
    """(W_L⋯W_{l+1})ᵀ ∇C(A) (W_{l−1}⋯W_1)ᵀ against differentiation."""
    slope = net.cost_gradient(net.product)
    for k in range(net.depth):
        left = sympy.eye(net.widths[-1])
        for W in reversed(net.weights[k + 1 :]):
            left = left * W
        right = sympy.eye(net.widths[0])
        for W in net.weights[:k]:
            right = W * right
        assert (left.T * slope * right.T - net.gradient[k]).applyfunc(sympy.expand).is_zero_matrix


@pytest.mark.parametrize("net", networks(), ids=repr)
def test_derivatives_below_order_L_vanish_at_the_origin(net):
    L = net.depth
    degrees = [k for k in range(2 * L + 2) if net.homogeneous_part(k) != 0]
    assert degrees == [0, L, 2 * L]
    assert sympy.expand(net.homogeneous_part(L) - net.leading_form) == 0
    assert sympy.expand(sum(net.homogeneous_part(k) for k in degrees) - net.loss) == 0
    laplacian = sum(sympy.diff(net.leading_form, w, 2) for w in net.symbols)
    assert laplacian == 0  # H is harmonic


@pytest.mark.parametrize("net", [n for n in networks() if n.widths[1] > 1], ids=repr)
def test_rotations_of_a_hidden_layer_commute_with_the_flow(net):
    assert all(defect.is_zero_matrix for defect in net.rotation_defect(1))
    shear = sympy.Matrix([[1, 1], [0, 1]])  # no rotation: it does not commute
    values = dict(zip(net.symbols, (e for W in net.rotated(1, shear) for e in W), strict=True))
    moved = net.gradient[0].subs(values, simultaneous=True)
    assert (moved - shear * net.gradient[0]).applyfunc(sympy.expand) != sympy.zeros(*moved.shape)


@pytest.mark.parametrize("net", networks(), ids=repr)
def test_a_network_keeps_its_flow_inside_a_wider_one(net):
    wider = [w + 1 for w in net.widths[1:-1]]
    assert all(defect.is_zero_matrix for defect in net.inclusion_defect(wider))


def test_the_wider_network_may_have_two_digits():
    defects = deep_network([1, 2, 1]).inclusion_defect([11])
    assert [defect.shape for defect in defects] == [(11, 1), (1, 11)]
    assert all(defect.is_zero_matrix for defect in defects)


@pytest.mark.parametrize("problem", [COMPLETION, DATA, DeepLinearProblem.whitened([[2, 1]], (2, 1, 2, 1))])
def test_it_is_the_same_loss_as_the_exact_problem(problem):
    net, generator = deep_network(problem), random.Random(1)
    weights = [
        [[Fraction(generator.randint(-5, 5), 3) for _ in range(c)] for _ in range(r)]
        for r, c in problem.shapes
    ]
    values = {
        w: sympy.Rational(e)
        for w, e in zip(net.symbols, (e for W in weights for row in W for e in row), strict=True)
    }
    assert net.loss.subs(values) == sympy.Rational(problem.loss(weights))
    for expected, g in zip(problem.gradient(weights), net.gradient, strict=True):
        assert g.subs(values) == sympy.Matrix([[sympy.Rational(q) for q in row] for row in expected])


def test_the_hessian_at_a_critical_point_has_the_index_of_the_saddle():
    problem = DeepLinearProblem.whitened([[4, 0], [0, 9]])
    net = deep_network(problem)
    two, three = sympy.Matrix([[2, 0], [0, 0]]), sympy.Matrix([[0, 3], [0, 0]])
    for weights, counts in (([two, two], [0, 1]), ([three, three.T], [1, 0])):
        eigenvalues = net.hessian_at(weights).eigenvals()
        saddle = critical_set(problem, counts)
        assert sum(m for e, m in eigenvalues.items() if e < 0) == saddle.morse_index
        assert eigenvalues.get(sympy.Integer(0), 0) == saddle.nullity


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_scalar_modes_for_numbers_and_for_a_symbol(depth):
    mode, general = scalar_mode(depth), scalar_mode()
    L = general.depth
    assert sympy.simplify(general.flow.subs(L, depth) - mode.flow) == 0
    a, sigma = mode.strength, mode.sigma
    assert sympy.simplify(mode.flow - depth * a ** (2 - sympy.Rational(2, depth)) * (sigma - a)) == 0
    assert mode.rate_at_origin == (2 * sigma if depth == 2 else 0)
    assert sympy.simplify(mode.rate_at_minimum + depth * sigma ** (2 - sympy.Rational(2, depth))) == 0


def test_the_closed_form_for_two_layers_solves_the_flow():
    mode, T, start = scalar_mode(2), sympy.Symbol("T", positive=True), sympy.Symbol("a_0", positive=True)
    solution = mode.solution(T, start)
    assert sympy.simplify(sympy.diff(solution, T) - mode.flow.subs(mode.strength, solution)) == 0
    assert sympy.simplify(solution.subs(T, 0) - start) == 0
    with pytest.raises(BadInputError, match="depth 3"):
        scalar_mode(3).solution(1, 1)
    with pytest.raises(BadInputError, match="symbolic depth"):
        _ = scalar_mode().rate_at_origin


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_block_of_two_modes(depth):
    omega, other = sympy.symbols("omega sigma_j", positive=True)
    eigenvalues = set(exchange_block(depth).eigenvals())
    expected = {sympy.expand(omega ** (depth - 2) * (omega**depth + sign * other)) for sign in (1, -1)}
    assert {sympy.expand(e) for e in eigenvalues} == expected


def test_text_and_refusals():
    net = deep_network([1, 1, 1])
    assert "\\dot W_{1}" in net.latex()
    assert net.to_dict()["leading_form"] == "-b_11*w_1_11*w_2_11"
    assert "\\dot a" in scalar_mode().latex()
    assert scalar_mode(3).to_dict()["depth"] == "3"
    with pytest.raises(BadInputError, match="three or more"):
        deep_network([1, 1])
    with pytest.raises(BadInputError, match="three or more"):
        deep_network([1, 0, 1])
    with pytest.raises(BudgetError, match="242 symbolic weights"):
        deep_network([11, 11, 11])
    with pytest.raises(BadInputError, match="two different units"):
        deep_network([2, 2, 2]).rotation_defect(1, (0, 2))
    with pytest.raises(BadInputError, match="two different units"):
        deep_network([2, 2, 2]).rotation_defect(2)
    with pytest.raises(BadInputError, match="at least"):
        deep_network([2, 2, 2]).inclusion_defect([1])
    with pytest.raises(BadInputError, match="weights of shapes"):
        net.hessian_at([[[0]]])
    for call in (scalar_mode, exchange_block):
        with pytest.raises(BadInputError, match="whole number from 2"):
            call(1)
