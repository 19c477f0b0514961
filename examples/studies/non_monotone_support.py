"""An active set that shrinks.

Question. Incremental learning is often told as columns being added one by one. Can the active set of the
limit also become smaller?

Source. Smallest integer 3 x 3 example found by search (shipped as the data set shrinking); limit of Pesme
and Flammarion (NeurIPS 2023).

Seen. One jump switches two columns on at once, and the next replaces both by a third, which explains the
data alone.
"""

from itertools import pairwise

from saddlesym import DiagonalProblem, certify, flow, saddle_path, transition_graph
from saddlesym.figures.diagonal.dual import draw_dual
from saddlesym.figures.diagonal.flow import draw_flow
from saddlesym.figures.graph import draw_graph
from saddlesym.report.page import Section, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

#: Times within each dwell, two in the last one.
MOMENTS = (1, 40, 100, 200)


def study(quick, say):
    problem = DiagonalProblem.from_csv("shrinking")
    path = saddle_path(problem)
    certificate, graph = certify(path), transition_graph(problem)
    sizes = [0, *(len(jump.support) for jump in path.jumps)]
    losses = [problem.loss([0] * problem.d), *(jump.loss for jump in path.jumps)]
    say("flow")
    followed = flow(problem, alpha="1e-100", digits=6 if quick else 8, until=201, certify=not quick)
    gaps = [
        max(abs(float(b) - float(q)) for b, q in zip(followed.beta(t), path.beta(t), strict=True))
        for t in MOMENTS
    ]
    since = [t - float(path.jumps[-1].time) for t in MOMENTS]
    decay = gaps[3] * since[3] / (gaps[2] * since[2])
    shortest = [graph.support(k) for k in graph.shortest_chain()]
    claims = (
        claim(
            "shrinks", "The number of active columns falls at a jump",
            any(after < before for before, after in pairwise(sizes)) and certificate.holds, Kind.EXACT,
            "active columns {sizes}, at $t = 0$ and after jumps at {times}",
            sizes=sizes, times=path.times(),
        ),
        claim(
            "loss", "The loss falls all the same", sorted(losses, reverse=True) == losses, Kind.EXACT,
            "{losses}", losses=losses,
        ),
        claim(
            "detour", "The graph has a chain that never switches on what it switches off",
            shortest == [(), path.final.support()], Kind.EXACT,
            "{short} transition in the shortest chain, {taken} jumps in the path",
            short=len(shortest) - 1, taken=len(path.jumps),
        ),
        claim(
            "flow", "A flow at $\\alpha = 10^{-100}$ is within 0.02 of the limit at $t =$ {moments}",
            max(gaps) < 0.02, Kind.NUMERIC if quick else Kind.BALL,
            "distances {gaps}", moments=MOMENTS, gaps=gaps,
        ),
        claim(
            "slow", "In the last dwell the distance falls like $1/T$, since the gradient vanishes there",
            abs(decay - 1) < 0.1, Kind.NUMERIC,
            "distance times time since the jump changes by a factor of {decay}",
            decay=decay,
        ),
    )  # fmt: skip
    sections = (
        path_section(path, certificate),
        Section("flow", "The flow", (picture(
            "flow", draw_flow(followed, path), "Two coefficients appear, then vanish as a third appears.",
            prose("The flow at $\\alpha = 10^{-100}$ over the steps of the limit (grey)."),
        ),)),
        Section("shapes", "Polytope and graph", (
            picture("dual", draw_dual(path, width=4.6), "Polytope in space with the path of w.", prose(
                "The dual polytope: $w$ meets an edge, where two faces join, and ends on another face."
            )),
            picture("graph", draw_graph(graph, width=6.0), "Graph of saddles.", prose(
                "The saddles and their transitions; the path is bold."
            )),
        )),
    )  # fmt: skip
    return Outcome(claims, sections, {"shrinking": path})


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
