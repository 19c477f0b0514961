"""Jump times of gradient descent against the law: six data sets, α from 1e-2 to 1e-10, three steps.

Run it as ``python examples/own_run_times.py``; it writes ``examples/own-run-times.csv`` and the table of
``docs/own-run.md``.  Each row is one run of gradient descent in u + v and u − v (nothing is lost to
rounding).  A jump counts where it is separated: the run comes within 5% of the step to the saddles on both
sides, and the largest coordinate asleep when the column enters is below 5% by the limit itself (the α^κ that
the law neglects).  The errors are the largest of the separated jumps, in per cent of the
measured natural time at which the entering column passes half of its step:

- ``limit``: of Λ t_k, which knows neither α nor the step;
- ``law``: of Λ t_k + c_k + h_k, the law at this α;
- ``law, this step``: of the same with the cost of finite steps.
"""

from __future__ import annotations

import csv
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.runs import simulate
from saddlesym.runs.diagnosis import largest_curvature
from saddlesym.runs.events import column_steps, half_passages, nearest_saddles
from saddlesym.runs.law import law_times
from saddlesym.runs.simulation import FloatLoss

HERE = Path(__file__).parent
ALPHAS = (1e-2, 1e-3, 1e-5, 1e-7, 1e-10)
#: Steps in units of 1/λ, λ the largest curvature of the loss in (u, v) at a saddle; 1e-3 is a step itself.
SHARES = (1e-3, "0.05/λ", "0.5/λ")
SEPARATED = 0.05
FIELDS = ("data", "alpha", "step", "value", "jumps", "separated", "limit", "law", "law, this step")


def data_sets() -> dict[str, DiagonalProblem]:
    return {
        "orthogonal": DiagonalProblem([[2, 0], [0, 3]], [3, -1]),
        "three-by-four": DiagonalProblem([[3, 1, -2, 1], [1, 2, 2, -1], [0, 1, -1, 3]], [4, 3, -2]),
        "sign-flip": DiagonalProblem.from_csv(HERE / "sign-flip.csv"),
        "wide": DiagonalProblem([[2, 1, 1], [-1, 2, 0]], [3, -1]),
        "correlated": DiagonalProblem([[2, 1, 0], [1, 2, 1], [0, 1, 2], [1, 0, 1]], [3, 1, -2, 1]),
        "diabetes": DiagonalProblem.from_csv(HERE / "diabetes.csv").centred().scaled(),
    }


def rows(name: str, problem: DiagonalProblem, alphas=ALPHAS, shares=SHARES) -> list[dict[str, object]]:
    data, path = FloatLoss.of(problem), saddle_path(problem)
    steps = column_steps(path)
    saddles = np.array([[float(b) for b in jump.beta] for jump in path.jumps])
    curvature = largest_curvature(data, saddles, 1e-12)
    laws_last = max(law.jump for law in law_times(path, data, 20.0, None))
    last = float(path.jumps[min(laws_last, len(path.jumps) - 1)].time)
    out: list[dict[str, object]] = []
    for share in shares:
        eta = share if isinstance(share, float) else float(share.partition("/")[0]) / curvature
        end = 1.05 * last * -np.log(min(alphas)) + 20 / max(np.abs(data.r).max(), 1e-12)
        count = int(end / eta)
        runs = simulate(problem, list(alphas), eta, count, dtype="relative", every=max(1, count // 20_000))
        for alpha, run in zip(alphas, runs, strict=True):
            times = run.steps * eta
            seen = half_passages(times, run.beta, steps)
            distances = nearest_saddles(run.beta, path)[1]
            laws = {law.jump: law for law in law_times(path, data, -np.log(alpha), eta)}
            kept, errors = 0, np.zeros(3)
            near = 0.0
            for k, (passage, following) in enumerate(pairwise([*seen, None])):
                if passage is None:
                    break
                until = len(times) if following is None else following.record
                old = saddles[k - 1] if k else 0 * saddles[0]
                height = float(np.linalg.norm(saddles[k] - old))
                before, near = near, float(distances[passage.record - 1 : until, k + 1].min()) / height
                law = laws.get(k + 1)
                if law is None:
                    break
                if law.stepped is not None and max(before, near, law.neglected) < SEPARATED:
                    kept += 1
                    found = [abs(x / passage.time - 1) for x in (law.limit, law.half, law.stepped)]
                    errors = np.maximum(errors, found)
            out.append(
                dict(
                    zip(
                        FIELDS,
                        (name, f"{alpha:.0e}", str(share), f"{eta:.3g}", len(steps), kept),
                        strict=False,
                    )
                )
                | dict(zip(FIELDS[6:], [f"{100 * e:.2g}" if kept else "" for e in errors], strict=True))
            )
    return out


def table(found: list[dict[str, object]]) -> str:
    """The table of the page: all rows but those of the middle α."""
    lines = [
        "| data | α | step | separated jumps | Λt (%) | Λt + c (%) | Λt + c, this step (%) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in found:
        errors = " | ".join(str(row[key]) or "–" for key in FIELDS[6:])
        step = row["step"] if row["step"] == "0.001" else f"{row['step']} = {row['value']}"
        first = f"| {row['data']} | {row['alpha']} | {step} | {row['separated']} of {row['jumps']} | "
        lines.append(f"{first}{errors} |")
    return "\n".join(lines)


def main() -> None:
    found = []
    for name, problem in data_sets().items():
        print(name, file=sys.stderr)
        found += rows(name, problem)
    with (HERE / "own-run-times.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    page = HERE.parent / "docs" / "own-run.md"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- times -->\n")
    _, mark, tail = rest.partition("<!-- end of times -->")
    page.write_text(f"{head}<!-- times -->\n{table(found)}\n{mark}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
