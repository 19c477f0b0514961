"""Matrix completion: jump times predicted before any flow is run.

Question. Six of nine entries of a matrix are observed. Can the jump times of a two-layer matrix network be
told from the critical points alone?

Source. Exponent tracking along the greedy low-rank path of Li, Luo and Lyu (ICLR 2021) and Jacot et al.
(arXiv 2106.15933): a conjecture of this package, t₂ = t₁ + (1 − s₂(G₀) t₁)/s₁(G₁).

Seen. Prediction and measurement agree to all the digits that flows give. The network stops at rank 2, where
the observed entries are met; the others need not be those of the matrix they were taken from.
"""

from saddlesym import DeepLinearProblem, flow, recover_jump_times
from saddlesym.deep import predict_jump_times, singular_values
from saddlesym.figures.deep.flow import draw_deep_flow
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Note, Section, Table, picture, prose
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind


def study(quick, say):
    problem = DeepLinearProblem.from_csv("completion-3x3")
    target, mask = problem.cost.target, problem.cost.mask
    say("prediction")
    predicted = predict_jump_times(problem)
    say("jump times at three scales")
    scales = ("1e-20", "1e-40", "1e-80") if quick else ()
    limits = recover_jump_times(problem, scales, until=4 if quick else 50).jumps
    errors = [abs(limit.time - t) for limit, t in zip(limits, predicted.times, strict=False)]
    scale = "1e-20" if quick else "1e-50"
    say(f"flow at alpha = {scale}")
    followed = flow(problem, scale, digits=8 if quick else 15)
    final = [[float(a) for a in row] for row in followed.A(followed.plateaus[-1].time)]
    places = [(i, j) for i in range(3) for j in range(3)]
    met = max(abs(final[i][j] - float(target[i][j])) for i, j in places if mask[i][j])
    missed = max(abs(final[i][j] - float(target[i][j])) for i, j in places if not mask[i][j])
    whole = [float(one.inverse()) for one in singular_values(target).values]
    claims = (
        claim(
            "predicted", "The measured limits of the jump times are the predicted ones",
            len(limits) == len(predicted.times) and max(errors) < 1e-7, Kind.NUMERIC,
            "predicted {predicted}, differences {errors}",
            predicted=[round(t, 10) for t in predicted.times], errors=errors,
        ),
        claim(
            "ranks", "The flow visits the ranks 0, 1 and 2", followed.ranks == (0, 1, 2), Kind.NUMERIC,
            "ranks {ranks}, jumps at {times} for $\\alpha =$ {scale}", ranks=followed.ranks,
            times=[float(t) for t in followed.times()], scale=scale,
        ),
        claim(
            "met", "It ends where the observed entries are met", met < 1e-5, Kind.NUMERIC,
            "largest difference {gap}", gap=met,
        ),
        claim(
            "mask", "The mask changes the times: they are not $1/\\sigma_k$ of the whole matrix",
            abs(whole[0] - predicted.times[0]) > 1e-3, Kind.NUMERIC, "$1/\\sigma_k$ are {whole}", whole=whole,
        ),
    )  # fmt: skip
    rows = tuple(
        (limit.rank, f"{t:.10f}", f"{limit.time:.10f}", f"{limit.change:.0e}", f"{float(jump.time):.6f}")
        for limit, t, jump in zip(limits, predicted.times, followed.jumps, strict=False)
    )
    header = ("rank", "predicted", "from three flows", "its estimated error", f"at α = {scale}")
    entries = tuple(
        (f"{i + 1}, {j + 1}", "yes" if mask[i][j] else "no", target[i][j], f"{final[i][j]:.6f}")
        for i, j in places
    )
    columns = ("entry", "observed", Math("A^*"), "at the end")
    sections = (
        Section("times", "Jump times", (
            Table(Grid("Jump times, in units of ln(1/α)", header, rows)),
            picture("flow", draw_deep_flow(followed), "Two singular values rise, one late.", prose(
                "Singular values of $A$ and its rank at $\\alpha =$ {scale}.", scale=scale
            )),
        )),
        Section("entries", "Entries", (
            Table(Grid("The matrix at the end", columns, entries, frozenset({1}))),
            Note(prose(
                "Unobserved entries differ from $A^*$ by up to {gap}. The prediction is a conjecture: it held"
                " here, and it is not proved.", gap=f"{missed:.4g}",
            )),
        )),
    )  # fmt: skip
    return Outcome(claims, sections)


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
