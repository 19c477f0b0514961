"""Laws of implicit steps: enclosures on stiff flows, another way to the same answer, planted bugs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, arb_poly, ctx, fmpq, fmpz

from saddlesym import DiagonalProblem, flow
from saddlesym.ode import exp, integrate, variables, vector_field
from saddlesym.ode.collocation import radau
from saddlesym.ode.defect import Certifier, chebyshev_sums
from saddlesym.ode.implicit import ImplicitSteps, TermField

SHRINKING = DiagonalProblem([[1, -2, 0], [2, 2, -1], [-1, 1, 0]], [0, -1, 0])


def uneven(ratio: int) -> DiagonalProblem:
    """Columns that are not orthogonal, and of sizes 1 : 1/ratio."""
    X = [[2, Fraction(1, ratio)], [1, Fraction(3, ratio)], [1, Fraction(-1, ratio)]]
    return DiagonalProblem(X, [3, 1, -1])


@pytest.mark.parametrize(
    ("problem", "last"), [(uneven(100), None), (uneven(10_000), None), (SHRINKING, 1000)]
)
def test_enclosures_on_stiff_flows_hold_the_answer_of_twice_the_digits(problem, last):
    coarse, fine = (flow(problem, "1e-20", digits=digits, until=last) for digits in (10, 20))
    assert coarse.solution.implicit > 0
    assert fine.solution.implicit > 0
    assert coarse.steps < 300  # explicit steps alone: thousands
    end = Fraction(float(coarse.end)) * Fraction(999, 1000)
    for t in [Fraction(float(jump.time)) for jump in coarse.jumps] + [end / 3, end]:
        for kind in ("beta", "dual", "u"):
            for a, b in zip(getattr(coarse, kind)(t), getattr(fine, kind)(t), strict=True):
                assert a.arb.contains(b.arb)
    for a, b in zip(coarse.jumps, fine.jumps, strict=True):
        assert a.time.arb.contains(b.time.arb)


def test_explicit_steps_alone_agree(monkeypatch):
    problem = uneven(30)
    mixed = flow(problem, "1e-20", digits=20)
    assert mixed.solution.implicit > 0
    monkeypatch.setattr(ImplicitSteps, "step", lambda *_: None)
    explicit = flow(problem, "1e-20", digits=20)
    assert explicit.solution.implicit == 0
    for a, b in zip(mixed.jumps, explicit.jumps, strict=True):
        assert a.time.arb.overlaps(b.time.arb)
    for t in (1, 5, 20):
        for a, b in zip(mixed.dual(t), explicit.dual(t), strict=True):
            assert a.arb.overlaps(b.arb)


def test_a_planted_wrong_implicit_step_is_caught(monkeypatch):
    """Exponentials wrong from the twelfth digit on: no such step is believed; believed, it does harm."""
    x, y = variables(2)
    field = vector_field([2 - exp(x) - exp(x + y), fmpq(1, 1000) * (2 - exp(y) - exp(x + y))])
    honest = integrate(field, [-1, -4], until=5000, digits=20)
    assert honest.implicit > 0
    values = TermField.values
    monkeypatch.setattr(
        TermField, "values", lambda self, shift: [e * (1 + arb(10) ** -12) for e in values(self, shift)]
    )
    careful = integrate(field, [-1, -4], until=5000, digits=20)
    assert careful.implicit == 0
    with ctx.workprec(300):
        for a, b in zip(careful(3000), honest(3000), strict=True):
            assert abs(a - b) <= careful.defect + honest.defect
    monkeypatch.setattr(Certifier, "smooth_defect", lambda *_: arb(0))
    monkeypatch.setattr(Certifier, "distance", lambda *_: arb(0))  # the jump at the start tells it too
    believed = integrate(field, [-1, -4], until=5000, digits=20)
    assert believed.implicit > 0
    with ctx.workprec(300):
        harm = [
            abs(a - b) > believed.defect + honest.defect
            for a, b in zip(believed(3000), honest(3000), strict=True)
        ]
        assert any(harm)


@pytest.mark.parametrize("plant", ["polynomial", "start", "term left out"])
def test_the_bound_covers_what_is_wrong(plant):
    """x' = 1 − eˣ and y' = 1 − eˣ − eʸ, guessed as e = const: the defect is known, and must be covered."""
    x, y = variables(2)
    field = vector_field([1 - exp(x), 1 - exp(x) - exp(y)])
    certifier = Certifier(field, 200, 40)
    with ctx.workprec(300):
        rest = [fmpz(0), fmpz(-500) << 200]
        step = fmpz(1) << 202  # four units of time
        one = (arb_poly([1]),)
        assert certifier.smooth_defect(rest, (0,), one, step) < arb(10) ** -50
        if plant == "polynomial":  # x̂ = −t²/2·10⁻⁹ with ê = 1 + t·10⁻⁹: off by more than t·10⁻⁹
            wrong = (arb_poly([1, arb(4) * 10**-9]),)
            assert certifier.smooth_defect(rest, (0,), wrong, step) > 8 * arb(10) ** -9
        elif plant == "start":  # ê = 1 where e = 1 + 10⁻⁹, in x' and in y'
            moved = [fixed(arb(10) ** -9), rest[1]]
            assert certifier.smooth_defect(moved, (0,), one, step) > 4 * arb(10) ** -9
        else:  # eʸ = e^{−20} is asleep, but counts for four units of time
            awake = [rest[0], fmpz(-20) << 200]
            assert certifier.smooth_defect(awake, (0,), one, step) > 4 * arb(-20).exp()


def fixed(value: arb) -> fmpz:
    mantissa, exponent = value.mid().man_exp()
    return mantissa << int(exponent) + 200 if int(exponent) + 200 >= 0 else mantissa >> -int(exponent) - 200


def test_chebyshev_sums_bound_polynomials():
    with ctx.workprec(300):
        p = arb_poly([3, -7, 11, 2, -5])
        ((middle, rest),) = chebyshev_sums([p])
        values = [p(arb(k) / 64) for k in range(65)]
        assert all(abs(v - middle) <= rest for v in values)
        assert max(abs(v - middle) for v in values) > rest / 3  # and not by far


@pytest.mark.parametrize("n", [1, 2, 7, 90])
def test_radau_integrates_polynomials_of_degree_2n_minus_2(n):
    """Also for many nodes, where the basis of powers loses more digits than a number has."""
    weights, lagrange = radau(n, 200)
    with ctx.workprec(200 + 8 * n):
        last = weights.tolist()[-1]
        nodes = [sum(row, arb(0)) for row in weights.tolist()]  # ∫₀^{c_i} 1
        tiny = arb(10) ** -50
        assert abs(nodes[-1] - 1) < tiny
        for m in (0, n - 1, 2 * n - 2):
            assert abs(sum((w * c**m for w, c in zip(last, nodes, strict=True)), arb(0)) * (m + 1) - 1) < tiny
        assert abs(sum((row[0] for row in lagrange.transpose().tolist()), arb(0)) - 1) < tiny
