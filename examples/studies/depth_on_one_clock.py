"""Depth 2, 3 and 4 on one clock.

Question. Does a deeper diagonal network visit other saddles, or the same ones at other times?

Source. Statement depth-universality of this package; the limit at depth 2 is that of Pesme and Flammarion
(NeurIPS 2023). The clock is t = T/ln(1/α) at depth 2, and t = D(D−2)·α^(D−2)·T at depth D > 2.

Seen. On this clock the depths share saddles and jump times. They differ in how fast the limit is approached:
like 1/ln(1/α) at depth 2, like α^(D−2) beyond.
"""

from math import log

from saddlesym import DiagonalProblem, flow, saddle_path
from saddlesym.figures.diagonal.flow import drawn_times
from saddlesym.figures.style import line, styled
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X, Y = [[3, 1, -2], [1, 2, 2], [0, 1, -1]], [4, 3, -2]
#: Two scales for each depth, the first one large enough to see a difference.
SCALES = {2: ("1e-8", "1e-80"), 3: ("1e-2", "1e-4"), 4: ("1e-1", "1e-2")}


def study(quick, say):
    problem = DiagonalProblem(X, Y)
    path = saddle_path(problem)
    last = path.jumps[-1].time
    scales = {D: pair if D < 4 or not quick else pair[:1] for D, pair in SCALES.items()}
    flows = {}
    for depth, alphas in scales.items():
        for alpha in alphas:
            say(f"depth {depth}, alpha = {alpha}")
            flows[depth, alpha] = flow(
                problem, alpha, digits=6 if quick else 12, until=last * 5 / 4, depth=depth
            )
    errors = {
        key: [abs(float(seen.time) - float(t)) for seen, t in zip(one.jumps, path.times(), strict=True)]
        for key, one in flows.items()
    }
    entered = {key: [(jump.entered, jump.left) for jump in one.jumps] for key, one in flows.items()}
    middles = [(a + b) / 2 for a, b in zip(path.times(), [*path.times()[1:], last * 5 / 4], strict=True)]
    finest = [(depth, alphas[-1]) for depth, alphas in scales.items()]
    gaps = [distance(flows[key], path, middles) for key in finest]
    rates = {
        depth: [
            log(coarse / fine) / log(size(depth, alphas[0]) / size(depth, alphas[1]))
            for coarse, fine in zip(errors[depth, alphas[0]], errors[depth, alphas[1]], strict=True)
            if fine > 1e-9
        ]
        for depth, alphas in scales.items() if len(alphas) > 1
    }  # fmt: skip
    claims = (
        claim(
            "events", "At every depth and scale the same columns enter and leave, in the order of the limit",
            all(one == [(jump.entered, jump.left) for jump in path.jumps] for one in entered.values()),
            Kind.BALL, "{flows} flows with {jumps} jumps each", flows=len(flows), jumps=len(path.jumps),
        ),
        claim(
            "saddles", "In the middle of each dwell the flows at small scales are within 0.05 of the limit",
            max(gaps) < 0.05, Kind.BALL, "distances {gaps} at depths {depths}",
            gaps=gaps, depths=[depth for depth, _ in finest],
        ),
        claim(
            "rates", "The error of the jump times falls like $1/\\ln(1/\\alpha)$ at depth 2, and like"
            " $\\alpha^{D-2}$ beyond",
            all(abs(rate - 1) < 0.2 for found in rates.values() for rate in found), Kind.NUMERIC,
            "observed orders {rates}", rates=[rate for found in rates.values() for rate in found],
        ),
    )  # fmt: skip
    rows = tuple(
        (depth, alpha, *(f"{error:.2e}" for error in found)) for (depth, alpha), found in errors.items()
    )
    header = ("depth", Math(r"\alpha"), *(f"jump {k}" for k in range(1, len(path.jumps) + 1)))
    table = Table(Grid("Distance of the jump times from those of the limit", header, rows))
    shown = {depth: flows[depth, alphas[0]] for depth, alphas in scales.items()}
    caption = prose(
        "Coefficients on the common clock, over the steps of the limit (grey). Scales are large, so that the"
        " depths can be told apart."
    )
    figure = picture(
        "depths", draw(shown, path, 60 if quick else 200), "Three panels that jump together.", caption
    )
    sections = (path_section(path), Section("depths", "The flows", (figure, table)))
    return Outcome(claims, sections, {"limit": path})


def size(depth, alpha):
    """What the distance from the limit is proportional to."""
    return 1 / log(1 / float(alpha)) if depth == 2 else float(alpha) ** (depth - 2)


def distance(one, path, moments):
    """The largest distance of a coefficient from the limit."""
    return max(
        abs(float(b) - float(limit))
        for t in moments
        for b, limit in zip(one.beta(t), path.beta(t), strict=True)
    )


@styled
def draw(flows, path, points):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5.4), layout="constrained")
    panels = figure.subplots(len(flows), 1, sharex=True, sharey=True)
    edges = [0, *map(float, path.times()), float(path.jumps[-1].time) * 5 / 4]
    for axes, (depth, one) in zip(panels, flows.items(), strict=True):
        times = [*drawn_times(one, points), path.jumps[-1].time * 5 / 4]
        rows = [[float(b) for b in one.beta(t)] for t in times]
        for i in range(path.problem.d):
            steps = [0, *(float(jump.beta[i]) for jump in path.jumps)]
            axes.stairs(steps, edges, baseline=None, color="0.85", linewidth=3.5)
            axes.plot([float(t) for t in times], [row[i] for row in rows], **line(i))
        axes.set_ylabel(r"$\beta_i$")
        axes.set_title(f"depth {depth}, α = {one.scale}", loc="right", pad=2)
    panels[-1].set_xlabel("accelerated time t")
    panels[-1].set_xlim(0, edges[-1])
    return figure


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
