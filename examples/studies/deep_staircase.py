"""The staircase of a deep linear network.

Question. A matrix network W_L ⋯ W_1 is trained on ½‖A − A*‖² from small random weights. In which order, and
when, does it learn the singular modes of A*?

Source. Saxe, McClelland and Ganguli (2014) for aligned modes; Baldi and Hornik (1989) for the saddles; Jacot,
Ged, Şimşek, Hongler and Gabriel (arXiv 2106.15933) for the picture of growing rank. Weights are α times a
seeded Gaussian direction, not aligned with the modes.

Seen. The rank rises by one at a time. At depth 2 the jump times tend to 1/σ_k, to all the digits that flows
at several scales give; each plateau is a saddle, a partial sum of the singular modes of A*.
"""

from saddlesym import DeepLinearProblem, flow, recover_jump_times
from saddlesym.deep import singular_values
from saddlesym.figures.deep.flow import draw_deep_flow
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Note, Paragraph, Section, Table, picture, prose
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind


def study(quick, say):
    problem = DeepLinearProblem.from_csv("svd-3x3")
    sigma = [1 / float(one.inverse()) for one in singular_values(problem.cost.target).values]
    scale = "1e-20" if quick else "1e-50"
    say(f"flow of depth 2, alpha = {scale}")
    followed = flow(problem, scale, digits=15)
    say("jump times at three scales")
    limits = recover_jump_times(problem, ("1e-20", "1e-40", "1e-80") if quick else ()).jumps
    expected = [1 / s for s in sigma]
    errors = [abs(limit.time - t) for limit, t in zip(limits, expected, strict=True)]
    losses = [sum(s * s for s in sigma[k:]) / 2 for k in range(4)]
    seen = [float(plateau.loss) for plateau in followed.plateaus]
    last = followed.plateaus[-1]
    gaps = [abs(float(a) - s) for a, s in zip(last.singular_values, sigma, strict=True)]
    say("flow of depth 3")
    deeper = flow(
        DeepLinearProblem.from_csv("svd-3x3", depth=3), "1e-1" if quick else "2e-2", digits=8, max_rank=2
    )
    claims = (
        claim(
            "ranks", "The flow rests near a matrix of rank 0, 1, 2 and 3, in this order",
            followed.ranks == (0, 1, 2, 3), Kind.NUMERIC, "ranks {ranks} at $\\alpha =$ {scale}",
            ranks=followed.ranks, scale=scale,
        ),
        claim(
            "saddles", "The loss on the plateau of rank $k$ is that of the saddle of the first $k$ modes,"
            " $\\frac12 \\sum_{i>k} \\sigma_i^2$",
            max(abs(a - b) for a, b in zip(seen, losses, strict=True)) < 1e-2, Kind.NUMERIC,
            "{seen}, the saddles have {losses}", seen=seen, losses=losses,
        ),
        claim(
            "times", "Flows at three scales give the limits $1/\\sigma_k$ of the jump times",
            max(errors) < 1e-8, Kind.NUMERIC, "{times}, differences {errors}",
            times=[round(limit.time, 10) for limit in limits], errors=errors,
        ),
        claim(
            "end", "It ends at $A^*$", max(gaps) < 1e-8, Kind.NUMERIC,
            "singular values differ by {gaps}", gaps=gaps,
        ),
        claim(
            "deeper", "At depth 3 the rank rises by one at a time too", deeper.ranks[:3] == (0, 1, 2),
            Kind.NUMERIC, "ranks {ranks} at $\\alpha =$ {scale}, jumps at {times} in units of $1/\\alpha$",
            ranks=deeper.ranks, scale=str(deeper.scale), times=[float(t) for t in deeper.times()],
        ),
    )  # fmt: skip
    rows = tuple(
        (k + 1, f"{sigma[k]:.8f}", f"{expected[k]:.10f}", f"{limit.time:.10f}", f"{float(jump.time):.6f}")
        for k, (limit, jump) in enumerate(zip(limits, followed.jumps, strict=True))
    )
    header = ("k", Math(r"\sigma_k"), Math(r"1/\sigma_k"), "from three flows", f"at α = {scale}")
    table = Table(Grid("Jump times at depth 2, in units of ln(1/α)", header, rows))
    caption = prose("Singular values of $A$, and its rank, over accelerated time.")
    sections = (
        Section("two", "Depth 2", (
            picture("depth-2", draw_deep_flow(followed), "Singular values rise one by one.", caption), table,
        )),
        Section("three", "Depth 3", (
            Paragraph(prose("Time is in units of $1/\\alpha$ here. The flow is stopped after rank 2.")),
            picture("depth-3", draw_deep_flow(deeper), "Two singular values rise one by one.", caption),
        )),
        Section("limits", "What is not proved", (Note(prose(
            "Digits of these flows are estimated, not enclosed. That generic starts keep the times"
            " $1/\\sigma_k$ is seen here, and proved only for balanced ones (`saddlesym theorems"
            " deep-jump-times-whitened`)."
        )),)),
    )  # fmt: skip
    return Outcome(claims, sections)


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
