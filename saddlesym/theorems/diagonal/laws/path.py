"""Checks of the exact saddle path against definitions, enumeration and duality."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import comb

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.exact.scalars import to_fmpq
from saddlesym.theorems.diagonal.assumptions import path_of
from saddlesym.theorems.diagonal.reference.definitions import (
    PlainQuadratic,
    plain_path,
    signed_minimisers,
    subsets,
)
from saddlesym.theorems.evidence.check import FLIPPING, Check, Fact, UndecidedError, seeded
from saddlesym.theorems.evidence.verdict import Kind


class Steps:
    """The jumps of a path as plain rationals; only times and saddles are taken from it.

    The dual variable is added up anew from the saddles: ``s_{k+1} = s_k − Δt ∇L(β_k)``.
    """

    def __init__(self, problem: DiagonalProblem) -> None:
        path = path_of(problem)
        self.form = PlainQuadratic.of(problem)
        self.complete = path.complete
        d = problem.d
        self.times = [fmpq(0), *(to_fmpq(jump.time) for jump in path.jumps)]
        self.betas = [[fmpq(0)] * d, *(jump.beta.rationals() for jump in path.jumps)]
        self.slopes = [self.form.gradient(b) for b in self.betas]
        self.duals = [[fmpq(0)] * d]
        for k in range(1, len(self.times)):
            self.duals.append(self.dual(self.times[k], k - 1))

    def __len__(self) -> int:
        return len(self.times)

    def dual(self, t: fmpq, k: int) -> list[fmpq]:
        """s at time t of the dwell that begins with jump k (0: the start)."""
        span = t - self.times[k]
        return [s - span * g for s, g in zip(self.duals[k], self.slopes[k], strict=True)]

    def average(self, t: fmpq, k: int) -> list[fmpq]:
        """(1/t)∫₀ᵗβ at time t of dwell k."""
        total = [fmpq(0)] * self.form.d
        ends = [*self.times[1 : k + 1], t]
        for begin, end, b in zip(self.times[: k + 1], ends, self.betas, strict=False):
            total = [x + (end - begin) * y for x, y in zip(total, b, strict=True)]
        return [x / t for x in total]

    def first_departure(self) -> int | None:
        """Number of the first jump at which a coordinate leaves or changes sign."""
        for k in range(1, len(self)):
            if any(a != 0 and a * b <= 0 for a, b in zip(self.betas[k - 1], self.betas[k], strict=True)):
                return k
        return None


def _sign(x: fmpq) -> int:
    return int(x > 0) - int(x < 0)


def unique_path(problem: DiagonalProblem) -> Iterator[Fact]:
    """At every jump the vertices of the set of minimisers, found by enumeration, are one.

    The set is bounded: a signed relation Σ h_i s_i x_i = 0, h ≥ 0, would give
    0 = wᵀΣ h_i s_i x_i = Σ h_i.  So one vertex means one point.
    """
    form = PlainQuadratic.of(problem)
    for jump in path_of(problem).jumps:
        signs = {i: _sign(s) for i, s in enumerate(jump.dual.rationals()) if abs(s) == 1}
        vertices = signed_minimisers(form, signs)
        one = len(vertices) == 1 and vertices[0] == jump.beta.rationals()
        yield Fact(one, f"{len(vertices)} vertices minimise L at t = {jump.time}")


def unique_without_signs(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: among all vectors on the columns at their bounds the minimiser is unique too."""
    form = PlainQuadratic.of(problem)
    for jump in path_of(problem).jumps:
        at_bound = [i for i, s in enumerate(jump.dual.rationals()) if abs(s) == 1]
        free = form.stationary(at_bound)
        yield Fact(free == jump.beta.rationals(), f"without signs L is lower at t = {jump.time}")


def subdifferential(problem: DiagonalProblem) -> Iterator[Fact]:
    """The dual s added up from the saddles, at jumps and at random rational times."""
    steps, rng = Steps(problem), seeded(problem, "subdifferential")
    for k in range(len(steps)):
        b, g = steps.betas[k], steps.slopes[k]
        yield Fact(not any(x * y for x, y in zip(b, g, strict=True)), f"β ⊙ ∇L ≠ 0 after jump {k}")
        s = steps.duals[k]
        kkt = all(x * y >= 0 for x, y in zip(s, g, strict=True) if abs(x) == 1)
        yield Fact(kkt, f"s_i ∇L_i < 0 at jump {k}")
        if k + 1 < len(steps):
            width = steps.times[k + 1] - steps.times[k]
            inner = [steps.times[k] + width * fmpq(rng.randint(1, 98), 99) for _ in range(3)]
            times = [steps.times[k], *inner, steps.times[k + 1]]
        else:
            times = [steps.times[k], *([steps.times[k] + 1] if steps.complete else [])]
        for t in times:
            s = steps.dual(t, k)
            inside = all(abs(x) <= 1 for x in s)
            aligned = all(x == _sign(y) for x, y in zip(s, b, strict=True) if y != 0)
            yield Fact(inside and aligned, f"s = {s} is no subgradient of ‖·‖₁ at β = {b}, t = {t}")


def bound_only_on_support(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: |s_i| = 1 only where β_i is not zero."""
    steps = Steps(problem)
    for k in range(len(steps)):
        pairs = zip(steps.duals[k], steps.betas[k], strict=True)
        yield Fact(all(b != 0 for s, b in pairs if abs(s) == 1), f"|s_i| = 1 off the support at jump {k}")


def loss_falls(problem: DiagonalProblem) -> Iterator[Fact]:
    """L at consecutive saddles and the rate of yᵀw on every dwell."""
    steps = Steps(problem)
    form = steps.form
    losses = [form.value(b) for b in steps.betas]
    square = fmpq(2) * to_fmpq(problem.loss([0] * problem.d))  # yᵀy/n, or 0 when only M and r are known
    for k in range(1, len(steps)):
        yield Fact(losses[k] < losses[k - 1], f"the loss does not fall at jump {k}")
        b = steps.betas[k - 1]
        rise = square - sum((x * y for x, y in zip(form.r, b, strict=True)), fmpq(0))
        if problem.has_data:
            yield Fact(rise > 0, f"yᵀw rises at rate {rise} before jump {k}")


def modulus_grows(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: no |β_i| ever falls."""
    steps = Steps(problem)
    for k in range(1, len(steps)):
        pairs = zip(steps.betas[k - 1], steps.betas[k], strict=True)
        yield Fact(all(abs(b) >= abs(a) for a, b in pairs), f"some |β_i| falls at jump {k}")


def _termination(problem: DiagonalProblem, bound: int) -> Iterator[Fact]:
    path = path_of(problem)
    last = path.final.rationals()
    yield Fact(not any(PlainQuadratic.of(problem).gradient(last)), "the path ends where ∇L ≠ 0")
    visited = len(path.jumps) + 1
    yield Fact(visited <= bound, f"{visited} saddles visited, the bound is {bound}")
    supports = [(), *(jump.beta.support() for jump in path.jumps)]
    yield Fact(len(set(supports)) == len(supports), "an active set is visited twice")


def termination(problem: DiagonalProblem) -> Iterator[Fact]:
    """∇L at the end, the number of saddles and their active sets."""
    rank = fmpq_mat([[to_fmpq(q) for q in row] for row in problem.M]).rank()
    rows = problem.n if problem.has_data else rank
    d = problem.d
    return _termination(problem, min(2**d, sum(comb(d, k) for k in range(min(rows, d) + 1))))


def at_most_rank(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: no more jumps than min(n, d)."""
    return _termination(problem, min(problem.n, problem.d) + 1)


def _l1(b: list[fmpq]) -> fmpq:
    return sum((abs(x) for x in b), fmpq(0))


def minimum_l1(problem: DiagonalProblem) -> Iterator[Fact]:
    """Both sides of the linear programme, and every basic solution where they can be listed."""
    steps = Steps(problem)
    b, s = steps.betas[-1], steps.duals[-1]
    matrix = fmpq_mat(steps.form.M)
    column = fmpq_mat([[x] for x in s])
    augmented = fmpq_mat([[*row, x] for row, x in zip(steps.form.M, s, strict=True)])
    yield Fact(augmented.rank() == matrix.rank(), "s does not lie in the range of Xᵀ")
    yield Fact(all(abs(x) <= 1 for x in s), "‖s‖_∞ > 1")
    product = (fmpq_mat([[x] for x in b]).transpose() * column)[0, 0]
    yield Fact(product == _l1(b), f"sᵀβ = {product} is not ‖β‖₁ = {_l1(b)}")
    try:
        supports = list(subsets(range(problem.d), matrix.rank()))
    except UndecidedError:
        return  # too many to list: the certificate above is a proof by itself
    for S in supports:
        other = steps.form.stationary(S)
        if other is not None and not any(steps.form.gradient(other)):
            yield Fact(_l1(other) >= _l1(b), f"{other} has smaller ℓ1 norm")


def minimum_l2(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the limit is the global minimiser of least Euclidean norm."""
    b = Steps(problem).betas[-1]
    form = PlainQuadratic.of(problem)
    rank = fmpq_mat(form.M).rank()
    augmented = fmpq_mat([[*row, x] for row, x in zip(form.M, b, strict=True)])
    yield Fact(augmented.rank() == rank, "β does not lie in the range of Xᵀ")


def _scale_space(problem: DiagonalProblem, signed: bool) -> Iterator[Fact]:
    steps = Steps(problem)
    # of a path that was stopped the next jump is not known
    plain = list(islice(plain_path(steps.form, signed=signed), None if steps.complete else len(steps) - 1))
    yield Fact(len(plain) == len(steps) - 1, f"{len(plain)} jumps by the definition, {len(steps) - 1} found")
    for k, jump in enumerate(plain, 1):
        same = jump.time == steps.times[k] and jump.beta == steps.betas[k] and jump.dual == steps.duals[k]
        yield Fact(same, f"jump {k} is at {jump.time} to {jump.beta} by the definition")


def inverse_scale_space(problem: DiagonalProblem) -> Iterator[Fact]:
    """Times, saddles and duals against the definition, stepped by enumeration."""
    return _scale_space(problem, True)


def without_signs(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: the signs may be forgotten in the minimiser."""
    return _scale_space(problem, False)


def _ascent(problem: DiagonalProblem, *, whole_face: bool) -> Iterator[Fact]:
    """Moreau: v = y/n − Xβ/n is the projection on a cone iff v is in it, Xβ/n in its polar, v ⟂ Xβ."""
    steps = Steps(problem)
    X = fmpq_mat([[to_fmpq(q) for q in row] for row in problem.X])
    y = fmpq_mat([[to_fmpq(q)] for q in problem.y])
    for k in range(len(steps)):
        s, b = steps.duals[k], steps.betas[k]
        fit = X * fmpq_mat([[x] for x in b])
        residual = y - fit
        rates = (X.transpose() * residual / problem.n).entries()
        bounds = [i for i, x in enumerate(s) if abs(x) == 1]
        if whole_face:
            tangent = all(rates[i] == 0 for i in bounds)
        else:
            tangent = all(s[i] * rates[i] <= 0 for i in bounds)
        yield Fact(tangent, f"w leaves the {'face' if whole_face else 'polytope'} at jump {k}")
        polar = all(x * z >= 0 for x, z in zip(b, s, strict=True)) and all(
            b[i] == 0 for i in range(problem.d) if i not in bounds
        )
        yield Fact(polar, f"Xβ/n is not in the normal cone at jump {k}")
        yield Fact((fit.transpose() * residual)[0, 0] == 0, f"w' is not orthogonal to Xβ at jump {k}")
    norm = _l1(steps.betas[-1])
    reached = sum((x * z for x, z in zip(steps.betas[-1], steps.duals[-1], strict=True)), fmpq(0))
    yield Fact(reached == norm, f"(Xβ)ᵀw ends at {reached}, not at the optimum {norm}")


def dual_steepest_ascent(problem: DiagonalProblem) -> Iterator[Fact]:
    """Moreau's conditions of the projection on the tangent cone, at every jump."""
    return _ascent(problem, whole_face=False)


def along_the_face(problem: DiagonalProblem) -> Iterator[Fact]:
    """False: w moves along the whole face, never off a facet."""
    return _ascent(problem, whole_face=True)


CHECKS = (
    Check(
        "unique-path",
        Kind.EXACT,
        "the vertices of the set of minimisers at every jump, by enumeration",
        unique_path,
        unique_without_signs,
        "the minimiser is unique without its signs as well",
        "general-position",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "subdifferential",
        Kind.EXACT,
        "s added up from the saddles, at jumps and at random rational times",
        subdifferential,
        bound_only_on_support,
        "|s_i| = 1 only on the support",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "loss-falls",
        Kind.EXACT,
        "L at consecutive saddles and the rate of yᵀw on every dwell",
        loss_falls,
        modulus_grows,
        "no |β_i| ever falls",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "termination",
        Kind.EXACT,
        "∇L at the end, the number of saddles and their active sets",
        termination,
        at_most_rank,
        "no more jumps than min(n, d)",
        "path",
        witness=FLIPPING,
    ),
    Check(
        "minimum-l1",
        Kind.EXACT,
        "the dual certificate, and the ℓ1 norm of every basic solution",
        minimum_l1,
        minimum_l2,
        "the limit has minimal ℓ2 norm",
        "wide",
        witness=(((2, 1),), (3,)),
    ),
    Check(
        "inverse-scale-space",
        Kind.EXACT,
        "times, saddles and duals against the definition, stepped by enumeration",
        inverse_scale_space,
        without_signs,
        "the signs may be forgotten in the minimiser",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
    Check(
        "dual-steepest-ascent",
        Kind.EXACT,
        "Moreau's conditions of the projection on the tangent cone, at every jump",
        dual_steepest_ascent,
        along_the_face,
        "w moves along the whole face, never off a facet",
        "path",
        witness=FLIPPING,
        of_any_part=True,
    ),
)
