"""Saddles against the lasso: one path until a column leaves.

Question. The limit of the flow and the lasso both select columns one after the other. How far do they agree?

Source. Berthier (arXiv 2509.18766) for the average of the path; the shared knots up to the first departure
are a statement of this package with a proof (saddlesym theorems shared-knots). Diabetes data.

Seen. The knots of the lasso, at 1/λ, are the jump times up to and including the first jump at which a
column leaves; after it the averaged path is no longer a lasso solution.
"""

from fractions import Fraction

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.exact.scalars import fraction, to_fmpq
from saddlesym.figures.style import line, literal, styled
from saddlesym.grids import Grid, Math, Rounded
from saddlesym.report.page import Section, Table, picture, prose
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.diagonal.laws.path import Steps
from saddlesym.theorems.diagonal.reference.definitions import lasso_knots
from saddlesym.theorems.evidence.verdict import Kind


def study(quick, say):
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    say("exact path and exact lasso homotopy")
    path, steps = saddle_path(problem), Steps(problem)
    found = [(1 / fraction(at), [fraction(b) for b in beta]) for at, beta in lasso_knots(steps.form)]
    lasso = [*found, (Fraction(0), list(path.final))]  # least squares; the columns are independent
    knots, jumps = [1 / level for level, _ in found], path.times()
    shared = next(k for k, (a, b) in enumerate(zip(knots, jumps, strict=False)) if a != b)
    departure = next(k for k, jump in enumerate(path.jumps, 1) if jump.left)
    both = [(average_at(steps, t), lasso_at(lasso, t)) for t in jumps]
    parted = sum(jumps[departure - 1 : departure + 1]) / 2
    means, solution = average_at(steps, parted), lasso_at(lasso, parted)
    say("curves")
    first, last = jumps[0] / 2, 2 * max(jumps[-1], knots[-1])
    grid = [first * Fraction(float(last / first) ** (k / 80)) for k in range(81)]
    times = [float(t) for t in (grid[::8] if quick else grid)]
    exact = [(Fraction(t), average_at(steps, Fraction(t)), lasso_at(lasso, Fraction(t))) for t in times]
    claims = (
        claim(
            "first", "The first jump is at $1/\\lambda_{\\max}$",
            jumps[0] == knots[0] == 1 / max(map(abs, problem.r)), Kind.EXACT, "$t_1 =$ {time}", time=jumps[0],
        ),
        claim(
            "shared", "Knots and jump times agree up to and including the first departure, and not after it",
            shared == departure, Kind.EXACT,
            "{shared} knots shared; the first departure is jump {departure}, at $t =$ {time}",
            shared=shared, departure=departure, time=jumps[departure - 1],
        ),
        claim(
            "parted", "The next events differ", knots[shared] != jumps[shared], Kind.EXACT,
            "the lasso's at $1/\\lambda =$ {knot}, the path's at $t =$ {jump}",
            knot=knots[shared], jump=jumps[shared],
        ),
        claim(
            "average", "At the jump times up to the departure, the average of the path is the lasso solution",
            all(mean == solution for mean, solution in both[:departure]), Kind.EXACT,
            "equal at {equal} of {all} jump times", equal=sum(a == b for a, b in both), all=len(both),
        ),
        claim(
            "gap", "Half way to the jump after the departure it is not", means != solution, Kind.EXACT,
            "largest difference of a coefficient: {gap}, at $t =$ {time}",
            gap=max(abs(a - b) for a, b in zip(means, solution, strict=True)), time=parted,
        ),
        claim(
            "optimal", "Every lasso solution drawn below meets the conditions of optimality exactly",
            all(is_lasso(problem, t, beta) for t, _, beta in exact), Kind.EXACT, "{points} points",
            points=len(exact),
        ),
    )  # fmt: skip
    names = problem.feature_names
    rows = tuple(
        (
            k + 1,
            Rounded(jumps[k]) if k < len(jumps) else None,
            path.jumps[k].event(names) if k < len(jumps) else None,
            Rounded(knots[k]) if k < len(knots) else None,
        )
        for k in range(max(len(knots), len(jumps)))
    )
    header = ("event", Math("t_k"), "at the jump", Math(r"1/\lambda_k"))
    table = Table(Grid("Jump times of the path, knots of the lasso", header, rows, frozenset({2})))
    figure = picture(
        "paths", draw(names, exact, jumps[departure - 1]), "Two families of curves that part.",
        prose(
            "Coefficients over $t$. Full lines: the average of the saddle path; dashed: the lasso at"
            " $\\lambda = 1/t$. They are the same up to the dotted mark, where the first column leaves."
        ),
    )  # fmt: skip
    sections = (Section("figure", "Both paths", (figure,)), Section("events", "Events", (table,)))
    return Outcome(claims, sections, {"diabetes": path})


def average_at(steps, t):
    """The mean of the path over [0, t], exact."""
    t = to_fmpq(t)
    k = sum(time <= t for time in steps.times) - 1
    return [fraction(b) for b in steps.average(t, k)]


def lasso_at(lasso, t):
    """The lasso solution at λ = 1/t: linear in λ between knots."""
    if 1 / t >= lasso[0][0]:
        return [Fraction(0)] * len(lasso[0][1])
    k = sum(level > 1 / t for level, _ in lasso)
    (above, start), (below, end) = lasso[k - 1], lasso[k]
    share = (above - 1 / t) / (above - below)
    return [a + share * (b - a) for a, b in zip(start, end, strict=True)]


def is_lasso(problem, t, beta):
    """Whether β minimises L + ‖·‖₁/t: each −t∇L(β)_i is sign(β_i), or in [−1, 1] where β_i = 0."""
    pairs = zip(problem.gradient(beta), beta, strict=True)
    return all(-t * g * b == abs(b) if b else abs(t * g) <= 1 for g, b in pairs)


@styled
def draw(names, curves, departure):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    times = [float(t) for t, _, _ in curves]
    for i, name in enumerate(names):
        # seven colours; thin lines where they come round again
        style = {"color": line(i)["color"], "linewidth": 1.6 if i < 7 else 0.8}
        axes.plot(times, [mean[i] for _, mean, _ in curves], label=literal(name, column=i), **style)
        axes.plot(times, [beta[i] for _, _, beta in curves], linestyle="--", **style)
    axes.axvline(float(departure), color="0.4", linestyle=":")
    axes.set(xscale="log", xlabel=r"$t = 1/\lambda$", ylabel="coefficient")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
