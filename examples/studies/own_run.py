"""A training run of one's own, held against the theory.

Question. I trained a diagonal network by gradient descent with a finite step from a finite scale: do its
jumps come when the theory says, and what does the theory say of a run that is not as it was meant?

Source. Jump-time law T_k = t_k·ln(1/α) + c_k + O(α^κ) (saddlesym theorems jump-time-law), what finite steps
do to it (saddlesym theorems finite-steps), small integer data with a sign flip.

Seen. The bare limit is off by some per cent at any α in use; with the constant and the cost of the steps the
prediction is right to a small part of a step. Each of the seven faulty runs is told by its name.
"""

from math import log

from saddlesym import DiagonalProblem
from saddlesym.figures.diagonal.comparison import draw_comparison
from saddlesym.grids import Grid
from saddlesym.report.page import Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.runs import compare, simulate
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X, Y = [[-3, -1], [-1, 0]], [-1, 1]
OTHER_X, OTHER_Y = [[2, 1], [-1, 2]], [3, -1]


def study(quick, say):
    problem = DiagonalProblem(X, Y)
    alpha, rate = 1e-5, 0.02 if quick else 0.005
    count = int(11 * log(1 / alpha) / rate)
    say(f"{count} steps from alpha = {alpha:g}")
    good = compare(problem, simulate(problem, alpha, rate, count), alpha, rate)
    path = good.path
    lawful = [jump for jump in good.jumps if jump.law_stepped is not None]
    bare = [abs(jump.measured - jump.limit) for jump in lawful]
    flow_law = [abs(jump.flow - jump.law) for jump in lawful]
    stepped = [abs(jump.measured - jump.law_stepped) for jump in lawful]
    faults = {}
    for name, run, settings, expected in faulty(problem, alpha, rate, count):
        say(name)
        faults[name] = compare(problem, run, *settings, flow=False), expected
    told = {name: [cause.name for cause in found.causes] for name, (found, _) in faults.items()}
    gain = float(max(good.gain))
    claims = (
        claim(
            "follows", "A run of gradient descent makes the jumps of the path in order, each when gradient"
            " descent without rounding makes it",
            good.verdict == "follows" and len(good.jumps) == len(path.jumps),
            Kind.NUMERIC, "{jumps} of {all} jumps", jumps=len(good.jumps), all=len(path.jumps),
        ),
        claim(
            "flow", "The certified flow passes the halves of its steps at $t_k \\ln(1/\\alpha) + c_k + h_k$",
            max(flow_law) < 1e-3, Kind.BALL, "off by {gaps} (natural time)", gaps=flow_law,
        ),
        claim(
            "law", "With the cost of the steps the law is ten times nearer than the bare limit",
            all(10 * a < b for a, b in zip(stepped, bare, strict=True)), Kind.NUMERIC,
            "off by {stepped}; the bare limit by {bare}", stepped=stepped, bare=bare,
        ),
        claim(
            "gain", "The steps make the start smaller and uneven", gain > 1, Kind.NUMERIC,
            "$\\kappa$ = ({shape}) at the end", shape=[float(x) for x in good.gain],
        ),
        claim(
            "faults", "Each of the seven faulty runs is told by its name",
            all(told[name] == [expected] for name, (_, expected) in faults.items()), Kind.NUMERIC,
            "{names}", names=[f"{name}: {' and '.join(causes)}" for name, causes in told.items()],
        ),
    )  # fmt: skip
    rows = tuple(
        (name, found.verdict, ", ".join(told[name]), found.causes[0].detail if found.causes else "")
        for name, (found, _) in faults.items()
    )
    faulty_table = Table(
        Grid("Runs that are not as they were meant", ("fault", "verdict", "cause named", "detail"), rows,
             frozenset({0, 1, 2, 3}))
    )  # fmt: skip
    lost = faults["float32 weights at 1e-6"][0]
    figures = (
        picture("good", draw_comparison(good), "A run and its prediction.", prose(
            "The run in colour, the limit in light steps, gradient descent without rounding in grey."
        )),
        picture("lost", draw_comparison(lost), "A run that lost its way.", prose(
            "The same in single precision: the column that should return with the other sign never does."
        )),
    )  # fmt: skip
    sections = (
        path_section(path),
        Section("run", "A good run", (Table(good.grid()), figures[0])),
        Section("faults", "Faulty runs", (faulty_table, figures[1])),
    )
    return Outcome(claims, sections, {"limit": path})


def faulty(problem, alpha, rate, count):
    """Name, record, what is said of α and the step, and the expected cause of seven faulty runs."""

    def beta(run):
        return {"step": run.steps, "beta": run.beta}

    said = alpha, rate
    run = beta(simulate(problem, alpha, rate, count))
    yield "a step too large", beta(simulate(problem, alpha, 0.3, 600)), (alpha, 0.3), "step too large"
    single = simulate(problem, 1e-6, rate, int(1.2 * count), dtype="float32")
    yield "float32 weights at 1e-6", single, (1e-6, rate), "precision"
    yield "another loss (MSE)", beta(simulate(problem, alpha, rate, count, loss="mse")), said, "loss scale"
    yield "columns permuted", run | {"beta": run["beta"][:, ::-1]}, said, "columns permuted"
    half = len(run["step"]) // 2
    yield "stopped early", {name: column[:half] for name, column in run.items()}, said, "stopped early"
    noisy = DiagonalProblem(X, [Y[0], "1.05"])
    yield "noise in the target", beta(simulate(noisy, alpha, rate, count)), said, "target differs"
    other = DiagonalProblem(OTHER_X, OTHER_Y)
    yield "another problem", beta(simulate(other, alpha, rate, count)), said, "another problem"


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
