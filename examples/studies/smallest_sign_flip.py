"""The smallest sign flip: two rows, two columns, in closed form.

Question. What is the smallest integer data set whose path shows a column that leaves and returns with the
other sign, and for which data near it does the same happen?

Source. Search over integer data in the order of their size, kept with the folklore statement sign-kept;
symbolic paths by Algorithm 1 of Pesme and Flammarion (NeurIPS 2023).

Seen. X = [[-2, -1], [-1, 0]], y = (-2, 1). With the entries 2 replaced by a and b, all jump times are
rational functions, and inequalities between them say exactly when the sign flips.
"""

from fractions import Fraction

from saddlesym import DiagonalProblem, saddle_path
from saddlesym.diagonal import SymbolicProblem, path_intervals, symbolic_path
from saddlesym.figures.diagonal.dual import draw_dual
from saddlesym.figures.diagonal.orbits import draw_orbits
from saddlesym.grids import Grid, Math, Rounded
from saddlesym.laboratory.boxes import IntegerBox
from saddlesym.laboratory.refutation import refute
from saddlesym.laboratory.sources import folklore
from saddlesym.report.page import Paragraph, Section, Table, picture, prose
from saddlesym.report.sections import path_section
from saddlesym.studies.outcome import Outcome, claim
from saddlesym.theorems.evidence.verdict import Kind

X, Y = [[-2, -1], [-1, 0]], [-2, 1]
#: x0 enters; x1 enters and x0 leaves; x0 returns with the other sign.
FLIP = [{0: 1}, {1: 1}, {0: -1, 1: 1}]


def study(quick, say):
    import sympy

    problem = DiagonalProblem(X, Y)
    path = saddle_path(problem)
    say("search for the smallest")
    search = refute(folklore("sign-kept"), IntegerBox(6, 3))
    found, tried = search.counterexample.problem, search.tally.tried
    say("symbolic path")
    family = SymbolicProblem.from_data([["-a", -1], [-1, 0]], ["-b", 1], ["a", "b"])
    general = symbolic_path(family, FLIP)
    line = SymbolicProblem.from_data([["-a", -1], [-1, 0]], Y, ["a"])
    intervals = path_intervals(line, 0, 6)
    flipping = [one for one in intervals if {1, -1} <= {signs[0] for signs in one.signs}]
    tested = [saddle_path(line.at({"a": one.sample})).times() for one in intervals]
    given = [at(one.path, one.sample) for one in intervals]
    claims = (
        claim(
            "flips", "x0 enters positive, leaves, and returns negative",
            path.jumps[0].beta[0] > 0 and path.jumps[1].left == (0,)
            and path.jumps[2].flipped == (0,) and path.final[0] < 0,
            Kind.EXACT, "jumps at $t =$ {times}; the last saddle is ({final})",
            times=path.times(), final=path.final,
        ),
        claim(
            "smallest", "No smaller integer data do it, up to symmetry",
            (found.X, found.y) == (problem.X, problem.y), Kind.EXACT,
            "{tried} data sets tried, this one last", tried=tried,
        ),
        claim(
            "closed", "The closed forms at $a = b = 2$ are the times of the exact path",
            general.holds_at({"a": 2, "b": 2}) and at(general, 2) == path.times(),
            Kind.EXACT, "{forms}", forms=[Math(sympy.latex(t), str(t)) for t in general.times()],
        ),
        claim(
            "interval", "For $b = 2$ and $0 < a < 6$ the sign flips exactly above one value of $a$",
            len(flipping) == 1 and flipping[0] is intervals[-1] and given == tested, Kind.EXACT,
            "for $a >$ {from_a}", from_a=str(flipping[0].lower) if flipping else "no value",
        ),
    )  # fmt: skip
    rows = tuple(
        (Math(sympy.latex(jump.time)), Math(sympy.latex(tuple(jump.beta))), Rounded(exact.time))
        for jump, exact in zip(general.jumps, path.jumps, strict=True)
    )  # fmt: skip
    header = (Math("t_k"), Math(r"\beta"), Math("t_k\\ (a = b = 2)"))
    grid = Grid("Jump times and saddles for X = [[−a, −1], [−1, 0]], y = (−b, 1)", header, rows)
    conditions = Grid("They hold where all of these do", ("condition",), tuple(
        (Math(sympy.latex(condition.relation), str(condition.relation)),)
        for condition in general.conditions if condition.relation != sympy.true
    ), frozenset({0}))  # fmt: skip
    shapes = (
        picture("dual", draw_dual(path, width=4.2), "Polygon with the path of w along its edges.", prose(
            "Dual polygon $\\{w : \\|X^\\top w\\|_\\infty \\le 1\\}$: $w$ meets the edge of x0, leaves it for"
            " the edge of x1, and slides to the corner where x0 has the other sign."
        )),
        picture("orbits", draw_orbits(problem, width=4.2), "Saddles and orbits in the plane.", prose(
            "Saddles and heteroclinic orbits; the path is bold."
        )),
    )  # fmt: skip
    sections = (
        path_section(path),
        Section("closed-form", "Closed form", (Paragraph(prose(
            "SymPy carries the parameters $a$ and $b$ through the algorithm."
        )), Table(grid), Table(conditions))),
        Section("plane", "In the plane", shapes),
    )  # fmt: skip
    return Outcome(claims, sections, {"smallest": path})


def at(symbolic, value):
    """Jump times where all parameters have one value, as fractions."""
    times = (time.subs(dict.fromkeys(time.free_symbols, value)) for time in symbolic.times())
    return [Fraction(int(t.p), int(t.q)) for t in times]


if __name__ == "__main__":
    from saddlesym.cli.main import run_study

    raise SystemExit(run_study(__file__))
