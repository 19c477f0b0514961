"""Sparse recovery: the columns enter in the order of their coefficients.

Question. For data y = X b with a sparse b and a random design of signs, do the columns of b enter in the
order of |b_i|, at times near 1/|b_i|, and how fast does the difference vanish as n grows?

Source. Limit of Pesme and Flammarion (NeurIPS 2023). Where XᵀX/n is the identity the times are exactly
1/|b_i|; correlations of a random design are of order 1/√n, and the largest of them of order
√(ln(d)/n). Here d = 2n; designs are drawn with Python's generator and a fixed seed.

Seen. Order and recovery are exact in every design that is large enough. The error of the times, times
√n, stays bounded, and so does the largest |s_j| of the other columns divided by √(ln(d)/n).
"""

import random
from fractions import Fraction
from math import log, sqrt

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.figures.style import styled
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Paragraph, Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

COEFFICIENTS = (8, -4, 2, -1)
SEED = 7


def study(quick, say):
    sizes, draws = ((50, 200), 3) if quick else ((25, 50, 100, 200), 31)
    runs = []
    for n in sizes:
        for number in range(draws):
            say(f"n = {n}, design {number + 1} of {draws}")
            runs.append((n, saddle_path(design(n, 2 * n, f"{SEED}/{n}/{number}"))))
    shown = next(path for n, path in runs if n == 50)
    planted = {n: (*COEFFICIENTS, *[0] * (2 * n - len(COEFFICIENTS))) for n in sizes}
    order = tuple((i,) for i in range(len(COEFFICIENTS)))
    recovered = [tuple(path.final) == planted[n] for n, path in runs]
    ordered = [tuple(jump.entered for jump in path.jumps) == order for _, path in runs]
    large = [k for k, (n, _) in enumerate(runs) if n >= 100]
    errors = [(n, worst_error(path)) for n, path in runs]
    constants = [float(error) * sqrt(n) for n, error in errors]
    margins = [max(map(abs, path.jumps[-1].dual.floats()[len(COEFFICIENTS) :])) for _, path in runs]
    margin_constants = [s / sqrt(log(2 * n) / n) for s, (n, _) in zip(margins, runs, strict=True)]
    middle = {n: sorted(error for size, error in errors if size == n)[draws // 2] for n in sizes}
    claims = (
        claim(
            "recovery", "For $n \\ge 100$ the path ends at the planted coefficients, exactly",
            all(recovered[k] for k in large), Kind.EXACT, "{count} of {all} designs of all sizes",
            count=sum(recovered), all=len(runs),
        ),
        claim(
            "order", "For $n \\ge 100$ the columns enter in the order of $|\\beta^*_i|$, and no other enters",
            all(ordered[k] for k in large), Kind.EXACT, "{count} of {all} designs of all sizes",
            count=sum(ordered), all=len(runs),
        ),
        claim(
            "times", "The error $\\max_i |t_i |\\beta^*_i| - 1|$ is smaller for the largest $n$ than for the"
            " smallest (medians)", middle[sizes[-1]] < middle[sizes[0]], Kind.EXACT,
            "medians {medians} for $n =$ {sizes}", medians=list(map(float, middle.values())), sizes=sizes,
        ),
        claim(
            "constant", "Times $\\sqrt n$, this error stays below 10 in these designs", max(constants) < 10,
            Kind.NUMERIC, "between {least} and {largest}", least=min(constants), largest=max(constants),
        ),
        claim(
            "margin", "For $n \\ge 100$ the other columns stay within their bounds: $|s_j| < 1$ at the end",
            all(margins[k] < 1 for k in large), Kind.NUMERIC,
            "largest {largest}; divided by $\\sqrt{\\ln(d)/n}$ between {low} and {high}",
            largest=max(margins[k] for k in large), low=min(margin_constants), high=max(margin_constants),
        ),
    )  # fmt: skip
    rows = tuple(
        (n, 2 * n, f"{sum(ordered[k] for k in here)} of {draws}",
         f"{sum(recovered[k] for k in here)} of {draws}",
         f"{float(middle[n]):.4f}", f"{float(middle[n]) * sqrt(n):.3f}")
        for n in sizes if (here := [k for k, (size, _) in enumerate(runs) if size == n])
    )  # fmt: skip
    header = ("n", "d", "in order", "recovered", "median error", Math(r"\times \sqrt n"))
    told = prose(
        "Entries of $X$ are $\\pm 1$, the coefficients $\\beta^*$ are {planted} and zeros. The error is"
        " that of the time at which column $i$ first enters.", planted=", ".join(map(str, COEFFICIENTS)),
    )  # fmt: skip
    figure = picture(
        "errors", draw(errors), "Errors fall with n.",
        prose("Largest relative error of a jump time in each design. Line: slope −1/2."),
    )  # fmt: skip
    sections = (
        Section("designs", "Random designs", (Paragraph(told), Table(Grid("By size", header, rows)), figure)),
        path_section(shown),
    )
    return Outcome(claims, sections, {"n = 50, design 1": shown})


def design(n, d, seed):
    """Data y = Xb for a design of random signs (n x d)."""
    rng = random.Random(seed)
    X = [[rng.choice((-1, 1)) for _ in range(d)] for _ in range(n)]
    y = [sum(b * x for b, x in zip(COEFFICIENTS, row, strict=False)) for row in X]
    return DiagonalProblem(X, y)


def worst_error(path):
    """The largest | t_i |b_i| - 1 | over the planted columns; one that never enters counts as 1."""
    first = {}
    for jump in path.jumps:
        for i in jump.entered:
            first.setdefault(i, jump.time)
    planted = enumerate(map(abs, COEFFICIENTS))
    return max(abs(first[i] * size - 1) if i in first else Fraction(1) for i, size in planted)


@styled
def draw(errors):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    axes = figure.subplots()
    sizes, values = zip(*((n, float(error)) for n, error in errors), strict=True)
    axes.plot(sizes, values, "o", markersize=4, color="#0072B2")
    first = sorted(values[: len(values) // len(set(sizes))])
    base = first[len(first) // 2]
    ends = (min(sizes), max(sizes))
    axes.plot(ends, [base * sqrt(ends[0] / n) for n in ends], ":", color="0.4")
    axes.set(xscale="log", yscale="log", xlabel="n", ylabel=r"$\max_i\,|t_i|\beta^*_i| - 1|$")
    axes.set_xticks(sorted(set(sizes)), sorted(set(sizes)))
    axes.minorticks_off()
    return figure


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
