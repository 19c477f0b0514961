"""Double precision against 200 digits.

Question. Training flows of linear networks are smooth equations with a few unknowns. Can SciPy follow them
in double precision when the weights start at a small scale?

Source. Smallest data with a sign flip (study smallest-sign-flip): u' = −v⊙∇L, v' = −u⊙∇L from u = √2·α,
v = 0, where u² − v² = 2α² for ever. A matrix network W₂W₁ for the 3×3 target of the study deep-staircase.

Seen. No, and nothing warns of it. Once u and v agree in all their 16 digits the memory of α is gone: some
methods stop at a saddle, others let the column come back at a time that rounding noise chooses. In the dual
variable z, with uv = α² sinh(2z), double precision does well. In a matrix network rounding noise of the modes
that are up already starts the next ones too early; there no such variable is known here.
"""

from fractions import Fraction
from math import log

import numpy as np
from scipy.integrate import solve_ivp

from saddlesym import DeepLinearProblem, DiagonalProblem, flow, saddle_path
from saddlesym.deep import singular_values
from saddlesym.deep.flow.direction import gaussian_direction
from saddlesym.figures.style import line, styled
from saddlesym.grids import Grid, Math
from saddlesym.report.page import Paragraph, Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X, Y = [[-2, -1], [-1, 0]], [-2, 1]
T_END, RTOL = 9, 1e-12


def study(quick, say):
    problem = DiagonalProblem(X, Y)
    path = saddle_path(problem)
    alphas = (1e-4, 1e-20) if quick else (1e-4, 1e-6, 1e-8, 1e-10, 1e-20, 1e-50)
    methods = ("RK45", "DOP853", "LSODA")
    runs = {}
    for alpha in alphas:
        for method in methods:
            say(f"SciPy, {method}, alpha = {alpha:g}")
            runs[alpha, method] = weights(problem, alpha, method)
    precise = {}
    for alpha in alphas:
        digits = 30 if quick else 200
        say(f"{digits} digits, alpha = {alpha:g}")
        precise[alpha] = flow(problem, alpha=f"{alpha:g}", digits=digits, until=T_END)
    ends = {key: u[-1] * v[-1] for key, (_, u, v, _) in runs.items()}
    right = {alpha: np.array([float(b) for b in one.final_beta]) for alpha, one in precise.items()}
    wrong = {key: float(np.abs(end - right[key[0]]).max()) for key, end in ends.items()}
    returns = {key: return_time(times, u * v) for key, (times, u, v, _) in runs.items()}
    exact = {alpha: true_return(one) for alpha, one in precise.items()}
    late = [abs(t - float(path.times()[2])) for t in exact.values()]
    coarse, fine = alphas[0], 1e-20
    lost = ends[fine, "DOP853"]
    dual = dual_end(problem, fine)
    say("matrix network")
    network = DeepLinearProblem.from_csv("svd-3x3")
    latest = float(singular_values(network.cost.target).values[2].inverse())
    deep_digits = 15 if quick else 60
    true = float(flow(network, "1e-40", digits=deep_digits).jumps[2].time)
    seen = third_mode(network, 1e-40, 1 / latest)
    claims = (
        claim(
            "coarse", "At $\\alpha = 10^{-4}$ double precision agrees with {digits} digits",
            max(wrong[coarse, method] for method in methods) < 1e-5, Kind.NUMERIC,
            "largest difference {gap} at $t = 9$", digits=digits,
            gap=max(wrong[coarse, method] for method in methods),
        ),
        claim(
            "silent", "At $\\alpha = 10^{-20}$ DOP853 reports success at relative tolerance $10^{-12}$ and"
            " ends at a point that is no minimum",
            runs[fine, "DOP853"][3] and wrong[fine, "DOP853"] > 0.5 and loss(problem, lost) > 0.1,
            Kind.NUMERIC,
            "it ends at ({lost}) with loss {loss}; the flow ends at ({right})",
            lost=[round(float(b), 6) for b in lost], loss=loss(problem, lost), right=right[fine].tolist(),
        ),
        claim(
            "late", "Where LSODA lets the column return, at $\\alpha = 10^{-20}$, it does so at a wrong time",
            returns[fine, "LSODA"] is None or abs(returns[fine, "LSODA"] - exact[fine]) > 0.5, Kind.NUMERIC,
            "it returns at $t =$ {noise}, in the flow at {right}",
            noise=returns[fine, "LSODA"] or "never", right=exact[fine],
        ),
        claim(
            "precise", "With many digits the column returns at every scale, ever closer to the exact time",
            all(one.certified for one in precise.values()) and sorted(late, reverse=True) == late
            and late[-1] < 0.2, Kind.BALL, "at $t =$ {times}; in the limit {limit}",
            times=list(exact.values()), limit=path.times()[2],
        ),
        claim(
            "dual", "In the dual variable double precision is right at $10^{-20}$",
            float(np.abs(dual - right[fine]).max()) < 1e-5, Kind.NUMERIC, "it ends at ({dual})",
            dual=[round(float(b), 6) for b in dual],
        ),
        claim(
            "matrix", "A matrix network at $\\alpha = 10^{-40}$, in double precision, learns its third mode"
            " too early by more than 0.2", seen is not None and seen < true - 0.2, Kind.NUMERIC,
            "at $t =$ {seen}; with {deep_digits} digits at {true}, in the limit $1/\\sigma_3 =$ {limit}",
            seen=seen if seen is not None else "never", true=true, deep_digits=deep_digits, limit=latest,
        ),
    )  # fmt: skip
    rows = tuple(
        (
            f"{alpha:g}", method, "success" if runs[alpha, method][3] else "failure",
            ", ".join(f"{b:.4f}" for b in ends[alpha, method]), f"{wrong[alpha, method]:.1e}",
            f"{returns[alpha, method]:.3f}" if returns[alpha, method] else "never", f"{exact[alpha]:.3f}",
        )
        for alpha, method in runs
    )  # fmt: skip
    header = (
        Math(r"\alpha"),
        "method",
        "it reports",
        Math(r"\beta\ (t = 9)"),
        "difference",
        "x0 returns at",
        "rightly at",
    )
    table = Table(
        Grid("SciPy in double precision, relative tolerance 1e-12", header, rows, frozenset({1, 2}))
    )
    why = prose(
        "After the first jump $u_0$ and $v_0$ are of order one and differ by about $\\alpha^2$. Below"
        " $10^{-16}$ that is less than the last digit: what should decide when, and with which sign, the"
        " column returns has been rounded away."
    )
    figure = picture(
        "runs", draw(fine, runs, precise[fine]), "The coefficient of x0 along four runs.",
        prose("Coefficient of x0 at $\\alpha = 10^{-20}$: many digits (black), and double precision."),
    )  # fmt: skip
    sections = (
        Section("runs", "The runs", (Paragraph(why), figure, table)),
        path_section(path),
    )
    return Outcome(claims, sections, {"limit": path})


def weights(problem, alpha, method):
    """Times t, weights u and v along the flow, and whether the integrator reports success."""
    M, r, d = np.array(problem.M, float), np.array(problem.r, float), problem.d

    def velocity(_, x):
        u, v = x[:d], x[d:]
        slope = M @ (u * v) - r
        return np.concatenate([-v * slope, -u * slope])

    start = np.concatenate([np.full(d, np.sqrt(2) * alpha), np.zeros(d)])
    span = log(1 / alpha)
    done = solve_ivp(velocity, (0, T_END * span), start, method=method, rtol=RTOL, atol=RTOL * alpha)
    return done.t / span, done.y[:d].T, done.y[d:].T, bool(done.success)


def dual_end(problem, alpha):
    """The end of the flow by double precision in z, with beta = alpha^2 sinh(2 z)."""
    M, r, span = np.array(problem.M, float), np.array(problem.r, float), log(1 / alpha)

    def beta(z):
        return (np.exp(2 * (z - span)) - np.exp(-2 * (z + span))) / 2

    # short steps, since a long one overshoots and sinh overflows
    done = solve_ivp(
        lambda _, z: r - M @ beta(z), (0, T_END * span), np.zeros(problem.d), method="LSODA",
        rtol=1e-10, atol=1e-10, max_step=0.05,
    )  # fmt: skip
    return beta(done.y[:, -1])


def third_mode(network, alpha, size):
    """When the third singular value of W2 W1 passes half its final size, in double precision."""
    target = np.array(network.cost.target, float)
    start = [alpha * np.array(w, float) for w in gaussian_direction(network, 0)]
    shapes, span = [w.shape for w in start], log(1 / alpha)

    def layers(x):
        first = x[: start[0].size].reshape(shapes[0])
        return first, x[start[0].size :].reshape(shapes[1])

    def velocity(_, x):
        first, second = layers(x)
        slope = second @ first - target
        return np.concatenate([-(second.T @ slope).ravel(), -(slope @ first.T).ravel()])

    done = solve_ivp(
        velocity, (0, 2 * span), np.concatenate([w.ravel() for w in start]), method="DOP853",
        rtol=RTOL, atol=RTOL * alpha,
    )  # fmt: skip
    for t, x in zip(done.t, done.y.T, strict=True):
        first, second = layers(x)
        if np.linalg.svd(second @ first, compute_uv=False)[2] > size / 2:
            return float(t / span)
    return None


def return_time(times, beta):
    """When x0 passes -1/2; None if it never does."""
    passed = np.nonzero(beta[:, 0] < -0.5)[0]
    return float(times[passed[0]]) if len(passed) else None


def true_return(precise):
    """The same for the flow with many digits, by bisection: x0 passes -1/2 once."""
    low, high = Fraction(4), Fraction(T_END)
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if float(precise.beta(middle)[0]) < -0.5 else (middle, high)
    return float(high)


def loss(problem, beta):
    """L at a point in double precision."""
    residual = np.array(problem.X, float) @ beta - np.array(problem.y, float)
    return float(residual @ residual) / (2 * problem.n)


@styled
def draw(alpha, runs, precise):
    from matplotlib.figure import Figure

    from saddlesym.figures.diagonal.flow import drawn_times

    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    times = [*drawn_times(precise, 100), T_END]
    values = [float(precise.beta(t)[0]) for t in times]
    label = f"{precise.digits} digits"
    axes.plot([float(t) for t in times], values, color="black", linewidth=2.5, label=label)
    chosen = [(method, run) for (scale, method), run in runs.items() if scale == alpha]
    for k, (method, (t, u, v, _)) in enumerate(chosen):
        axes.plot(t, u[:, 0] * v[:, 0], label=method, **line(k) | {"linestyle": ("--", "-.", ":")[k]})
    axes.set(xlabel=r"accelerated time $t = T/\ln(1/\alpha)$", ylabel=r"$\beta_0$", xlim=(0, T_END))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
