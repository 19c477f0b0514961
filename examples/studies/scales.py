"""From α = 1e-10 to α = 1e-1000000.

Question. How does the cost of a flow grow as the scale of the initialisation vanishes, and how do its jump
times approach those of the limit?

Source. Jump-time law T_k(α) = t_k·ln(1/α) + c_k + O(α^κ), κ > 0, with c_k in closed form
(saddlesym theorems jump-time-law); leaps over dwells are certified by the contraction of the dual flow.

Seen. Below some scale the number of steps does not change any more. The error of the jump times is a
constant divided by ln(1/α).
"""

from math import inf
from time import process_time

import mpmath

from saddlesym import DiagonalProblem, flow, saddle_path
from saddlesym.diagonal import jump_offsets
from saddlesym.figures.diagonal.flows import draw_jump_times
from saddlesym.figures.style import line, styled
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Note, Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X, Y = [[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]
DIGITS = 12


def study(quick, say):
    problem = DiagonalProblem(X, Y)
    path = saddle_path(problem)
    constants = [float(offset.constant.mpf(20)) for offset in jump_offsets(path)]
    powers = (10, 1000, 1_000_000) if quick else (10, 30, 100, 300, 1000, 10_000, 100_000, 1_000_000)
    flows, seconds = [], []
    for power in powers:
        say(f"alpha = 1e-{power}")
        begin = process_time()
        flows.append(flow(problem, alpha=f"1e-{power}", digits=DIGITS))
        seconds.append(process_time() - begin)
    small = [one.steps for one, power in zip(flows, powers, strict=True) if power >= 1000]
    shifts = [shifts_of(one, path, lambda jump: jump.line_time) for one in flows]
    crests = [shifts_of(one, path, lambda jump: jump.natural_time) for one in flows]
    drifts = [max(abs(a - b) for a, b in zip(found, crests[-1], strict=False)) for found in crests]
    misses = [
        max(abs(a - c) for a, c in zip(found, constants, strict=True))
        if len(found) == len(constants)
        else inf
        for found in shifts
    ]
    claims = (
        claim(
            "digits", "Every flow carries a proof of its digits", all(one.certified for one in flows),
            Kind.BALL, "{digits} digits at {scales}", digits=DIGITS, scales=[str(one.scale) for one in flows],
        ),
        claim(
            "steps", "From $10^{-1000}$ on the number of steps is the same", len(set(small)) == 1, Kind.EXACT,
            "{steps} steps; {largest} at the most", steps=small[-1], largest=max(one.steps for one in flows),
        ),
        claim(
            "law", "The line of the entering column meets its bound at the natural time $t_k \\ln(1/\\alpha)"
            " + c_k$, with $c_k$ in closed form, up to a power of $\\alpha$",
            max(misses) < 1e-4 and max(misses[1:]) < 1e-9,
            Kind.NUMERIC, "$c$ = ({constants}); largest difference {first} at $10^{-10}$, {rest} below",
            constants=constants, first=misses[0], rest=max(misses[1:]),
        ),
        claim(
            "crests", "The moments of steepest loss obey the same law with other constants",
            max(drifts[1:]) < 1e-3, Kind.NUMERIC,
            "({others}); they are off by {first} at $10^{-10}$, by at most {rest} below",
            others=crests[-1], first=drifts[0], rest=max(drifts[1:]),
        ),
    )  # fmt: skip
    rows = tuple(
        (str(one.scale), one.steps, one.leaps, f"{spent:.2f}",
         *(f"{abs(shift) / float(one.log_inverse_scale):.3e}" for shift in found))
        for one, spent, found in zip(flows, seconds, crests, strict=True)
    )  # fmt: skip
    header = (
        Math(r"\alpha"),
        "steps",
        "leaps",
        "seconds",
        *(f"error, jump {k + 1}" for k in range(len(constants))),
    )
    table = Table(Grid("Cost of a flow, and the error of its jump times", header, rows))
    note = Note(prose("Seconds are those of the machine that made this page; they are no claim."))
    figures = (
        picture("errors", draw_jump_times(flows, path, width=4.8), "Lines of slope one.", prose(
            "Distance from the jump times of the limit to those of a flow: the moments of steepest loss."
        )),
        picture("steps", draw_steps(powers, [one.steps for one in flows]), "Steps level off.", prose(
            "Steps of the integrator against $\\log_{10}(1/\\alpha)$."
        )),
    )  # fmt: skip
    sections = (path_section(path), Section("scales", "The flows", (table, note, *figures)))
    return Outcome(claims, sections, {"limit": path})


def shifts_of(one, path, time_of):
    """T_k − t_k·ln(1/α) of each jump, in natural time."""
    with mpmath.workdps(40):
        scale = one.log_inverse_scale.mpf(40)
        pairs = zip(one.jumps, path.times(dps=40), strict=False)
        return [float(time_of(jump).mpf(40) - limit * scale) for jump, limit in pairs]


@styled
def draw_steps(powers, steps):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(powers, steps, marker="o", markersize=4, **line(0))
    axes.set(xscale="log", xlabel=r"$\log_{10}(1/\alpha)$", ylabel="steps")
    axes.set_ylim(0, None)
    return figure


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
