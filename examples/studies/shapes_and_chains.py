"""Shapes of the initialisation that realise other chains of saddles.

Question. Of the many chains of saddles from the origin to the minimum, the usual initialisation takes one.
Which others does a flow take when the weights start at different powers of α, |u_i(0)| = √2·α^κ_i?

Source. Woodworth et al. (COLT 2020) for the shape; transitions by the rule of Hofbauer and Schreiber (2022);
chains are decided by linear programming in rationals (shape_for_chain).

Seen. Most chains have a shape. The others are proved impossible: their conditions on the dwell times add up
to 0 > 0.
"""

from saddlesym import DiagonalProblem, flow, path_of_shape, saddle_path, shape_for_chain, transition_graph
from saddlesym.diagonal import NoShape
from saddlesym.exact.text import exact_string
from saddlesym.figures.graph import draw_graph
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Paragraph, Section, Table, picture, prose
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X = [[-2, 1, 0, 1], [1, 2, 1, 2], [2, 1, -1, 2], [0, 1, 1, 1]]
Y = [0, 0, 1, 1]


def study(quick, say):
    problem = DiagonalProblem(X, Y)
    graph = transition_graph(problem)
    usual = path_of_shape(problem, [1] * problem.d)
    chains = [tuple(map(graph.support, ids)) for ids in graph.chains(100_000)]
    say(f"shapes for {len(chains)} chains")
    answers = [shape_for_chain(problem, chain) for chain in chains]
    shapes = [answer for answer in answers if not isinstance(answer, NoShape)]
    proofs = [answer for answer in answers if isinstance(answer, NoShape)]
    again = [path_of_shape(problem, shape.kappa).supports for shape in shapes]
    # one of them followed by a flow that knows nothing of chains
    others = (shape for shape in shapes if shape.supports != usual.supports)
    other = min(others, key=lambda shape: shape.times[-1] / shape.times[0])
    end = other.times[-1] * 5 / 4
    say("flow")
    followed = flow(problem, alpha="1e-30", digits=6, until=end, kappa=other.kappa, certify=not quick)
    moments = [(a + b) / 2 for a, b in zip(other.times, (*other.times[1:], end), strict=True)]
    seen = [tuple(i for i, b in enumerate(followed.beta(t)) if abs(float(b)) > 1e-3) for t in moments]
    claims = (
        claim(
            "realised", "Every shape found takes its chain when its path is computed anew",
            again == [shape.supports for shape in shapes] and len(shapes) > 0, Kind.EXACT,
            "{count} of {all} chains have a shape", count=len(shapes), all=len(chains),
        ),
        claim(
            "impossible", "Every other chain is impossible: its conditions add up to $0 > 0$",
            bool(proofs) and all(proof.is_contradiction for proof in proofs), Kind.EXACT,
            "{count} chains", count=len(proofs),
        ),
        claim(
            "usual", "With all exponents 1 the chain is that of the saddle path",
            usual.supports == ((), *(jump.support for jump in saddle_path(problem).jumps)), Kind.EXACT,
            "{chain}", chain=words(usual.supports),
        ),
        claim(
            "flow", "A flow at $\\alpha = 10^{-30}$ with another shape takes the chain of that shape",
            ((), *seen) == other.supports, Kind.NUMERIC if quick else Kind.BALL,
            "$\\kappa$ = ({kappa}): {chain}", kappa=other.kappa, chain=words(other.supports),
        ),
    )  # fmt: skip
    rows = tuple(
        (words(shape.supports), ", ".join(map(exact_string, shape.kappa)), len(shape.supports) - 1)
        for shape in shapes
    )  # fmt: skip
    realised = Grid(
        "Chains and a shape that takes them", ("chain", Math(r"\kappa"), "jumps"), rows, frozenset({0, 1})
    )
    blocks = [Paragraph(prose("Active sets are named by their columns, 0 to 3.")), Table(realised)]
    for proof in proofs[:3]:
        conditions = tuple(
            (one.text, "> 0" if one.strict else "= 0", ", ".join(one.coefficients.strings()), one.multiplier)
            for one in proof.conditions
        )  # fmt: skip
        header = ("condition on the dwell times", "", "coefficients", "weight")
        blocks.append(
            Table(Grid(f"Impossible: {words(proof.supports)}", header, conditions, frozenset({0, 1})))
        )
    blocks.append(Paragraph(prose("In every table of this kind the weighted conditions add up to $0 > 0$.")))
    figure = picture(
        "graph", draw_graph(graph, width=7.0), "Graph of saddles.",
        prose("The saddles and their elementary transitions; the path of the usual initialisation is bold."),
    )  # fmt: skip
    sections = (Section("graph", "The graph", (figure,)), Section("chains", "Chains", tuple(blocks)))
    return Outcome(claims, sections, {"usual shape": saddle_path(problem)})


def words(supports):
    """A chain of active sets, as {} -> {0} -> {0, 2}."""
    return " → ".join("{" + ", ".join(map(str, support)) + "}" for support in supports)


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
