"""Laws of the integrator: closed forms, proved defects, an independent integrator, planted bugs."""

from __future__ import annotations

import importlib
import random
from dataclasses import replace

import mpmath
import pytest
from flint import arb, ctx, fmpq, fmpz
from mpmath_integrator import integrate_reference

from saddlesym.errors import BadInputError, BudgetError
from saddlesym.ode import Field, Term, exp, integrate, sinh, variables, vector_field
from saddlesym.ode.convolution import OnlineProduct
from saddlesym.ode.defect import Certifier
from saddlesym.ode.kernel import Kernel

integrate_module = importlib.import_module("saddlesym.ode.integrate")


def logistic(time: int) -> arb:
    """x of x' = 1 − eˣ from −2: −ln(1 + (e² − 1)e^{−T})."""
    return -(1 + (arb(2).exp() - 1) * arb(-time).exp()).log()


@pytest.mark.parametrize("digits", [5, 20, 50, 120])
def test_the_closed_form_lies_within_the_proved_defect(digits):
    (x,) = variables(1)
    solution = integrate(vector_field([1 - exp(x)]), [-2], until=5, digits=digits)
    with ctx.workprec(600):
        for time in (0, 1, 2, 5):
            # the one-sided Lipschitz constant of 1 − eˣ is negative: errors do not grow
            assert abs(solution(time)[0] - logistic(time)) <= solution.defect
    assert solution.defect < arb(10) ** (3 - digits)


def test_sums_and_products_of_exponentials_have_one_normal_form():
    x, y = variables(2)
    a = vector_field([exp(x) * (exp(y) + 2) - 3, 2 * sinh(x - y + 1)])
    b = vector_field([2 * exp(x) + exp(x + y) - 3, exp(x - y + 1) - exp(y - x - 1)])
    key = lambda t: (t.form, t.coefficients)  # noqa: E731
    assert a.constant == b.constant == (-3, 0)
    assert sorted(map(key, a.terms), key=str) == sorted(map(key, b.terms), key=str)


def test_lotka_volterra_in_logarithms_agrees_with_the_logistic_curve():
    (x,) = variables(1)
    solution = integrate(vector_field([2 - 2 * exp(x)]), ["-20"], until=30, digits=40)
    with ctx.workprec(300):
        exact = 1 / (1 + (arb(20).exp() - 1) * arb(-60).exp())
        assert abs(solution(30)[0].exp() - exact) < arb(10) ** -38


@pytest.mark.parametrize("seed", range(4))
def test_the_mpmath_backend_agrees(seed):
    random.seed(seed)
    k = 2
    terms = tuple(
        Term(
            tuple(fmpq(random.randint(-3, 3), 2) for _ in range(k)),
            tuple(fmpq(random.randint(-2, 2), 2) for _ in range(k)),
            lambda: arb(-1),
        )
        for _ in range(3)
    )
    field = Field((fmpq(1, 2), fmpq(-1, 3)), terms)
    fast, slow = (
        integrate(field, [0, 0], until="1/2", digits=25),
        integrate_reference(field, [0, 0], "1/2", digits=25),
    )
    with mpmath.workdps(40), ctx.workprec(140):
        for a, b in zip(fast(fmpq(1, 2)), slow("1/2"), strict=True):
            assert abs(mpmath.mpf(a.str(35, radius=False)) - b) < mpmath.mpf(10) ** -23


def test_dense_output_joins_within_the_rounding_and_repeats_exactly():
    x, y = variables(2)
    field = vector_field([1 - exp(x) - exp(y), 1 - exp(x) * 2 - exp(y) * 3])
    first = integrate(field, [-3, -4], until=6, digits=30)
    second = integrate(field, [-3, -4], until=6, digits=30)
    assert [s.state for s in first] == [s.state for s in second]
    with ctx.workprec(300):
        for k in range(1, len(first)):
            time = first.kernel.real(first.steps[k].start)
            left, right = first.state(time, k - 1), first.state(time, k)
            assert all(abs(a - b) < arb(10) ** -28 for a, b in zip(left, right, strict=True))


def test_progress_is_reported_and_the_budget_is_kept():
    (x,) = variables(1)
    seen = []
    integrate(vector_field([1 - exp(x)]), [-2], until=5, progress=lambda t, n: seen.append((t, n)))
    assert [n for _, n in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == 5.0
    with pytest.raises(BudgetError, match="2 steps reached"):
        integrate(vector_field([1 - exp(x)]), [-2], until=50, digits=60, max_steps=2, leaps=False)


def test_leaps_do_not_change_the_answer():
    (x,) = variables(1)
    field = vector_field([1 - exp(x)])
    leaping, walking = (integrate(field, [-500], until=700, digits=30, leaps=on) for on in (True, False))
    assert leaping.leaps > 0 == walking.leaps
    assert len(leaping) < len(walking)
    with ctx.workprec(300):
        assert abs(leaping(700)[0] - walking(700)[0]) <= leaping.defect + walking.defect


def test_a_planted_wrong_step_is_caught(monkeypatch):
    """Series spoilt in one coefficient: the enclosed defect must notice."""
    (x,) = variables(1)
    field = vector_field([1 - exp(x)])
    honest = Kernel.expand

    def spoilt(self, exponents, active, scale):
        series = honest(self, exponents, active, scale)
        values = [list(e) for e in series.values]
        values[0][5] += 1 << (self.bits // 2)
        return replace(series, values=values)

    monkeypatch.setattr(Kernel, "expand", spoilt)
    with pytest.raises(BudgetError):
        integrate(field, [-2], until=5, digits=40, max_steps=50)
    careless = integrate(field, [-2], until=5, digits=40, certify=False)
    with ctx.workprec(300):
        assert abs(careless(5)[0] - logistic(5)) > arb(10) ** -38  # the plant does harm


def test_a_planted_wrong_coupling_is_caught(monkeypatch):
    """A wrong matrix in the recurrence: the certificate has its own."""
    x, y = variables(2)
    field = vector_field([1 - exp(x) - exp(y), 1 - exp(x) - 2 * exp(y)])
    kernel, certifier = Kernel(field, 200, 40), Certifier(field, 200, 40)
    honest = Kernel._scaled_rates

    def spoilt(self, scale):
        table, growth = honest(self, scale)
        return [[2 * q for q in row] for row in table], growth

    with ctx.workprec(264):
        state, step = [kernel.fixed(arb(-1))] * 2, kernel.fixed(arb(1) / 32)
        exponents = kernel.exponents(state)
        assert certifier.defect(state, kernel.expand(exponents, (0, 1), -4), step) < arb(10) ** -20
        monkeypatch.setattr(Kernel, "_scaled_rates", spoilt)
        assert certifier.defect(state, kernel.expand(exponents, (0, 1), -4), step) > arb(10) ** -4


def test_a_planted_wrong_landing_is_counted(monkeypatch):
    """A state that is not the end of its step adds its distance to the defect."""
    (x,) = variables(1)
    honest = Kernel.advance
    monkeypatch.setattr(Kernel, "advance", lambda *a: [z + (1 << 70) for z in honest(*a)])
    solution = integrate(vector_field([1 - exp(x)]), [-2], until=5, digits=40)
    with ctx.workprec(300):
        wrong = abs(solution(5)[0] - logistic(5))
        assert arb(10) ** -42 < wrong < solution.defect


@pytest.mark.parametrize("part", ["velocity", "state", "active", "reach"])
def test_a_planted_wrong_leap_is_refused(monkeypatch, part):
    """A line that is tilted, displaced, without its active term, or followed too far."""
    x, y = variables(2)
    field = vector_field([1 - exp(x), 1 - exp(y)])  # x rests; y rises along a line to about zero
    spoil = {
        "velocity": lambda line: [v + (1 << 90) for v in line.velocity],
        "state": lambda line: [z + (1 << 80) for z in line.state],
        "active": lambda line: (),
        "reach": lambda line: line.reach + 20,
    }[part]
    honest = integrate(field, [0, -500], until=700, digits=30)
    assert honest.leaps > 0
    found = integrate_module.straight_line

    def spoilt(*arguments):
        line = found(*arguments)
        return None if line is None else replace(line, **{part: spoil(line)})

    monkeypatch.setattr(integrate_module, "straight_line", spoilt)
    wrong = integrate(field, [0, -500], until=700, digits=30)
    assert wrong.leaps < honest.leaps
    with ctx.workprec(300):
        assert abs(wrong(700)[1] - honest(700)[1]) <= wrong.defect + honest.defect
    if part != "active":  # believed, the same leaps do harm
        monkeypatch.setattr(Certifier, "line_defect", lambda *_: arb(0))
        believed = integrate(field, [0, -500], until=700, digits=30)
        with ctx.workprec(300):
            assert abs(believed(490)[1] - honest(490)[1]) > believed.defect + honest.defect


def test_a_proved_rest_answers_for_all_later_times():
    x, y = variables(2)
    field = vector_field([2 - exp(x) - exp(x + y), 2 - exp(y) - exp(x + y)])  # at rest in zero
    resting = integrate(replace(field, contracting=True), [-1, -2], digits=30)
    assert resting.settled
    assert resting.rest is not None
    with ctx.workprec(300):
        for x_later in resting(10**30):
            assert abs(x_later) <= resting.error_at(len(resting)) < arb(10) ** -27
    drifting = integrate(vector_field([1 - exp(x), fmpq(1)]), [-1, 0], until=500, digits=30)
    assert drifting.rest is None


def test_an_unstable_zero_is_no_proof_of_rest():
    """x' = eˣ − 1 from 10⁻⁴⁰: the defect of standing still is small, and the solution is near 0.4 at 91."""
    (x,) = variables(1)
    solution = integrate(vector_field([exp(x) - 1]), ["1e-40"], until=91, digits=20)
    assert (solution.settled, solution.rest) == (False, None)
    with pytest.raises(BadInputError, match="outside the solution"):
        solution(92)


@pytest.mark.parametrize("power", [18, 60])
def test_a_term_that_wakes_late_is_waited_for(power):
    """x' = q − q·eˣ with a tiny q: the line is no rest, and may be longer than 64 guard bits allow."""
    x, y = variables(2)
    q = fmpq(1, 10**power)
    field = vector_field([1 - exp(x), q - q * exp(y)])
    solution = integrate(replace(field, contracting=True), [0, -80], digits=20)
    assert solution.settled
    with ctx.workprec(400):
        assert solution.end_time > 80 / arb(q)
        time = 79 / arb(q)  # y is −80 + qT, and later −ln(1 + (e⁸⁰ − 1)e^{−qT})
        assert abs(solution(time)[1] + (1 + (arb(80).exp() - 1) * arb(-79).exp()).log()) < arb(10) ** -18


def test_steps_beyond_the_series_unit_are_not_proved():
    (x,) = variables(1)
    kernel, certifier = (kind(vector_field([1 - exp(x)]), 200, 40) for kind in (Kernel, Certifier))
    with ctx.workprec(264):
        state = [kernel.fixed(arb(-1))]
        series = kernel.expand(kernel.exponents(state), (0,), -4)
        assert certifier.defect(state, series, kernel.fixed(arb(1) / 16)).is_finite()
        assert not certifier.defect(state, series, kernel.fixed(arb(1) / 15)).is_finite()


def test_a_term_left_out_is_counted():
    """The certificate bounds the terms that the series does not carry."""
    x, y = variables(2)
    field = vector_field([1 - exp(x) - exp(y), 1 - exp(x) - 2 * exp(y)])
    kernel, certifier = Kernel(field, 200, 40), Certifier(field, 200, 40)
    with ctx.workprec(264):
        state, step = [kernel.fixed(arb(-1)), kernel.fixed(arb(-30))], kernel.fixed(arb(1) / 32)
        series = kernel.expand(kernel.exponents(state), (0,), -4)
        lower = arb(-30).exp() / 32  # at least the smaller coefficient times the sleeping term
        assert lower / 2 < certifier.defect(state, series, step) < 100 * lower


def test_bad_input_is_refused_in_one_line():
    (x,) = variables(1)
    field = vector_field([1 - exp(x)])
    for call in (
        lambda: integrate(field, [1, 2], until=1),
        lambda: integrate(field, [1], until=1, digits=0),
        lambda: integrate(field, [1], until=-1),
        lambda: integrate(field, [1], until=1)(2),
        lambda: vector_field([exp(x), 1]),
        lambda: Field((fmpq(1),), (Term((fmpq(1), fmpq(1)), (fmpq(1),)),)),
    ):
        with pytest.raises(BadInputError) as caught:
            call()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("order", [1, 23, 24, 25, 49, 96, 131, 250])
def test_growing_products_are_the_plain_convolution(order):
    """Every coefficient, asked for before the next ones are known."""
    rng = random.Random(order)
    left, right, wanted = [], [], []
    product = OnlineProduct(left, right, order)
    for m in range(order):
        left.append(fmpz(rng.randint(-(10**30), 10**30)))
        right.append(fmpz(rng.randint(-(10**30), 10**30)) if m == 0 else wanted[-1] // 10**29 + m)
        wanted.append(sum((left[i] * right[m - i] for i in range(m + 1)), fmpz(0)))
        assert product.coefficient(m) == wanted[m]


@pytest.mark.parametrize("value", ["3", "-3"])
def test_numbers_however_small_have_a_fixed_point(value: str) -> None:
    kernel = Kernel(vector_field([1 - exp(variables(1)[0])]), 64, 8)
    tiny = arb(value) * arb((1, -(10**30)))
    assert kernel.fixed(tiny) == (0 if value == "3" else -1)
