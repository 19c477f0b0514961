"""Diabetes data: a coefficient that leaves and returns with the other sign.

Question. Along the saddle-to-saddle path of the diabetes data, does every column keep the sign with which
it first becomes active?

Source. Data of Efron, Hastie, Johnstone and Tibshirani (Least Angle Regression, 2004); limit of Pesme and
Flammarion (NeurIPS 2023). Columns centred and divided by their standard deviations rounded to three decimals.

Seen. The column s3 enters negative, leaves when s2 enters, and comes back positive in the last jump. A flow
at finite scale, which knows nothing of the path, does the same.
"""

from saddlesym import DiagonalProblem, certify, flow, saddle_path
from saddlesym.figures.diagonal.flows import draw_flows
from saddlesym.report.page import Section, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

#: Between the jumps that switch s3: when it is negative, absent, positive.
MOMENTS = (2, 7, 12)


def study(quick, say):
    problem = DiagonalProblem.from_csv("diabetes").centred().scaled()
    s3 = problem.feature_names.index("s3")
    say("exact path")
    path = saddle_path(problem)
    certificate = certify(path)
    enters, returns = (jump for jump in path.jumps if s3 in jump.entered)
    (leaves,) = (jump for jump in path.jumps if s3 in jump.left)
    claims = [
        claim(
            "path", "The path is complete, and a check that does not share its code accepts all of it",
            path.complete and certificate.holds, Kind.EXACT, "{jumps} jumps, {accepted} claims accepted",
            jumps=len(path.jumps), accepted=sum(one.holds for one in certificate.claims),
        ),
        claim(
            "enters", "The column s3 enters with the negative sign", enters.beta[s3] < 0, Kind.EXACT,
            "at $t =$ {time}", time=enters.time,
        ),
        claim(
            "leaves", "It leaves when s2 enters",
            leaves.time > enters.time and [problem.feature_names[i] for i in leaves.entered] == ["s2"],
            Kind.EXACT, "at $t =$ {time}", time=leaves.time,
        ),
        claim(
            "returns", "It returns with the positive sign, in the last jump",
            returns is path.jumps[-1] and returns.flipped == (s3,) and returns.beta[s3] > 0, Kind.EXACT,
            "at $t =$ {time}, to $\\beta =$ {beta}", time=returns.time, beta=returns.beta[s3],
        ),
    ]  # fmt: skip
    # the quick flow is stopped while s3 is away
    moments = MOMENTS[:1] if quick else MOMENTS
    followed = flow(
        problem, alpha="1e-100", digits=5 if quick else 6, until=2.5 if quick else 13, certify=not quick,
        progress=lambda moment: say(f"flow at 1e-100, t = {moment.time:.0f}"),
    )  # fmt: skip
    values = [float(followed.beta(t)[s3]) for t in moments]
    limits = [path.beta(t)[s3] for t in moments]
    claims.append(
        claim(
            "flow", "The flow at $\\alpha = 10^{-100}$ has the coefficient of s3 within 0.001 of the limit at"
            " $t =$ {moments}",
            all(abs(seen - exact) < 1e-3 for seen, exact in zip(values, limits, strict=True)),
            Kind.NUMERIC if quick else Kind.BALL, "s3 is {values}, in the limit {limits}",
            moments=moments, values=values, limits=limits,
        )
    )  # fmt: skip
    seen = picture(
        "flow", draw_flows([followed], path), "Coefficients of a flow over the steps of the limit.",
        prose("Coefficients of the flow at $\\alpha = 10^{-100}$, over the steps of the limit (grey)."),
    )  # fmt: skip
    sections = (path_section(path, certificate), Section("flow", "The flow beside it", (seen,)))
    return Outcome(tuple(claims), sections, {"diabetes": path})


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
