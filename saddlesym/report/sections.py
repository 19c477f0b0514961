"""Ready-made sections: a path, saddles, a graph, flows, verdicts, pictures in the plane and in space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from saddlesym.errors import SaddlesymError
from saddlesym.grids import Cell, Grid, Math, Name, Rounded, signed_support
from saddlesym.report.page import (
    Block,
    Facts,
    Folded,
    Formula,
    Note,
    Paragraph,
    Prose,
    Section,
    Table,
    picture,
    prose,
)

if TYPE_CHECKING:
    from saddlesym.diagonal.flow.two_layers.flow import Flow
    from saddlesym.diagonal.path.trajectory import SaddlePath
    from saddlesym.diagonal.saddles.enumeration import Saddle, SaddleFamily
    from saddlesym.exploration.exploration import Agreement, NotReached
    from saddlesym.graph.diagonal import SaddleGraph
    from saddlesym.recheck.path import Certificate
    from saddlesym.theorems.evidence.results import Report, Result


def limit_notes(limits: Sequence[NotReached]) -> tuple[Block, ...]:
    """What was not done, as notes."""
    notes = []
    for limit in limits:
        remedy: Cell = (" To go further: ", Name(limit.remedy), ".") if limit.remedy else ""
        notes.append(Note(prose("{reason}{remedy}", reason=Name(limit.reason), remedy=remedy)))
    return tuple(notes)


def path_section(path: SaddlePath, certificate: Certificate | None = None) -> Section:
    """Jump times, saddles and loss, with the figure, and what was re-checked."""
    from saddlesym.figures.diagonal.path import draw_path

    blocks: list[Block] = [
        Paragraph(prose(
            "As $\\alpha \\to 0$ the flow jumps between saddles of the loss. Between two jumps the dual"
            " variable moves along $s' = -\\nabla L(\\beta)$, and a jump happens when some $|s_i|$ reaches"
            " 1. Every time and every saddle is a rational number; long fractions open on a click. Times are"
            " accelerated, $t = T / \\ln(1/\\alpha)$."
        )),
    ]  # fmt: skip
    if path.jumps:
        try:
            figure = draw_path(path)
        except SaddlesymError as error:
            blocks.append(Note(prose("There is no figure: {why}.", why=str(error))))
        else:
            alt = f"Coefficients, dual variables and loss over time, with {len(path.jumps)} jumps."
            caption = prose(
                "Coefficients $\\beta_i$ (top), $|s_i|$ (middle; grey: columns that never become active) and"
                " loss. Thin lines mark the jumps."
            )
            blocks.append(picture("path", figure, alt, caption))
    grid = path.grid()
    blocks.append(Table(Grid("The saddles in order of time", grid.header, grid.rows, grid.left)))
    blocks += [Table(coefficients(path)), Paragraph(_ending(path))]
    if certificate is not None:
        blocks.append(_certificate(certificate))
    return Section("path", "The path", tuple(blocks))


def coefficients(path: SaddlePath) -> Grid:
    """The non-zero coefficients of the last saddle of a path."""
    names = path.problem.feature_names
    rows = tuple((Name(names[i]), Rounded(path.final[i])) for i in path.final.support())
    return Grid(
        "The last saddle: its non-zero coefficients", ("column", Math(r"\beta")), rows, frozenset({0})
    )


def _ending(path: SaddlePath) -> Prose:
    if path.complete and path.certificate is not None:
        return prose(
            "It is the global minimum of least $\\ell_1$ norm: $\\|\\beta\\|_1 =$ {norm}, by an exact dual"
            " certificate.",
            norm=Rounded(path.certificate.l1_norm),
        )
    if path.horizon is None:
        return prose("The path has not been followed to its end.")
    return prose("The path is known up to $t =$ {t}.", t=Rounded(path.horizon))


def _certificate(certificate: Certificate) -> Folded:
    rows = tuple((claim.text, claim.verdict, Name(claim.detail)) for claim in certificate.claims)
    grid = Grid("Claims about the path", ("claim", "verdict", "where"), rows, frozenset({0, 1, 2}))
    text = prose("Re-checked without the solver: {summary}", summary=certificate.summary)
    return Folded(text, (Table(grid),))


def saddles_section(
    listed: Sequence[Saddle | SaddleFamily], size: int, path: SaddlePath, limits: Sequence[NotReached] = ()
) -> Section:
    """How many saddles there are of each index, and how those on the path are left."""
    d, names = path.problem.d, path.problem.feature_names
    counts = Counter(one.morse_index for one in listed)
    rows = tuple((index, counts[index]) for index in sorted(counts, reverse=True))
    families = sum(one.dimension > 0 for one in listed)
    which = f"all {len(listed)}" if size >= d else f"the {len(listed)} with at most {size} columns"
    text = prose(
        "A critical point has an active set $S$ with $\\nabla L(\\beta)_S = 0$; its Morse index is the number"
        " of columns outside $S$ with $\\nabla L(\\beta)_i \\neq 0$, so that everything but the global minima"
        " is a strict saddle. Counted here: {which}; each is listed in `result.json`.",
        which=which,
    )
    blocks: list[Block] = [Paragraph(text), *limit_notes(limits)]
    if families:
        blocks.append(
            Note(prose("{n} of them are affine sets, since their columns are dependent.", n=families))
        )
    blocks.append(Table(Grid("Saddles by Morse index", ("Morse index", "saddles"), rows)))
    exits = []
    stations = [
        (path.problem.gradient([0] * d), (0,) * d),
        *((j.gradient, j.beta.signs()) for j in path.jumps),
    ]
    for k, (gradient, signs) in enumerate(stations):
        free = [(abs(g), i) for i, g in enumerate(gradient) if g != 0 and signs[i] == 0]
        fastest: tuple[Cell, Cell] = ("none", None)
        if free:
            rate, i = max(free)
            fastest = (Name(names[i]), Rounded(2 * rate))
        exits.append((k, signed_support(signs, names), len(free), *fastest))
    header = ("jump", "active set", "unstable directions", "fastest", "its rate")
    blocks.append(
        Table(
            Grid(
                "The saddles that the path visits, and how they are left",
                header,
                tuple(exits),
                frozenset({1, 3}),
            )
        )
    )
    return Section("saddles", "The saddles", tuple(blocks))


def graph_section(graph: SaddleGraph | None, limits: Sequence[NotReached] = ()) -> Section:
    """The graph of heteroclinic transitions."""
    from saddlesym.figures.graph import draw_graph

    blocks: list[Block] = list(limit_notes(limits))
    if graph is not None:
        text = prose(
            "An arrow is a heteroclinic orbit of the limiting flow that switches one column on (and any"
            " number off). The loss falls along every arrow, so there are no cycles. The graph is exact."
        )
        facts: list[tuple[Cell, Cell]] = [("saddles", len(graph)), ("transitions", graph.edge_count)]
        if graph.minima and graph.longest_chain():
            short, long = len(graph.shortest_chain()) - 1, len(graph.longest_chain()) - 1
            facts.append(("chains from the origin to a global minimum", str(graph.count_chains())))
            facts.append(
                (
                    "transitions in the shortest, the longest, the path",
                    f"{short}, {long}, {len(graph.visited) - 1}",
                )
            )
        if graph.path_note:
            facts.append(
                ("the path in the graph", f"followed through {len(graph.visited)} saddles: {graph.path_note}")
            )
        if graph.undetermined:
            facts.append(("pairs without a unique minimiser on their face", len(graph.undetermined)))
        figure = draw_graph(graph, width=7.0)
        alt = f"Directed graph of saddles in layers by Morse index; {graph.edge_count} transitions in all."
        caption = prose(
            "Saddles in layers by Morse index, falling to the right. Bold: the steps of the path."
        )
        blocks = [Paragraph(text), *blocks, Facts(tuple(facts)), picture("graph", figure, alt, caption)]
    return Section("graph", "The transition graph", tuple(blocks))


def flow_section(
    flows: Sequence[Flow],
    path: SaddlePath,
    agreements: Sequence[Agreement] = (),
    limits: Sequence[NotReached] = (),
) -> Section:
    """Flows at finite scales over the path, and the jump times that they give back."""
    from saddlesym.figures.diagonal.flows import draw_flows, draw_jump_times, jump_time_errors

    blocks: list[Block] = [
        Paragraph(prose(
            "These flows were integrated to many digits by code that does not know the path. The natural"
            " time of jump $k$ obeys the jump-time law"
        )),
        Formula(r"T_k(\alpha) = t_k \ln(1/\alpha) + c_k + O(\alpha^{\kappa}), \quad \kappa > 0,", "the law"),
        Paragraph(prose(
            "so that two scales $\\alpha$ give $t_k$ and $c_k$ up to a power of $\\alpha$."
        )),
        *limit_notes(limits),
    ]  # fmt: skip
    if flows:
        scales = ", ".join(str(one.scale) for one in flows)
        caption = prose("Coefficients of the flow at each scale, over the steps of the limit (grey).")
        blocks.append(
            picture("flows", draw_flows(flows, path), f"Training flow at alpha = {scales}.", caption)
        )
        rows = tuple(
            (
                str(one.scale),
                len(one.jumps),
                one.steps,
                one.end,
                "proved" if one.certified else "not proved",
            )
            for one in flows
        )
        header = (
            Math(r"\alpha"),
            "jumps seen",
            "steps",
            Math(r"t_{\mathrm{end}}", "t_end"),
            f"{flows[0].digits} digits",
        )
        blocks.append(Table(Grid("The flows", header, rows, frozenset({4}))))
    if agreements:
        blocks += _agreements(agreements)
    if flows and jump_time_errors(flows, path):
        caption = prose(
            "Distance of the jump times at finite scale from the exact ones, for jumps that two flows at"
            " least show as the path has them. The law gives slope one; jumps with $c_k = 0$ are not drawn."
        )
        alt = "Error of jump times against 1/ln(1/alpha) on logarithmic axes, lines of slope one."
        blocks.append(picture("jump-times", draw_jump_times(flows, path, width=4.8), alt, caption))
    return Section("flow", "The flow against the theory", tuple(blocks))


def _agreements(agreements: Sequence[Agreement]) -> list[Block]:
    held = sum(one.holds for one in agreements)
    rows = tuple(
        (one.jump, Rounded(one.exact, 12), one.recovered.arb.str(12, radius=False), f"{one.gap:.1e}",
         one.constant, "yes" if one.holds else "NO")
        for one in agreements
    )  # fmt: skip
    header = ("jump", Math("t_k"), "recovered", "difference", Math("c_k"), "agrees")
    text = prose(
        "{held} of {all} recovered times agree with the exact ones within their estimated radius. The radius"
        " holds an estimate of the neglected power of $\\alpha$, so this is evidence and no proof.",
        held=held, all=len(rows),
    )  # fmt: skip
    caption = "Jump times: exact, and recovered from flows at three or more scales"
    return [Paragraph(text), Table(Grid(caption, header, rows, frozenset({5})))]


def shapes_section(path: SaddlePath) -> Section | None:
    """The dual polytope (X of rank 2 or 3) and the orbits (2 or 3 columns); None without either."""
    from saddlesym.figures.diagonal.dual import draw_dual
    from saddlesym.figures.diagonal.orbits import draw_orbits

    blocks: list[Block] = []
    try:
        figure = draw_dual(path, width=4.6)
    except SaddlesymError:
        pass
    else:
        caption = prose(
            "The dual polytope $\\{w : \\|X^\\top w\\|_\\infty \\le 1\\}$, its faces named by signed"
            " columns. The path of $w$ starts along $y$; on a dwell it moves straight on with velocity $(y -"
            " X\\beta)/n$, at a jump it meets a face and slides along it, uphill for $y^\\top w$."
        )
        alt = "Polytope in dual space with the polygonal path of w from the origin along its faces."
        blocks.append(picture("dual-polytope", figure, alt, caption))
    try:
        figure = draw_orbits(path.problem, width=4.6)
    except SaddlesymError:
        pass
    else:
        caption = prose(
            "Saddles with their Morse index, and heteroclinic orbits between them. Bold and filled: what"
            " the path takes; star: the minimum."
        )
        alt = "Saddles and the orbits between them in the space of coefficients."
        blocks.append(picture("orbits", figure, alt, caption))
    if not blocks:
        return None
    return Section("shapes", "The picture in the plane and in space", tuple(blocks))


def verdicts_section(report: Report, limits: Sequence[NotReached] = ()) -> Section:
    """What each statement comes to on these data; folklore apart."""
    theorems = [one for one in report.results if not one.statement.is_folklore]
    folklore = [one for one in report.results if one.statement.is_folklore]
    counts = Counter(str(one.verdict) for one in theorems)
    told = ", ".join(f"{counts[v]} {v}" for v in ("HOLDS", "FAILS", "UNDECIDED", "SKIPPED") if counts[v])
    text = prose(
        "Statements of the theory, checked on these data: {told}. A check on one data set is not a proof;"
        " `saddlesym verify` says what is proved for all data. SKIPPED: an assumption does not hold here;"
        " UNDECIDED: precision or budget ran out.",
        told=told,
    )
    header = ("statement", "verdict", "on these data")
    blocks: list[Block] = [Paragraph(text), *limit_notes(limits)]
    rows = tuple((one.statement.title, str(one.verdict), _told(one)) for one in theorems)
    blocks.append(Table(Grid("Statements", header, rows, frozenset({0, 1, 2}))))
    if folklore:
        claims = tuple((one.statement.title, _told(one)) for one in folklore)
        caption = "Folklore: plausible, but false in general; what these data say"
        blocks.append(Table(Grid(caption, ("claim", "on these data"), claims, frozenset({0, 1}))))
    return Section("verdicts", "Verdicts", tuple(blocks))


def _told(result: Result) -> Name:
    items = [item for item in result.checks if not item.recorded]
    return Name("; ".join((f"{item.kind}: " if item.exercised else "") + item.detail for item in items))
